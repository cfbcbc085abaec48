import {
  addRatio,
  type CustomerId,
  computeMeteredUsage,
  computeUsage,
  groupKeyOf,
  groupOf,
  type Meter,
  ok,
  type Period,
  type Ratio,
  type Refusal,
  type Result,
  refuse,
  type UsageGroup,
  type UsageTotal,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { foldUsage } from './fold.ts';
import { toUsageQuery } from './load.ts';

/** A question about one customer's usage on the days of a period. */
export type UsageQuestion = {
  readonly customerId: CustomerId;
  readonly period: Period;
  /** A meter's code; absent: all meters. */
  readonly meter?: string;
  /** Properties to keep apart; absent: all that the meter keeps apart. */
  readonly groupBy?: readonly string[];
};

export type MeterUsage = {
  readonly meter: Meter;
  readonly units: Ratio;
  readonly events: bigint;
  readonly groups: readonly UsageGroup[];
};

export type UsageReadRefusal = Refusal<'not_found' | 'meter_not_found' | 'group_not_found'>;

/**
 * A customer's usage of each meter. Everything that was acknowledged is in it: the open batches are
 * folded first.
 */
export async function readCustomerUsage(
  job: Job,
  question: UsageQuestion,
): Promise<Result<readonly MeterUsage[], UsageReadRefusal>> {
  await foldUsage(job);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([question.customerId]);
    if (customer === undefined) return refuse(NOT_FOUND);
    const all = await tx.loadMeters();
    const meters = metersAsked(all, question);
    if (!all.some(({ code }) => question.meter === undefined || code === question.meter)) {
      if (question.meter !== undefined) return refuse(METER_NOT_FOUND);
    }
    if (question.groupBy !== undefined && meters.length === 0) return refuse(GROUP_NOT_FOUND);
    const { groupBy } = question;
    const totals = await tx.loadUsage(
      meters.map((meter) => toUsageQuery(meter, question.customerId, question.period)),
    );
    const span = { period: question.period, zone: job.merchant.zone };
    return ok(
      meters.map((meter, index): MeterUsage => {
        const read = totals[index] ?? [];
        const shown = groupBy === undefined ? meter : { ...meter, groupBy };
        const merged = groupBy === undefined ? read : narrow(meter, shown, read);
        return {
          meter,
          units: computeMeteredUsage(meter, read, span).units,
          events: read.reduce((sum, { events }) => sum + events, 0n),
          groups: computeUsage(shown, merged, span),
        };
      }),
    );
  });
}

/** The meters that a question is about: of its code, and that keep apart what it wants apart. */
function metersAsked(all: readonly Meter[], { meter, groupBy }: UsageQuestion): readonly Meter[] {
  return all.filter(
    (one) =>
      (meter === undefined || one.code === meter) &&
      (groupBy === undefined || isSubset(groupBy, one.groupBy)),
  );
}

/** Usage kept apart by fewer properties: groups that are now the same are merged. */
function narrow(meter: Meter, shown: Meter, totals: readonly UsageTotal[]): readonly UsageTotal[] {
  const merged = new Map<string, UsageTotal>();
  for (const total of totals) {
    const groupKey = groupKeyOf(shown, groupOf(meter, total.groupKey));
    const known = merged.get(groupKey);
    merged.set(groupKey, known === undefined ? { ...total, groupKey } : mergeTotals(known, total));
  }
  return [...merged.values()];
}

function mergeTotals(left: UsageTotal, right: UsageTotal): UsageTotal {
  return {
    groupKey: left.groupKey,
    units: addRatio(left.units, right.units),
    events: left.events + right.events,
    states: [...left.states, ...right.states],
    unitsBefore: addRatio(left.unitsBefore, right.unitsBefore),
    statesBefore: [...left.statesBefore, ...right.statesBefore],
  };
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}

const NOT_FOUND: UsageReadRefusal = {
  code: 'not_found',
  sentence: 'There is no such customer or subscription.',
  next: 'Check the id.',
  field: 'id',
};

const METER_NOT_FOUND: UsageReadRefusal = {
  code: 'meter_not_found',
  sentence: 'There is no meter of this code.',
  next: 'Check the code, or leave it out for all meters.',
  field: 'meter',
};

const GROUP_NOT_FOUND: UsageReadRefusal = {
  code: 'group_not_found',
  sentence: 'No meter that is asked for keeps usage apart by this property.',
  next: 'Name properties of the meter’s group_by, or leave it out.',
  field: 'group_by',
};
