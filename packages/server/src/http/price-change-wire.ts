import { type ImpactTotalsWire, toIntegerWire } from '@daikou/api';
import type { ImpactTotals } from '@daikou/engine';

/** The totals of a dry run in their wire form: amounts per period, by currency. */
export function toTotalsWire(totals: ImpactTotals): ImpactTotalsWire {
  const { byCurrency, ...counts } = totals;
  return {
    ...counts,
    by_currency: byCurrency.map(({ currency, beforeMinor, afterMinor }) => ({
      currency,
      before: toIntegerWire(beforeMinor),
      after: toIntegerWire(afterMinor),
    })),
  };
}
