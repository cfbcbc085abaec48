import type { Moves } from '../result/moves.ts';
import type { MandateState } from './mandate.ts';

/** A mandate is signed once and ended once; a new consent is a new mandate with a new code. */
export const MANDATE_MOVES: Moves<MandateState> = {
  draft: ['signing', 'sign_failed'],
  signing: ['signing', 'active', 'ended', 'sign_failed'],
  active: ['ending', 'ended'],
  ending: ['revoke_failed', 'ended'],
  revoke_failed: ['ended'],
  ended: [],
  sign_failed: [],
};
