import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import type { Money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import type { HandMethod, HandPayment } from './hand-payment.ts';

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/** Money came by hand, or its booking was taken back. */
export function handPaymentEvent(
  payment: HandPayment,
  type: 'payment.received' | 'payment.reversed',
  context: Context,
): NewEvent {
  const { amount, method, toBalance, reversal } = payment;
  return {
    id: context.ids('evt', bucketOf(payment.customerId)),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    type,
    subjectId: payment.id,
    at: context.now,
    data: {
      method,
      minor: amount.minor.toString(),
      currency: amount.currency,
      to_balance_minor: toBalance.minor.toString(),
      ...(type === 'payment.reversed' && reversal !== undefined ? { reason: reversal.reason } : {}),
    },
  };
}

/** The balance, which had waited for a debit to end, paid an invoice. */
export function balanceInvoiceEvent(invoice: Invoice, context: Context): NewEvent {
  return {
    id: context.ids('evt', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.paid',
    subjectId: invoice.id,
    at: context.now,
    data: { by: 'balance' },
  };
}

/** An invoice was paid by this money, or by the balance once the money had come. */
export function handInvoiceEvent(
  invoice: Invoice,
  about: {
    readonly payment: HandPayment;
    readonly by: HandMethod | 'balance';
    readonly context: Context;
  },
): NewEvent {
  const { payment, by, context } = about;
  return {
    id: context.ids('evt', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.paid',
    subjectId: invoice.id,
    at: context.now,
    data: { by, payment: payment.id },
  };
}

/** The balance paid a part of an invoice of an instalment plan; `payment` brought the money. */
export function partPaidEvent(
  invoice: Invoice,
  about: { readonly amount: Money; readonly payment?: HandPayment; readonly context: Context },
): NewEvent {
  const { amount, payment, context } = about;
  return {
    id: context.ids('evt', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.part_paid',
    subjectId: invoice.id,
    at: context.now,
    data: {
      minor: amount.minor.toString(),
      currency: amount.currency,
      left_minor: amountDue(invoice).minor.toString(),
      ...(payment === undefined ? {} : { payment: payment.id }),
    },
  };
}
