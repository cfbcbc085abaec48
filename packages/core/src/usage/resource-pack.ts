import type { Period } from '../calendar/periods.ts';
import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  MeterId,
  PriceVersionId,
  ResourcePackId,
} from '../ids/ids.ts';
import {
  compareRatio,
  minRatio,
  RATIO_ZERO,
  type Ratio,
  reduceRatio,
  subtractRatio,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';

/** Units of a meter that were paid beforehand (资源包) and are burnt before the metered price. */
export type ResourcePack = {
  readonly id: ResourcePackId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly meterId: MeterId;
  readonly unitsBought: Ratio;
  readonly unitsLeft: Ratio;
  readonly validFrom: Temporal.PlainDate;
  /** The first day on which it can no longer be burnt. */
  readonly expiresOn: Temporal.PlainDate;
  /** What it was sold as, where it was sold through the catalogue. */
  readonly priceVersionId?: PriceVersionId;
};

/** Units that one invoice took from one pack. */
export type PackBurn = {
  readonly packId: ResourcePackId;
  readonly invoiceId: InvoiceId;
  readonly units: Ratio;
};

/** What became of a period's units: taken from packs, and left for the metered price. */
export type BurnResult = {
  readonly burns: readonly { readonly packId: ResourcePackId; readonly units: Ratio }[];
  readonly unitsLeft: Ratio;
  /** The packs as they are afterwards, those that were not touched included, in given order. */
  readonly packs: readonly ResourcePack[];
};

/**
 * Burns packs for the units of one period: the earliest expiry first, then the earlier start, then
 * the id, so that the same packs always burn alike. A pack serves a period when it is valid on at
 * least one of the period's days. No pack goes below zero, and what is not covered is left to be
 * priced. All packs are of the meter that counted `units`.
 */
export function burnPacks(
  packs: readonly ResourcePack[],
  units: Ratio,
  period: Period,
): BurnResult {
  invariant(compareRatio(units, RATIO_ZERO) >= 0, 'packs are burnt for zero or more units');
  const left = new Map<ResourcePackId, Ratio>();
  const burns: { readonly packId: ResourcePackId; readonly units: Ratio }[] = [];
  let open = units;
  for (const pack of [...packs].sort(byExpiry)) {
    if (compareRatio(open, RATIO_ZERO) === 0) break;
    if (!isValidIn(pack, period) || compareRatio(pack.unitsLeft, RATIO_ZERO) <= 0) continue;
    const taken = minRatio(pack.unitsLeft, open);
    open = reduceRatio(subtractRatio(open, taken));
    left.set(pack.id, reduceRatio(subtractRatio(pack.unitsLeft, taken)));
    burns.push({ packId: pack.id, units: taken });
  }
  return {
    burns,
    unitsLeft: open,
    packs: packs.map((pack) => ({ ...pack, unitsLeft: left.get(pack.id) ?? pack.unitsLeft })),
  };
}

/** Whether the pack may be burnt for usage of the period: they share at least one day. */
export function isValidIn(pack: ResourcePack, period: Period): boolean {
  return (
    Temporal.PlainDate.compare(pack.validFrom, period.end) < 0 &&
    Temporal.PlainDate.compare(period.start, pack.expiresOn) < 0
  );
}

function byExpiry(left: ResourcePack, right: ResourcePack): number {
  return (
    Temporal.PlainDate.compare(left.expiresOn, right.expiresOn) ||
    Temporal.PlainDate.compare(left.validFrom, right.validFrom) ||
    compareText(left.id, right.id)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
