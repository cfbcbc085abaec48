import type { IdPrefix } from '@daikou/core';
import type { RawBuilder } from 'kysely';

/** A row that breaks an invariant: its id, and the sentence that says how. */
export type Found = { readonly id: string; readonly sentence: string };

/** SQL for the moment at which rows are looked at: the database’s `now()`, or a given one. */
export type Moment = RawBuilder<unknown>;

/** One invariant of one table, as a set-based statement that returns the rows that break it. */
export type Check = {
  /** I1 … I18, with a word where an invariant has several checks. */
  readonly invariant: string;
  readonly table: string;
  /** The prefix of the ids that the statement returns. */
  readonly prefix: IdPrefix;
  readonly find: RawBuilder<Found> | ((now: Moment) => RawBuilder<Found>);
};
