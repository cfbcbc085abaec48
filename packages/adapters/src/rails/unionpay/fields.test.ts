import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DebitId, makeId, toContractCode, toOrderNumber, toRefundNumber } from '@daikou/core';
import fc from 'fast-check';
import { formatBraces, parseBraces, parseForm, parseReplyText } from './fields.ts';
import { formatTxnTime, parseTraceTime, parseTxnTime, txnTimeOf } from './order-times.ts';

describe('messages as fields', () => {
  test('a reply keeps raw values, Base64 and braces included', () => {
    const text = 'a=1&sig=ab+/==&tokenPayData={token=6235&trId=62}&z=';
    assert.deepEqual(
      { ...parseReplyText(text) },
      { a: '1', sig: 'ab+/==', tokenPayData: '{token=6235&trId=62}', z: '' },
    );
  });

  test('what is no list of fields, or names one twice, is refused', () => {
    for (const text of ['', 'a', '=1', 'a=1&a=2', 'a=1&&b=2', 'a=1&b', '<html></html>']) {
      assert.equal(parseReplyText(text), undefined, text);
    }
    assert.equal(parseForm(Buffer.from('a=1&a=2')), undefined);
    assert.equal(parseForm(Buffer.from([0xff])), undefined);
    assert.equal(parseReplyText('constructor=1')?.['constructor'], '1');
  });

  test('braces read back what was written', () => {
    const fields = { token: '6235', trId: '62' };
    assert.deepEqual({ ...parseBraces(formatBraces(fields)) }, fields);
    for (const text of [undefined, '', '{}', 'token=1', '{token}']) {
      assert.equal(parseBraces(text), undefined);
    }
  });
});

describe('the time of an order', () => {
  const at = Temporal.Instant.from('2026-12-01T01:02:03.999Z');
  const parts = { epochMilliseconds: at.epochMilliseconds, random: new Uint8Array(10), bucket: 7 };
  const debitId: DebitId = makeId('dbt', parts);

  test('is found again from the number alone, for debits, contracts and refunds', () => {
    const expected = '20261201090203';
    assert.equal(txnTimeOf(toOrderNumber(debitId, 1)), expected);
    assert.equal(txnTimeOf(toOrderNumber(debitId, 37)), expected);
    assert.equal(txnTimeOf(toContractCode(makeId('man', parts))), expected);
    assert.equal(txnTimeOf(toRefundNumber(makeId('rfd', parts))), expected);
  });

  test('is unknown for numbers that are not ours', () => {
    for (const number of ['', 'D1', 'X0000000000000000000000001N1', 'D1N1']) {
      assert.equal(txnTimeOf(number), undefined);
    }
  });

  test('one number has one time, always, and it reads as an instant', () => {
    const milliseconds = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 });
    const ordinal = fc.integer({ min: 1, max: 9_999 });
    fc.assert(
      fc.property(milliseconds, ordinal, (epochMilliseconds, one) => {
        const number = toOrderNumber(makeId('dbt', { ...parts, epochMilliseconds }), one);
        const text = txnTimeOf(number);
        const instant = parseTxnTime(text);
        assert.equal(instant?.epochMilliseconds, Math.floor(epochMilliseconds / 1000) * 1000);
        assert.equal(instant === undefined ? undefined : formatTxnTime(instant), text);
      }),
    );
  });

  const NEAR = [
    ['2026-12-31T23:59:50+08:00', '0101000005', '2026-12-31T16:00:05Z'],
    ['2027-01-01T00:00:05+08:00', '1231235950', '2026-12-31T15:59:50Z'],
    ['2026-07-01T12:00:00+08:00', '0701120000', '2026-07-01T04:00:00Z'],
    ['2028-03-01T00:00:00+08:00', '0229235959', '2028-02-29T15:59:59Z'],
  ] as const;
  for (const [near, text, expected] of NEAR) {
    test(`${text} near ${near} is ${expected}`, () => {
      const found = parseTraceTime(text, Temporal.Instant.from(near));
      assert.equal(found?.toString(), expected);
    });
  }

  test('what is no time is undefined', () => {
    for (const text of [undefined, '', '1301000000', '0230000000', '101000000', '2026120109']) {
      assert.equal(parseTraceTime(text, at), undefined, String(text));
    }
    for (const text of [undefined, '', '20261301000000', '2026-12-01', '20260230000000']) {
      assert.equal(parseTxnTime(text), undefined, String(text));
    }
  });
});
