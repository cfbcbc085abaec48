import { randomBytes } from 'node:crypto';
import {
  type Attempt,
  bucketOf,
  bucketOfKey,
  type Catalog,
  type Customer,
  type Debit,
  type DebitNotice,
  type EventType,
  type Id,
  type IdPrefix,
  type Invoice,
  type InvoiceLine,
  type Journal,
  type Mandate,
  type Merchant,
  type MerchantId,
  makeId,
  type NewEvent,
  type Payment,
  present,
  ratio,
  type Subscription,
  toContractCode,
  toOrderNumber,
} from '../../packages/core/src/index.ts';

/** One moment for everything: tests that need another pass it in. */
export const NOW = Temporal.Instant.from('2026-03-01T00:00:00Z');
export const TODAY = Temporal.PlainDate.from('2026-03-01');
export const SOME_RAIL = 'a-rail';
export const MONTHLY_MINOR = 2_985n;

let ticks = 0;

/** A new id. Ids of one test run are ordered by their making. */
export function newId<P extends IdPrefix>(prefix: P, bucket = 0): Id<P> {
  ticks += 1;
  const epochMilliseconds = NOW.epochMilliseconds + ticks;
  return makeId(prefix, { epochMilliseconds, random: randomBytes(10), bucket });
}

export function newMerchant(changes: Partial<Merchant> = {}): Merchant {
  const id = newId('mer');
  return {
    id,
    code: `m-${id.slice(-12)}`,
    name: '示例公司',
    zone: 'Asia/Shanghai',
    mode: 'test',
    demo: false,
    ...changes,
  };
}

/** One plan with one monthly price. */
export function newCatalog(): Catalog {
  const plan = { id: newId('pln'), code: 'basic', nameZh: '基础版', nameEn: 'Basic' };
  const price = {
    id: newId('prc'),
    planId: plan.id,
    code: 'base',
    kind: 'flat' as const,
    nameZh: '基础费',
    nameEn: 'Base fee',
  };
  const version = {
    id: newId('prv'),
    priceId: price.id,
    version: 1,
    currency: 'CNY' as const,
    model: { type: 'flat' as const, amount: ratio(MONTHLY_MINOR, 100n) },
    taxBasisPoints: 600n,
    taxBehavior: 'inclusive' as const,
    interval: { unit: 'month' as const, count: 1 },
    timing: 'advance' as const,
    effectiveFrom: Temporal.PlainDate.from('2026-01-01'),
  };
  return { plans: [plan], prices: [price], versions: [version] };
}

export function newCustomer(merchant: MerchantId, changes: Partial<Customer> = {}): Customer {
  const externalReference = changes.externalReference ?? `C-${newId('cus').slice(4)}`;
  return {
    id: newId('cus', bucketOfKey(merchant, externalReference)),
    merchantId: merchant,
    kind: 'person',
    externalReference,
    name: '王小明',
    locale: 'zh-CN',
    mail: 'payer@example.test',
    phone: '+12125550123',
    preferredChannel: 'mail',
    createdAt: NOW,
    ...changes,
  };
}

/** Everything of one customer's renewal, from the subscription to the payment and its journals. */
export type Life = {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly mandate: Mandate;
  readonly invoice: Invoice;
  readonly debit: Debit;
  readonly notice: DebitNotice;
  readonly attempt: Attempt;
  readonly payment: Payment;
  readonly invoiceJournal: Journal;
  readonly paymentJournal: Journal;
};

export type LifeOptions = { readonly catalog: Catalog; readonly lines?: number };

/** A renewal that was paid as it should be: it breaks no invariant. */
export function newLife(merchant: MerchantId, options: LifeOptions): Life {
  const customer = newCustomer(merchant);
  const subscription = newSubscription(customer, options.catalog);
  const mandate = newMandate(customer);
  const invoice = newInvoice(subscription, { lines: options.lines ?? 1, catalog: options.catalog });
  const debit = newDebit(mandate, invoice);
  const notice = newNotice(debit);
  const attempt = newAttempt(debit);
  const payment = newPayment(attempt);
  return {
    customer,
    subscription,
    mandate,
    invoice,
    debit,
    notice,
    attempt,
    payment,
    invoiceJournal: newInvoiceJournal(invoice),
    paymentJournal: newPaymentJournal(payment),
  };
}

export function newSubscription(customer: Customer, catalog: Catalog): Subscription {
  const bucket = bucketOf(customer.id);
  return {
    id: newId('sub', bucket),
    merchantId: customer.merchantId,
    customerId: customer.id,
    planId: present(catalog.plans[0], 'a plan').id,
    state: 'active',
    anchor: TODAY,
    interval: { unit: 'month', count: 1 },
    startsOn: TODAY,
    pauses: [],
    autoRenew: true,
    billedThrough: TODAY.add({ months: 1 }),
    arrearsThrough: TODAY,
    nextBillAt: NOW.add({ hours: 23 * 24 }),
    collection: 'auto_debit',
    paymentMethodLabel: '自动扣款',
    items: catalog.versions.map((version) => ({
      id: newId('sit', bucket),
      kind: 'flat',
      priceVersionId: version.id,
      quantity: 1n,
      from: TODAY,
    })),
    createdAt: NOW,
  };
}

export function newMandate(customer: Customer): Mandate {
  const id = newId('man', bucketOf(customer.id));
  return {
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    rail: SOME_RAIL,
    state: 'active',
    contractCode: toContractCode(id),
    displayAccount: customer.externalReference,
    railReference: `R${id.slice(-10)}`,
    singleCap: { minor: 100_000n, currency: 'CNY' },
    signedAt: NOW.subtract({ hours: 24 * 30 }),
    createdAt: NOW.subtract({ hours: 24 * 31 }),
  };
}

export function newInvoice(
  subscription: Subscription,
  { lines, catalog }: { readonly lines: number; readonly catalog: Catalog },
): Invoice {
  const id = newId('inv', bucketOf(subscription.id));
  const period = { start: TODAY, end: TODAY.add({ months: 1 }) };
  const version = present(catalog.versions[0], 'a price version');
  const [item] = subscription.items;
  const made = Array.from({ length: lines }, (_, index): InvoiceLine => {
    const tax = (MONTHLY_MINOR * 600n) / 10_600n;
    const amount = { minor: MONTHLY_MINOR, currency: 'CNY' as const };
    return {
      position: index + 1,
      kind: 'flat',
      priceCode: present(catalog.prices[0], 'a price').code,
      priceVersionId: version.id,
      subscriptionId: subscription.id,
      ...(item === undefined ? {} : { itemId: item.id }),
      period,
      serviceDays: 31,
      periodDays: 31,
      quantity: ratio(1n),
      unitAmount: ratio(MONTHLY_MINOR, 100n),
      subtotal: amount,
      discount: { minor: 0n, currency: 'CNY' },
      amount,
      net: { minor: MONTHLY_MINOR - tax, currency: 'CNY' },
      tax: { minor: tax, currency: 'CNY' },
      taxBasisPoints: 600n,
      rule: 'list_price',
      nameZh: '基础费',
      nameEn: 'Base fee',
      why: {},
    };
  });
  const total = (read: (line: InvoiceLine) => bigint) => ({
    minor: made.reduce((sum, line) => sum + read(line), 0n),
    currency: 'CNY' as const,
  });
  return {
    id,
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    number: `2026-${id.slice(-12)}`,
    billingKey: `period:${TODAY}`,
    state: 'paid',
    collection: 'auto_debit',
    period,
    dueDate: TODAY,
    issueAt: NOW.subtract({ hours: 24 * 6 }),
    total: total((line) => line.amount.minor),
    net: total((line) => line.net.minor),
    tax: total((line) => line.tax.minor),
    balanceApplied: { minor: 0n, currency: 'CNY' },
    credited: { minor: 0n, currency: 'CNY' },
    lines: made,
    createdAt: NOW.subtract({ hours: 24 * 8 }),
    issuedAt: NOW.subtract({ hours: 24 * 6 }),
    paidAt: NOW.add({ seconds: 5 }),
  };
}

export function newDebit(mandate: Mandate, invoice: Invoice): Debit {
  return {
    id: newId('dbt', bucketOf(mandate.id)),
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    mandateId: mandate.id,
    rail: mandate.rail,
    state: 'succeeded',
    amount: invoice.total,
    invoiceIds: [invoice.id],
    dueDate: TODAY,
    collectAt: NOW,
    collectDate: TODAY,
    attemptCount: 1,
    createdAt: NOW.subtract({ hours: 24 * 6 }),
  };
}

export function newNotice(debit: Debit): DebitNotice {
  return {
    id: newId('not', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    debitId: debit.id,
    purpose: 'renewal',
    channel: 'mail',
    locale: 'zh-CN',
    state: 'delivered',
    amount: debit.amount,
    collectDate: debit.collectDate,
    dueAt: NOW.subtract({ hours: 24 * 6 }),
    sentAt: NOW.subtract({ hours: 24 * 6 }),
    deliveredAt: NOW.subtract({ hours: 24 * 6 - 1 }),
    providerReference: '<1@example.test>',
    createdAt: NOW.subtract({ hours: 24 * 6 }),
  };
}

export function newAttempt(debit: Debit, ordinal = 1): Attempt {
  return {
    id: newId('att', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    debitId: debit.id,
    rail: debit.rail,
    ordinal,
    orderNumber: toOrderNumber(debit.id, ordinal),
    state: 'succeeded',
    amount: debit.amount,
    submittedAt: NOW,
    askCount: 0,
    railReference: `T${debit.id.slice(-10)}`,
    endedAt: NOW.add({ seconds: 5 }),
  };
}

/** The attempt as it was before anything was learned of it. */
export function openAttempt(debit: Debit, ordinal = 1): Attempt {
  const { endedAt: _endedAt, railReference: _reference, ...rest } = newAttempt(debit, ordinal);
  return { ...rest, state: 'submitting', askAt: NOW.add({ seconds: 10 }) };
}

export function newPayment(attempt: Attempt): Payment {
  return {
    id: newId('pay', bucketOf(attempt.id)),
    merchantId: attempt.merchantId,
    customerId: attempt.customerId,
    debitId: attempt.debitId,
    attemptId: attempt.id,
    rail: attempt.rail,
    railReference: `T${attempt.debitId.slice(-10)}`,
    amount: attempt.amount,
    paidAt: NOW.add({ seconds: 5 }),
    businessDate: TODAY,
  };
}

export function newInvoiceJournal(invoice: Invoice): Journal {
  return {
    id: newId('jrn', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    template: 'invoice_issued',
    sourceId: invoice.id,
    businessDate: TODAY,
    currency: 'CNY',
    entries: [
      { account: '1122', minor: invoice.total.minor },
      { account: '2205', minor: -invoice.net.minor },
      { account: '2221.01', minor: -invoice.tax.minor },
    ],
    postedAt: NOW,
  };
}

export function newPaymentJournal(payment: Payment): Journal {
  return {
    id: newId('jrn', bucketOf(payment.id)),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    template: 'payment_received',
    sourceId: payment.id,
    businessDate: TODAY,
    currency: 'CNY',
    entries: [
      { account: '1012.09', minor: payment.amount.minor },
      { account: '1122', minor: -payment.amount.minor },
    ],
    postedAt: NOW,
  };
}

export function newEvent(customer: Customer, type: EventType, subjectId: Id): NewEvent {
  return {
    id: newId('evt', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    type,
    subjectId,
    at: NOW,
    data: { minor: MONTHLY_MINOR.toString(), final: true, count: 1 },
  };
}
