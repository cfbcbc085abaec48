import type { CreditGrantId, CustomerId, Id, InvoiceId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { CHINA_CHART, clearingAccountOf } from './chart.ts';
import type { Entry, Journal } from './journal.ts';
import { balanced, JOURNAL_TEMPLATES, type JournalFacts } from './templates.ts';

/**
 * What the balance of a customer pays of an invoice: Dr 预收账款 for the customer's own money
 * (prepaid, or owed back by a credit note), Dr 销售折扣 for a gift; Cr 应收账款. Undefined when
 * nothing was used. `own` and `gift` are zero or more.
 */
export function postBalanceUsed(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly invoiceId: InvoiceId;
    readonly own: Money;
    readonly gift: Money;
  },
): Journal | undefined {
  const { own, gift } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  invariant(own.currency === gift.currency, 'an invoice has one currency');
  invariant(own.minor >= 0n && gift.minor >= 0n, 'a balance pays zero or more');
  if (own.minor + gift.minor === 0n) return undefined;
  return journalOf(facts, JOURNAL_TEMPLATES.balanceUsed, {
    sourceId: facts.invoiceId,
    currency: own.currency,
    entries: [
      { account: roles.advances, minor: own.minor },
      { account: roles.salesDiscount, minor: gift.minor },
      { account: roles.receivable, minor: -(own.minor + gift.minor) },
    ],
  });
}

/**
 * What the balance paid of an invoice after its issue (a part of an instalment plan) is the
 * customer's again, as the invoice is void: Dr 应收账款; Cr 预收账款, Cr 销售折扣 for gifts. The journals
 * of those parts stand under their payments and stay. Undefined when there was none.
 */
export function postBalanceGivenBack(
  facts: Parameters<typeof postBalanceUsed>[0],
): Journal | undefined {
  const used = postBalanceUsed(facts);
  if (used === undefined) return undefined;
  return balanced({
    ...used,
    template: JOURNAL_TEMPLATES.balanceGivenBack,
    entries: used.entries.map(({ account, minor }) => ({ account, minor: -minor })),
  });
}

/**
 * A customer paid money in advance: Dr the rail's clearing account, or the bank for a transfer by
 * hand; Cr 预收账款. Nothing is earned or taxed yet. The amount is positive.
 */
export function postPrepaidReceived(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly grantId: CreditGrantId;
    /** Absent: it came to the bank account. */
    readonly rail?: string;
    readonly amount: Money;
  },
): Journal {
  const { amount, rail } = facts;
  const chart = facts.chart ?? CHINA_CHART;
  invariant(amount.minor > 0n, 'a payment in advance is more than zero');
  const account = rail === undefined ? chart.roles.bank : clearingAccountOf(chart, rail);
  return journalOf(facts, JOURNAL_TEMPLATES.prepaidReceived, {
    sourceId: facts.grantId,
    currency: amount.currency,
    entries: [
      { account, minor: amount.minor },
      { account: chart.roles.advances, minor: -amount.minor },
    ],
  });
}

/**
 * Prepaid money that a customer may no longer use: Dr 预收账款; Cr 其他业务收入 (breakage). A gift
 * that expires is no fact of the books, as nothing was owed for it. Undefined when nothing is left.
 */
export function postPrepaidExpired(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly grantId: CreditGrantId;
    readonly left: Money;
  },
): Journal | undefined {
  const { left } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  invariant(left.minor >= 0n, 'a grant never goes below zero');
  if (left.minor === 0n) return undefined;
  return journalOf(facts, JOURNAL_TEMPLATES.prepaidExpired, {
    sourceId: facts.grantId,
    currency: left.currency,
    entries: [
      { account: roles.advances, minor: left.minor },
      { account: roles.breakage, minor: -left.minor },
    ],
  });
}

/**
 * Credits of a subscription that ended become the customer's balance: Dr 合同负债 net, Dr 销项税额
 * tax; Cr 预收账款. It is the opposite of what their invoices posted. The total is positive.
 */
export function postLeftoverCredit(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly grantId: CreditGrantId;
    readonly total: Money;
    readonly net: Money;
    readonly tax: Money;
  },
): Journal {
  const { total, net, tax } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  invariant(total.minor > 0n, 'a credit that is left is more than zero');
  invariant(net.minor + tax.minor === total.minor, 'net and tax of a credit add up');
  return journalOf(facts, JOURNAL_TEMPLATES.leftoverCredit, {
    sourceId: facts.grantId,
    currency: total.currency,
    entries: [
      { account: roles.contractLiability, minor: net.minor },
      { account: roles.outputTax, minor: tax.minor },
      { account: roles.advances, minor: -total.minor },
    ],
  });
}

/**
 * The invoice of a top-up was paid: what its issue posted as 合同负债 becomes the customer's balance,
 * Cr 预收账款. It had no tax, as nothing was supplied yet. The amount is positive.
 */
export function postTopUpGranted(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly grantId: CreditGrantId;
    readonly amount: Money;
  },
): Journal {
  const { amount } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  invariant(amount.minor > 0n, 'a top-up is more than zero');
  return journalOf(facts, JOURNAL_TEMPLATES.topUpGranted, {
    sourceId: facts.grantId,
    currency: amount.currency,
    entries: [
      { account: roles.contractLiability, minor: amount.minor },
      { account: roles.advances, minor: -amount.minor },
    ],
  });
}

function journalOf(
  facts: JournalFacts & { readonly customerId: CustomerId },
  template: string,
  about: {
    readonly sourceId: Id;
    readonly currency: Journal['currency'];
    readonly entries: readonly Entry[];
  },
): Journal {
  const { id, merchantId, customerId, businessDate, postedAt } = facts;
  return balanced({ id, merchantId, customerId, template, businessDate, postedAt, ...about });
}
