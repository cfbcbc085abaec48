import type { MerchantId } from '../ids/ids.ts';
import type { RailId } from './mandate.ts';

/**
 * Mandates that a rail does not find, from which on a comparison is looked at as a whole: one or
 * two are customers who left, whatever share of a small merchant's mandates they are.
 */
export const BRAKE_MIN_NOT_FOUND = 3;

/**
 * Share of the mandates compared at one rail, in percent, above which nobody is ended. Few
 * contracts a day vanish from a rail without its word on who ended them; with a wrong merchant
 * number, plan or key it finds none of them.
 */
export const BRAKE_SHARE_PERCENT = 20;

/** What one comparison saw at one rail, of mandates that are active here. */
export type SweptRail = {
  readonly rail: RailId;
  /** Those of which the rail said something definite. */
  readonly compared: number;
  readonly notFound: number;
};

/**
 * A comparison that was not believed: nobody was ended by it. `open` until a person confirms that
 * the mandates are gone, or a later comparison finds them again (`cleared`).
 */
export type SweepBrake = SweptRail & {
  readonly merchantId: MerchantId;
  readonly state: 'open' | 'confirmed' | 'cleared';
  readonly foundAt: Temporal.Instant;
  /** The person who confirmed it. */
  readonly decidedBy?: string;
  readonly endedAt?: Temporal.Instant;
};

/** Whether so many mandates are missing that the question was wrong more likely than the answer. */
export function isImplausible({ compared, notFound }: SweptRail): boolean {
  return notFound >= BRAKE_MIN_NOT_FOUND && notFound * 100 > compared * BRAKE_SHARE_PERCENT;
}

/**
 * Whether a comparison is not believed. While the brake is on, two missing are too many as well
 * where the rail found no more than that: it may answer a few questions only, and those wrongly.
 */
function isDoubtful(swept: SweptRail, open: SweepBrake | undefined): boolean {
  return isImplausible(swept) || (open !== undefined && swept.notFound * 2 > swept.compared);
}

/**
 * What a comparison makes of the brake of its rail. `end`: the mandates that were not found end
 * here. `hold`: nobody does, and the brake is on, since it first was. A person's name confirms what
 * the brake told, so not where it was off, and not where more are missing by now.
 */
export function decideBrake(
  swept: SweptRail,
  facts: {
    readonly merchantId: MerchantId;
    /** The rail's brake that is on. */
    readonly open?: SweepBrake;
    readonly confirmedBy?: string;
  },
  now: Temporal.Instant,
): { readonly kind: 'end' | 'hold'; readonly brake?: SweepBrake } {
  const { open, confirmedBy, merchantId } = facts;
  const isTold = open !== undefined && swept.notFound <= open.notFound;
  if (isDoubtful(swept, open) && !(isTold && confirmedBy !== undefined)) {
    const { rail, compared, notFound } = swept;
    const found = { merchantId, foundAt: now, state: 'open' as const };
    return { kind: 'hold', brake: { ...found, ...open, rail, compared, notFound } };
  }
  if (open === undefined) return { kind: 'end' };
  const ended = { ...open, endedAt: now };
  return confirmedBy === undefined
    ? { kind: 'end', brake: { ...ended, state: 'cleared' } }
    : { kind: 'end', brake: { ...ended, state: 'confirmed', decidedBy: confirmedBy } };
}
