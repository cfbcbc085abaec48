import type { PriceModel } from '../catalog/price-model.ts';
import type {
  CustomerId,
  PlanId,
  PriceVersionId,
  SubscriptionChangeId,
  SubscriptionId,
  SubscriptionItemId,
} from '../ids/ids.ts';
import type { PriceGrounds } from './price-change-grounds.ts';
import type { Contract } from './subscription.ts';

/** Today, or when the period that is running ends; or on a day that is given. */
export type ChangeTime =
  | { readonly at: 'now' }
  | { readonly at: 'period_end' }
  | { readonly at: 'date'; readonly date: Temporal.PlainDate };

/** What can be done to a subscription. Its history is the list of these. */
export type SubscriptionCommand =
  | {
      readonly type: 'quantity';
      readonly itemId: SubscriptionItemId;
      /** The new number of units; more than zero. */
      readonly quantity: bigint;
      readonly when: ChangeTime;
    }
  | {
      readonly type: 'add_item';
      readonly priceVersionId: PriceVersionId;
      readonly quantity: bigint;
      readonly agreedModel?: PriceModel;
      readonly when: ChangeTime;
    }
  | {
      readonly type: 'remove_item';
      readonly itemId: SubscriptionItemId;
      readonly when: ChangeTime;
    }
  /** Upgrade, downgrade or migration: the items named are replaced by those of the new plan. */
  | {
      readonly type: 'plan';
      readonly planId: PlanId;
      readonly items: readonly NewItem[];
      readonly when: ChangeTime;
    }
  /** The same items at other price versions (a price change, a migration to new prices). */
  | {
      readonly type: 'prices';
      readonly versions: readonly {
        readonly from: PriceVersionId;
        readonly to: PriceVersionId;
      }[];
      readonly when: ChangeTime;
      /** Needed where an item costs more afterwards: see `refusalOfGrounds`. */
      readonly grounds?: PriceGrounds;
    }
  | {
      readonly type: 'pause';
      readonly when: ChangeTime;
      /** The first day of service again; absent: until `resume`. */
      readonly resumesOn?: Temporal.PlainDate;
    }
  | { readonly type: 'resume'; readonly when: ChangeTime }
  /** Ends service. Before the contract's end, its early-termination rule makes a line. */
  | { readonly type: 'end'; readonly when: ChangeTime; readonly waiveTermination?: boolean }
  /** Off: service ends with what is paid, which stays. On: takes the end back. */
  | { readonly type: 'auto_renew'; readonly on: boolean }
  /** Moves the boundaries to this day, with a short period until then (统一到期日). */
  | { readonly type: 'align'; readonly expiresOn: Temporal.PlainDate }
  | { readonly type: 'contract'; readonly contract: Contract }
  | { readonly type: 'unpark' };

export type NewItem = {
  readonly priceVersionId: PriceVersionId;
  readonly quantity: bigint;
  readonly agreedModel?: PriceModel;
};

/** One change that happened: who looks back reads these in order. */
export type SubscriptionChange = {
  readonly id: SubscriptionChangeId;
  readonly subscriptionId: SubscriptionId;
  readonly customerId: CustomerId;
  readonly command: SubscriptionCommand;
  readonly effectiveOn: Temporal.PlainDate;
  /** The sum of the adjusting lines, minor units, tax included; negative is money back. */
  readonly adjustedMinor: bigint;
  readonly at: Temporal.Instant;
};
