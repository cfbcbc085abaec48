import type { Period } from '../calendar/periods.ts';
import type { PriceKind } from '../catalog/catalog.ts';
import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  PriceVersionId,
  SubscriptionId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import type { CollectionMethod } from '../subscription/subscription.ts';

export type InvoiceState = 'draft' | 'open' | 'paid' | 'void';

/** Why a line has the amount that it has; the explanation is made from this, not from free text. */
export type LineReason = {
  /** The rule that priced it. */
  readonly rule: 'list_price' | 'agreed_price';
  readonly nameZh: string;
  readonly nameEn: string;
};

export type InvoiceLine = {
  readonly position: number;
  readonly kind: PriceKind;
  readonly priceVersionId: PriceVersionId;
  readonly period: Period;
  readonly quantity: bigint;
  readonly unitAmount: Money;
  /** Tax included. `net` + `tax` = `amount`, stored, never recomputed (DESIGN §8). */
  readonly amount: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly taxBasisPoints: bigint;
  readonly reason: LineReason;
};

/** What is owed for a period (账单). Never the tax invoice (发票). */
export type Invoice = {
  readonly id: InvoiceId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly subscriptionId: SubscriptionId;
  readonly number: string;
  readonly state: InvoiceState;
  readonly collection: CollectionMethod;
  readonly period: Period;
  /** T: the first day of the period; the debit's first possible business date. */
  readonly dueDate: Temporal.PlainDate;
  /** When the draft is issued and its notice planned (T−5 by default). */
  readonly issueAt: Temporal.Instant;
  readonly total: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly lines: readonly InvoiceLine[];
  readonly createdAt: Temporal.Instant;
  readonly issuedAt?: Temporal.Instant;
  readonly paidAt?: Temporal.Instant;
};
