import { amountDue, bucketOf, type Id, toUuid } from '../../packages/core/src/index.ts';
import type { Broken } from './broken-billing.ts';
import { type Life, newId } from './life.ts';

// Money that came by hand and does not add up, for the doctor. Foreign keys are off meanwhile.

type Columns = Readonly<Record<string, string>>;

/** Ids that a case makes in its SQL and names in its answer; the same ones for each life. */
function madeIn<P extends 'hpy' | 'bsl'>(prefix: P): (life: Life) => Id<P> {
  const made = new WeakMap<Life, Id<P>>();
  return (life) => {
    const known = made.get(life) ?? newId(prefix, bucketOf(life.customer.id));
    made.set(life, known);
    return known;
  };
}

const FIRST = madeIn('hpy');
const SECOND = madeIn('hpy');
const LINE = madeIn('bsl');

function insert(table: string, columns: Columns): string {
  const names = Object.keys(columns).join(', ');
  return `insert into ${table} (${names}) values (${Object.values(columns).join(', ')});`;
}

/** A payment whose whole money is balance, without a journal. */
function insertPayment(life: Life, id: Id<'hpy'>, changes: Columns = {}): string {
  return insert('hand_payments', {
    bucket: String(bucketOf(id)),
    merchant_id: `'${toUuid(life.customer.merchantId)}'`,
    id: `'${toUuid(id)}'`,
    customer_id: `'${toUuid(life.customer.id)}'`,
    method: "'cash'",
    currency: "'CNY'",
    amount_minor: '100',
    to_balance_minor: '100',
    grant_id: `'${toUuid(newId('crg'))}'`,
    reference: "'R-1'",
    received_at: 'now()',
    business_date: 'current_date',
    recorded_by: "'Anna'",
    note: "''",
    recorded_at: 'now()',
    state: "'booked'",
    ...changes,
  });
}

function insertPaying(life: Life, minor: bigint): string {
  const id = FIRST(life);
  const amount = minor.toString();
  const whole = { amount_minor: amount, to_balance_minor: '0', grant_id: 'null' };
  return [
    insertPayment(life, id, whole),
    insert('hand_payment_allocations', {
      bucket: String(bucketOf(id)),
      merchant_id: `'${toUuid(life.customer.merchantId)}'`,
      hand_payment_id: `'${toUuid(id)}'`,
      invoice_id: `'${toUuid(life.invoice.id)}'`,
      currency: "'CNY'",
      amount_minor: amount,
      live: 'true',
    }),
  ].join('\n');
}

const BOOKED = 'I5 hand payment is booked';
const ONE_WAY = 'I1 invoice is paid one way';

export const BROKEN_HAND_PAYMENTS: readonly Broken[] = [
  {
    invariant: 'I5 hand payment is its parts',
    sql: (life) => insertPayment(life, FIRST(life), { to_balance_minor: '99' }),
    id: FIRST,
    also: [BOOKED],
  },
  { invariant: BOOKED, sql: (life) => insertPayment(life, FIRST(life)), id: FIRST },
  {
    invariant: 'I5 reversed hand payment is taken back',
    sql: (life) =>
      insertPayment(life, FIRST(life), {
        state: "'reversed'",
        reversed_at: 'now()',
        reversed_by: "'Bao'",
        reversal_reason: "'why'",
      }),
    id: FIRST,
    also: [BOOKED],
  },
  {
    invariant: 'I1 one hand payment per number',
    sql: (life) => insertPayment(life, FIRST(life)) + insertPayment(life, SECOND(life)),
    id: (life) => [FIRST(life), SECOND(life)].toSorted()[1] ?? FIRST(life),
    also: [BOOKED],
  },
  {
    invariant: ONE_WAY,
    sql: (life) => insertPaying(life, amountDue(life.invoice).minor),
    id: ({ invoice }) => invoice.id,
    also: [BOOKED],
  },
  {
    invariant: 'I1 hand payment pays its invoices',
    sql: (life) => insertPaying(life, 1n),
    id: ({ invoice }) => invoice.id,
    also: [BOOKED, ONE_WAY],
  },
  {
    invariant: 'I1 claimed line has its payment',
    sql: (life) =>
      insert('bank_statement_lines', {
        bucket: String(bucketOf(LINE(life))),
        merchant_id: `'${toUuid(life.customer.merchantId)}'`,
        id: `'${toUuid(LINE(life))}'`,
        statement_id: `'${toUuid(newId('bst'))}'`,
        account: "'基本户'",
        line_number: '1',
        booked_on: 'current_date',
        currency: "'CNY'",
        amount_minor: '100',
        bank_reference: "'F-1'",
        raw_hash: "'x'",
        state: "'claimed'",
      }),
    id: LINE,
  },
];
