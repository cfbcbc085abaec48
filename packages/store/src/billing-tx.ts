import type { BillingTx, Changes, MerchantId } from '@daikou/core';
import type { Database } from './array-write.ts';
import { addCoupons, findCoupon } from './catalog/statements.ts';
import { loadConsolidatingCustomers } from './customer/statements.ts';
import * as billed from './invoice/billed.ts';
import * as credits from './invoice/credits.ts';
import * as undo from './invoice/undo.ts';
import * as changes from './subscription/changes.ts';
import * as subscriptions from './subscription/statements.ts';

/** What drafting and changing read: one line for each statement function. */
export function billingCalls(db: Database, merchant: MerchantId): BillingTx {
  return {
    lockSubscriptions: (ids) => subscriptions.lockSubscriptions(db, ids),
    lockSubscriptionsOfUser: (payer, user) =>
      subscriptions.lockSubscriptionsOfUser(db, { payer, user }),
    loadPendingLines: (ids) => billed.loadPendingLines(db, ids),
    loadLinesBilledBy: (invoices) => billed.loadLinesBilledBy(db, invoices),
    loadRedemptions: (ids, states) => changes.loadRedemptions(db, ids, states),
    loadConsolidatingCustomers: (ids) => loadConsolidatingCustomers(db, ids),
    loadBilledLines: (query) => billed.loadBilledLines(db, query),
    loadRecentTotals: (query) => billed.loadRecentTotals(db, query),
    lockDraftsByKey: (query) => billed.lockDraftsByKey(db, query),
    lockInvoicesOf: (ids) => billed.lockInvoicesOf(db, ids),
    lockInvoices: (ids) => billed.lockInvoices(db, ids),
    lockCreditGrants: (customers) => credits.lockCreditGrants(db, customers),
    findGrantByReference: (customer, reference) =>
      credits.findGrantByReference(db, { customer, reference }),
    addCreditGrants: (grants) => credits.addCreditGrants(db, grants),
    loadLinesBilledOn: (invoices) => undo.loadLinesBilledOn(db, invoices),
    lockGrantsUsedBy: (invoices) => undo.lockGrantsUsedBy(db, invoices),
    loadAllRedemptions: (ids) => undo.loadAllRedemptions(db, ids),
    claimCreditsToExpire: (claim) => credits.claimCreditsToExpire(db, claim),
    loadGrantUses: (invoices) => credits.loadGrantUses(db, invoices),
    releaseGrantUses: (invoices) => credits.releaseGrantUses(db, invoices),
    loadCreditNotes: (invoices) => credits.loadCreditNotes(db, invoices),
    listSubscriptionChanges: (subscription) => changes.listChanges(db, subscription),
    addCoupons: (coupons) => addCoupons(db, { merchant, coupons }),
    findCoupon: (code) => findCoupon(db, code),
    countRedemptions: (coupon) => changes.countRedemptions(db, coupon),
  };
}

/** Writes what refers to invoices and subscriptions, in the order in which keys refer to each. */
export async function saveBilling(
  db: Database,
  merchant: MerchantId,
  { pendingLines, redemptions, creditGrants, grantUses, creditNotes, ...rest }: Changes,
): Promise<void> {
  if (hasAny(pendingLines)) await billed.savePendingLines(db, pendingLines);
  if (hasAny(redemptions)) await changes.saveRedemptions(db, redemptions);
  if (hasAny(creditGrants)) await credits.saveGrants(db, creditGrants);
  if (hasAny(grantUses)) await credits.addGrantUses(db, { merchant, uses: grantUses });
  if (hasAny(creditNotes)) await credits.addCreditNotes(db, creditNotes);
  const made = rest.subscriptionChanges;
  if (hasAny(made)) await changes.addChanges(db, { merchant, changes: made });
}

export function hasAny<T>(rows: readonly T[] | undefined): rows is readonly T[] {
  return rows !== undefined && rows.length > 0;
}
