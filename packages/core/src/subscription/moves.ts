import type { Moves } from '../result/moves.ts';
import type { SubscriptionState } from './subscription.ts';

/** `parked` holds one subscription back with a reason, so that one bad row stops no other (I10). */
export const SUBSCRIPTION_MOVES: Moves<SubscriptionState> = {
  active: ['paused', 'ended', 'parked'],
  paused: ['active', 'ended'],
  parked: ['active', 'ended'],
  ended: [],
};
