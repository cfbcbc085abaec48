import { bucketOf, type Id, toUuid } from '../../packages/core/src/index.ts';
import { type Broken, change, copyRow, uuid } from './broken-billing.ts';
import { type Life, newId } from './life.ts';

// Money that goes back and does not add up, for the doctor to find. Foreign keys are off meanwhile.

type Columns = Readonly<Record<string, string>>;

/** An id that a case makes in its SQL and names in its answer; one for each life. */
function madeIn<P extends 'rfd' | 'exc' | 'att'>(prefix: P): (life: Life) => Id<P> {
  const made = new WeakMap<Life, Id<P>>();
  return (life) => {
    const known = made.get(life) ?? newId(prefix, bucketOf(life.customer.id));
    made.set(life, known);
    return known;
  };
}

const REFUND = madeIn('rfd');
const EXCEPTION = madeIn('exc');
const ATTEMPT = madeIn('att');

function insert(table: string, columns: Columns): string {
  const names = Object.keys(columns).join(', ');
  return `insert into ${table} (${names}) values (${Object.values(columns).join(', ')});`;
}

function insertRefund({ payment, attempt }: Life, id: Id<'rfd'>, changes: Columns): string {
  return insert('refunds', {
    bucket: String(bucketOf(id)),
    merchant_id: `'${toUuid(payment.merchantId)}'`,
    id: `'${toUuid(id)}'`,
    customer_id: `'${toUuid(payment.customerId)}'`,
    source: "'payment'",
    route: "'original'",
    payment_id: `'${toUuid(payment.id)}'`,
    attempt_id: `'${toUuid(attempt.id)}'`,
    rail: `'${payment.rail}'`,
    order_number: `'${attempt.orderNumber}'`,
    payment_reference: `'${payment.railReference}'`,
    paid_minor: String(payment.amount.minor),
    paid_at: 'now()',
    refund_number: `'${id}'`,
    currency: "'CNY'",
    amount_minor: '1',
    processing_minor: '0',
    takes: "'[]'",
    draws: "'[]'",
    reason: "'goodwill'",
    remark: "''",
    state: "'awaiting_approval'",
    approve_by: 'now()',
    requested_by: "'Anna'",
    approval_hash: `'${'a'.repeat(64)}'`,
    ask_count: '0',
    created_at: 'now()',
    ...changes,
  });
}

function insertException(life: Life, changes: Columns): string {
  const { payment, attempt } = life;
  const id = EXCEPTION(life);
  return insert('money_exceptions', {
    bucket: String(bucketOf(id)),
    merchant_id: `'${toUuid(payment.merchantId)}'`,
    id: `'${toUuid(id)}'`,
    customer_id: `'${toUuid(payment.customerId)}'`,
    kind: "'late_success'",
    debit_id: `'${toUuid(payment.debitId)}'`,
    attempt_id: `'${toUuid(attempt.id)}'`,
    rail: `'${payment.rail}'`,
    order_number: `'${attempt.orderNumber}'`,
    rail_reference: "'LATE-1'",
    currency: "'CNY'",
    amount_minor: '5',
    happened_at: 'now()',
    detail: "''",
    owner: "'finance'",
    state: "'open'",
    opened_at: 'now()',
    ...changes,
  });
}

const NOT_WAITING: Columns = { approve_by: 'null' };
const OF_EXCEPTION: Columns = {
  ...NOT_WAITING,
  source: "'exception'",
  payment_id: 'null',
  exception_id: `'${toUuid(newId('exc'))}'`,
};
const SENT: Columns = { ...NOT_WAITING, state: "'unknown'", submitted_at: 'now()' };

const OWED = 'I6 owed money stands in its account';
const TAKES_BACK = 'I6 refund of a payment takes back its invoices';

export const BROKEN_REFUNDS: readonly Broken[] = [
  {
    invariant: 'I6 refunds are within the payment',
    sql: (life) =>
      insertRefund(life, REFUND(life), { amount_minor: String(life.payment.amount.minor + 1n) }),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I6 one refund is with the rail',
    sql: (life) =>
      insertRefund(life, REFUND(life), SENT) +
      insertRefund(life, newId('rfd', bucketOf(life.customer.id)), SENT),
    id: ({ attempt }) => attempt.id,
    also: [OWED, TAKES_BACK],
  },
  {
    invariant: 'I6 refund number is used once',
    sql: (life) => {
      const first = newId('rfd', bucketOf(life.customer.id));
      const same = { refund_number: `'${first}'` };
      return insertRefund(life, first, same) + insertRefund(life, REFUND(life), same);
    },
    id: (life) => REFUND(life),
  },
  {
    invariant: 'I6 refund state has its times',
    sql: (life) => insertRefund(life, REFUND(life), { ...OF_EXCEPTION, state: "'approved'" }),
    id: (life) => REFUND(life),
  },
  {
    invariant: TAKES_BACK,
    sql: (life) =>
      insertRefund(life, REFUND(life), { ...NOT_WAITING, state: "'approved'", due_at: 'now()' }),
    id: (life) => REFUND(life),
    also: [OWED],
  },
  {
    invariant: 'I6 refund is booked',
    sql: (life) =>
      insertRefund(life, REFUND(life), {
        ...OF_EXCEPTION,
        state: "'succeeded'",
        rail_reference: "'X'",
        refunded_at: 'now()',
        ended_at: 'now()',
      }),
    id: (life) => REFUND(life),
  },
  {
    invariant: 'I6 late money has its place',
    sql: (life) =>
      copyRow(
        'attempts',
        { id: uuid(life.attempt) },
        {
          id: `'${toUuid(ATTEMPT(life))}'`,
          order_number: "'X'",
          state: "'late_success'",
        },
      ),
    id: (life) => ATTEMPT(life),
  },
  {
    invariant: 'I6 exception ends with its refund',
    sql: (life) =>
      insertException(life, {
        state: "'refunded'",
        decided_by: "'policy'",
        ended_at: 'now()',
      }),
    id: (life) => EXCEPTION(life),
  },
  {
    invariant: 'I6 returned payment is owed again',
    sql: ({ debit }) => change('debits', debit, 'returned_at = now()'),
    id: ({ debit }) => debit.id,
    also: ['I1 one debit holds an invoice', 'I1 paid invoice has its payment'],
  },
  {
    invariant: OWED,
    sql: (life) => insertException(life, {}),
    id: (_life, { merchant }) => merchant.id,
  },
  {
    invariant: 'I6 missing money stands in its account',
    sql: (life) => insertException(life, { kind: "'refund_unexpected'" }),
    id: (_life, { merchant }) => merchant.id,
  },
];
