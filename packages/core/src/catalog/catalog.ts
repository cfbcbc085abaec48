import type { Interval } from '../calendar/periods.ts';
import type { MeterId, PlanId, PriceId, PriceVersionId, ProductId } from '../ids/ids.ts';
import type { Currency } from '../money/money.ts';
import type { Ratio } from '../money/ratio.ts';
import type { PriceModel } from './price-model.ts';

/** What is taxed and what a customer may use: a service, a module of it, a piece of work. */
export type Product = {
  readonly id: ProductId;
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** The class whose rate new price versions take. */
  readonly taxClass: TaxClass;
};

/** A kind of supply with its VAT rate; a price version keeps the rate of the day it was made. */
export type TaxClass = {
  readonly code: string;
  /** 600 is 6 %. */
  readonly basisPoints: bigint;
  /** 商品和服务税收分类编码, 19 digits, where the tax invoice needs it. */
  readonly goodsCode?: string;
};

/** What is sold. */
export type Plan = {
  readonly id: PlanId;
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
};

/** `metered` counts usage by a meter; `one_off` is billed once, or in instalments. */
export type PriceKind = 'flat' | 'seat' | 'module' | 'metered' | 'one_off';

/** One thing of a plan that has a price: the base fee, a seat, a module, an implementation fee. */
export type Price = {
  readonly id: PriceId;
  readonly planId: PlanId;
  readonly productId?: ProductId;
  readonly code: string;
  readonly kind: PriceKind;
  readonly nameZh: string;
  readonly nameEn: string;
};

/** Billed before the period that it pays for, or after it. Metered prices are billed after. */
export type BillingTiming = 'advance' | 'arrears';

/** Whether prices already contain the tax (Chinese convention, DESIGN §8) or it is added. */
export type TaxBehavior = 'inclusive' | 'exclusive';

/** How a price is computed from a date on. Never edited in place: a change is a new version. */
export type PriceVersion = {
  readonly id: PriceVersionId;
  readonly priceId: PriceId;
  readonly version: number;
  readonly currency: Currency;
  /** Amounts in major units. */
  readonly model: PriceModel;
  /** VAT rate in basis points: 600 is 6 %. */
  readonly taxBasisPoints: bigint;
  readonly taxBehavior: TaxBehavior;
  /** How often it recurs: a whole number of the subscription's billing intervals. */
  readonly interval: Interval;
  readonly timing: BillingTiming;
  /** Metered prices: what they count. */
  readonly meterId?: MeterId;
  /** Per interval, major units, prorated with the service days; 0 or more. */
  readonly minimumSpend?: Ratio;
  readonly maximumSpend?: Ratio;
  /** One-off prices: billed in this many equal parts, one per billing period; 1 when absent. */
  readonly instalments?: number;
  readonly effectiveFrom: Temporal.PlainDate;
};

export type Catalog = {
  readonly products?: readonly Product[];
  readonly plans: readonly Plan[];
  readonly prices: readonly Price[];
  readonly versions: readonly PriceVersion[];
};

/** A price version with the price that it belongs to: what a line is made from. */
export type PricedVersion = { readonly price: Price; readonly version: PriceVersion };
