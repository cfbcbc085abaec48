import { businessDate, instantAt } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { draftTopUp } from '../invoice/top-up-sale.ts';
import { add, compare, type Money } from '../money/money.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { TopUp, TopUpHold, TopUpRule } from './top-up.ts';

/** What decides about a crossing; the rule's row is held until the commit. */
export type TopUpFacts = {
  /** What can still be used, of the rule's currency. */
  readonly left: Money;
  readonly subscription: Subscription | undefined;
  /** A top-up of this customer and currency whose end is not known yet. */
  readonly hasOpen: boolean;
  /**
   * Top-ups that were not refused, together: those requested or due in this calendar month, or in
   * that of `dueDate` where they are more.
   */
  readonly thisMonth: Money;
  /** The first day on which a debit may leave whose notice goes out now; none without a mandate. */
  readonly dueDate: Temporal.PlainDate | undefined;
};

export type TopUpLookContext = {
  readonly prices: Prices;
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

export type TopUpLook = {
  readonly rule: TopUpRule;
  /** Present where a top-up is requested: its draft, to be issued by the ordinary step. */
  readonly requested?: { readonly topUp: TopUp; readonly invoice: Invoice };
  readonly events: readonly NewEvent[];
};

const MORNING = Temporal.PlainTime.from('10:00');

/**
 * Compares a balance with what was agreed. A crossing requests one top-up: a draft of an invoice
 * for the agreed amount. While something is in its way the crossing stands and is looked at again
 * the next morning, or earlier when the balance changes; above the threshold it is armed again.
 */
export function lookAtTopUp(
  before: TopUpRule,
  facts: TopUpFacts,
  context: TopUpLookContext,
): TopUpLook {
  const { heldBy: _was, nextLookAt: _done, ...rule } = before;
  if (compare(facts.left, rule.low) > 0) {
    return { rule: { ...rule, isLow: false }, events: [] };
  }
  if (rule.isLow) return { rule, events: [] };
  const { now, zone, ids } = context;
  const today = businessDate(now, zone);
  const hold = (heldBy: TopUpHold): TopUpLook => ({
    rule: { ...rule, heldBy, nextLookAt: instantAt(addDays(today, 1), MORNING, zone) },
    events: [],
  });
  const { subscription, dueDate } = facts;
  if (subscription === undefined || subscription.state === 'ended') {
    return hold('subscription_ended');
  }
  if (facts.hasOpen) return hold('earlier_top_up');
  const { amount, customerId, merchantId } = rule;
  if (compare(add(facts.thisMonth, amount), rule.monthlyCap) > 0) return hold('monthly_cap');
  if (dueDate === undefined) return hold('no_mandate');
  const id = ids('tup', bucketOf(customerId));
  const sale = { subscription, amount, billingKey: `top_up:${id}`, dueDate };
  const drafted = draftTopUp(sale, { ...context, today });
  if (drafted === undefined) return hold('subscription_ended');
  const { invoice, event } = drafted;
  const topUp: TopUp = {
    id,
    merchantId,
    customerId,
    ruleId: rule.id,
    invoiceId: invoice.id,
    amount,
    state: 'requested',
    requestedOn: today,
    requestedAt: now,
    nextLookAt: instantAt(addDays(dueDate, 1), Temporal.PlainTime.from('00:00'), zone),
  };
  return {
    rule: { ...rule, isLow: true },
    requested: { topUp, invoice },
    events: [event, topUpEvent(topUp, 'top_up.requested', context)],
  };
}

/** An event about one top-up. */
export function topUpEvent(
  topUp: TopUp,
  type: Extract<
    EventType,
    'top_up.requested' | 'top_up.paid' | 'top_up.refused' | 'top_up.returned'
  >,
  { ids, now }: { readonly ids: IdSource; readonly now: Temporal.Instant },
): NewEvent {
  const { id, customerId, merchantId, amount, invoiceId, grantId } = topUp;
  return {
    id: ids('evt', bucketOf(customerId)),
    merchantId,
    customerId,
    type,
    subjectId: id,
    at: now,
    data: {
      minor: amount.minor.toString(),
      currency: amount.currency,
      invoice: invoiceId,
      ...(grantId === undefined ? {} : { grant: grantId }),
    },
  };
}
