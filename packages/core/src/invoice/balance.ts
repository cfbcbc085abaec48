import { isDateBefore } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { postBalanceUsed } from '../ledger/balance-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { add, type Money, subtract, within, zero } from '../money/money.ts';
import type { CreditGrant, GrantUse } from './credit-grant.ts';
import { amountDue, type Invoice, isTopUp } from './invoice.ts';

export type BalanceDecision = {
  readonly invoice: Invoice;
  /** Only the grants that gave something, with what is left of them. */
  readonly grants: readonly CreditGrant[];
  readonly uses: readonly GrantUse[];
  /** Absent when nothing was used. */
  readonly journal?: Journal;
};

export type BalanceContext = {
  readonly now: Temporal.Instant;
  readonly businessDate: Temporal.PlainDate;
  readonly ids: IdSource;
};

/**
 * Pays what is due of an invoice from the customer's grants, as far as they go: the soonest expiry
 * first, gifts before the customer's own money where both expire together, then the oldest. Grants
 * that have expired on the business date, or in another currency, are passed over. A balance pays
 * for no balance: an invoice of a top-up takes nothing of it.
 */
export function applyBalance(
  invoice: Invoice,
  grants: readonly CreditGrant[],
  context: BalanceContext,
): BalanceDecision {
  if (isTopUp(invoice)) return { invoice, grants: [], uses: [] };
  const used: CreditGrant[] = [];
  const uses: GrantUse[] = [];
  let due = amountDue(invoice);
  let own = zero(due.currency);
  let gift = zero(due.currency);
  for (const grant of [...grants].filter((one) => isUsable(one, due, context)).sort(inOrderOfUse)) {
    const amount = within(grant.left, due);
    if (amount.minor === 0n) break;
    due = subtract(due, amount);
    if (grant.kind === 'promotional') gift = add(gift, amount);
    else own = add(own, amount);
    used.push({ ...grant, left: subtract(grant.left, amount) });
    uses.push({ grantId: grant.id, invoiceId: invoice.id, amount });
  }
  if (uses.length === 0) return { invoice, grants: [], uses: [] };
  const journal = postBalanceUsed({
    id: context.ids('jrn', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    own,
    gift,
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  const balanceApplied = add(invoice.balanceApplied, add(own, gift));
  return {
    invoice: { ...invoice, balanceApplied },
    grants: used,
    uses,
    ...(journal === undefined ? {} : { journal }),
  };
}

/** What grants have again when the invoice that used them is voided. */
export function giveBackGrants(
  grants: readonly CreditGrant[],
  uses: readonly GrantUse[],
): readonly CreditGrant[] {
  return grants.flatMap((grant) => {
    const given = uses.filter(({ grantId }) => grantId === grant.id);
    if (given.length === 0) return [];
    return [{ ...grant, left: given.reduce((left, { amount }) => add(left, amount), grant.left) }];
  });
}

/** The order in which grants are used up. */
export function inOrderOfUse(left: CreditGrant, right: CreditGrant): number {
  return (
    compareExpiry(left.expiresOn, right.expiresOn) ||
    rankOf(left) - rankOf(right) ||
    Temporal.Instant.compare(left.createdAt, right.createdAt)
  );
}

function isUsable(grant: CreditGrant, due: Money, { businessDate }: BalanceContext): boolean {
  const { expiresOn, left } = grant;
  if (left.currency !== due.currency || left.minor <= 0n) return false;
  return expiresOn === undefined || isDateBefore(businessDate, expiresOn);
}

function compareExpiry(
  left: Temporal.PlainDate | undefined,
  right: Temporal.PlainDate | undefined,
): number {
  if (left === undefined || right === undefined) {
    if (left === right) return 0;
    return left === undefined ? 1 : -1;
  }
  return Temporal.PlainDate.compare(left, right);
}

function rankOf({ kind }: CreditGrant): number {
  return kind === 'promotional' ? 0 : 1;
}
