import { bucketOf, type Changes, invariant, type MerchantId, type PaymentTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as claims from './payment/claims.ts';
import * as links from './payment/pay-links.ts';
import * as payments from './payment/payments.ts';
import { lockBankLine } from './reconciliation/bank.ts';

/** What payments by hand, claims and pay links read: one line for each statement function. */
export function paymentCalls(db: Database, merchant: MerchantId): PaymentTx {
  return {
    loadHandPayments: (ids) => payments.loadHandPayments(db, ids),
    lockHandPayments: (ids) => payments.loadHandPayments(db, ids, 'lock'),
    listHandPayments: (page) => payments.listHandPayments(db, page),
    findHandPaymentsOfInvoices: (ids) => payments.findHandPaymentsOfInvoices(db, ids),
    findHandPaymentByReference: (wanted) =>
      payments.findHandPaymentByReference(db, merchant, wanted),
    takePaymentReference: (wanted, payment) =>
      payments.takePaymentReference(db, merchant, { ...wanted, payment }),
    releasePaymentReference: (wanted) => payments.releasePaymentReference(db, merchant, wanted),
    lockBankLine: (id) => lockBankLine(db, id),
    findInvoicesByNumbers: (numbers) => claims.findInvoicesByNumbers(db, merchant, numbers),
    findOpenInvoicesOfAmount: (amount, limit) =>
      claims.findOpenInvoicesOfAmount(db, merchant, { amount, limit }),
    findPayersByName: (name, limit) => claims.findPayersByName(db, merchant, { name, limit }),
    loadPayLinks: (ids) => links.loadPayLinks(db, ids),
    lockPayLinks: (ids) => links.loadPayLinks(db, ids, 'lock'),
    listPayLinks: (page) => links.listPayLinks(db, page),
    findOpenPayLinks: (invoices) => links.findOpenPayLinks(db, invoices),
    claimPayLinksToAsk: (claim) => links.claimPayLinksToAsk(db, claim),
  };
}

/** Writes payments by hand and pay links, after the invoices and grants that they name. */
export async function savePaying(db: Database, changes: Changes): Promise<void> {
  const { handPayments = [], payLinks = [] } = changes;
  for (const { id, customerId } of [...handPayments, ...payLinks]) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (payLinks.length > 0) await links.savePayLinks(db, payLinks);
  if (handPayments.length > 0) await payments.saveHandPayments(db, handPayments);
}
