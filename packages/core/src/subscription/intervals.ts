import { countsDays, type Interval } from '../calendar/periods.ts';

/**
 * Whether a price of the interval `price` can be billed by a subscription of `billing`: it is a
 * whole number of its intervals (a yearly base under a monthly bill is billed every 12th time).
 */
export function fitsInto(price: Interval, billing: Interval): boolean {
  return countsDays(price) === countsDays(billing) && sizeOf(price) % sizeOf(billing) === 0;
}

/** Whether both come to the same boundaries: 12 months are a year, 7 days a week. */
export function isSameInterval(left: Interval, right: Interval): boolean {
  if (left.unit === right.unit) return left.count === right.count;
  return countsDays(left) === countsDays(right) && sizeOf(left) === sizeOf(right);
}

/** In days or in months, whichever the unit counts. */
function sizeOf({ unit, count }: Interval): number {
  switch (unit) {
    case 'day':
    case 'month':
      return count;
    case 'week':
      return count * 7;
    case 'year':
      return count * 12;
  }
}
