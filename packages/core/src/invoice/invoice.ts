import type { Period } from '../calendar/periods.ts';
import type { PriceKind } from '../catalog/catalog.ts';
import type { RatedStep } from '../catalog/rate.ts';
import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  PriceVersionId,
  SubscriptionId,
  SubscriptionItemId,
} from '../ids/ids.ts';
import { type Money, subtract } from '../money/money.ts';
import type { Ratio } from '../money/ratio.ts';
import type { CollectionMethod } from '../subscription/subscription.ts';

export type InvoiceState = 'draft' | 'open' | 'paid' | 'void';

/** The rule that made a line; the explanation is made from this, not from free text. */
export type LineRule =
  | 'list_price'
  | 'agreed_price'
  /** The rest of a period under what a change brought. */
  | 'change_charge'
  /** The unused rest of what was billed before a change. */
  | 'change_credit'
  | 'usage_correction'
  | 'minimum_spend'
  | 'commitment'
  | 'instalment'
  | 'termination'
  /** For an invoice that was paid late; never a part of what late fees count from. */
  | 'late_fee'
  /** Prepaid balance; the customer gets it when the invoice is paid. No service, and no tax yet. */
  | 'top_up';

/** Why a line has its amount: what people ask first. All of it optional but the rule. */
export type LineWhy = {
  /** How the model made the amount: tiers, free units, packages. Their sum is the exact amount. */
  readonly steps?: readonly RatedStep[];
  /** Units that resource packs covered before the price applied. */
  readonly packUnits?: Ratio;
  /** Units that the customer used, before packs and rounding. */
  readonly usedUnits?: Ratio;
  /** The discounts on this line, before tax, in the order in which they were applied. */
  readonly discounts?: readonly { readonly couponCode: string; readonly amount: Money }[];
  /** The change that caused an adjustment: "quantity", "pause" …, and its first day. */
  readonly change?: { readonly type: string; readonly on: Temporal.PlainDate };
  /** The line that a credit takes back a part of. */
  readonly credits?: { readonly invoiceId: InvoiceId; readonly position: number };
  /** The n-th of m instalments. */
  readonly instalment?: { readonly number: number; readonly of: number };
  /** The overdue invoice that a late fee is for, and how it was counted. */
  readonly lateFee?: {
    readonly invoiceId: InvoiceId;
    /** Days that counted, in the line's period. */
    readonly days: number;
    /** What was unpaid on the first day that counted. */
    readonly base: Money;
    /** The most that the overdue invoice can be asked for. */
    readonly cap: Money;
    /** Absent for an amount that is asked for once. */
    readonly dailyBasisPoints?: Ratio;
  };
};

export type InvoiceLine = {
  readonly position: number;
  readonly kind: PriceKind;
  readonly priceCode: string;
  readonly priceVersionId: PriceVersionId;
  readonly subscriptionId: SubscriptionId;
  readonly itemId?: SubscriptionItemId;
  /** The department or member that it is for; absent: the payer. */
  readonly beneficiaryId?: CustomerId;
  /** The days of service that it pays for. */
  readonly period: Period;
  /**
   * Days in `period`, and in the whole period of the price: quantity × unit × days ÷ days. A part
   * of a credit whose rest waits has 0 service days: the rest has them.
   */
  readonly serviceDays: number;
  readonly periodDays: number;
  readonly quantity: Ratio;
  /** Major units per quantity and whole period; absent where the model has no single unit price. */
  readonly unitAmount?: Ratio;
  /** Before discount, on the price's own basis (tax inside or outside). */
  readonly subtotal: Money;
  /** Zero or more, on the same basis. */
  readonly discount: Money;
  /** Tax included, discount taken off. `net` + `tax` = `amount`, stored, never recomputed. */
  readonly amount: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly taxBasisPoints: bigint;
  readonly rule: LineRule;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly why: LineWhy;
};

/** What is owed for a period (账单). Never the tax invoice (发票). */
export type Invoice = {
  readonly id: InvoiceId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  /** Absent: a consolidated invoice; its lines name their subscriptions. */
  readonly subscriptionId?: SubscriptionId;
  readonly number: string;
  /** What it bills, once: "period:2026-03-01" of a subscription, "payer:…" when consolidated. */
  readonly billingKey: string;
  readonly state: InvoiceState;
  readonly collection: CollectionMethod;
  readonly period: Period;
  /** T: the debit's first possible business date. */
  readonly dueDate: Temporal.PlainDate;
  /** When the draft is issued and its notice planned (T−5 by default). */
  readonly issueAt: Temporal.Instant;
  readonly total: Money;
  readonly net: Money;
  readonly tax: Money;
  /** Paid from the customer's credit grants (wallet, vouchers). */
  readonly balanceApplied: Money;
  /** Taken back by credit notes that reduce what is owed. */
  readonly credited: Money;
  readonly lines: readonly InvoiceLine[];
  readonly createdAt: Temporal.Instant;
  readonly issuedAt?: Temporal.Instant;
  readonly paidAt?: Temporal.Instant;
};

/** What is left to collect: the total less the balance used and what was taken back. */
export function amountDue(invoice: Invoice): Money {
  return subtract(subtract(invoice.total, invoice.balanceApplied), invoice.credited);
}

/** Whether it sells prepaid balance. Such an invoice sells nothing else. */
export function isTopUp({ lines }: Pick<Invoice, 'lines'>): boolean {
  return lines.some(({ rule }) => rule === 'top_up');
}

/** A line that waits for the next invoice: an adjustment, an instalment, a one-off amount. */
export type WaitingLine = Omit<InvoiceLine, 'position'>;
