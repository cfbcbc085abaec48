import {
  bucketOf,
  type MoneyException,
  money,
  type PaymentReturn,
  type Refund,
  toRefundNumber,
} from '../../packages/core/src/index.ts';
import { type Life, NOW, newId } from './life.ts';

/** A refund of the life's payment that waits for its turn. */
export function aRefundOf(life: Life, minor: bigint): Refund {
  const { payment, invoice, attempt } = life;
  const id = newId('rfd', bucketOf(payment.id));
  const amount = money(minor, 'CNY');
  return {
    id,
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    source: 'payment',
    route: 'original',
    paymentId: payment.id,
    order: {
      debitId: payment.debitId,
      attemptId: attempt.id,
      rail: payment.rail,
      orderNumber: attempt.orderNumber,
      paymentReference: payment.railReference,
      paid: payment.amount,
      paidAt: payment.paidAt,
    },
    refundNumber: toRefundNumber(id),
    amount,
    processing: money(0n, 'CNY'),
    takes: [{ invoiceId: invoice.id, amount }],
    draws: [],
    reason: 'goodwill',
    remark: '',
    state: 'approved',
    dueAt: NOW,
    requestedBy: 'Anna',
    approvalHash: 'a'.repeat(64),
    askCount: 0,
    createdAt: NOW,
  };
}

/** Money of the life's attempt that nobody owed. */
export function anExceptionOf({ attempt, payment }: Life): MoneyException {
  return {
    id: newId('exc', bucketOf(payment.id)),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    kind: 'late_success',
    debitId: payment.debitId,
    attemptId: attempt.id,
    rail: payment.rail,
    orderNumber: attempt.orderNumber,
    railReference: 'LATE-1',
    amount: money(50n, 'CNY'),
    happenedAt: NOW,
    detail: '',
    owner: 'finance',
    state: 'open',
    openedAt: NOW,
  };
}

/** The return of the life's payment. */
export function aReturnOf({ payment }: Life): PaymentReturn {
  return {
    id: newId('rtn', bucketOf(payment.id)),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    paymentId: payment.id,
    debitId: payment.debitId,
    rail: payment.rail,
    railReference: `RTN-${payment.railReference}`,
    amount: payment.amount,
    code: 'AM04',
    message: '',
    mandateGone: false,
    returnedAt: NOW,
    recordedAt: NOW,
  };
}
