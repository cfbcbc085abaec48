import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BUCKET,
  bills,
  byHand,
  eightMoreSeats,
  failedNotice,
  held,
  history,
  ids,
  incident,
  mandate,
  priceUpAFifth,
  refused,
  type Thing,
  yuan,
} from '../../../../test/kit/arrears-facts.ts';
import { at } from '../../../../test/kit/builders.ts';
import { attributeCause } from './attribute.ts';
import { ARREARS_CAUSES, type CauseFinding, WHOLE } from './cause.ts';
import { explainCause } from './explain.ts';
import type { ArrearsHistory } from './history.ts';

describe('why an invoice is overdue', () => {
  const cases: readonly (readonly [string, Partial<ArrearsHistory>, string])[] = [
    ['by hand, told, not paid', { invoice: byHand, mandates: [] }, 'forgot 10000'],
    [
      'too little money, and once the gateway failed for this customer alone',
      {
        attempts: [refused('technical', '2026-03-10 07:30'), refused('funds', '2026-03-11 07:30')],
      },
      'insufficient_balance 10000',
    ],
    [
      'too little money for eight more seats',
      { ...eightMoreSeats, attempts: [refused('funds', '2026-03-10 07:30')] },
      'growth 9000, insufficient_balance 1000',
    ],
    [
      'the same, and it was short before',
      {
        ...eightMoreSeats,
        attempts: [refused('funds', '2026-03-10 07:30')],
        habit: { invoices: 5, fundsRefused: 2, paidLate: 0 },
      },
      'insufficient_balance 5500, growth 4500',
    ],
    [
      'too little money for a bill that is 7 % higher',
      {
        ...bills([['calls', 1_000n, 10n]], [['calls', 1_070n, 10n]]),
        attempts: [refused('funds', '2026-03-10 07:30')],
      },
      'insufficient_balance 6000, growth 4000',
    ],
    [
      'too little money for a bill that is 4 % higher',
      {
        ...bills([['calls', 1_000n, 10n]], [['calls', 1_040n, 10n]]),
        attempts: [refused('funds', '2026-03-10 07:30')],
      },
      'insufficient_balance 10000',
    ],
    [
      'a card that expired, whatever was added',
      { ...eightMoreSeats, attempts: [refused('account', '2026-03-10 07:30')] },
      'method_or_account_data 10000',
    ],
    ['no mandate', { mandates: [] }, 'method_or_account_data 10000'],
    [
      'a mandate that ended before the day',
      { mandates: [mandate({ state: 'ended', endedAt: at('2026-03-08 12:00') })] },
      'method_or_account_data 10000',
    ],
    [
      'a mandate that ended after the money was not there',
      {
        mandates: [mandate({ state: 'ended', endedAt: at('2026-03-10 12:00') })],
        attempts: [refused('funds', '2026-03-10 07:30')],
      },
      'insufficient_balance 10000',
    ],
    [
      'a cap that let the last bill pass',
      {
        ...eightMoreSeats,
        mandates: [mandate({ singleCap: yuan(12_000n) })],
        debits: [held('mandate_cap_exceeded')],
      },
      'growth 10000',
    ],
    [
      'a cap that was always too low',
      {
        ...eightMoreSeats,
        mandates: [mandate({ singleCap: yuan(9_000n) })],
        debits: [held('mandate_cap_exceeded')],
      },
      'method_or_account_data 10000',
    ],
    [
      'the amount guard held a raised price',
      { ...priceUpAFifth, debits: [held('amount_unlike_history')] },
      'price_or_policy_change 10000',
    ],
    [
      'the rail was down for many',
      { attempts: [refused('technical', '2026-03-10 07:30')], incidents: [incident] },
      'rail_or_system_fault 10000',
    ],
    [
      'the rail was down, then the money was gone',
      {
        attempts: [refused('technical', '2026-03-10 07:30'), refused('funds', '2026-03-11 07:30')],
        incidents: [incident],
      },
      'insufficient_balance 7000, rail_or_system_fault 3000',
    ],
    ['nothing was tried', { debits: [] }, 'rail_or_system_fault 10000'],
    [
      'the bill was made after its due date',
      { invoice: { ...byHand, issuedAt: at('2026-03-12 09:00') }, mandates: [] },
      'rail_or_system_fault 10000',
    ],
    [
      'no message left us',
      { invoice: byHand, mandates: [], notices: [failedNotice({ failureCode: 'no_channel' })] },
      'rail_or_system_fault 10000',
    ],
    [
      'the customer has no address',
      { debits: [held('notice_failed')], notices: [failedNotice({ failureCode: 'no_address' })] },
      'method_or_account_data 10000',
    ],
    [
      'the message came back',
      {
        invoice: byHand,
        notices: [failedNotice({ failureCode: '5.1.1', sentAt: at('2026-03-05 09:00') })],
      },
      'method_or_account_data 10000',
    ],
    [
      'by hand, a price that rose by a fifth',
      { invoice: byHand, mandates: [], ...priceUpAFifth },
      'price_or_policy_change 9000, forgot 1000',
    ],
    [
      'by hand, more seats at a higher price: each by what it added',
      {
        invoice: byHand,
        mandates: [],
        ...bills([['seat', 20n, 500n]], [['seat', 24n, 600n]]),
      },
      'growth 4910, price_or_policy_change 4090, forgot 1000',
    ],
    [
      'a minimum of the contract',
      {
        invoice: byHand,
        ...bills(
          [['seat', 20n, 500n]],
          [
            ['seat', 20n, 500n],
            ['least', 1n, 3_000n, 'minimum_spend'],
          ],
        ),
      },
      'contract_change 9000, forgot 1000',
    ],
    [
      'taken back by the payer’s bank',
      {
        returns: [
          {
            id: ids('rtn', BUCKET),
            code: 'MD06',
            amount: yuan(10_000n),
            returnedAt: at('2026-03-20 09:00'),
            mandateGone: false,
          },
        ],
      },
      'dispute 10000',
    ],
    [
      'contested because the price rose',
      { ...priceUpAFifth, disputed: { ref: 'T-1', at: at('2026-03-09 09:00') } },
      'dispute 7000, price_or_policy_change 3000',
    ],
  ];
  for (const [what, change, expected] of cases) {
    test(what, () => assert.equal(sharesOf(attributeCause(history(change))), expected));
  }
});

function sharesOf({ causes }: CauseFinding): string {
  return causes.map(({ cause, share }) => `${cause} ${share}`).join(', ');
}

test('whatever is on file: there is a cause, and the shares are the whole', () => {
  const classes = ['funds', 'limit', 'technical', 'account', 'mandate', 'risk'] as const;
  const things = fc.tuple(fc.bigInt(1n, 40n), fc.bigInt(1n, 900n), fc.bigInt(0n, 900n));
  fc.assert(
    fc.property(
      fc.record({
        hand: fc.boolean(),
        tries: fc.array(fc.constantFrom(...classes), { maxLength: 4 }),
        before: things,
        after: things,
        isDown: fc.boolean(),
        hasMandate: fc.boolean(),
        block: fc.constantFrom(undefined, 'mandate_cap_exceeded', 'notice_failed'),
        short: fc.nat(3),
      }),
      (world) => {
        const rows = ([seats, unit, least]: readonly [
          bigint,
          bigint,
          bigint,
        ]): readonly Thing[] => [
          ['seat', seats, unit],
          ['least', 1n, least, 'minimum_spend'],
        ];
        const finding = attributeCause(
          history({
            ...bills(rows(world.before), rows(world.after)),
            invoice: world.hand ? byHand : history().invoice,
            attempts: world.tries.map((kind) => refused(kind, '2026-03-10 07:30')),
            incidents: world.isDown ? [incident] : [],
            mandates: world.hasMandate ? [mandate()] : [],
            debits: world.block === undefined ? [] : [held(world.block)],
            habit: { invoices: 3, fundsRefused: world.short, paidLate: 0 },
          }),
        );
        const shares = finding.causes.map(({ share }) => share);
        assert.equal(
          shares.reduce((sum, share) => sum + share, 0n),
          WHOLE,
        );
        assert.ok(
          shares.every((share, index) => share > 0n && share <= (shares[index - 1] ?? WHOLE)),
        );
        assert.equal(finding.primary, finding.causes[0]?.cause);
        assert.equal(finding.fix.kind, finding.primary);
        assert.ok(finding.causes.every(({ evidence }) => evidence.length > 0));
        const causes = finding.causes.map(({ cause }) => cause);
        assert.deepEqual(causes, [...new Set(causes)]);
        assert.ok(causes.every((cause) => ARREARS_CAUSES.includes(cause)));
        for (const locale of ['zh-CN', 'en'] as const) {
          const said = explainCause(finding, { locale, zone: 'Asia/Shanghai' });
          const all = [said.line, ...said.evidence.flat(), ...said.counterfactuals, said.fix];
          assert.ok(all.every((text) => text.length > 4 && !text.includes('undefined')));
        }
      },
    ),
  );
});
