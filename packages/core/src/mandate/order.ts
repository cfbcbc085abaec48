import type { MandateId } from '../ids/ids.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Mandate } from './mandate.ts';
import { type MandateRefusal, mandateRefusal } from './refusals.ts';

/**
 * A customer's mandates, the preferred one first: by the customer's own order where one was given,
 * then the oldest first, so that a method that works is not given up for a new one.
 */
export function inOrder(mandates: readonly Mandate[]): readonly Mandate[] {
  return mandates.toSorted((a, b) => {
    const place = (a.preference ?? UNPLACED) - (b.preference ?? UNPLACED);
    if (place !== 0) return place;
    const age = Temporal.Instant.compare(a.createdAt, b.createdAt);
    if (age !== 0) return age;
    return a.id < b.id ? -1 : 1;
  });
}

/** Behind every place that a customer can give: as many as a small number of the database holds. */
const UNPLACED = 32_768;

/**
 * The active mandates with the places that `wanted` gives them, the first named is tried first.
 * Refused unless it names every active mandate of the customer exactly once: an order that leaves
 * one out would not say when that one is used.
 */
export function decideOrder(
  mandates: readonly Mandate[],
  wanted: readonly MandateId[],
): Result<readonly Mandate[], MandateRefusal> {
  const active = mandates.filter(({ state }) => state === 'active');
  const isWhole =
    wanted.length === active.length &&
    new Set(wanted).size === wanted.length &&
    active.every(({ id }) => wanted.includes(id));
  if (!isWhole) return refuse(mandateRefusal('mandate_order_incomplete'));
  return ok(active.map((mandate) => ({ ...mandate, preference: wanted.indexOf(mandate.id) + 1 })));
}
