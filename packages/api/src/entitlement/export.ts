import type {
  Customer,
  EntitlementOverride,
  HandPayment,
  Invoice,
  Notice,
  Payment,
  Refund,
  Subscription,
} from '@daikou/core';
import { toDateWire, toInstantWire } from '../calendar/dates.ts';
import { toCustomerWire } from '../customer/customer.ts';
import { toInvoiceWire } from '../invoice/invoice.ts';
import { toAmountWire } from '../money/amount.ts';
import { toNoticeWire } from '../notice/notice.ts';
import { toHandPaymentWire } from '../payment/payment.ts';
import { toRefundWire } from '../refund/refund.ts';
import { toSubscriptionWire } from '../subscription/subscription.ts';
import { toOverrideWire } from './override.ts';

/** What one line of an export is made of. */
type Exported =
  | { readonly kind: 'customer'; readonly row: Customer }
  | { readonly kind: 'subscription'; readonly row: Subscription }
  | { readonly kind: 'invoice'; readonly row: Invoice }
  | { readonly kind: 'payment'; readonly row: Payment }
  | { readonly kind: 'payment_by_hand'; readonly row: HandPayment }
  | { readonly kind: 'refund'; readonly row: Refund }
  | { readonly kind: 'message'; readonly row: Notice }
  | { readonly kind: 'override'; readonly row: EntitlementOverride };

/**
 * One line of an export: the kind, and the row as the API shows it everywhere else, with phone and
 * mail masked. Nothing is added that the API would not show.
 */
export function toExportLine(exported: Exported): string {
  return `${JSON.stringify({ kind: exported.kind, data: dataOf(exported) })}\n`;
}

function dataOf(exported: Exported): object {
  switch (exported.kind) {
    case 'customer':
      return toCustomerWire(exported.row);
    case 'subscription':
      return toSubscriptionWire(exported.row);
    case 'invoice':
      return toInvoiceWire(exported.row);
    case 'payment':
      return toPaymentData(exported.row);
    case 'payment_by_hand':
      return toHandPaymentWire(exported.row);
    case 'refund':
      return toRefundWire(exported.row);
    case 'message':
      return toNoticeWire(exported.row);
    case 'override':
      return toOverrideWire(exported.row);
  }
}

function toPaymentData(payment: Payment) {
  return {
    id: payment.id,
    customer_id: payment.customerId,
    debit_id: payment.debitId,
    rail: payment.rail,
    rail_reference: payment.railReference,
    amount: toAmountWire(payment.amount),
    paid_at: toInstantWire(payment.paidAt),
    business_date: toDateWire(payment.businessDate),
  };
}
