import { isDateBefore, overlapOf, type Period } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { CreditContext } from './credit.ts';
import { rewoundTo } from './draft-undo.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import { adjusts, voidedEvent } from './void.ts';
import { type VoidRefusal, voidRefusal } from './void-refusals.ts';

/** What is read beside the invoice: its subscription, and what else was billed. */
export type ReissueFacts = {
  readonly subscription: Subscription;
  /** Other invoices of the subscription that are not void. */
  readonly otherInvoices: readonly Invoice[];
};

/**
 * The subscription set back to the boundary that `invoice` billed, with today's items and terms, so
 * that the next draft bills the same days under the same billing key. The invoice is void by then,
 * and adjustments of its days that waited are dropped. Refused where a later invoice has billed
 * such an adjustment or a correction of usage, because drafting the days again would bill it twice.
 */
export function rewindToDraft(
  invoice: Invoice,
  facts: ReissueFacts,
): Result<Subscription, VoidRefusal> {
  const { subscription } = facts;
  if (invoice.subscriptionId === undefined) return refuse(voidRefusal('invoice_is_consolidated'));
  const boundary = boundaryOf(invoice);
  if (boundary === undefined) return refuse(voidRefusal('invoice_not_of_a_period'));
  if (subscription.state === 'parked') return refuse(voidRefusal('subscription_parked'));
  const rewound: Subscription = { ...rewoundTo(subscription, boundary), state: 'active' };
  const arrears = { start: rewound.arrearsThrough, end: boundary };
  const isAdjusted = facts.otherInvoices.some(
    (other) =>
      Temporal.Instant.compare(other.createdAt, invoice.createdAt) >= 0 &&
      other.lines.some((line) => adjusts(line, invoice) || corrects(line, arrears)),
  );
  return isAdjusted ? refuse(voidRefusal('adjusted_on_later_invoice')) : ok(rewound);
}

/**
 * Where the subscription goes on after its days were drafted again: `drafted` where the invoice was
 * the newest, else where it stood. Refused where the days that were drafted reach into days that a
 * later invoice bills, which happens when the billing day was moved in between.
 */
export function placeAfterReissue(
  invoice: Invoice,
  facts: ReissueFacts,
  drafted: Subscription,
): Result<Subscription, VoidRefusal> {
  const { subscription, otherInvoices } = facts;
  const own = boundaryOf(invoice);
  const later = otherInvoices
    .map(boundaryOf)
    .filter((day) => day !== undefined && own !== undefined && isDateBefore(own, day));
  const [first] = later
    .filter((day) => day !== undefined)
    .toSorted((a, b) => Temporal.PlainDate.compare(a, b));
  if (first === undefined) {
    const isBehind = isDateBefore(drafted.billedThrough, subscription.billedThrough);
    return ok(isBehind || subscription.state === 'ended' ? subscription : drafted);
  }
  if (isDateBefore(first, drafted.billedThrough)) return refuse(voidRefusal('period_has_moved'));
  return ok(subscription);
}

/** The events that link the two, both ways: `replaced_by` on the old one, `replaces` on the new. */
export function reissuedEvents(
  invoice: Invoice,
  replacement: Invoice | undefined,
  context: CreditContext,
): readonly NewEvent[] {
  const voided = voidedEvent(invoice, context, replacement);
  if (replacement === undefined) return [voided];
  const reissued: NewEvent = {
    id: context.ids('evt', bucketOf(replacement.id)),
    merchantId: replacement.merchantId,
    customerId: replacement.customerId,
    type: 'invoice.reissued',
    subjectId: replacement.id,
    at: context.now,
    data: {
      replaces: invoice.id,
      minor: replacement.total.minor.toString(),
      currency: replacement.total.currency,
    },
  };
  return [voided, reissued];
}

/** The boundary from which the invoice was drafted, as its billing key says. */
function boundaryOf({ billingKey }: Invoice): Temporal.PlainDate | undefined {
  const match = /^(?:period|final):(\d{4}-\d{2}-\d{2})$/.exec(billingKey);
  return match?.[1] === undefined ? undefined : Temporal.PlainDate.from(match[1]);
}

/** Whether it bills late usage of these days. */
function corrects({ rule, period }: InvoiceLine, days: Period): boolean {
  return rule === 'usage_correction' && overlapOf(period, days) !== undefined;
}
