import type { Moves } from '../result/moves.ts';
import type { AttemptState } from './attempt.ts';
import type { DebitState } from './debit.ts';

export const DEBIT_MOVES: Moves<DebitState> = {
  scheduled: ['in_flight', 'succeeded', 'failed', 'canceled'],
  // Cancelled: the outcome came, and nothing was owed any more.
  in_flight: ['scheduled', 'succeeded', 'failed', 'canceled'],
  succeeded: [],
  // A success that arrives after we gave up is money all the same.
  failed: ['succeeded'],
  canceled: ['succeeded'],
};

export const ATTEMPT_MOVES: Moves<AttemptState> = {
  submitting: [
    'accepted',
    'unknown',
    'succeeded',
    'refused',
    'closed',
    'never_sent',
    'late_success',
  ],
  accepted: ['unknown', 'succeeded', 'refused', 'closed', 'late_success'],
  unknown: ['accepted', 'succeeded', 'refused', 'closed', 'never_sent', 'late_success'],
  succeeded: [],
  refused: ['late_success'],
  closed: ['late_success'],
  // The rail never saw the number, so the same number may be sent again.
  never_sent: ['submitting', 'late_success'],
  late_success: [],
};

/** An attempt that may still take money: nothing else is sent while one is open (I3). */
export function isOpen(state: AttemptState): boolean {
  return state === 'submitting' || state === 'accepted' || state === 'unknown';
}
