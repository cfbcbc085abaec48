import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money } from '../money/money.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { type CreditNoteFacts, postCreditNote } from './credit-templates.ts';

const id = <P extends string>(prefix: P): `${P}_${string}` => `${prefix}_${'0'.repeat(32)}`;

function note(total: bigint, tax: bigint, changes: Partial<CreditNoteFacts> = {}) {
  return postCreditNote({
    id: id('jrn'),
    merchantId: id('mer'),
    customerId: id('cus'),
    creditNoteId: id('cdn'),
    disposition: 'reduce_due',
    total: money(total, 'CNY'),
    net: money(total - tax, 'CNY'),
    tax: money(tax, 'CNY'),
    businessDate: Temporal.PlainDate.from('2026-03-10'),
    postedAt: Temporal.Instant.from('2026-03-10T00:00:00Z'),
    ...changes,
  });
}

describe('a credit note in the books', () => {
  const cases = [
    ['off what is due', note(106n, 6n), '2205 100, 2221.01 6, 1122 -106'],
    [
      'to the balance',
      note(106n, 6n, { disposition: 'to_balance' }),
      '2205 100, 2221.01 6, 2203 -106',
    ],
    ['exempt from tax', note(100n, 0n), '2205 100, 1122 -100'],
    ['a fen that is all tax', note(1n, 1n), '2221.01 1, 1122 -1'],
  ] as const;
  for (const [name, { entries, sourceId }, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const text = entries.map(({ account, minor }) => `${account} ${minor}`).join(', ');
      assert.equal(text, expected);
      assert.equal(sourceId, id('cdn'));
    });
  }

  test('one of zero, or whose parts do not add up, is our bug', () => {
    assert.throws(() => note(0n, 0n), InvariantBroken);
    assert.throws(() => note(106n, 6n, { net: money(99n, 'CNY') }), InvariantBroken);
  });
});
