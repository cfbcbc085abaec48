import { deflateSync } from 'node:zlib';
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { addDays, dateOf, startOfDate } from '../beijing.ts';
import { feeOf } from '../money.ts';
import type { World } from '../world.ts';
import { answerTo } from './messages.ts';
import { settleDateOf, traceTimeOf } from './notifications.ts';
import type { Order, UnionpayBooks } from './records.ts';
import type { Fields } from './signature.ts';

/** Widths of a line in bytes with one blank between fields (finance.md §3.1). */
const WIDTHS = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15,
  1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
];

/** The fee rate of the sandbox merchant: 0.60 %. */
const RATE_BASIS_POINTS = 60n;

/** The files of a day are there at 09:00 of the next day. */
const READY_MS = 9 * 3_600_000;

/** 76/01: the files of a clearing day, or code 98 while there are none. */
export function settlementFile(world: World, books: UnionpayBooks, asked: Fields): Fields {
  const date = dateOfMonthDay(world, asked['settleDate'] ?? '');
  if (date === undefined) return answerTo(asked, '10');
  if (world.clock.now() < startOfDate(addDays(date, 1)) + READY_MS) return answerTo(asked, '98');
  const { merId } = world.credentials.unionpay;
  const day = date.slice(2).replaceAll('-', '');
  const zip = zipSync({
    [`INN${day}88ZM_${merId}`]: fileOf(world, books, date),
    [`INN${day}88ZME_${merId}`]: new Uint8Array(),
  });
  const fileContent = deflateSync(zip).toString('base64');
  return answerTo(asked, '00', {
    fileName: `${merId}_${date.replaceAll('-', '')}.zip`,
    fileContent,
  });
}

/** `MMDD` of the last twelve months: the latest such date that is not in the future. */
function dateOfMonthDay(world: World, text: string): string | undefined {
  const [, month, day] = /^(\d{2})(\d{2})$/.exec(text) ?? [];
  const today = dateOf(world.clock.now());
  const year = Number(today.slice(0, 4));
  const dates = [year, year - 1].map((one) => `${one}-${month}-${day}`);
  return dates.find((date) => !Number.isNaN(startOfDate(date)) && date <= today);
}

function fileOf(world: World, books: UnionpayBooks, date: string): Uint8Array {
  const { merId } = world.credentials.unionpay;
  const lines = [...books.orders.values()]
    .filter((order) => order.state === 'done' && settleDateOf(order.endedAt ?? 0) === date)
    .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0) || (a.key < b.key ? -1 : 1))
    .map((order) => lineOf(order, books.orders.get(order.originalKey ?? ''), merId));
  return Buffer.concat(lines);
}

function lineOf(order: Order, paid: Order | undefined, merId: string): Uint8Array {
  const isDebit = order.kind === 'debit';
  const amount = BigInt(order.txnAmt);
  const fee = feeOf(amount, RATE_BASIS_POINTS);
  const signed = (minor: bigint) =>
    `${minor < 0n ? 'D' : 'C'}${String(minor < 0n ? -minor : minor).padStart(12, '0')}`;
  const net = signed(isDebit ? amount - fee : fee - amount);
  const at = traceTimeOf(order.endedAt ?? 0);
  const fields = [
    isDebit ? 'S22' : 'S30',
    '00049992',
    '00049992',
    order.traceNo,
    at,
    '621626*********0000',
    String(order.txnAmt).padStart(12, '0'),
    '4816',
    '07',
    order.queryId,
    '',
    order.orderId,
    '01',
    paid?.traceNo ?? '',
    paid === undefined ? '' : traceTimeOf(paid.endedAt ?? 0),
    signed(isDebit ? -fee : fee),
    net,
    '0001',
    '',
    isDebit ? '01' : '04',
    isDebit ? '01' : '00',
    '000902',
    '01',
    '',
    '',
    '0',
    paid?.queryId ?? '',
    merId,
    '',
    '',
    '代扣沙箱商户',
    '',
    net,
    '01080209',
    order.reqReserved,
    '',
    '',
    '',
    '',
    '',
    paid?.orderId ?? '',
    '',
  ];
  const cells = WIDTHS.map((width, index) => padded(fields[index] ?? '', width));
  const blank = Buffer.from(' ');
  const parts = cells.flatMap((cell, index) => (index === 0 ? [cell] : [blank, cell]));
  return Buffer.concat([...parts, Buffer.from('\r\n')]);
}

/** A field in GBK, cut or filled with blanks to its bytes. */
function padded(text: string, width: number): Buffer {
  const bytes = iconv.encode(text, 'gbk').subarray(0, width);
  return Buffer.concat([bytes, Buffer.alloc(width - bytes.length, 0x20)]);
}
