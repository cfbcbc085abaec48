import {
  bucketOf,
  type HandPayment,
  type Money,
  type MoneyException,
  money,
  type PayLink,
  postExceptionOpened,
  postHandPayment,
  postPaymentReturned,
  postRefundPaid,
  type RailBillLine,
  type Refund,
  toPayLinkNumber,
} from '../../packages/core/src/index.ts';
import { BILL_RAIL, type BillWorld, billLine, paidOrder } from './bill-world.ts';
import { type Life, NOW, newId, TODAY } from './life.ts';
import { aReturnOf } from './refund-nouns.ts';

// Money beside the payments of debits, as it stands in the books without the work that led to it.

const yuan = (minor: bigint): Money => money(minor, 'CNY');

/** A moment of a date, as far into it as `NOW` is into today. */
export function timeOn(date: Temporal.PlainDate): Temporal.Instant {
  return NOW.add({ hours: 24 * TODAY.until(date, { largestUnit: 'days' }).days });
}

/** The line by which a bank's statement tells a return. */
export function returnLine(life: Life, railReference: string, lineNumber = 2): RailBillLine {
  const { orderNumber, amount } = life.attempt;
  const line = billLine(orderNumber, amount, lineNumber);
  return { ...line, kind: 'refund', railReference, fee: yuan(0n) };
}

/** A return by the payer's bank, booked as our news of it would be. */
export async function saveReturn(
  world: BillWorld,
  life: Life,
  date: Temporal.PlainDate = TODAY,
): Promise<void> {
  const taken = { ...aReturnOf(life), returnedAt: timeOn(date) };
  const journal = postPaymentReturned({
    id: newId('jrn', bucketOf(taken.id)),
    merchantId: taken.merchantId,
    customerId: taken.customerId,
    returnId: taken.id,
    rail: taken.rail,
    amount: taken.amount,
    businessDate: date,
    postedAt: NOW,
  });
  await world.world.store.transact(world.merchant.id, (tx) =>
    tx.save({ returns: [taken], journals: [journal] }),
  );
}

/** An exception with the journal that opened it. */
export async function saveException(
  world: BillWorld,
  exception: MoneyException,
  { how, date = TODAY }: { readonly how: 'arrived' | 'left'; readonly date?: Temporal.PlainDate },
): Promise<void> {
  const happened = { ...exception, happenedAt: timeOn(date) };
  const journal = postExceptionOpened({
    id: newId('jrn', bucketOf(exception.id)),
    merchantId: exception.merchantId,
    customerId: exception.customerId,
    exceptionId: exception.id,
    rail: exception.rail,
    how,
    amount: exception.amount,
    businessDate: date,
    postedAt: NOW,
  });
  await world.world.store.transact(world.merchant.id, (tx) =>
    tx.save({ exceptions: [happened], journals: [journal] }),
  );
}

/** A refund that the payer has, as the rail that names it by the payment tells. */
export async function savePaidRefund(
  world: BillWorld,
  refund: Refund,
  date: Temporal.PlainDate = TODAY,
): Promise<void> {
  const at = timeOn(date);
  const { dueAt: _dueAt, ...rest } = refund;
  const paid: Refund = {
    ...rest,
    state: 'succeeded',
    submittedAt: NOW,
    railReference: refund.order?.paymentReference ?? '',
    refundedAt: at,
    endedAt: NOW,
  };
  const journal = postRefundPaid({
    id: newId('jrn', bucketOf(refund.id)),
    merchantId: refund.merchantId,
    customerId: refund.customerId,
    refundId: refund.id,
    rail: BILL_RAIL,
    amount: refund.amount,
    processing: refund.processing,
    businessDate: date,
    postedAt: NOW,
  });
  await world.world.store.transact(world.merchant.id, (tx) =>
    tx.save({ refunds: [paid], journals: [journal] }),
  );
}

/** A link that a customer paid, without an invoice: all of it is balance. */
export async function paidLink(
  world: BillWorld,
  minor: bigint,
): Promise<{ readonly link: PayLink; readonly payment: HandPayment }> {
  const { store } = world.world;
  const { customer } = await paidOrder(world, TODAY.subtract({ days: 9 }));
  const bucket = bucketOf(customer.id);
  const id = newId('plk', bucket);
  const base = { merchantId: world.merchant.id, customerId: customer.id } as const;
  const link: PayLink = {
    id,
    ...base,
    invoiceIds: [],
    rail: BILL_RAIL,
    orderNumber: toPayLinkNumber(id),
    amount: yuan(minor),
    state: 'paid',
    expiresAt: NOW.add({ hours: 2 }),
    askCount: 0,
    closeWanted: false,
    createdBy: 'Anna',
    createdAt: NOW,
    endedAt: NOW,
  };
  const payment: HandPayment = {
    id: newId('hpy', bucket),
    ...base,
    method: 'pay_link',
    rail: BILL_RAIL,
    amount: link.amount,
    reference: `T-${link.orderNumber}`,
    receivedAt: NOW,
    businessDate: TODAY,
    payLinkId: id,
    recordedBy: 'pay link',
    note: '',
    recordedAt: NOW,
    allocations: [],
    toBalance: yuan(0n),
    state: 'booked',
  };
  const journal = postHandPayment({
    id: newId('jrn', bucket),
    ...base,
    sourceId: payment.id,
    account: { kind: 'rail', rail: BILL_RAIL },
    toInvoices: link.amount,
    toBalance: yuan(0n),
    businessDate: TODAY,
    postedAt: NOW,
  });
  await store.transact(world.merchant.id, (tx) =>
    tx.save({ payLinks: [link], handPayments: [payment], journals: [journal] }),
  );
  // The order around the customer is older than the bills of this test.
  world.bills.set(TODAY.subtract({ days: 9 }).toString(), 'empty');
  return { link, payment };
}
