import type { Moves } from '../result/moves.ts';
import type { BreakState } from './break.ts';

/**
 * `expected`: the bill has not come. `loading`: it is being read and compared. `matched`: the bill
 * is compared and the account statement is still to come. `balanced`: all files agree with our
 * books. `exceptions`: breaks are not resolved. `closed`: signed.
 */
export const DAY_STATES = [
  'expected',
  'loading',
  'matched',
  'balanced',
  'exceptions',
  'closed',
] as const;
export type DayState = (typeof DAY_STATES)[number];

/** Every move of a break. An end is an end: what comes after it is another break. */
export const BREAK_MOVES: Moves<BreakState> = {
  pooled: ['open', 'resolved'],
  open: ['resolved'],
  resolved: [],
};

/**
 * Every move of a day of a rail. A bill that is issued again takes any day back to `loading`, also
 * one that was closed; a closed day is reopened by a person otherwise.
 */
export const DAY_MOVES: Moves<DayState> = {
  expected: ['loading', 'matched'],
  loading: ['matched'],
  matched: ['balanced', 'exceptions', 'loading'],
  balanced: ['exceptions', 'closed', 'loading'],
  exceptions: ['balanced', 'closed', 'loading'],
  closed: ['balanced', 'exceptions', 'loading'],
};
