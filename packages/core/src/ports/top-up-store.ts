import type { TopUp, TopUpRule } from '../entitlement/top-up.ts';
import type { CustomerId, InvoiceId, TopUpId } from '../ids/ids.ts';
import type { Currency, Money } from '../money/money.ts';
import type { Claim } from './claims.ts';

/** Rows of top-ups to write beside the others, in the same commit. */
export type TopUpChanges = {
  /** In this order: one that is stopped comes before the one in its place. */
  readonly topUpRules?: readonly TopUpRule[];
  readonly topUps?: readonly TopUp[];
};

/** What top-ups read. */
export type TopUpTx = {
  /** In force and due, earliest first; locked, skipping locked ones. */
  readonly claimTopUpRules: (claim: Claim) => Promise<readonly TopUpRule[]>;
  /** Those in force, locked until the commit; one for each currency. */
  readonly lockTopUpRules: (customer: CustomerId) => Promise<readonly TopUpRule[]>;
  /** Requested and due, earliest first. Not locked: their invoices are locked before them. */
  readonly findTopUpsDue: (claim: Claim) => Promise<readonly TopUp[]>;
  /** Locked until the commit. */
  readonly lockTopUp: (id: TopUpId) => Promise<TopUp | undefined>;
  /** Those of these invoices, locked until the commit; their invoices are locked before them. */
  readonly lockTopUpsOf: (invoices: readonly InvoiceId[]) => Promise<readonly TopUp[]>;
  /** Newest first, at most `limit`. */
  readonly listTopUps: (customer: CustomerId, limit: number) => Promise<readonly TopUp[]>;
  /**
   * What decides about the next top-up: whether one is open, and what those came to that were
   * requested or fall due in the month and were not refused.
   */
  readonly loadTopUpUse: (
    customer: CustomerId,
    month: {
      readonly currency: Currency;
      readonly start: Temporal.PlainDate;
      readonly end: Temporal.PlainDate;
    },
  ) => Promise<{ readonly hasOpen: boolean; readonly spent: Money }>;
};
