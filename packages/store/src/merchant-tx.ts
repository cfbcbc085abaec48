import { bucketOf, type Changes, type Id, invariant, type MerchantId, type Tx } from '@daikou/core';
import type { Database } from './array-write.ts';
import { arrearsCalls, saveArrearsOf } from './arrears-tx.ts';
import { billingCalls, hasAny, saveBilling } from './billing-tx.ts';
import { addToCatalog, loadCatalog } from './catalog/statements.ts';
import { causeCalls, saveCauses } from './cause-tx.ts';
import { checkupCalls, saveCheckupsOf } from './checkup-tx.ts';
import * as customers from './customer/statements.ts';
import * as attempts from './debit/attempts.ts';
import { bundleDebits } from './debit/bundles.ts';
import * as debits from './debit/statements.ts';
import { dunningCalls, saveDunning } from './dunning-tx.ts';
import { idempotencyCalls } from './idempotency/requests.ts';
import { countDue, findNextDue } from './insight/due.ts';
import { loadSummary } from './insight/summary.ts';
import * as invoices from './invoice/statements.ts';
import { lateFeeCalls, saveLateFeesOf } from './late-fee-tx.ts';
import * as ledger from './ledger/statements.ts';
import * as mandates from './mandate/statements.ts';
import * as notices from './notice/statements.ts';
import { noticeCalls, saveContactsOf } from './notice-tx.ts';
import { organisationCalls, saveCustomersFirst, saveOrganisations } from './organisation-tx.ts';
import { addEvents, loadEventsOf } from './outbox/events.ts';
import { addRun, findRun, saveRun } from './outbox/runs.ts';
import { paymentCalls, savePaying } from './payment-tx.ts';
import { policyCalls, saveTasksOf } from './policy-tx.ts';
import { quarantineCalls } from './reconciliation/quarantines.ts';
import { reconciliationCalls } from './reconciliation/reconciliation-tx.ts';
import { refundCalls, saveRefunding } from './refund-tx.ts';
import { routingCalls } from './routing-tx.ts';
import * as subscriptions from './subscription/statements.ts';
import { saveTopUpsOf, topUpCalls } from './top-up-tx.ts';
import { usageCalls } from './usage/usage-tx.ts';
import { saveWebhooks, webhookCalls } from './webhook-tx.ts';

/** The port's transaction over an open one: one line for each statement function. */
export function makeTx(db: Database, merchant: MerchantId): Tx {
  return {
    save: (changes) => save(db, merchant, changes),
    ...billingCalls(db, merchant),
    ...checkupCalls(db),
    ...customerCalls(db, merchant),
    ...claimCalls(db),
    ...collectionCalls(db),
    ...numberCalls(db),
    ...reconciliationCalls(db, merchant),
    ...quarantineCalls(db),
    ...usageCalls(db, merchant),
    ...routingCalls(db),
    ...organisationCalls(db),
    ...refundCalls(db),
    ...dunningCalls(db),
    ...lateFeeCalls(db),
    ...topUpCalls(db),
    ...causeCalls(db),
    ...policyCalls(db),
    ...arrearsCalls(db, merchant),
    ...noticeCalls(db),
    ...paymentCalls(db, merchant),
    ...webhookCalls(db),
    ...idempotencyCalls(db, merchant),
    findRun: (kind, key) => findRun(db, { kind, key }),
    saveRun: (run) => saveRun(db, run),
    addRun: (run) => addRun(db, run),
    loadTrialBalance: () => ledger.loadTrialBalance(db),
    loadJournalsOf: (sources) => ledger.loadJournalsOf(db, sources),
    loadEventsOf: (customer, page) => loadEventsOf(db, { customer, ...page }),
    loadSummary: () => loadSummary(db),
    countDue: (due) => countDue(db, due),
    findNextDue: () => findNextDue(db),
    listCustomers: (page) => customers.listCustomers(db, page),
    listSubscriptions: (page) => subscriptions.listSubscriptions(db, page),
    listMandates: (page) => mandates.listMandates(db, page),
    listInvoices: (page) => invoices.listInvoices(db, page),
    listDebits: (page) => debits.listDebits(db, page),
    loadSubscriptions: (ids) => subscriptions.loadSubscriptions(db, ids),
    loadNotices: (ids) => notices.loadNotices(db, ids),
  };
}

/** Writes everything in the order in which keys refer to each other. */
async function save(db: Database, merchant: MerchantId, changes: Changes): Promise<void> {
  assertBuckets(changes);
  await saveCustomersFirst(db, changes);
  await saveContactsOf(db, changes);
  if (hasAny(changes.subscriptions)) {
    await subscriptions.saveSubscriptions(db, changes.subscriptions);
  }
  if (hasAny(changes.movedSubscriptions)) {
    await subscriptions.moveSubscriptions(db, changes.movedSubscriptions);
  }
  if (hasAny(changes.mandates)) await mandates.saveMandates(db, changes.mandates);
  if (hasAny(changes.invoices)) await invoices.saveInvoices(db, changes.invoices);
  await saveBilling(db, merchant, changes);
  await saveOrganisations(db, changes);
  if (hasAny(changes.debits)) await debits.saveDebits(db, changes.debits);
  if (hasAny(changes.notices)) await notices.saveNotices(db, changes.notices);
  if (hasAny(changes.attempts)) await attempts.saveAttempts(db, changes.attempts);
  if (hasAny(changes.payments)) await debits.addPayments(db, changes.payments);
  await saveRefunding(db, changes);
  await savePaying(db, changes);
  await saveDunning(db, changes);
  await saveLateFeesOf(db, merchant, changes);
  await saveTasksOf(db, changes);
  await saveArrearsOf(db, changes);
  await saveTopUpsOf(db, changes);
  await saveCheckupsOf(db, changes);
  await saveCauses(db, changes);
  if (hasAny(changes.journals)) await ledger.addJournals(db, changes.journals);
  await saveWebhooks(db, changes);
  if (hasAny(changes.events)) await addEvents(db, changes.events);
}

/** A row lives in its customer's bucket: ids made for another bucket would never be found again. */
function assertBuckets(changes: Changes): void {
  const owned: readonly { readonly id: Id; readonly customerId?: Id }[][] = [
    [...(changes.subscriptions ?? [])],
    [...(changes.mandates ?? [])],
    [...(changes.invoices ?? [])],
    [...(changes.pendingLines ?? [])],
    [...(changes.redemptions ?? [])],
    [...(changes.creditGrants ?? [])],
    [...(changes.creditNotes ?? [])],
    [...(changes.subscriptionChanges ?? [])],
    [...(changes.debits ?? [])],
    [...(changes.notices ?? [])],
    [...(changes.attempts ?? [])],
    [...(changes.payments ?? [])],
    [...(changes.journals ?? [])],
    [...(changes.events ?? [])],
  ];
  for (const { id, customerId } of owned.flat()) {
    if (customerId === undefined) continue;
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
}

type CustomerCalls = Pick<
  Tx,
  | 'insertNewCustomers'
  | 'loadCustomers'
  | 'findCustomerByReference'
  | 'addToCatalog'
  | 'loadCatalog'
>;

function customerCalls(db: Database, merchant: MerchantId): CustomerCalls {
  return {
    insertNewCustomers: (rows) => customers.insertNewCustomers(db, rows),
    loadCustomers: (ids) => customers.loadCustomers(db, ids),
    findCustomerByReference: (reference) =>
      customers.findCustomerByReference(db, { merchant, reference }),
    addToCatalog: (catalog) => addToCatalog(db, { merchant, catalog }),
    loadCatalog: () => loadCatalog(db),
  };
}

type ClaimCalls = Pick<
  Tx,
  | 'claimSubscriptionsToBill'
  | 'claimInvoicesToIssue'
  | 'postponeIssue'
  | 'claimNoticesToSend'
  | 'claimDebitsToAnnounce'
  | 'claimDebitsToSubmit'
  | 'claimAttemptsToAsk'
>;

function claimCalls(db: Database): ClaimCalls {
  return {
    claimSubscriptionsToBill: (claim) => subscriptions.claimSubscriptionsToBill(db, claim),
    claimInvoicesToIssue: (claim) => invoices.claimInvoicesToIssue(db, claim),
    postponeIssue: (drafts, until) => invoices.postponeIssue(db, { drafts, until }),
    claimNoticesToSend: (claim) => notices.claimNoticesToSend(db, claim),
    claimDebitsToAnnounce: async (claim) =>
      bundleDebits(db, await debits.claimDebitsToAnnounce(db, claim)),
    claimDebitsToSubmit: async (claim) =>
      bundleDebits(db, await debits.claimDebitsToSubmit(db, claim), { holdMandates: true }),
    claimAttemptsToAsk: (claim) => attempts.claimAttemptsToAsk(db, claim),
  };
}

type CollectionCalls = Pick<
  Tx,
  | 'loadMandates'
  | 'loadActiveMandatesOf'
  | 'lockMandates'
  | 'loadSentNotices'
  | 'lockNotices'
  | 'lockDebits'
  | 'loadInvoices'
  | 'findDebitsOfInvoices'
>;

function collectionCalls(db: Database): CollectionCalls {
  return {
    loadMandates: (query) => mandates.loadMandates(db, query),
    loadActiveMandatesOf: (ids) => mandates.loadActiveMandatesOf(db, ids),
    lockMandates: (ids) => mandates.lockMandates(db, ids),
    loadSentNotices: (query) => notices.loadSentNotices(db, query),
    lockNotices: (ids) => notices.lockNotices(db, ids),
    lockDebits: async (ids) => bundleDebits(db, await debits.lockDebits(db, ids)),
    loadInvoices: (ids) => invoices.loadInvoices(db, ids),
    findDebitsOfInvoices: (ids) => debits.findDebitsOfInvoices(db, ids),
  };
}

type NumberCalls = Pick<Tx, 'findAttemptsByOrderNumber' | 'findDebitByRailReference'>;

function numberCalls(db: Database): NumberCalls {
  return {
    findAttemptsByOrderNumber: (numbers) => attempts.findAttemptsByOrderNumber(db, numbers),
    findDebitByRailReference: (number) => attempts.findDebitByRailReference(db, number),
  };
}
