import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agenda } from './agenda.ts';
import type { Message } from './channel.ts';
import type { Payer } from './market.ts';
import { NoticeWatch } from './notice-watch.ts';

const ZONE = 'Asia/Shanghai';
const DEBIT_AT = Temporal.Instant.from('2026-12-10T01:00:00Z');
const PAYER: Payer = {
  reference: 'P-1',
  house: 0,
  rail: 'a rail',
  firstDue: Temporal.PlainDate.from('2026-12-10'),
  minor: 2_985n,
  capMinor: 5_000n,
  contacts: [
    {
      channel: 'mail',
      address: 'p-1@example.test',
      fate: 'bounces',
      corrected: { address: 'p-1-new@example.test', afterDays: 3 },
    },
  ],
  signsAfter: 0,
};

type Purpose = 'renewal' | 'retry' | 'overdue';

function aMessage(
  deliveredAt: string | undefined,
  changes: { amount?: string; date?: string; purpose?: Purpose; to?: string } = {},
): Message {
  const { amount = '¥29.85', date = '2026-12-10' } = changes;
  const purpose: Purpose = changes.purpose ?? 'renewal';
  const message = {
    noticeId: 'not_1',
    address: changes.to ?? 'p-1@example.test',
    locale: 'zh-CN' as const,
    purpose,
    templateKey: purpose,
    variables: { amount, collectDate: date },
    subject: '',
    text: '',
  };
  const arrived =
    deliveredAt === undefined ? {} : { deliveredAt: Temporal.Instant.from(deliveredAt) };
  return { message, providerReference: 'mail-1', ...arrived };
}

const IN_TIME = '2026-12-05T10:00:00Z';
const EARLIER = aMessage('2026-12-01T10:00:00Z', { date: '2026-12-08' });

const CASES: readonly (readonly [string, readonly Message[], boolean])[] = [
  ['five days before, of this amount and day', [aMessage(IN_TIME)], true],
  ['to the corrected address', [aMessage(IN_TIME, { to: 'p-1-new@example.test' })], true],
  ['of a higher amount', [aMessage(IN_TIME, { amount: '¥30.00' })], true],
  ['nothing', [], false],
  ['four days before', [aMessage('2026-12-05T17:00:00Z')], false],
  ['of a lower amount', [aMessage(IN_TIME, { amount: '¥29.84' })], false],
  ['of another day', [aMessage(IN_TIME, { date: '2026-12-11' })], false],
  ['taken and never delivered', [aMessage(undefined)], false],
  ['to somebody else', [aMessage(IN_TIME, { to: 'p-2@example.test' })], false],
  ['a reminder of arrears', [aMessage(IN_TIME, { purpose: 'overdue' })], false],
  ['a retry notice alone', [aMessage('2026-12-08T10:00:00Z', { purpose: 'retry' })], false],
  [
    'a retry notice after a renewal notice in time',
    [EARLIER, aMessage('2026-12-08T10:00:00Z', { purpose: 'retry' })],
    true,
  ],
  [
    'a retry notice of the same morning',
    [EARLIER, aMessage('2026-12-10T00:30:00Z', { purpose: 'retry' })],
    false,
  ],
];

for (const [what, messages, passes] of CASES) {
  test(`a debit after ${what}: ${passes ? 'may leave' : 'breaks the promise'}`, () => {
    const broken: string[] = [];
    const watch = new NoticeWatch(new Agenda(DEBIT_AT), (name) => broken.push(name), 0);
    const house = {
      payers: [PAYER],
      rails: new Map(),
      pages: new Map(),
      messages: () => messages,
    };
    watch.beforeSubmit(house, PAYER, { number: 'N1', minor: 2_985n, zone: ZONE });
    assert.deepEqual(broken, passes ? [] : ['I7 delivered notice']);
    const debited = watch.checkEnd([house]);
    assert.equal(debited.dates, 1);
    assert.equal(broken.includes('I7 notices cover debits'), debited.delivered === 0);
  });
}
