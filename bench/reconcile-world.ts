import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import {
  type BreakClass,
  bucketOf,
  CHINA_CHART,
  type DebitId,
  type Merchant,
  makeId,
  money,
  present,
  type RailBillLine,
  type SettlementLine,
  toOrderNumber,
  toUuid,
} from '../packages/core/src/index.ts';
import type { BenchDatabase } from './databases.ts';

/** The date of the bill, and the moment at which it is fetched. */
export const BILL_DATE = Temporal.PlainDate.from('2026-11-20');
export const FETCHED_AT = Temporal.Instant.from('2026-11-21T02:00:00Z');
const PAID_AT = Temporal.Instant.from('2026-11-19T23:30:05Z');

/** Any rail that the chart knows. */
export const RAIL = present(Object.keys(CHINA_CHART.railClearing)[0], 'a rail of the chart');

/** One break in so many rows: 0.1 %. */
const BLOCK = 1_000;

export const FEE_BASIS_POINTS = 60;

/** What a bill alone can show, each as often as the others. */
const BILL_CLASSES: readonly BreakClass[] = [
  'surplus',
  'shortage',
  'amount_mismatch',
  'state_mismatch',
  'cut_off',
  'duplicate',
  'unknown_order',
  'fee_mismatch',
  'currency_mismatch',
];

/** Rows of the account statement that are no payments: the tenth class. */
const OTHER_ROWS = 25;

/** One row of the truth: an order, and what was made wrong with it. */
type Order = {
  readonly index: number;
  readonly debitId: DebitId;
  readonly number: string;
  readonly minor: bigint;
  readonly wrong: BreakClass | undefined;
};

/** A seeded source of whole numbers below `limit` (mulberry32). */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % limit;
  };
}

/** The orders of the day, one after the other: made again at every walk, never held together. */
export function* ordersOf(rows: number, seed: number): Generator<Order> {
  const random = makeRandom(seed);
  let wrongAt = 0;
  for (let index = 0; index < rows; index += 1) {
    const place = index % BLOCK;
    if (place === 0) wrongAt = random(BLOCK);
    const block = (index - place) / BLOCK;
    const wrong = place === wrongAt ? BILL_CLASSES[block % BILL_CLASSES.length] : undefined;
    const debitId = makeId('dbt', idParts(index, 1));
    yield {
      index,
      debitId,
      number: wrong === 'unknown_order' ? `SHOP${index}` : toOrderNumber(debitId, 1),
      minor: 1_000n + BigInt(index % 4_000),
      wrong,
    };
  }
}

function idParts(index: number, kind: number) {
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(4, index);
  random[1] = kind;
  return { epochMilliseconds: PAID_AT.epochMilliseconds, random, bucket: index % 1_024 };
}

/** What the comparison must find: "class number", each once. */
export function expectedBreaks(rows: number, seed: number): ReadonlySet<string> {
  const expected = new Set<string>();
  for (const { wrong, number } of ordersOf(rows, seed)) {
    if (wrong !== undefined) expected.add(`${wrong} ${number}`);
  }
  for (let row = 1; row <= OTHER_ROWS; row += 1) expected.add(`settlement_mismatch HOLD${row}`);
  return expected;
}

/** The rail's bill of the day as it streams out of a file. */
export async function* billOf(rows: number, seed: number): AsyncGenerator<RailBillLine> {
  let lineNumber = 0;
  for (const order of ordersOf(rows, seed)) {
    if (order.wrong === 'shortage') continue;
    const times = order.wrong === 'duplicate' ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      lineNumber += 1;
      yield lineOf(order, lineNumber);
    }
  }
}

function lineOf({ number, minor, wrong }: Order, lineNumber: number): RailBillLine {
  const currency = wrong === 'currency_mismatch' ? 'EUR' : 'CNY';
  const amount = wrong === 'amount_mismatch' ? minor + 100n : minor;
  const fee = (amount * BigInt(FEE_BASIS_POINTS) + 5_000n) / 10_000n;
  return {
    lineNumber,
    kind: 'payment',
    orderNumber: number,
    railReference: `T${lineNumber}`,
    amount: money(amount, currency),
    fee: money(wrong === 'fee_mismatch' ? fee + 5n : fee, currency),
    at: PAID_AT,
  };
}

/** The account statement of the same day: its sums, and a few rows that the rail holds back. */
export async function* statementOf(rows: number, seed: number): AsyncGenerator<SettlementLine> {
  let paid = 0n;
  let fee = 0n;
  for await (const line of billOf(rows, seed)) {
    if (line.amount.currency !== 'CNY') continue;
    paid += line.amount.minor;
    fee += line.fee.minor;
  }
  const row = (lineNumber: number, kind: SettlementLine['kind'], minor: bigint) => ({
    lineNumber,
    kind,
    change: money(minor, 'CNY' as const),
    railReference: kind === 'other' ? `HOLD${lineNumber}` : `SUM${lineNumber}`,
    at: PAID_AT,
    wording: kind,
  });
  for (let one = 1; one <= OTHER_ROWS; one += 1) yield row(one, 'other', -100n);
  yield row(OTHER_ROWS + 1, 'payment', paid);
  yield row(OTHER_ROWS + 2, 'fee', -fee);
}

/**
 * Writes the attempts and payments of the day by COPY past all checks of keys: what lies around
 * them (customers, debits, invoices) takes no part in the comparison. A `surplus` is an attempt
 * that ended unpaid.
 */
export async function seedBooks(
  database: BenchDatabase,
  merchant: Merchant,
  size: { readonly rows: number; readonly seed: number },
): Promise<void> {
  const attempts = join(database.folder, 'attempts.csv');
  const payments = join(database.folder, 'payments.csv');
  const toAttempts = createWriteStream(attempts);
  const toPayments = createWriteStream(payments);
  const owner = toUuid(merchant.id);
  for (const order of ordersOf(size.rows, size.seed)) {
    if (order.wrong === 'unknown_order') continue;
    const ids = {
      bucket: bucketOf(order.debitId),
      debit: toUuid(order.debitId),
      attempt: toUuid(makeId('att', idParts(order.index, 2))),
      payment: toUuid(makeId('pay', idParts(order.index, 3))),
    };
    await write(toAttempts, attemptRow(owner, order, ids));
    if (order.wrong !== 'surplus') await write(toPayments, paymentRow(owner, order, ids));
  }
  for (const stream of [toAttempts, toPayments]) {
    stream.end();
    await once(stream, 'finish');
  }
  for (const [table, columns, path] of [
    ['attempts', ATTEMPT_COLUMNS, attempts],
    ['payments', PAYMENT_COLUMNS, payments],
  ]) {
    await database.admin(
      `set session_replication_role = replica;
       copy ${table} (${columns}) from '${path}' with (format csv);
       set session_replication_role = origin`,
    );
  }
}

type Ids = {
  readonly bucket: number;
  readonly debit: string;
  readonly attempt: string;
  readonly payment: string;
};

const ATTEMPT_COLUMNS = `bucket, merchant_id, id, customer_id, debit_id, rail, ordinal,
  order_number, state, currency, amount_minor, submitted_at, ask_count, rail_reference,
  refusal_class, refusal_code, refusal_message, ended_at`;

function attemptRow(owner: string, order: Order, ids: Ids): string {
  const isUnpaid = order.wrong === 'surplus';
  return [
    ids.bucket,
    owner,
    ids.attempt,
    ids.debit,
    ids.debit,
    RAIL,
    1,
    order.number,
    isUnpaid ? 'refused' : 'succeeded',
    'CNY',
    order.minor,
    PAID_AT,
    0,
    `T${order.index}`,
    isUnpaid ? 'funds,F,F' : ',,',
    PAID_AT,
  ].join(',');
}

const PAYMENT_COLUMNS = `bucket, merchant_id, id, customer_id, debit_id, attempt_id, rail,
  rail_reference, currency, amount_minor, paid_at, business_date`;

function paymentRow(owner: string, order: Order, ids: Ids): string {
  const daysBefore = order.wrong === 'cut_off' ? 1 : order.wrong === 'state_mismatch' ? 10 : 0;
  return [
    ids.bucket,
    owner,
    ids.payment,
    ids.debit,
    ids.debit,
    ids.attempt,
    RAIL,
    `T${order.index}`,
    'CNY',
    order.minor,
    PAID_AT,
    BILL_DATE.subtract({ days: daysBefore }),
  ].join(',');
}

async function write(stream: ReturnType<typeof createWriteStream>, row: string): Promise<void> {
  if (!stream.write(`${row}\n`)) await once(stream, 'drain');
}
