import { addSeconds, isBefore } from '../calendar/business-time.ts';
import type { Customer } from '../customer/customer.ts';
import { nextAskAt } from '../debit/ask-schedule.ts';
import type { AttemptOutcome } from '../debit/attempt.ts';
import { bucketOf } from '../ids/ids.ts';
import { toPayLinkNumber } from '../ids/rail-numbers.ts';
import { amountDue } from '../invoice/invoice.ts';
import type { RailId } from '../mandate/mandate.ts';
import { sum } from '../money/money.ts';
import { assertMove, type Moves } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { HandContext, OwedInvoice } from './owed.ts';
import type { PayLink, PayLinkState } from './pay-link.ts';
import { RECORDER_MAX_LENGTH } from './record.ts';
import { type HandPaymentRefusal, handPaymentRefusal } from './refusals.ts';

/** Money may still come by a link that has ended: the rail's word on money is the last one. */
export const PAY_LINK_MOVES: Moves<PayLinkState> = {
  open: ['paid', 'closed', 'expired'],
  paid: [],
  closed: ['paid'],
  expired: ['paid'],
};

/** Seconds that a link lasts, at least and at most. */
export const LINK_MIN_SECONDS = 5 * 60;
export const LINK_MAX_SECONDS = 7 * 24 * 60 * 60;

/**
 * Seconds after the end of a link until a rail that has never seen its order counts as dead: until
 * then a page that was opened in the last moment may still be paid.
 */
export const LINK_GRACE_SECONDS = 10 * 60;

/** Questions after which a rail is asked daily, for as long as it does not answer. */
const LAST_DELAY = 6;

export type PayLinkWish = {
  readonly rail: RailId;
  readonly expiresAt: Temporal.Instant;
  readonly by: string;
};

/**
 * A link for these invoices, before the rail knows of it. All of them are open, no debit of them is
 * on its way and no other link asks for them, as money would come twice.
 */
export function decideOpenLink(
  request: PayLinkWish,
  facts: {
    readonly customer: Customer;
    readonly owed: readonly OwedInvoice[];
    readonly openLinks: readonly PayLink[];
  },
  { now, ids }: HandContext,
): Result<PayLink, HandPaymentRefusal> {
  const { customer, owed, openLinks } = facts;
  const { rail, expiresAt, by } = request;
  if (by.trim() === '' || by.length > RECORDER_MAX_LENGTH)
    return refuse(handPaymentRefusal('recorder_missing'));
  const isTooShort = isBefore(expiresAt, addSeconds(now, LINK_MIN_SECONDS));
  if (isTooShort || isBefore(addSeconds(now, LINK_MAX_SECONDS), expiresAt)) {
    return refuse(handPaymentRefusal('expiry_not_valid'));
  }
  const [first] = owed;
  if (first === undefined) return refuse(handPaymentRefusal('nothing_to_pay'));
  const { currency } = first.invoice.total;
  for (const { invoice, isDebitInFlight } of owed) {
    if (invoice.customerId !== customer.id) return refuse(handPaymentRefusal('invoice_of_another'));
    if (invoice.state !== 'open') return refuse(handPaymentRefusal('invoice_not_open'));
    if (invoice.total.currency !== currency) return refuse(handPaymentRefusal('currency_mix'));
    if (isDebitInFlight) return refuse(handPaymentRefusal('debit_in_flight'));
  }
  const [other] = openLinks;
  if (other !== undefined) return refuse(handPaymentRefusal('pay_link_open', `It is ${other.id}.`));
  const id = ids('plk', bucketOf(customer.id));
  return ok({
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    invoiceIds: owed.map(({ invoice }) => invoice.id),
    rail,
    orderNumber: toPayLinkNumber(id),
    amount: sum(
      owed.map(({ invoice }) => amountDue(invoice)),
      currency,
    ),
    state: 'open',
    expiresAt,
    askAt: linkAskAt({ askCount: 0, expiresAt }, now),
    askCount: 0,
    closeWanted: false,
    createdBy: by.trim(),
    createdAt: now,
  });
}

/** When the rail is asked next: as debits are, at the end of the link, and daily after that. */
export function linkAskAt(
  { askCount, expiresAt }: Pick<PayLink, 'askCount' | 'expiresAt'>,
  now: Temporal.Instant,
): Temporal.Instant {
  const next = nextAskAt(Math.min(askCount, LAST_DELAY), now) ?? addSeconds(now, LINK_MAX_SECONDS);
  return isBefore(now, expiresAt) && isBefore(expiresAt, next) ? expiresAt : next;
}

/** The link after its rail is about to be asked once more; committed before the question. */
export function beforeAskingLink(link: PayLink, now: Temporal.Instant): PayLink {
  const askCount = link.askCount + 1;
  return { ...link, askCount, askAt: linkAskAt({ ...link, askCount }, now) };
}

/** Whether the rail is told to close the order, and not only asked about it. */
export function isLinkToClose(link: PayLink, now: Temporal.Instant): boolean {
  return link.closeWanted || !isBefore(now, link.expiresAt);
}

/**
 * What a rail's word makes of a link that is not paid; undefined: nothing yet. An order that the
 * rail has never seen is not dead before its end: some rails know it only once the payer has opened
 * the page, which works until then.
 */
export function decideLinkEnd(
  link: PayLink,
  outcome: AttemptOutcome,
  now: Temporal.Instant,
): PayLink | undefined {
  if (link.state !== 'open') return undefined;
  const isOver = !isBefore(now, addSeconds(link.expiresAt, LINK_GRACE_SECONDS));
  const isDead =
    outcome.kind === 'closed' ||
    (outcome.kind === 'refused' && isLinkToClose(link, now)) ||
    (outcome.kind === 'not_found' && isOver);
  if (!isDead) return undefined;
  return endLink(link, isBefore(now, link.expiresAt) ? 'closed' : 'expired', now);
}

/** The link at its end; nobody asks any more. */
export function endLink(
  link: PayLink,
  state: Exclude<PayLinkState, 'open'>,
  now: Temporal.Instant,
): PayLink {
  if (link.state === state) return link;
  assertMove(PAY_LINK_MOVES, link.state, state);
  const { askAt: _askAt, ...rest } = link;
  return { ...rest, state, endedAt: link.endedAt ?? now };
}
