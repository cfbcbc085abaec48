import type { Plan } from '../catalog/catalog.ts';
import type { Customer } from '../customer/customer.ts';
import type { AmountGuard } from '../debit/amount-guard.ts';
import type { AttemptRefusal } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { AttemptId, Id, MeterId, PlanId, SubscriptionId } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { MandateDrift } from '../mandate/drift.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import type { Notice } from '../notice/notice.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { PriceChangeConsent } from '../subscription/price-change-consent.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** The last definite answer of a mandate's rail, where it was a refusal. */
export type LastRefusal = {
  readonly attemptId: AttemptId;
  readonly refusal: AttemptRefusal;
  readonly at: Temporal.Instant;
};

/** What a meter of a subscription counted lately. */
export type MeterUse = {
  readonly subscriptionId: SubscriptionId;
  readonly meterId: MeterId;
  /** Whole billing periods that were looked at, the running one left out. */
  readonly periods: number;
  /** Events in all of them. */
  readonly events: bigint;
};

/** A published price change that this customer has not answered, and when it takes effect. */
export type WaitingPriceChange = {
  readonly consent: PriceChangeConsent;
  readonly effectiveOn: Temporal.PlainDate;
};

/** Who approved a subscription of an organisation, and what proves it. */
export type SubscriptionApproval = {
  readonly subscriptionId: SubscriptionId;
  readonly by: string;
  readonly at: Temporal.Instant;
  readonly evidence: Id;
};

/** What an invoice that is not paid yet will take for one subscription, and when. */
export type UpcomingAmount = Collection & { readonly subscriptionId: SubscriptionId };

/** All that a look before a debit knows. Nothing is looked up while it is decided. */
export type CheckupFacts = {
  readonly invoice: Invoice;
  readonly customer: Customer;
  /** The debit that will collect it, once it is planned. */
  readonly debit?: Debit;
  /** The mandate of the debit, or the one that it will go by. */
  readonly mandate?: Mandate;
  readonly lastRefusal?: LastRefusal;
  /** Open differences with the rail about this mandate. */
  readonly drifts: readonly MandateDrift[];
  /** The customer's last successful debits, newest first. */
  readonly history: readonly Money[];
  readonly amountGuard?: AmountGuard;
  /** The customer's subscriptions that have not ended, those of the invoice among them. */
  readonly subscriptions: readonly Subscription[];
  readonly prices: Prices;
  readonly plans: ReadonlyMap<PlanId, Plan>;
  readonly meterUse: readonly MeterUse[];
  /** The messages that gate the debit. */
  readonly notices: readonly Notice[];
  readonly priceChanges: readonly WaitingPriceChange[];
  readonly approvals: readonly SubscriptionApproval[];
  /** What people call the rail. */
  readonly railName: { readonly zh: string; readonly en: string };
};

/** What the debit will take: the debit's own amount, or what the invoice leaves to collect. */
export type Collection = { readonly amount: Money; readonly on: Temporal.PlainDate };
