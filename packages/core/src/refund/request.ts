import { addSeconds, businessDate, laterOf } from '../calendar/business-time.ts';
import { isDateBefore } from '../calendar/periods.ts';
import type { RefundRules } from '../debit/capabilities.ts';
import type { Payment } from '../debit/payment.ts';
import { bucketOf, type CustomerId, type MerchantId } from '../ids/ids.ts';
import { toRefundNumber } from '../ids/rail-numbers.ts';
import type { CreditReason } from '../invoice/credit-note.ts';
import { isTopUp } from '../invoice/invoice.ts';
import { compare, equals, type Money, money, sum, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { refundEvent } from './events.ts';
import type { RefundContext } from './money-exception.ts';
import { isRefundLive } from './moves.ts';
import { leftOfOrder, type RefundableInvoice, roomOf, spreadOver } from './plan.ts';
import { needsApproval, type RefundPolicy } from './policy.ts';
import { approvalText, type PaidAttempt, type Refund } from './refund.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';

/** What a person or a system asks to have returned. */
export type RefundAsk = {
  /** Absent: all that is left. */
  readonly amount?: Money;
  readonly route: Refund['route'];
  readonly reason: CreditReason;
  readonly remark: string;
  /** Who asks: a person or a system, by name. */
  readonly by: string;
};

/** What decides about one order's money; read under the lock of its debit. */
export type PaidFacts = {
  readonly order: PaidAttempt;
  /** All refunds of the order, in any state. */
  readonly refunds: readonly Refund[];
  /** Absent: the rail returns nothing by itself. */
  readonly rules: RefundRules | undefined;
};

export type PaymentFacts = PaidFacts & {
  readonly payment: Payment;
  readonly isReturned: boolean;
  readonly invoices: readonly RefundableInvoice[];
};

export type RefundingContext = RefundContext & {
  readonly policy: RefundPolicy;
  /** SHA-256 (hex) of a text. */
  readonly hash: (text: string) => string;
};

/** A new refund. Where nobody has to approve it, it is booked in the same commit. */
export type RefundRequested = { readonly refund: Refund; readonly events: readonly NewEvent[] };

/**
 * A refund of a payment: whole or in part, by the rail that took it unless a bank transfer is asked
 * for. Never more than the payment has left (I6), nor than its invoices have left to take back.
 */
export function decideRequestRefund(
  facts: PaymentFacts,
  ask: RefundAsk,
  context: RefundingContext,
): Result<RefundRequested, RefundRequestRefusal> {
  const { payment, order } = facts;
  if (facts.isReturned) return refuse(refundRefusal('payment_returned'));
  if (facts.invoices.length > 0 && facts.invoices.every(({ invoice }) => isTopUp(invoice))) {
    return refuse(refundRefusal('top_up_is_balance'));
  }
  const rooms = facts.invoices.map((one) => ({
    invoiceId: one.invoice.id,
    room: roomOf(one, facts.refunds),
  }));
  const left = leftOfOrder(order.paid, facts.refunds);
  const ofInvoices = sum(
    rooms.map(({ room }) => room),
    left.currency,
  );
  const amount = ask.amount ?? (compare(left, ofInvoices) < 0 ? left : ofInvoices);
  const refused =
    checkAsk({ ...ask, amount }, left) ?? checkRail(facts, { ...ask, amount }, context);
  if (refused !== undefined) return refuse(refundRefusal(refused));
  if (amount.minor > ofInvoices.minor) return refuse(refundRefusal('more_than_invoices_have_left'));
  return ok(
    makeRefund(
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
      { ask, refunds: facts.refunds, rules: facts.rules },
      context,
    ),
  );
}

/** Why this ask is none of this order's: who, how much and in which currency. */
export function checkAsk(
  ask: RefundAsk & { readonly amount: Money },
  left: Money,
): RefundRequestRefusal['code'] | undefined {
  const { amount } = ask;
  if (ask.by.trim() === '') return 'requester_missing';
  if (amount.currency !== left.currency) return 'currency_mix';
  if (left.minor <= 0n) return 'more_than_payment_has_left';
  if (amount.minor <= 0n) return 'amount_not_positive';
  return amount.minor > left.minor ? 'more_than_payment_has_left' : undefined;
}

/** What the rail's rules say against it; nothing where it goes by bank transfer. */
export function checkRail(
  { order, refunds, rules }: PaidFacts,
  { route, amount }: RefundAsk & { readonly amount: Money },
  { now, zone }: Pick<RefundContext, 'now' | 'zone'>,
): RefundRequestRefusal['code'] | undefined {
  if (route === 'bank_transfer') return undefined;
  if (rules === undefined) return 'rail_returns_nothing';
  const lastDay = businessDate(order.paidAt, zone).add({ days: rules.withinDays });
  if (isDateBefore(lastDay, businessDate(now, zone))) return 'refund_too_late';
  if (!rules.partial && !equals(amount, order.paid)) return 'refund_not_partial';
  return railRefunds(refunds).length >= rules.maxPerPayment ? 'refunds_used_up' : undefined;
}

/** The refunds that the rail counts. */
function railRefunds(refunds: readonly Refund[]): readonly Refund[] {
  return refunds.filter(({ state, route }) => isRefundLive(state) && route === 'original');
}

type NewRefund = Pick<
  Refund,
  'customerId' | 'source' | 'amount' | 'processing' | 'takes' | 'draws'
> &
  Partial<Pick<Refund, 'paymentId' | 'exceptionId' | 'order'>> & {
    readonly merchantId: MerchantId;
    readonly customerId: CustomerId;
  };

/**
 * The row of a refund. It waits for a second person above the merchant's limit, and for a person's
 * bank transfer where no rail takes it. Money that was never owed goes back without an approval:
 * the rail's own fact names amount and target.
 */
export function makeRefund(
  what: NewRefund,
  about: Pick<PaidFacts, 'refunds' | 'rules'> & { readonly ask: RefundAsk },
  context: RefundingContext,
): RefundRequested {
  const { ask } = about;
  const id = context.ids('rfd', bucketOf(what.customerId));
  const named = { ...what, id, refundNumber: toRefundNumber(id), route: ask.route };
  const waits = what.source !== 'exception' && needsApproval(what.amount, context.policy);
  const refund: Refund = {
    ...named,
    reason: ask.reason,
    remark: ask.remark,
    requestedBy: ask.by,
    approvalHash: context.hash(approvalText(named)),
    askCount: 0,
    createdAt: context.now,
    ...(waits
      ? {
          state: 'awaiting_approval',
          approveBy: addSeconds(context.now, context.policy.approvalHours * 60 * 60),
        }
      : readyState(ask.route, dueAtOf(about, context.now))),
  };
  return { refund, events: [refundEvent(refund, { type: 'refund.requested' }, context)] };
}

/** Where an approved refund waits: for its turn at the rail, or for a person's transfer. */
export function readyState(
  route: Refund['route'],
  dueAt: Temporal.Instant,
): Pick<Refund, 'state' | 'review' | 'dueAt'> {
  return route === 'original'
    ? { state: 'approved', dueAt }
    : { state: 'manual_review', review: 'by_transfer' };
}

/** Not before the rail's pause after the last refund of the same order. */
export function dueAtOf(
  { refunds, rules }: Pick<PaidFacts, 'refunds' | 'rules'>,
  now: Temporal.Instant,
): Temporal.Instant {
  const pause = rules?.secondsBetween ?? 0;
  return railRefunds(refunds)
    .map(({ submittedAt, dueAt, createdAt }) => submittedAt ?? dueAt ?? createdAt)
    .reduce((due, at) => laterOf(due, addSeconds(at, pause)), now);
}

/** Everything that a refund owes while it is not ended: what goes out and what is kept. */
export function owedBy({ amount, processing }: Pick<Refund, 'amount' | 'processing'>): Money {
  return money(amount.minor + processing.minor, amount.currency);
}
