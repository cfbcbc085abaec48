import type { AttemptId, CustomerId, EventId, HandPaymentId } from '../ids/ids.ts';
import { add, type Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { CHINA_CHART, clearingAccountOf } from './chart.ts';
import type { Journal } from './journal.ts';
import { balanced, type JournalFacts } from './templates.ts';

/** The names of the templates of payments by hand, as journals carry them. Never renamed. */
export const HAND_TEMPLATES = {
  received: 'hand_payment_received',
  balanceUsed: 'hand_balance_used',
} as const;

/** Where the money stands: the bank, the cash box, or a rail that has not paid it out yet. */
export type HandAccount =
  | { readonly kind: 'bank' }
  | { readonly kind: 'cash' }
  | { readonly kind: 'rail'; readonly rail: string };

type HandFacts<Source> = JournalFacts & {
  readonly customerId: CustomerId;
  readonly sourceId: Source;
};

/**
 * A customer paid by hand: Dr 银行存款, 库存现金 or the rail's clearing account; Cr 应收账款 for what
 * paid invoices, Cr 预收账款 for what stays as balance. Both are zero or more, their sum is more.
 */
export function postHandPayment(
  facts: HandFacts<HandPaymentId> & {
    readonly account: HandAccount;
    readonly toInvoices: Money;
    readonly toBalance: Money;
  },
): Journal {
  const { account, toInvoices, toBalance } = facts;
  const chart = facts.chart ?? CHINA_CHART;
  const { roles } = chart;
  const amount = add(toInvoices, toBalance);
  invariant(toInvoices.minor >= 0n && toBalance.minor >= 0n, 'no part of a payment is below zero');
  invariant(amount.minor > 0n, 'a payment is more than zero');
  const place =
    account.kind === 'rail' ? clearingAccountOf(chart, account.rail) : roles[account.kind];
  return journalOf(facts, HAND_TEMPLATES.received, {
    currency: amount.currency,
    entries: [
      { account: place, minor: amount.minor },
      { account: roles.receivable, minor: -toInvoices.minor },
      { account: roles.advances, minor: -toBalance.minor },
    ],
  });
}

/**
 * The balance paid invoices once a payment had come, a debit had ended unpaid, or an instalment
 * plan was over (the source is then the event that told it): Dr 预收账款 for the customer's own
 * money, Dr 销售折扣 for gifts; Cr 应收账款. One journal for each source, as an invoice may have used
 * the balance before. Undefined when nothing was used.
 */
export function postHandBalanceUsed(
  facts: HandFacts<HandPaymentId | AttemptId | EventId> & {
    readonly own: Money;
    readonly gift: Money;
  },
): Journal | undefined {
  const { own, gift } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  const amount = add(own, gift);
  invariant(own.minor >= 0n && gift.minor >= 0n, 'a balance pays zero or more');
  if (amount.minor === 0n) return undefined;
  return journalOf(facts, HAND_TEMPLATES.balanceUsed, {
    currency: amount.currency,
    entries: [
      { account: roles.advances, minor: own.minor },
      { account: roles.salesDiscount, minor: gift.minor },
      { account: roles.receivable, minor: -amount.minor },
    ],
  });
}

function journalOf(
  facts: HandFacts<HandPaymentId | AttemptId | EventId>,
  template: string,
  about: Pick<Journal, 'currency' | 'entries'>,
): Journal {
  const { id, merchantId, customerId, sourceId, businessDate, postedAt } = facts;
  return balanced({
    id,
    merchantId,
    customerId,
    template,
    sourceId,
    businessDate,
    postedAt,
    ...about,
  });
}
