import { overlapOf } from '../calendar/periods.ts';
import { isSpent } from '../catalog/coupon.ts';
import { bucketOf, type SubscriptionId } from '../ids/ids.ts';
import { postBalanceGivenBack } from '../ledger/balance-templates.ts';
import { CHINA_CHART } from '../ledger/chart.ts';
import type { Journal } from '../ledger/journal.ts';
import { JOURNAL_TEMPLATES, postReversal } from '../ledger/templates.ts';
import { add, money, subtract } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Redemption } from '../subscription/redemption.ts';
import { giveBackGrants } from './balance.ts';
import type { CreditContext } from './credit.ts';
import type { CreditGrant, GrantUse } from './credit-grant.ts';
import type { CreditNote } from './credit-note.ts';
import { type Invoice, type InvoiceLine, isTopUp, type WaitingLine } from './invoice.ts';
import { INVOICE_MOVES } from './moves.ts';
import type { PendingLine } from './pending-line.ts';
import { type VoidRefusal, voidRefusal } from './void-refusals.ts';

/** Everything that an invoice took with it, and what hangs on it. */
export type VoidFacts = {
  readonly notes: readonly CreditNote[];
  readonly isDebitInFlight: boolean;
  /** The journals of the invoice and their reversals. */
  readonly journals: readonly Journal[];
  /** Lines that waited and were billed on it, and lines of its subscriptions that wait now. */
  readonly pendingLines: readonly PendingLine[];
  /** Of its subscriptions, in any state. */
  readonly redemptions: readonly Redemption[];
  readonly grantUses: readonly GrantUse[];
  /** The grants of `grantUses`. */
  readonly grants: readonly CreditGrant[];
  /** Other invoices of its subscriptions that are not void. */
  readonly otherInvoices: readonly Invoice[];
};

/**
 * What voiding gives back; saved together. Beside it the uses of grants, burns of resource packs
 * and what was billed of usage are forgotten by the invoice's id.
 */
export type VoidDecision = {
  readonly invoice: Invoice;
  readonly pendingLines: readonly PendingLine[];
  readonly redemptions: readonly Redemption[];
  readonly grants: readonly CreditGrant[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

/**
 * Voids a draft or an open invoice: it is owed no more, and its journals are reversed. What it used
 * up is given back: lines that waited wait again, coupons get their period and amount back, grants
 * their money. Adjustments of its days that wait are dropped: what they change is not billed now.
 * The days stay billed, for nothing; issuing it anew bills them again. Refused for a paid one,
 * while its debit may be taking money, and where credit notes or later invoices build on it.
 */
export function decideVoid(
  invoice: Invoice,
  facts: VoidFacts,
  context: CreditContext,
): Result<VoidDecision, VoidRefusal> {
  if (invoice.state === 'paid') return refuse(voidRefusal('invoice_is_paid'));
  if (invoice.state === 'void') return refuse(voidRefusal('invoice_is_void'));
  if (facts.isDebitInFlight) return refuse(voidRefusal('debit_in_flight'));
  // A top-up takes balance only when its money went back: its own, which stays taken.
  if (isTopUp(invoice) && facts.grantUses.length > 0) {
    return refuse(voidRefusal('top_up_is_returned'));
  }
  if (facts.notes.length > 0) return refuse(voidRefusal('invoice_has_credit_notes'));
  if (facts.otherInvoices.some((other) => other.lines.some((line) => creditsOn(line, invoice)))) {
    return refuse(voidRefusal('adjusted_on_later_invoice'));
  }
  assertMove(INVOICE_MOVES, invoice.state, 'void');
  return ok({
    invoice: { ...invoice, state: 'void' },
    pendingLines: facts.pendingLines.flatMap((line) => giveLineBack(line, invoice) ?? []),
    redemptions: giveCouponsBack(invoice, facts.redemptions),
    grants: giveBackGrants(facts.grants, facts.grantUses),
    journals: [...reverseAll(facts.journals, context), ...givePartsBack(invoice, facts, context)],
    events: [voidedEvent(invoice, context)],
  });
}

/** `invoice.voided`; `replacedBy` names the invoice that was drafted in its place. */
export function voidedEvent(
  invoice: Invoice,
  context: CreditContext,
  replacedBy?: Invoice,
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.voided',
    subjectId: invoice.id,
    at: context.now,
    data: {
      minor: invoice.total.minor.toString(),
      currency: invoice.total.currency,
      ...(replacedBy === undefined ? {} : { replaced_by: replacedBy.id }),
    },
  };
}

function creditsOn(line: Pick<InvoiceLine, 'why'>, { id }: Invoice): boolean {
  return line.why.credits?.invoiceId === id;
}

/**
 * Whether a line changes what `invoice` billed in advance: another quantity, price or end of the
 * same days of the same subscription. It means nothing without the invoice.
 */
export function adjusts(line: WaitingLine, invoice: Invoice): boolean {
  if (line.rule !== 'change_charge' && line.rule !== 'change_credit') return false;
  return invoice.lines.some(
    (own) =>
      own.kind !== 'metered' &&
      (own.rule === 'list_price' || own.rule === 'agreed_price') &&
      own.subscriptionId === line.subscriptionId &&
      overlapOf(own.period, line.period) !== undefined,
  );
}

/** The row as it is after the voiding; undefined where it stays as it is. */
function giveLineBack(pending: PendingLine, invoice: Invoice): PendingLine | undefined {
  const { invoiceId, ...rest } = pending;
  if (pending.state === 'billed' && invoiceId === invoice.id) return { ...rest, state: 'pending' };
  if (pending.state !== 'pending') return undefined;
  const isSince = Temporal.Instant.compare(pending.createdAt, invoice.createdAt) >= 0;
  const isOfIt =
    creditsOn(pending.line, invoice) ||
    (isSince && adjusts(pending.line, invoice)) ||
    isItsOwnRest(pending, invoice);
  return isOfIt ? { ...pending, state: 'dropped' } : undefined;
}

/**
 * Whether it is what the draft itself could not take of a correction of usage: the next draft
 * computes the whole correction again.
 */
function isItsOwnRest({ line, createdAt }: PendingLine, invoice: Invoice): boolean {
  return (
    line.rule === 'usage_correction' && Temporal.Instant.compare(createdAt, invoice.createdAt) === 0
  );
}

/** The redemptions that gave discounts of the invoice, with what they have again without it. */
export function giveCouponsBack(
  invoice: Invoice,
  redemptions: readonly Redemption[],
): readonly Redemption[] {
  const bySubscription = Map.groupBy(invoice.lines, (line) => line.subscriptionId);
  return [...bySubscription].flatMap(([subscriptionId, lines]) => {
    const given = lines.flatMap(({ why }) => why.discounts ?? []);
    return [...Map.groupBy(given, ({ couponCode }) => couponCode)].flatMap(([code, parts]) => {
      const used = newestUsed(redemptions, { subscriptionId, code });
      if (used === undefined) return [];
      const amount = parts.map((part) => part.amount).reduce((left, right) => add(left, right));
      const before = used.usedAmount ?? money(0n, amount.currency);
      const usedAmount = subtract(before, amount);
      const back = { ...used, usedPeriods: used.usedPeriods - 1, usedAmount };
      return [{ ...back, state: stateAfter(back, redemptions) }];
    });
  });
}

/** The redemption that gave the discount: of several of one coupon the one that was used last. */
function newestUsed(
  redemptions: readonly Redemption[],
  of: { readonly subscriptionId: SubscriptionId; readonly code: string },
): Redemption | undefined {
  return redemptions
    .filter(
      (one) =>
        one.subscriptionId === of.subscriptionId &&
        one.coupon.code === of.code &&
        one.usedPeriods > 0,
    )
    .toSorted((a, b) => Temporal.Instant.compare(a.redeemedAt, b.redeemedAt))
    .at(-1);
}

/** A used-up coupon holds again, unless the subscription has redeemed it once more since. */
function stateAfter(back: Redemption, all: readonly Redemption[]): Redemption['state'] {
  if (back.state !== 'used_up' || isSpent(back)) return back.state;
  const isHeldAgain = all.some(
    (one) =>
      one.id !== back.id &&
      one.state === 'active' &&
      one.subscriptionId === back.subscriptionId &&
      one.coupon.id === back.coupon.id,
  );
  return isHeldAgain ? back.state : 'active';
}

/** Every journal of the invoice that was not reversed yet, taken back. */
function reverseAll(journals: readonly Journal[], context: CreditContext): readonly Journal[] {
  const reversed = new Set(
    journals
      .filter(({ template }) => template === JOURNAL_TEMPLATES.reversal)
      .map(({ sourceId }) => sourceId),
  );
  return journals
    .filter(({ id, template }) => template !== JOURNAL_TEMPLATES.reversal && !reversed.has(id))
    .map((journal) =>
      postReversal(journal, {
        id: context.ids('jrn', bucketOf(journal.id)),
        businessDate: context.businessDate,
        postedAt: context.now,
      }),
    );
}

/**
 * What grants paid after the issue: parts of an instalment plan, whose journals stand under the
 * payments that brought them.
 */
function givePartsBack(
  { id, merchantId, customerId, balanceApplied: { currency } }: Invoice,
  { grantUses, grants, journals }: VoidFacts,
  context: CreditContext,
): readonly Journal[] {
  const { advances, salesDiscount } = CHINA_CHART.roles;
  const isGift = ({ grantId }: GrantUse) => {
    return grants.find((grant) => grant.id === grantId)?.kind === 'promotional';
  };
  const used = (uses: readonly GrantUse[]) =>
    uses.reduce((all, { amount }) => all + amount.minor, 0n);
  const posted = (account: string) =>
    journals
      .filter(({ template }) => template === JOURNAL_TEMPLATES.balanceUsed)
      .flatMap(({ entries }) => entries)
      .reduce((all, entry) => (entry.account === account ? all + entry.minor : all), 0n);
  const journal = postBalanceGivenBack({
    id: context.ids('jrn', bucketOf(id)),
    merchantId,
    customerId,
    invoiceId: id,
    own: money(used(grantUses.filter((use) => !isGift(use))) - posted(advances), currency),
    gift: money(used(grantUses.filter(isGift)) - posted(salesDiscount), currency),
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  return journal === undefined ? [] : [journal];
}
