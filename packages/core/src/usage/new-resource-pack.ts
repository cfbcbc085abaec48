import { isDateBefore } from '../calendar/periods.ts';
import type {
  CustomerId,
  MerchantId,
  MeterId,
  PriceVersionId,
  ResourcePackId,
} from '../ids/ids.ts';
import { compareRatio, RATIO_ZERO, type Ratio } from '../money/ratio.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import type { ResourcePack } from './resource-pack.ts';

export type ResourcePackRefusal = Refusal<
  'pack_units_not_positive' | 'pack_ends_before_it_starts' | 'pack_over_already'
>;

/**
 * Checks and makes a full resource pack (资源包): more than zero units, at least one day long, and
 * not over by `context.today`, as nothing could be burnt from it. Without `validFrom` it holds from
 * today. A start in the past is allowed: usage of a period that is not billed yet may be covered.
 */
export function decideResourcePack(
  wanted: {
    readonly customerId: CustomerId;
    readonly meterId: MeterId;
    readonly units: Ratio;
    readonly validFrom?: Temporal.PlainDate;
    /** The first day on which it can no longer be burnt. */
    readonly expiresOn: Temporal.PlainDate;
    readonly priceVersionId?: PriceVersionId;
  },
  context: {
    readonly id: ResourcePackId;
    readonly merchantId: MerchantId;
    readonly today: Temporal.PlainDate;
  },
): Result<ResourcePack, ResourcePackRefusal> {
  const { customerId, meterId, units, expiresOn, priceVersionId } = wanted;
  const { id, merchantId, today } = context;
  const validFrom = wanted.validFrom ?? today;
  if (compareRatio(units, RATIO_ZERO) <= 0) {
    return refuse({
      code: 'pack_units_not_positive',
      sentence: 'A resource pack holds more than zero units.',
      next: 'Write units above zero.',
      field: 'units',
    });
  }
  if (!isDateBefore(today, expiresOn)) {
    return refuse({
      code: 'pack_over_already',
      sentence: 'The pack would be over today, before anything is burnt from it.',
      next: 'Choose an expiry after today; it is the first day on which the pack no longer holds.',
      field: 'expiresOn',
    });
  }
  if (!isDateBefore(validFrom, expiresOn)) {
    return refuse({
      code: 'pack_ends_before_it_starts',
      sentence: 'The pack ends before it begins.',
      next: 'Choose an expiry after the first day.',
      field: 'expiresOn',
    });
  }
  return ok({
    id,
    merchantId,
    customerId,
    meterId,
    unitsBought: units,
    unitsLeft: units,
    validFrom,
    expiresOn,
    ...(priceVersionId === undefined ? {} : { priceVersionId }),
  });
}
