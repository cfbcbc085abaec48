import {
  type CustomerId,
  carriesKeys,
  carriesLevel,
  computeMeteredUsage,
  type Meter,
  type MeterId,
  type Period,
  present,
  type Tx,
  type Usage,
  type UsageQuery,
} from '@daikou/core';

/** What to read for a meter: the period, and what of the days before it the meter looks back at. */
export function toUsageQuery(meter: Meter, customerId: CustomerId, period: Period): UsageQuery {
  const query = { customerId, meterId: meter.id, period };
  if (carriesKeys(meter)) return { ...query, before: 'states' };
  return carriesLevel(meter) ? { ...query, before: 'units' } : query;
}

/** Usage of one customer and meter in one period, to be rated. */
export type MeteredQuery = {
  readonly customerId: CustomerId;
  readonly meterId: MeterId;
  readonly period: Period;
  /** The whole period of the price, where `period` is a part of it. */
  readonly full?: Period;
};

/**
 * The usage of each query as rating takes it, in their order, from the rollups in one statement.
 * Usage that is not folded yet is not in it: `foldUsage` first. Every meter must be known.
 */
export async function loadMeteredUsage(
  tx: Tx,
  facts: { readonly meters: readonly Meter[]; readonly zone: string },
  queries: readonly MeteredQuery[],
): Promise<readonly Usage[]> {
  if (queries.length === 0) return [];
  const meters = new Map<MeterId, Meter>(facts.meters.map((meter) => [meter.id, meter]));
  const asked = queries.map((query) => ({
    ...query,
    meter: present(meters.get(query.meterId), 'the meter of a metered price'),
  }));
  const totals = await tx.loadUsage(
    asked.map(({ meter, customerId, period }) => toUsageQuery(meter, customerId, period)),
  );
  return asked.map(({ meter, period, full = period }, index) =>
    computeMeteredUsage(meter, totals[index] ?? [], { period, full, zone: facts.zone }),
  );
}
