import { bucketOf } from '../ids/ids.ts';
import { parseRefundNumber } from '../ids/rail-numbers.ts';
import { type Money, zero } from '../money/money.ts';
import { isRefundOpen } from './moves.ts';
import { leftOfOrder, roomOf, spreadOver } from './plan.ts';
import { approvalText, type Refund } from './refund.ts';
import { makeRefund, type PaymentFacts, type RefundingContext } from './request.ts';
import { withoutTimers } from './settle.ts';

/** What a refund says whose request is lost: only the rail remembers it. */
const RELEARNED_REMARK = 'Learned from the bill after a restore; who asked for it is lost.';

/** A refund on a bill of the rail, under a number of ours that the books do not have. */
export type RefundOnBill = {
  readonly refundNumber: string;
  readonly amount: Money;
  /** The rail's time, which stands in for that of the intent. */
  readonly at: Temporal.Instant;
  /** The bill does not say what became of it: the rail is asked. */
  readonly isPending: boolean;
};

/**
 * The row of a refund that left after the backup was made: under its own number, approved, as it
 * was when it left. The rail's word then settles it as any other. Undefined where the books cannot
 * tell whose money it took: the number is not of the payment's customer, the payment or its
 * invoices have less left, the payment went back already, or another of the order is under way. It
 * may have been the refund of a balance or of money that nobody owed, so a person decides then.
 */
export function relearnRefund(
  facts: PaymentFacts,
  told: RefundOnBill,
  { by, context }: { readonly by: string; readonly context: RefundingContext },
): Refund | undefined {
  const { payment, order, refunds } = facts;
  const { amount, at } = told;
  const id = parseRefundNumber(told.refundNumber);
  if (id === undefined || bucketOf(id) !== bucketOf(payment.customerId)) return undefined;
  if (facts.isReturned || amount.currency !== order.paid.currency) return undefined;
  if (told.isPending && refunds.some(({ state }) => isRefundOpen(state))) return undefined;
  const rooms = facts.invoices.map((one) => ({
    invoiceId: one.invoice.id,
    room: roomOf(one, refunds),
  }));
  const ofInvoices = rooms.reduce((total, { room }) => total + room.minor, 0n);
  if (amount.minor > leftOfOrder(order.paid, refunds).minor || amount.minor > ofInvoices) {
    return undefined;
  }
  const { refund } = makeRefund(
    {
      merchantId: payment.merchantId,
      customerId: payment.customerId,
      source: 'payment',
      paymentId: payment.id,
      order,
      amount,
      processing: zero(amount.currency),
      takes: spreadOver(amount, rooms),
      draws: [],
    },
    {
      ask: { route: 'original', reason: 'goodwill', remark: RELEARNED_REMARK, by },
      refunds,
      rules: facts.rules,
    },
    // Whoever had to approve it did so before it left.
    {
      ...context,
      policy: { ...context.policy, approveAbove: { [amount.currency]: amount.minor } },
    },
  );
  const named = { ...withoutTimers(refund), id, refundNumber: told.refundNumber, submittedAt: at };
  const relearned: Refund = { ...named, approvalHash: context.hash(approvalText(named)) };
  return told.isPending ? { ...relearned, state: 'unknown', askAt: context.now } : relearned;
}
