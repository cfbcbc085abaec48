import { addDays, daysIn } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { postTopUpGranted } from '../ledger/balance-templates.ts';
import { type Money, subtract, zero } from '../money/money.ts';
import { fromMoney, RATIO_ONE } from '../money/ratio.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { BalanceContext } from './balance.ts';
import type { CreditGrant } from './credit-grant.ts';
import { billingEvent } from './draft.ts';
import { type GrantDecision, grantEvent } from './grant.ts';
import { type Invoice, type InvoiceLine, isTopUp } from './invoice.ts';
import { invoiceNumber } from './number.ts';

export type TopUpSale = {
  /** Whose first price names the line; the price's amount and tax mean nothing here. */
  readonly subscription: Subscription;
  readonly amount: Money;
  /** What it bills, once: "top_up:tup_…". */
  readonly billingKey: string;
  /** T: the first day on which its debit may leave. */
  readonly dueDate: Temporal.PlainDate;
};

/** The draft with its event; undefined where the subscription has no price to name. */
export type TopUpDraft = { readonly invoice: Invoice; readonly event: NewEvent };

/**
 * The draft that sells prepaid balance, to be issued at once: its notice then has all its days
 * before `dueDate`. It bears no tax: nothing is supplied yet, and what the balance pays for is
 * taxed then (国家税务总局公告 2016 年第 53 号, art. 3, of single-purpose prepaid balances).
 */
export function draftTopUp(
  sale: TopUpSale,
  context: {
    readonly prices: Prices;
    readonly now: Temporal.Instant;
    readonly today: Temporal.PlainDate;
    readonly ids: IdSource;
  },
): TopUpDraft | undefined {
  const { subscription, amount, billingKey, dueDate } = sale;
  const { now, today, ids } = context;
  invariant(amount.minor > 0n, 'a top-up is more than zero');
  const line = lineOf(sale, context);
  if (line === undefined) return undefined;
  const id = ids('inv', bucketOf(subscription.customerId));
  const invoice: Invoice = {
    id,
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    number: invoiceNumber(line.period, id),
    billingKey,
    state: 'draft',
    collection: 'auto_debit',
    period: line.period,
    dueDate,
    issueAt: now,
    total: amount,
    net: amount,
    tax: zero(amount.currency),
    balanceApplied: zero(amount.currency),
    credited: zero(amount.currency),
    lines: [line],
    createdAt: now,
  };
  const data = { minor: amount.minor.toString(), period_start: today.toString() };
  return { invoice, event: billingEvent(invoice, { type: 'invoice.drafted', data }, context) };
}

function lineOf(
  { subscription, amount }: TopUpSale,
  { prices, today }: { readonly prices: Prices; readonly today: Temporal.PlainDate },
): InvoiceLine | undefined {
  const [item] = subscription.items;
  const priced = item === undefined ? undefined : prices.get(item.priceVersionId);
  if (item === undefined || priced === undefined) return undefined;
  const period = { start: today, end: addDays(today, 1) };
  return {
    position: 1,
    kind: 'one_off',
    priceCode: priced.price.code,
    priceVersionId: item.priceVersionId,
    subscriptionId: subscription.id,
    period,
    // It pays for no service.
    serviceDays: 0,
    periodDays: daysIn(period),
    quantity: RATIO_ONE,
    unitAmount: fromMoney(amount),
    subtotal: amount,
    discount: zero(amount.currency),
    amount,
    net: amount,
    tax: zero(amount.currency),
    taxBasisPoints: 0n,
    rule: 'top_up',
    nameZh: '预存款自动充值',
    nameEn: 'Automatic top-up of the prepaid balance',
    why: {},
  };
}

/**
 * The balance that a paid top-up brings: its total less what credit notes took off before it was
 * paid. Undefined where they took all of it. Its reference is the invoice's number, and a customer
 * has one grant of a reference, so that no invoice is granted twice.
 */
export function decideTopUpGrant(
  invoice: Invoice,
  context: BalanceContext,
): Required<GrantDecision> | undefined {
  invariant(isTopUp(invoice) && invoice.state === 'paid', 'balance is granted once it is paid');
  const amount = subtract(invoice.total, invoice.credited);
  if (amount.minor === 0n) return undefined;
  const { merchantId, customerId } = invoice;
  const id = context.ids('crg', bucketOf(customerId));
  const grant: CreditGrant = {
    id,
    merchantId,
    customerId,
    kind: 'prepaid',
    amount,
    left: amount,
    nameZh: `自动充值 ${invoice.number}`,
    nameEn: `Top-up ${invoice.number}`,
    reference: topUpReference(invoice),
    createdAt: context.now,
  };
  const journal = postTopUpGranted({
    id: context.ids('jrn', bucketOf(customerId)),
    merchantId,
    customerId,
    grantId: id,
    amount,
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  return { grant, journal, events: [grantEvent(grant, 'credit.granted', { context, amount })] };
}

/** The reference of the grant of a top-up's invoice. */
export function topUpReference({ number }: Pick<Invoice, 'number'>): string {
  return `top-up ${number}`;
}
