import type { Attempt } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { DebitNotice } from '../notice/notice.ts';

// How rows are claimed, read together and paged: the words of every part of the store.

/** Buckets `from` ≤ b < `until`: what one worker claims from. */
export type BucketRange = { readonly from: number; readonly until: number };

/** Due rows to claim: at most `limit`, due at or before `dueBy` on the merchant's clock. */
export type Claim = {
  readonly buckets: BucketRange;
  readonly dueBy: Temporal.Instant;
  readonly limit: number;
};

/** Everything that decides about one debit, read in one go under the debit's row lock. */
export type DebitBundle = {
  readonly debit: Debit;
  readonly mandate: Mandate;
  readonly invoices: readonly Invoice[];
  readonly notices: readonly DebitNotice[];
  readonly attempts: readonly Attempt[];
  /** Notices of the first debit for the same invoices, where this one took them over. */
  readonly earlier?: readonly DebitNotice[];
};

/** A page of rows after a cursor (an id), newest last. */
export type Page = { readonly after?: string; readonly limit: number };
