import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatBeijing, parseBeijing, parseOffsetTime } from './beijing.ts';
import { failureOf } from './failures.ts';
import { toDetail, toRailText } from './rail-text.ts';
import { sameText } from './secrets.ts';

describe('Beijing wall time', () => {
  test('both written forms read as the same instant', () => {
    const expected = '2026-11-30T23:30:05Z';
    assert.equal(parseBeijing('2026-12-01 07:30:05')?.toString(), expected);
    assert.equal(parseBeijing('20261201073005')?.toString(), expected);
    assert.equal(parseOffsetTime('2026-12-01T07:30:05+08:00')?.toString(), expected);
  });

  test('what is not a time reads as undefined', () => {
    for (const text of ['', '2026-12-01', '2026-02-30 00:00:00', '20261301000000', '1e3']) {
      assert.equal(parseBeijing(text), undefined, text);
    }
    assert.equal(parseBeijing(undefined), undefined);
    assert.equal(parseOffsetTime('2026-12-01T07:30:05'), undefined);
    assert.equal(parseOffsetTime(20261201), undefined);
  });

  test('what is written is read back', () => {
    const seconds = fc.integer({ min: 946_684_800, max: 4_102_444_800 });
    fc.assert(
      fc.property(seconds, (second) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(second * 1000);
        assert.ok(parseBeijing(formatBeijing(instant))?.equals(instant));
      }),
    );
  });
});

describe('text for rails', () => {
  test('emoji, control characters and length', () => {
    const rule = { maxLength: 10 };
    assert.equal(toRailText('专业版😀 12\n月', rule), '专业版 12 月');
    assert.equal(toRailText('\ud83d broken', rule), 'broken');
    assert.equal(toRailText('0123456789ABC', rule), '0123456789');
    assert.equal(toRailText('a/b=c', { ...rule, without: /[/=]/g }), 'a b c');
  });

  test('only characters of one to three bytes leave, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sent = toRailText(text, { maxLength: 40 });
        assert.ok(sent.length <= 40);
        assert.ok([...sent].every((one) => Buffer.byteLength(one) <= 3));
        assert.ok(sent.isWellFormed());
        assert.equal(toRailText(sent, { maxLength: 40 }), sent);
      }),
    );
  });

  test('details are one line of at most 200 characters', () => {
    assert.equal(toDetail(undefined), '');
    assert.equal(toDetail(`a\r\nb${'x'.repeat(300)}`).length, 200);
  });
});

describe('what a failed call proves', () => {
  const coded = (code: string, cause?: unknown): Error =>
    Object.assign(new Error('words with an address 10.0.0.1:443'), { code, cause });
  const CASES: readonly (readonly [string, unknown, boolean])[] = [
    ['refused', coded('ECONNREFUSED'), true],
    ['no such host', coded('ENOTFOUND'), true],
    ['wrapped', new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), true],
    [
      'every address refused',
      new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
      true,
    ],
    [
      'one address timed out',
      new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT')]),
      false,
    ],
    ['reset', coded('ECONNRESET'), false],
    ['timed out', coded('ETIMEDOUT'), false],
    ['wrapped and reset', coded('ECONNREFUSED', coded('ECONNRESET')), false],
    ['no code', new Error('ECONNREFUSED'), false],
    ['not an error', 'ECONNREFUSED', false],
    ['nothing', undefined, false],
  ];
  for (const [name, error, neverSent] of CASES) {
    test(`${name}: ${neverSent ? 'nothing was sent' : 'nothing'}`, () => {
      const failure = failureOf(error);
      assert.equal(failure.neverSent, neverSent);
      assert.ok(!failure.detail.includes('10.0.0.1'));
    });
  }
});

test('secrets are compared as wholes', () => {
  assert.ok(sameText('abc', 'abc'));
  for (const other of ['', 'ab', 'abd', 'abcd', 'ABC']) assert.ok(!sameText('abc', other), other);
});
