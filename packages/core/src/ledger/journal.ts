import type { CustomerId, Id, JournalId, MerchantId } from '../ids/ids.ts';
import type { Currency } from '../money/money.ts';

/** One side of a journal: positive is debit (借), negative is credit (贷), in the smallest unit. */
export type Entry = {
  /** The account's code in the merchant's chart. */
  readonly account: string;
  readonly minor: bigint;
};

/** A fact in the books. Its entries sum to zero; it is never changed, only reversed by another. */
export type Journal = {
  readonly id: JournalId;
  readonly merchantId: MerchantId;
  /** Absent for facts of the merchant as a whole (a rail's fee for a day). */
  readonly customerId?: CustomerId;
  readonly template: string;
  /** What it records: at most one journal per template and source. */
  readonly sourceId: Id;
  readonly businessDate: Temporal.PlainDate;
  readonly currency: Currency;
  readonly entries: readonly Entry[];
  readonly postedAt: Temporal.Instant;
};
