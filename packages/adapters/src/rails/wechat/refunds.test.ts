import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type RefundHandle } from '@daikou/core';
import { fromRefundPage, fromRefundState, refundOfCode } from './refund-wire.ts';
import { REFUND_CODES } from './statuses.ts';

const REFUND: RefundHandle = {
  refundNumber: 'R1',
  orderNumber: 'D1N1',
  paymentReference: '42',
  paid: money(2_985n, 'CNY'),
  amount: money(1_000n, 'CNY'),
};

/** A page of a refund query with these refund numbers, 10.00 each. */
function page(numbers: readonly string[], total: number): Record<string, string> {
  const fields: Record<string, string> = {
    out_trade_no: 'D1N1',
    total_refund_count: String(total),
    refund_count: String(numbers.length),
  };
  for (const [n, number] of numbers.entries()) {
    fields[`out_refund_no_${n}`] = number;
    fields[`refund_id_${n}`] = `50${number}`;
    fields[`refund_fee_${n}`] = '1000';
    fields[`refund_status_${n}`] = 'SUCCESS';
    fields[`refund_success_time_${n}`] = '2026-12-01 07:30:00';
  }
  return fields;
}

const TEN = Array.from({ length: 10 }, (_, n) => `X${n}`);

describe('the rows of a refund query', () => {
  test('ours is found by its number, wherever it stands', () => {
    for (const place of [0, 4, 9]) {
      const numbers = TEN.with(place, 'R1');
      const found = fromRefundPage(page(numbers, 10), REFUND, 0);
      assert.deepEqual(found, {
        kind: 'found',
        outcome: {
          kind: 'succeeded',
          railReference: '50R1',
          refunded: money(1_000n, 'CNY'),
          refundedAt: Temporal.Instant.from('2026-11-30T23:30:00Z'),
        },
      });
    }
  });

  test('where it is not, the next page is asked for until there is none', () => {
    assert.deepEqual(fromRefundPage(page(TEN, 23), REFUND, 0), { kind: 'next', offset: 10 });
    assert.deepEqual(fromRefundPage(page(TEN, 23), REFUND, 10), { kind: 'next', offset: 20 });
    assert.deepEqual(fromRefundPage(page(['X1', 'X2', 'X3'], 23), REFUND, 20), { kind: 'absent' });
    assert.deepEqual(fromRefundPage(page([], 23), REFUND, 0), { kind: 'absent' });
  });

  test('of another order or another amount it says nothing', () => {
    const ours = page(['R1'], 1);
    for (const change of [
      { out_trade_no: 'D2N1' },
      { refund_fee_0: '999' },
      { refund_fee_0: '' },
    ]) {
      const found = fromRefundPage({ ...ours, ...change }, REFUND, 0);
      assert.equal(found.kind === 'found' && found.outcome.kind, 'unknown');
    }
  });
});

describe('what a refund’s state means', () => {
  const told = { railReference: '50', returned: 1_000n, at: '2026-12-01 07:30:00' };
  const STATES = [
    ['SUCCESS', 'succeeded'],
    ['PROCESSING', 'accepted'],
    ['CHANGE', 'failed'],
    ['REFUNDCLOSE', 'refused'],
    ['NEW_ONE', 'unknown'],
    ['constructor', 'unknown'],
    [undefined, 'unknown'],
  ] as const;
  for (const [state, kind] of STATES) {
    test(`${state}: ${kind}`, () => {
      assert.equal(fromRefundState({ ...told, state }).kind, kind);
    });
  }

  test('a success without number, amount or time is unknown', () => {
    const state = 'SUCCESS';
    assert.equal(fromRefundState({ ...told, state, railReference: undefined }).kind, 'unknown');
    assert.equal(fromRefundState({ ...told, state, returned: undefined }).kind, 'unknown');
    assert.equal(fromRefundState({ ...told, state, at: 'soon' }).kind, 'unknown');
  });
});

describe('the codes of refund and refund query', () => {
  for (const [code, meaning] of Object.entries(REFUND_CODES)) {
    const isOpen = meaning === 'ask' || meaning === 'differs';
    const expected = isOpen ? 'unknown' : meaning === 'not_found' ? 'not_found' : 'refused';
    test(`${code}: ${expected}`, () => {
      const outcome = refundOfCode({ code, message: 'words' });
      assert.equal(outcome.kind, expected);
      if (outcome.kind === 'refused') assert.equal(outcome.refusal.class, meaning);
    });
  }

  for (const code of ['', 'NEW_ONE', 'toString']) {
    test(`${code || 'no code'} is unknown`, () => {
      assert.equal(refundOfCode({ code, message: '' }).kind, 'unknown');
    });
  }
});
