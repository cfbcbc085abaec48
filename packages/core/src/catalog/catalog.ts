import type { Interval } from '../calendar/periods.ts';
import type { PlanId, PriceId, PriceVersionId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

/** What is sold. */
export type Plan = {
  readonly id: PlanId;
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
};

export type PriceKind = 'flat' | 'seat' | 'module' | 'one_off';

/** One thing of a plan that has a price: the base fee, a seat, a module, an implementation fee. */
export type Price = {
  readonly id: PriceId;
  readonly planId: PlanId;
  readonly code: string;
  readonly kind: PriceKind;
  readonly nameZh: string;
  readonly nameEn: string;
};

/** The amount of a price from a date on. Never edited in place: a change is a new version. */
export type PriceVersion = {
  readonly id: PriceVersionId;
  readonly priceId: PriceId;
  readonly version: number;
  /** Per unit and interval, tax included (Chinese convention, DESIGN §8). */
  readonly unitAmount: Money;
  /** VAT rate in basis points: 600 is 6 %. */
  readonly taxBasisPoints: bigint;
  readonly interval: Interval;
  readonly effectiveFrom: Temporal.PlainDate;
};

export type Catalog = {
  readonly plans: readonly Plan[];
  readonly prices: readonly Price[];
  readonly versions: readonly PriceVersion[];
};
