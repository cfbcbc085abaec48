import type {
  CustomerId,
  InvoiceId,
  JournalId,
  MerchantId,
  PaymentId,
  RailBillId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { assertBalanced } from './balances.ts';
import { CHINA_CHART, type Chart, clearingAccountOf } from './chart.ts';
import type { Entry, Journal } from './journal.ts';

/** What every template needs to know of the journal that it makes. */
export type JournalFacts = {
  readonly id: JournalId;
  readonly merchantId: MerchantId;
  readonly businessDate: Temporal.PlainDate;
  readonly postedAt: Temporal.Instant;
  /** The merchant's chart of accounts; the Chinese one by default. */
  readonly chart?: Chart;
};

/** The names of our templates, as journals carry them. Never renamed: books keep them for years. */
export const JOURNAL_TEMPLATES = {
  invoiceIssued: 'invoice_issued',
  paymentReceived: 'payment_received',
  railFee: 'rail_fee',
  balanceUsed: 'balance_used',
  balanceGivenBack: 'balance_given_back',
  prepaidReceived: 'prepaid_received',
  prepaidExpired: 'prepaid_expired',
  leftoverCredit: 'leftover_credit',
  topUpGranted: 'top_up_granted',
  reversal: 'reversal',
} as const;

/** The journal without entries of zero; one that does not balance is our bug. */
export function balanced(journal: Journal): Journal {
  const posted = { ...journal, entries: journal.entries.filter((entry) => entry.minor !== 0n) };
  assertBalanced(posted);
  return posted;
}

/**
 * An invoice was issued: Dr 应收账款 total; Cr 合同负债 net, Cr 销项税额 tax. Late fees on it pay for no
 * service: their net (`lateFees`) is income at once, Cr 违约金收入. Returns undefined for a total of
 * zero, which is no fact of the books.
 *
 * The tax is booked as due, because the customer's payment falls due with the invoice (VAT law,
 * art. 28); a merchant whose tax point comes later uses 待转销项税额 in a chart of its own.
 */
export function postInvoiceIssued(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly invoiceId: InvoiceId;
    readonly total: Money;
    readonly net: Money;
    readonly tax: Money;
    /** The net of its late fees, a part of `net`; none when absent. */
    readonly lateFees?: Money;
  },
): Journal | undefined {
  const { id, merchantId, customerId, businessDate, postedAt, total, net, tax } = facts;
  const lateFees = facts.lateFees?.minor ?? 0n;
  const { roles } = facts.chart ?? CHINA_CHART;
  invariant(
    total.currency === net.currency && total.currency === tax.currency,
    'an invoice has one currency',
  );
  invariant(total.minor >= 0n, 'an issued invoice is zero or more; less is a credit note');
  invariant(net.minor + tax.minor === total.minor, 'net and tax of an invoice add up to its total');
  if (total.minor === 0n) return undefined;
  return balanced({
    id,
    merchantId,
    customerId,
    template: JOURNAL_TEMPLATES.invoiceIssued,
    sourceId: facts.invoiceId,
    businessDate,
    currency: total.currency,
    entries: [
      { account: roles.receivable, minor: total.minor },
      { account: roles.contractLiability, minor: lateFees - net.minor },
      { account: roles.lateFeeIncome, minor: -lateFees },
      { account: roles.outputTax, minor: -tax.minor },
    ],
    postedAt,
  });
}

/** Money arrived at a rail: Dr the rail's clearing account; Cr 应收账款. The amount is positive. */
export function postPaymentReceived(
  facts: JournalFacts & {
    readonly customerId: CustomerId;
    readonly paymentId: PaymentId;
    readonly rail: string;
    readonly amount: Money;
  },
): Journal {
  const { id, merchantId, customerId, businessDate, postedAt, amount } = facts;
  const chart = facts.chart ?? CHINA_CHART;
  invariant(amount.minor > 0n, 'a payment is more than zero');
  return balanced({
    id,
    merchantId,
    customerId,
    template: JOURNAL_TEMPLATES.paymentReceived,
    sourceId: facts.paymentId,
    businessDate,
    currency: amount.currency,
    entries: [
      { account: clearingAccountOf(chart, facts.rail), minor: amount.minor },
      { account: chart.roles.receivable, minor: -amount.minor },
    ],
    postedAt,
  });
}

/**
 * The fee that a rail kept on one day's bill: Dr 手续费; Cr the rail's clearing account. A negative
 * fee is one that the rail gave back. Returns undefined for a fee of zero.
 */
export function postRailFee(
  facts: JournalFacts & {
    readonly billId: RailBillId;
    readonly rail: string;
    readonly fee: Money;
  },
): Journal | undefined {
  const { id, merchantId, businessDate, postedAt, fee } = facts;
  const chart = facts.chart ?? CHINA_CHART;
  if (fee.minor === 0n) return undefined;
  return balanced({
    id,
    merchantId,
    template: JOURNAL_TEMPLATES.railFee,
    sourceId: facts.billId,
    businessDate,
    currency: fee.currency,
    entries: [
      { account: chart.roles.railFee, minor: fee.minor },
      { account: clearingAccountOf(chart, facts.rail), minor: -fee.minor },
    ],
    postedAt,
  });
}

/**
 * Takes `journal` back: the same accounts with opposite signs. Its source is the journal itself, so
 * that one journal is reversed at most once. Reports show it in red on the original side (红字冲销).
 */
export function postReversal(
  journal: Journal,
  facts: {
    readonly id: JournalId;
    readonly businessDate: Temporal.PlainDate;
    readonly postedAt: Temporal.Instant;
  },
): Journal {
  invariant(facts.id !== journal.id, 'a reversal is a journal of its own');
  const entries: readonly Entry[] = journal.entries.map((entry) => ({
    account: entry.account,
    minor: -entry.minor,
  }));
  return balanced({
    ...journal,
    id: facts.id,
    template: JOURNAL_TEMPLATES.reversal,
    sourceId: journal.id,
    businessDate: facts.businessDate,
    entries,
    postedAt: facts.postedAt,
  });
}
