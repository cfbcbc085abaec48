import {
  bucketOf,
  type Coupon,
  type CreditGrant,
  type CreditNote,
  type Invoice,
  type PendingLine,
  present,
  type Redemption,
} from '../../packages/core/src/index.ts';
import { type Life, NOW, newId, newInvoice, TODAY } from './life.ts';
import type { World } from './world.ts';

// What hangs on a renewal of `life.ts`: lines that wait, grants, credit notes, coupons.

export const cny = (minor: bigint) => ({ minor, currency: 'CNY' as const });

/** The invoice's first line, waiting for another invoice. */
export function pendingOf(
  { invoice, subscription }: Life,
  changes: Partial<PendingLine>,
): PendingLine {
  const { position: _position, ...line } = present(invoice.lines[0], 'a line');
  return {
    id: newId('pli', bucketOf(subscription.id)),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    state: 'pending',
    notBefore: TODAY,
    line,
    createdAt: NOW,
    ...changes,
  };
}

/** 10 yuan of the customer's own money. */
export function grantOf({ customer }: Life, changes: Partial<CreditGrant> = {}): CreditGrant {
  return {
    id: newId('crg', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    kind: 'prepaid',
    amount: cny(1_000n),
    left: cny(1_000n),
    nameZh: '余额',
    nameEn: 'Balance',
    createdAt: NOW,
    ...changes,
  };
}

/** Takes back the whole first line of the invoice, off what is owed. */
export function noteOf({ invoice }: Life, changes: Partial<CreditNote> = {}): CreditNote {
  const line = present(invoice.lines[0], 'a line');
  const { amount, net, tax } = line;
  const id = newId('cdn', bucketOf(invoice.id));
  return {
    id,
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    number: id.slice(-12),
    reason: 'goodwill',
    disposition: 'reduce_due',
    lines: [{ position: line.position, amount, net, tax }],
    total: amount,
    net,
    tax,
    issuedAt: NOW,
    ...changes,
  };
}

/** A consolidated draft of the customer with the subscription's lines. */
export function consolidatedOf(life: Life, { catalog }: World, key: string): Invoice {
  const { subscriptionId: _subscription, ...invoice } = newInvoice(life.subscription, {
    lines: 1,
    catalog,
  });
  const { issuedAt: _issued, paidAt: _paid, ...draft } = invoice;
  return { ...draft, state: 'draft', billingKey: key };
}

export function aCoupon(changes: Partial<Coupon> = {}): Coupon {
  const id = newId('cpn');
  return {
    id,
    code: id.slice(-12),
    nameZh: '优惠券',
    nameEn: 'Coupon',
    kind: { type: 'fixed', amount: cny(500n) },
    duration: { type: 'once' },
    appliesTo: 'all',
    ...changes,
  };
}

export function redemptionOf(
  { customer, subscription }: Life,
  coupon: Coupon,
  changes: Partial<Redemption> = {},
): Redemption {
  return {
    id: newId('red', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    subscriptionId: subscription.id,
    coupon,
    state: 'active',
    usedPeriods: 0,
    redeemedAt: NOW,
    ...changes,
  };
}
