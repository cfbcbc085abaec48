import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { money } from '@daikou/core';
import { strToU8, zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { billLines, settlementLines } from './bill.ts';
import { openSettlement, type SettlementFiles } from './bill-archive.ts';

const MER = '777290058167151';
const NEW_YEAR = Temporal.PlainDate.from('2027-01-01');
const FILE = { merId: MER, date: NEW_YEAR };

/** The layout of a ZM line as finance.md prints it, written a second time for the test. */
const WIDTHS = [
  '3,11,11,6,10,19,12,4,2,21,2,32,2,6,10,13,13,4,15,2,2,6,2,4,32,1,21,15,1,15,32,13,13,8',
  '32,13,13,12,2,1,32,98',
].flatMap((part) => part.split(',').map(Number));
const ZME_WIDTHS = '3,11,11,6,10,19,12,4,2,2,6,10,4,12,13,13,15,15,1,12,2,135'
  .split(',')
  .map(Number);

type Values = Readonly<Record<number, string>>;

function line(widths: readonly number[], values: Values): Buffer {
  const cells = widths.map((width, index) => {
    const bytes = iconv.encode(values[index] ?? '', 'gbk');
    return Buffer.concat([bytes, Buffer.alloc(width - bytes.length, 0x20)]);
  });
  const [first = Buffer.alloc(0), ...rest] = cells;
  return Buffer.concat([
    first,
    ...rest.flatMap((cell) => [Buffer.from(' '), cell]),
    Buffer.from('\r\n'),
  ]);
}

const PAID: Values = {
  0: 'S22',
  4: '1231230005',
  6: '000000002985',
  9: '202612319999999999999',
  11: 'D1N1',
  15: 'D000000000018',
  16: 'C000000002967',
  19: '01',
  20: '01',
  27: MER,
  30: '代扣商户简称',
  32: 'C000000002967',
};
const RETURNED: Values = {
  ...PAID,
  0: 'S30',
  4: '0101120000',
  6: '000000001000',
  9: '202701018888888888888',
  11: 'R1',
  15: 'C000000000006',
  16: 'D000000000994',
  19: '04',
  20: '00',
  32: 'D000000000994',
  40: 'D1N1',
};

/** The bytes in pieces that end in the middle of lines and of Chinese characters. */
async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 101) yield bytes.subarray(start, start + 101);
}

const given = (
  trades: Uint8Array,
  corrections: Uint8Array = new Uint8Array(),
): SettlementFiles => ({
  trades: () => piecesOf(trades),
  corrections: () => piecesOf(corrections),
});
const bytesOf = (...rows: readonly Values[]): Buffer =>
  Buffer.concat(rows.map((row) => line(WIDTHS, row)));
const files = (...rows: readonly Values[]): SettlementFiles => given(bytesOf(...rows));

describe('a settlement file', () => {
  test('is read by bytes: GBK names do not shift the fields, and the year is right', async () => {
    const lines = await Array.fromAsync(billLines(files(PAID, RETURNED), FILE));
    assert.deepEqual(lines, [
      {
        lineNumber: 1,
        kind: 'payment',
        orderNumber: 'D1N1',
        railReference: '202612319999999999999',
        amount: money(2_985n, 'CNY'),
        fee: money(18n, 'CNY'),
        at: Temporal.Instant.from('2026-12-31T15:00:05Z'),
      },
      {
        lineNumber: 2,
        kind: 'refund',
        orderNumber: 'D1N1',
        refundNumber: 'R1',
        railReference: '202701018888888888888',
        amount: money(1_000n, 'CNY'),
        fee: money(-6n, 'CNY'),
        at: Temporal.Instant.from('2027-01-01T04:00:00Z'),
      },
    ]);
  });

  test('as a statement adds up to nothing: the net is paid out on the next day', async () => {
    const rows = await Array.fromAsync(settlementLines(files(PAID, RETURNED), FILE));
    const told = rows.map((row) => [row.kind, row.change.minor]);
    assert.deepEqual(told, [
      ['payment', 2_985n],
      ['fee', -18n],
      ['refund', -1_000n],
      ['fee', 6n],
      ['payout', -1_973n],
    ]);
    const payout = rows.at(-1);
    assert.equal(payout?.at.toString(), '2027-01-01T16:00:00Z');
    assert.equal(payout?.railReference, `${MER}-2027-01-01`);
  });

  test('fees that are collected apart leave no row of their own', async () => {
    const gross = { ...PAID, 32: 'C000000002985' };
    const rows = await Array.fromAsync(settlementLines(files(gross), FILE));
    assert.deepEqual(
      rows.map((row) => row.kind),
      ['payment', 'payout'],
    );
    const [bill] = await Array.fromAsync(billLines(files(gross), FILE));
    assert.equal(bill?.fee.minor, 18n);
  });

  test('a correction is money of the statement and no line of the bill', async () => {
    const correction = line(ZME_WIDTHS, {
      0: 'E74',
      3: '067402',
      4: '0101120000',
      6: '000000002985',
      15: 'D000000002985',
    });
    const both = given(bytesOf(PAID), correction);
    assert.equal((await Array.fromAsync(billLines(both, FILE))).length, 1);
    const rows = await Array.fromAsync(settlementLines(both, FILE));
    const other = rows.find((row) => row.kind === 'other');
    assert.equal(other?.change.minor, -2_985n);
    assert.equal(other?.wording, '差错 E74');
  });

  test('an undo of the same day is money back', async () => {
    const undone = { ...RETURNED, 19: '31' };
    const [only] = await Array.fromAsync(billLines(files(undone), FILE));
    assert.equal(only?.kind, 'refund');
  });

  const BAD: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['cut in the middle of a line', bytesOf(PAID, PAID).subarray(0, 900), /row 2: .* bytes/],
    ['with a line that is one byte short', line(WIDTHS.slice(0, -1), PAID), /bytes/],
    ['of another merchant', bytesOf({ ...PAID, 27: '777000000000000' }), /another merchant/],
    ['of another day', bytesOf({ ...PAID, 4: '1225120000' }), /of 2026-12-25/],
    ['with a time that is none', bytesOf({ ...PAID, 4: '1301000000' }), /time/],
    ['with an amount that is no number', bytesOf({ ...PAID, 6: '00000000298X' }), /12 digits/],
    ['with a fee that has no sign', bytesOf({ ...PAID, 15: '0000000000018' }), /C or D/],
    ['with an unlisted kind of trade', bytesOf({ ...PAID, 19: '99' }), /unlisted kind/],
    [
      'with amounts that contradict each other',
      bytesOf({ ...PAID, 32: 'C000000000001' }),
      /contradict/,
    ],
    ['with a refund of no order', bytesOf({ ...RETURNED, 40: '' }), /missing/],
    ['without a number', bytesOf({ ...PAID, 11: '' }), /missing/],
  ];
  for (const [name, trades, words] of BAD) {
    test(`${name} is no bill`, async () => {
      const bad = given(trades);
      await assert.rejects(Array.fromAsync(billLines(bad, FILE)), words);
      await assert.rejects(Array.fromAsync(settlementLines(bad, FILE)), words);
    });
  }

  test('a correction that cannot be read spoils the bill too', async () => {
    const spoilt = given(bytesOf(PAID), Buffer.from('E74 short\r\n'));
    await assert.rejects(Array.fromAsync(billLines(spoilt, FILE)), /bytes/);
  });
});

describe('the archive of a settlement day', () => {
  const packed = (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
    deflateSync(zipSync(entries));
  const NAME = `INN27010188ZM_${MER}`;
  const unpack = (bytes: Buffer, limit?: number) =>
    openSettlement(bytes.toString('base64'), MER, limit);

  test('is Base64 of zlib of a zip with both files', async () => {
    const errors = `INN27010188ZME_${MER}`;
    const read = await unpack(packed({ [NAME]: strToU8('a'), [errors]: strToU8('b') }));
    assert.ok(read.kind === 'files');
    const text = async (pieces: AsyncIterable<Uint8Array>) =>
      Buffer.concat(await Array.fromAsync(pieces)).toString();
    assert.equal(await text(read.files.trades()), 'a');
    assert.equal(await text(read.files.corrections()), 'b');
    assert.equal(await text(read.files.trades()), 'a');
    assert.ok(!read.isEmpty && /^[0-9a-f]{64}$/.test(read.contentHash));
  });

  const whole = packed({ [NAME]: strToU8('x'.repeat(5_000)) });
  const BAD: readonly (readonly [string, Buffer, RegExp])[] = [
    ['empty', Buffer.alloc(0), /damaged/],
    ['no zlib', Buffer.from('PK\u0003\u0004'), /damaged/],
    ['cut', whole.subarray(0, whole.length - 20), /damaged/],
    ['zlib of no zip', deflateSync(Buffer.from('text')), /no file of trades/],
    ['of another merchant', packed({ INN27010188ZM_777000000000000: strToU8('a') }), /merchant/],
    ['without trades', packed({ 'readme.txt': strToU8('a') }), /no file of trades/],
  ];
  for (const [name, bytes, words] of BAD) {
    test(`${name}: refused with a sentence`, async () => {
      const read = await unpack(bytes);
      assert.ok(read.kind === 'refused');
      assert.match(read.detail, words);
    });
  }

  test('one byte that was changed on the way is found', async () => {
    for (let place = 10; place < whole.length; place += 7) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 0x10;
      assert.equal((await unpack(bytes)).kind, 'refused', `byte ${place}`);
    }
  });

  test('a bomb is stopped at the limit, in either unpacking', async () => {
    const outer = deflateSync(Buffer.alloc(2_000_000));
    const inner = packed({ [NAME]: new Uint8Array(2_000_000) });
    for (const bytes of [outer, inner]) {
      const read = await unpack(bytes, 1_000_000);
      assert.ok(read.kind === 'refused');
      assert.match(read.detail, /unpacks to more than 1000000 bytes/);
    }
  });
});
