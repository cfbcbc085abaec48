import type { CustomerId, Id, MoneyExceptionId, RefundId, ReturnId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { CHINA_CHART, clearingAccountOf } from './chart.ts';
import type { Entry, Journal } from './journal.ts';
import { balanced, type JournalFacts } from './templates.ts';

/** The names of the templates of money on its way back, as journals carry them. Never renamed. */
export const REFUND_TEMPLATES = {
  refundPaid: 'refund_paid',
  refundToBalance: 'refund_to_balance',
  balanceRefundOwed: 'balance_refund_owed',
  exceptionOpened: 'exception_opened',
  exceptionCredited: 'exception_credited',
  exceptionBooked: 'exception_booked',
  paymentReturned: 'payment_returned',
} as const;

type CustomerFacts = JournalFacts & { readonly customerId: CustomerId };

/**
 * Money of a refund left: Dr 其他应付款 everything that was owed by it; Cr the rail's clearing
 * account, or the bank where a person transferred it; Cr 其他业务收入 what the merchant keeps for
 * its work, where that was declared. `amount` is positive, `processing` zero or more.
 */
export function postRefundPaid(
  facts: CustomerFacts & {
    readonly refundId: RefundId;
    /** Absent: it was transferred from the bank account. */
    readonly rail?: string;
    readonly amount: Money;
    readonly processing: Money;
  },
): Journal {
  const { amount, processing, rail } = facts;
  const chart = facts.chart ?? CHINA_CHART;
  const { roles } = chart;
  invariant(amount.minor > 0n && processing.minor >= 0n, 'a refund pays more than zero');
  const from = rail === undefined ? roles.bank : clearingAccountOf(chart, rail);
  return journalOf(facts, REFUND_TEMPLATES.refundPaid, {
    sourceId: facts.refundId,
    amount,
    entries: [
      { account: roles.suspensePayable, minor: amount.minor + processing.minor },
      { account: from, minor: -amount.minor },
      { account: roles.otherIncome, minor: -processing.minor },
    ],
  });
}

/** What a refund owed stays with us as the customer's balance: Dr 其他应付款; Cr 预收账款. */
export function postRefundToBalance(
  facts: CustomerFacts & { readonly refundId: RefundId; readonly owed: Money },
): Journal {
  const { roles } = facts.chart ?? CHINA_CHART;
  return journalOf(facts, REFUND_TEMPLATES.refundToBalance, {
    sourceId: facts.refundId,
    amount: facts.owed,
    entries: move(facts.owed, roles.suspensePayable, roles.advances),
  });
}

/** A part of a customer's balance is to go back to the payer: Dr 预收账款; Cr 其他应付款. */
export function postBalanceRefundOwed(
  facts: CustomerFacts & { readonly refundId: RefundId; readonly owed: Money },
): Journal {
  const { roles } = facts.chart ?? CHINA_CHART;
  return journalOf(facts, REFUND_TEMPLATES.balanceRefundOwed, {
    sourceId: facts.refundId,
    amount: facts.owed,
    entries: move(facts.owed, roles.advances, roles.suspensePayable),
  });
}

/**
 * Money whose purpose is not settled. `arrived`: it is at the rail and nobody owed it (Dr clearing;
 * Cr 其他应付款). `overpaid`: a part of a payment that was booked is more than was owed (Dr 应收账款;
 * Cr 其他应付款). `left`: the rail paid it out and our books know no reason (Dr 其他应收款; Cr clearing).
 */
export function postExceptionOpened(
  facts: CustomerFacts & {
    readonly exceptionId: MoneyExceptionId;
    readonly rail: string;
    readonly how: 'arrived' | 'overpaid' | 'left';
    readonly amount: Money;
  },
): Journal {
  const chart = facts.chart ?? CHINA_CHART;
  const { roles } = chart;
  const clearing = clearingAccountOf(chart, facts.rail);
  const [debit, credit] = (
    {
      arrived: [clearing, roles.suspensePayable],
      overpaid: [roles.receivable, roles.suspensePayable],
      left: [roles.suspenseReceivable, clearing],
    } as const
  )[facts.how];
  return journalOf(facts, REFUND_TEMPLATES.exceptionOpened, {
    sourceId: facts.exceptionId,
    amount: facts.amount,
    entries: move(facts.amount, debit, credit),
  });
}

/** Parked money becomes the customer's balance: Dr 其他应付款; Cr 预收账款. */
export function postExceptionCredited(
  facts: CustomerFacts & { readonly exceptionId: MoneyExceptionId; readonly amount: Money },
): Journal {
  const { roles } = facts.chart ?? CHINA_CHART;
  return journalOf(facts, REFUND_TEMPLATES.exceptionCredited, {
    sourceId: facts.exceptionId,
    amount: facts.amount,
    entries: move(facts.amount, roles.suspensePayable, roles.advances),
  });
}

/**
 * A person took a difference into the books: money that stays with us (Dr 其他应付款; Cr 营业外收入),
 * or that is lost (Dr 营业外支出; Cr 其他应收款).
 */
export function postExceptionBooked(
  facts: CustomerFacts & {
    readonly exceptionId: MoneyExceptionId;
    readonly side: 'payable' | 'receivable';
    readonly amount: Money;
  },
): Journal {
  const { roles } = facts.chart ?? CHINA_CHART;
  const [debit, credit] =
    facts.side === 'payable'
      ? [roles.suspensePayable, roles.differenceGain]
      : [roles.differenceLoss, roles.suspenseReceivable];
  return journalOf(facts, REFUND_TEMPLATES.exceptionBooked, {
    sourceId: facts.exceptionId,
    amount: facts.amount,
    entries: move(facts.amount, debit, credit),
  });
}

/** The payer's bank took a payment back: Dr 应收账款, as it is owed again; Cr clearing. */
export function postPaymentReturned(
  facts: CustomerFacts & {
    readonly returnId: ReturnId;
    readonly rail: string;
    readonly amount: Money;
  },
): Journal {
  const chart = facts.chart ?? CHINA_CHART;
  return journalOf(facts, REFUND_TEMPLATES.paymentReturned, {
    sourceId: facts.returnId,
    amount: facts.amount,
    entries: move(facts.amount, chart.roles.receivable, clearingAccountOf(chart, facts.rail)),
  });
}

function move(amount: Money, debit: string, credit: string): readonly Entry[] {
  invariant(amount.minor > 0n, 'what moves is more than zero');
  return [
    { account: debit, minor: amount.minor },
    { account: credit, minor: -amount.minor },
  ];
}

function journalOf(
  facts: CustomerFacts,
  template: string,
  about: { readonly sourceId: Id; readonly amount: Money; readonly entries: readonly Entry[] },
): Journal {
  const { id, merchantId, customerId, businessDate, postedAt } = facts;
  const { sourceId, amount, entries } = about;
  const { currency } = amount;
  return balanced({
    id,
    merchantId,
    customerId,
    template,
    sourceId,
    businessDate,
    currency,
    entries,
    postedAt,
  });
}
