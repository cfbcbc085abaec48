import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import { firstBillingDate } from './billing-day.ts';
import { type Grid, gridBoundary, gridIndexOf, gridPeriod } from './grid.ts';
import { earlierDate, type Interval, isDateBefore, type Period } from './periods.ts';

/** Service from `start`, billed on `billingDay` of the month (ignored by intervals of days). */
export type BillingSchedule = {
  readonly start: Temporal.PlainDate;
  readonly interval: Interval;
  readonly billingDay: number;
};

/**
 * When a period is billed: at its start, at its end, or (greedy) by any run that falls into it,
 * which closes usage early.
 */
export type BillingMode = 'in_advance' | 'in_arrears' | 'in_arrears_greedy';

/** A billing run on `asOf`. `end` is the first day without service, when it is known. */
export type BillingRun = {
  readonly asOf: Temporal.PlainDate;
  readonly mode: BillingMode;
  readonly end?: Temporal.PlainDate;
  /** Refuse an in-advance run before the start, which otherwise bills nothing. */
  readonly refuseBeforeStart?: boolean;
};

/** What was served, and the whole period that its days are a share of. */
export type ServicePeriod = { readonly service: Period; readonly full: Period };

/** Where a billing run stands. `billedThrough` is outside what is billed; absent: nothing was. */
export type BillingWindow = {
  readonly firstBillingDate: Temporal.PlainDate;
  readonly billedThrough?: Temporal.PlainDate;
  /** The latest billing date that is not after `billedThrough`. */
  readonly lastBillingDate?: Temporal.PlainDate;
  /** The first billing date that is not yet reached. */
  readonly nextBillingDate: Temporal.PlainDate;
  /** Whether the run has reached a date that bills, and the service lasted at least a day. */
  readonly hasBilling: boolean;
};

export type BillingRunRefusal = Refusal<'invalid_date_sequence'>;

/** The billing dates of the schedule as a line of periods; boundary 0 is the first billing date. */
export function billingGrid({ start, interval, billingDay }: BillingSchedule): Grid {
  return { anchor: firstBillingDate(start, interval, billingDay), interval, billingDay };
}

/**
 * The period of service that holds `date`, and how many were completed before it. A start off the
 * billing day gives a short first period, which counts as one. A date before the start answers
 * with the first period.
 */
export function servicePeriodContaining(
  schedule: BillingSchedule,
  date: Temporal.PlainDate,
): ServicePeriod & { readonly elapsed: number } {
  const grid = billingGrid(schedule);
  const stub = leadingStub(schedule);
  if (isDateBefore(date, grid.anchor)) {
    return { ...(stub ?? wholePeriod(grid, 0)), elapsed: 0 };
  }
  const index = gridIndexOf(grid, date);
  return { ...wholePeriod(grid, index), elapsed: stub === undefined ? index : index + 1 };
}

/**
 * The short first period up to the first billing date, as a share of the whole period that ends
 * there; undefined when the service starts on its billing day.
 */
export function leadingStub(schedule: BillingSchedule): ServicePeriod | undefined {
  const grid = billingGrid(schedule);
  return isDateBefore(schedule.start, grid.anchor)
    ? { service: { start: schedule.start, end: grid.anchor }, full: gridPeriod(grid, -1) }
    : undefined;
}

/** What an in-arrears invoice of `invoiceDate` bills: the last completed period, if there is. */
export function arrearsPeriod(
  schedule: BillingSchedule,
  invoiceDate: Temporal.PlainDate,
): Period | undefined {
  const current = servicePeriodContaining(schedule, invoiceDate);
  if (current.elapsed === 0) return undefined;
  return servicePeriodContaining(schedule, current.service.start.subtract({ days: 1 })).service;
}

/** How far a run on a date bills, and the billing dates around it. */
export function billingWindow(schedule: BillingSchedule, run: BillingRun): BillingWindow {
  const grid = billingGrid(schedule);
  const through = billedThrough(schedule, run);
  const first = grid.anchor;
  const hasBilling =
    through !== undefined && (run.end === undefined || isDateBefore(schedule.start, run.end));
  if (through === undefined || isDateBefore(through, first)) {
    return {
      firstBillingDate: first,
      ...(through === undefined ? {} : { billedThrough: through }),
      nextBillingDate: first,
      hasBilling,
    };
  }
  const last = gridIndexOf(grid, through);
  return {
    firstBillingDate: first,
    billedThrough: through,
    lastBillingDate: gridBoundary(grid, last),
    nextBillingDate: gridBoundary(grid, last + 1),
    hasBilling,
  };
}

/**
 * The periods that are billed by the run, the short first one at the front, the last one cut at
 * the end of the service. Refuses an end before the start: billing nothing would hide the mistake.
 */
export function billedPeriods(
  schedule: BillingSchedule,
  run: BillingRun,
): Result<readonly ServicePeriod[], BillingRunRefusal> {
  const isTooEarly =
    run.refuseBeforeStart === true &&
    run.mode === 'in_advance' &&
    isDateBefore(run.asOf, schedule.start);
  if (isTooEarly || (run.end !== undefined && isDateBefore(run.end, schedule.start))) {
    return refuse({
      code: 'invalid_date_sequence',
      sentence: 'The service would end, or be billed, before it starts.',
      next: 'Choose dates that are not before the start of the service.',
    });
  }
  const through = billedThrough(schedule, run);
  return ok(through === undefined ? [] : periodsThrough(schedule, through));
}

function periodsThrough(
  schedule: BillingSchedule,
  through: Temporal.PlainDate,
): readonly ServicePeriod[] {
  const grid = billingGrid(schedule);
  const periods: ServicePeriod[] = [];
  const stub = leadingStub(schedule);
  if (stub !== undefined && isDateBefore(schedule.start, through)) periods.push(cut(stub, through));
  for (let index = 0; isDateBefore(gridBoundary(grid, index), through); index += 1) {
    periods.push(cut(wholePeriod(grid, index), through));
  }
  return periods;
}

function wholePeriod(grid: Grid, index: number): ServicePeriod {
  const full = gridPeriod(grid, index);
  return { service: full, full };
}

function cut({ service, full }: ServicePeriod, through: Temporal.PlainDate): ServicePeriod {
  return { service: { start: service.start, end: earlierDate(service.end, through) }, full };
}

/** The first day that the run does not bill; undefined when it bills nothing. */
function billedThrough(
  schedule: BillingSchedule,
  { asOf, mode, end }: BillingRun,
): Temporal.PlainDate | undefined {
  if (isDateBefore(asOf, schedule.start)) return undefined;
  // A service that has ended is billed to its end by the next run, whatever the mode.
  if (end !== undefined && !isDateBefore(asOf, end)) return end;
  const grid = billingGrid(schedule);
  const isBeforeFirst = isDateBefore(asOf, grid.anchor);
  const current = isBeforeFirst ? undefined : gridBoundary(grid, gridIndexOf(grid, asOf));
  const next = isBeforeFirst ? grid.anchor : gridBoundary(grid, gridIndexOf(grid, asOf) + 1);
  switch (mode) {
    case 'in_advance':
      return end === undefined ? next : earlierDate(end, next);
    case 'in_arrears':
      return current;
    case 'in_arrears_greedy':
      if (end !== undefined && !isDateBefore(next, end)) return end;
      return current?.equals(asOf) ? current : next;
  }
}
