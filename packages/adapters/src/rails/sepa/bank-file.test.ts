import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { money, type RailEvent } from '@daikou/core';
import { debitOf, FIXED_NOW, freshConfig, signPaper } from './fixture.ts';
import { makeSepaRail } from './rail.ts';
import { REASONS, STATUSES } from './statuses.ts';

const OURS = 'DE89370400440532013000';

/** A rail that has sent D1 and D2 in one file and the refund R1, with an empty inbox. */
async function sent() {
  const config = await freshConfig();
  const rail = makeSepaRail(config);
  const railReference = await signPaper(rail, 'C1');
  await rail.submitMany?.([debitOf('D1', railReference), debitOf('D2', railReference)]);
  await rail.refund?.({
    refundNumber: 'R1',
    orderNumber: 'D1',
    paymentReference: 'B1',
    paid: money(2_985n, 'EUR'),
    paidAt: FIXED_NOW,
    amount: money(1_000n, 'EUR'),
    reason: '',
  });
  const names = (await readdir(config.outbox)).map((name) => name.replace('.xml', ''));
  const debits = names.find((name) => name.startsWith('DD')) ?? '';
  const refund = names.find((name) => name.startsWith('CT')) ?? '';
  return { rail, inbox: config.inbox, debits, refund };
}

type Sent = Awaited<ReturnType<typeof sent>>;

/** What a file tells, as short words, and the sentences of what it has wrong. */
async function tell(one: Sent, text: string): Promise<readonly string[]> {
  await writeFile(join(one.inbox, '1.xml'), text);
  const news = await one.rail.fetchNews?.(undefined);
  assert.equal(news?.kind, 'ready');
  if (news?.kind !== 'ready') return [];
  const problems = (news.problems ?? []).map((problem) => `! ${problem.sentence}`);
  return [...news.events.map(inShort), ...problems];
}

function inShort(event: RailEvent): string {
  switch (event.kind) {
    case 'attempt': {
      const { outcome } = event;
      if (outcome.kind === 'succeeded') return `${event.orderNumber} paid ${outcome.paid.minor}`;
      if (outcome.kind !== 'refused') return `${event.orderNumber} ${outcome.kind}`;
      return `${event.orderNumber} ${outcome.refusal.code} ${outcome.refusal.class}`;
    }
    case 'return':
      return `${event.orderNumber} back ${event.amount.minor} ${event.code}`;
    case 'refund':
      return `${event.refundNumber} of ${event.orderNumber} ${event.outcome.kind}`;
    case 'mandate':
      return 'mandate';
  }
}

type Entry = { readonly direction?: string; readonly amount?: string; readonly sts?: string };

function entry(details: string, change: Entry & { readonly more?: string } = {}): string {
  const { direction = 'CRDT', amount = '29.85', sts = '<Cd>BOOK</Cd>', more = '' } = change;
  return (
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>${more}` +
    `<Sts>${sts}</Sts><BookgDt><Dt>2026-12-02</Dt></BookgDt>` +
    `<BkTxCd/><NtryDtls>${details}</NtryDtls></Ntry>`
  );
}

function details(number: string, amount = '', more = ''): string {
  return `<TxDtls><Refs><EndToEndId>${number}</EndToEndId></Refs>${amount}${more}</TxDtls>`;
}

const AMOUNT_08 = '<Amt Ccy="EUR">29.85</Amt>';
const AMOUNT_02 = '<AmtDtls><TxAmt><Amt Ccy="EUR">29.85</Amt></TxAmt></AmtDtls>';
const reason = (code: string) => `<RtrInf><Rsn><Cd>${code}</Cd></Rsn></RtrInf>`;

function notification(entries: string, iban = OURS): string {
  return `<Ntfctn><Id>1</Id><Acct><Id><IBAN>${iban}</IBAN></Id></Acct>${entries}</Ntfctn>`;
}

function file(inside: string): string {
  return `<Document><BkToCstmrDbtCdtNtfctn>${inside}</BkToCstmrDbtCdtNtfctn></Document>`;
}

const ENTRIES: readonly (readonly [name: string, text: string, told: readonly string[]])[] = [
  [
    'a batch, version .08',
    notification(entry(details('D1', AMOUNT_08) + details('D2', AMOUNT_08), { amount: '59.70' })),
    ['D1 paid 2985', 'D2 paid 2985'],
  ],
  [
    'a batch, version .02',
    notification(
      entry(details('D1', AMOUNT_02) + details('D2', AMOUNT_02), { amount: '59.70', sts: 'BOOK' }),
    ),
    ['D1 paid 2985', 'D2 paid 2985'],
  ],
  [
    'one payment without an amount of its own',
    notification(entry(details('D1'))),
    ['D1 paid 2985'],
  ],
  [
    'several payments without amounts of their own',
    notification(entry(details('D1') + details('D2'), { amount: '59.70' })),
    ['! An entry of several payments names no amount of each.'],
  ],
  [
    'another payment of the account, and one without a number',
    notification(entry(details('INVOICE-7')) + entry(details('NOTPROVIDED')) + entry('')),
    [],
  ],
  [
    'what is not booked yet',
    notification(
      entry(details('D1'), { sts: '<Cd>PDNG</Cd>' }) + entry(details('D2'), { sts: 'INFO' }),
    ),
    [],
  ],
  [
    'an account of somebody else beside ours',
    notification(entry(details('D1')), 'DE02120300000000202051') +
      notification(entry(details('D2'))),
    ['D2 paid 2985'],
  ],
  [
    'only an account of somebody else',
    notification(entry(details('D1')), 'DE02120300000000202051'),
    ['! The file is not a report about our account or our files.'],
  ],
  [
    'a return with the bank’s charge on top: the payer’s part only',
    notification(entry(details('D1', '', reason('AC04')), { direction: 'DBIT', amount: '34.85' })),
    ['D1 back 2985 AC04'],
  ],
  [
    'a return without a reason',
    notification(entry(details('D1'), { direction: 'DBIT' })),
    ['D1 back 2985 NOREASON'],
  ],
  [
    'a credit that the bank takes back itself',
    notification(entry(details('D1'), { direction: 'DBIT', more: '<RvslInd>true</RvslInd>' })),
    ['D1 back 2985 NOREASON'],
  ],
  [
    'a return that the bank undoes',
    notification(entry(details('D1'), { more: '<RvslInd>true</RvslInd>' })),
    ['! The bank undid a return of D1; a person must look.'],
  ],
  [
    'a refund that was paid, and one that came back',
    notification(
      entry(details('R1'), { direction: 'DBIT', amount: '10.00' }) +
        entry(details('R1', '', reason('AC04')), { amount: '10.00' }),
    ),
    ['R1 of D1 succeeded', 'R1 of D1 failed'],
  ],
  [
    'another currency',
    notification(entry(details('D1', '<Amt Ccy="USD">29.85</Amt>'))),
    ['! An entry has no amount in euros or no direction.'],
  ],
];

describe('entries of the account', () => {
  for (const [name, text, told] of ENTRIES) {
    test(name, async () => assert.deepEqual(await tell(await sent(), file(text)), told));
  }

  test('a namespace prefix changes nothing', async () => {
    const text = file(notification(entry(details('D1')))).replace(/<(\/?)(\w)/g, '<$1c:$2');
    assert.deepEqual(await tell(await sent(), text), ['D1 paid 2985']);
  });

  test('an entry without a date makes the file unusable, and nothing of it counts', async () => {
    const text = file(
      notification(
        entry(details('D1')) + entry(details('D2')).replace(/<BookgDt>.*<\/BookgDt>/, ''),
      ),
    );
    assert.deepEqual(await tell(await sent(), text), ['! An entry has no date of booking.']);
  });
});

type Status = {
  readonly group?: string;
  readonly groupReason?: string;
  readonly details?: string;
  readonly message?: string;
};

function report(one: Sent, status: Status): string {
  const message = status.message ?? one.debits;
  const group = status.group === undefined ? '' : `<GrpSts>${status.group}</GrpSts>`;
  const because = status.groupReason === undefined ? '' : because_(status.groupReason);
  return (
    '<Document><CstmrPmtStsRpt><GrpHdr/><OrgnlGrpInfAndSts>' +
    `<OrgnlMsgId>${message}</OrgnlMsgId>${group}${because}</OrgnlGrpInfAndSts>` +
    `${status.details ?? ''}</CstmrPmtStsRpt></Document>`
  );
}

const because_ = (code: string) => `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn></StsRsnInf>`;

function statusOf(number: string, status: string, code: string): string {
  return (
    `<TxInfAndSts><OrgnlEndToEndId>${number}</OrgnlEndToEndId><TxSts>${status}</TxSts>` +
    `${because_(code)}</TxInfAndSts>`
  );
}

function groupOf(id: string, status: string, inside: string): string {
  return (
    `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${id}</OrgnlPmtInfId>` +
    `<PmtInfSts>${status}</PmtInfSts>${inside}</OrgnlPmtInfAndSts>`
  );
}

const STATUS_CASES: readonly (readonly [
  name: string,
  status: (one: Sent) => Status,
  told: readonly string[],
])[] = [
  ['a file that was taken says nothing new', () => ({ group: 'ACCP' }), []],
  [
    'a file that was refused refuses all of it',
    () => ({ group: 'RJCT', groupReason: 'BE05' }),
    ['D1 BE05 merchant_fault', 'D2 BE05 merchant_fault'],
  ],
  [
    'a number with a status of its own has that',
    (one) => ({
      group: 'RJCT',
      groupReason: 'MS03',
      details: groupOf(`${one.debits}-1`, 'PART', statusOf('D1', 'RJCT', 'AC04')),
    }),
    ['D1 AC04 account', 'D2 MS03 technical'],
  ],
  [
    'a group that was refused',
    (one) => ({
      group: 'PART',
      details: groupOf(`${one.debits}-1`, 'RJCT', because_('AG02')),
    }),
    ['D1 AG02 merchant_fault', 'D2 AG02 merchant_fault'],
  ],
  [
    'a file seen twice: the first copy may be collected, so nothing is refused',
    () => ({ group: 'RJCT', groupReason: 'AM05' }),
    ['! The bank says AM05: it has this already. Nothing changes.'],
  ],
  [
    'a reason that no table lists is unknown',
    (one) => ({ details: groupOf(`${one.debits}-1`, 'PART', statusOf('D1', 'RJCT', 'ZZ99')) }),
    ['D1 unknown'],
  ],
  [
    'a status that no table lists is unknown',
    (one) => ({ details: groupOf(`${one.debits}-1`, 'PART', statusOf('D1', 'ZZZZ', 'MS03')) }),
    ['D1 unknown'],
  ],
  [
    'a collection that was called back is closed',
    (one) => ({ details: groupOf(`${one.debits}-1`, 'PART', statusOf('D1', 'CANC', 'MS03')) }),
    ['D1 closed'],
  ],
  [
    'a number that its file does not hold',
    (one) => ({ details: groupOf(`${one.debits}-1`, 'PART', statusOf('D9', 'RJCT', 'AC04')) }),
    ['! A status names a number that its file does not hold.'],
  ],
  [
    'a file that we have not sent',
    () => ({ group: 'RJCT', groupReason: 'FF01', message: 'DDFFFF' }),
    ['! A status names a file that we have not sent.'],
  ],
  [
    'a refund for which our own account is too low',
    (one) => ({ group: 'RJCT', groupReason: 'AM04', message: one.refund }),
    ['R1 of undefined refused'],
  ],
];

describe('status reports', () => {
  for (const [name, status, told] of STATUS_CASES) {
    test(name, async () => {
      const one = await sent();
      assert.deepEqual(await tell(one, report(one, status(one))), told);
    });
  }

  test('every reason and every status has a meaning, and none is `constructor`', () => {
    assert.equal(Object.keys(REASONS).length, 30);
    assert.equal(Object.keys(STATUSES).length, 14);
    assert.ok(!Object.hasOwn(REASONS, 'constructor'));
  });
});

describe('the place in the news', () => {
  test('a file is told again until its cursor comes back, then never', async () => {
    const one = await sent();
    const text = file(notification(entry(details('D1'))));
    assert.deepEqual(await tell(one, text), ['D1 paid 2985']);
    const again = await one.rail.fetchNews?.(undefined);
    assert.equal(again?.kind === 'ready' && again.events.length, 1);
    const cursor = again?.kind === 'ready' ? again.cursor : '';
    const next = await one.rail.fetchNews?.(cursor);
    assert.deepEqual(next?.kind === 'ready' && next.events, []);
    // A file that comes late sorts before what was read: it is read all the same.
    await writeFile(join(one.inbox, '0.xml'), file(notification(entry(details('D2')))));
    const late = await one.rail.fetchNews?.(next?.kind === 'ready' ? next.cursor : '');
    assert.deepEqual(late?.kind === 'ready' && late.events.map(inShort), ['D2 paid 2985']);
  });

  test('a cursor that means nothing acknowledges nothing', async () => {
    const one = await sent();
    await writeFile(join(one.inbox, '1.xml'), file(notification(entry(details('D1')))));
    for (const cursor of ['', 'x', '{}', '{"done":1}', '[]', 'null']) {
      const news = await one.rail.fetchNews?.(cursor);
      assert.equal(news?.kind === 'ready' && news.events.length, 1, cursor);
    }
  });

  test('a large file is told in parts, each event once', async () => {
    const one = await sent();
    const many = details('D1', AMOUNT_08).repeat(30_000) + details('D2', AMOUNT_08);
    await writeFile(join(one.inbox, '1.xml'), file(notification(entry(many))));
    const first = await one.rail.fetchNews?.(undefined);
    assert.ok(first?.kind === 'ready' && first.more);
    const second = await one.rail.fetchNews?.(first.cursor);
    assert.ok(second?.kind === 'ready' && !second.more);
    assert.equal(first.events.length + second.events.length, 30_001);
    assert.equal(second.events.map(inShort).at(-1), 'D2 paid 2985');
  });
});
