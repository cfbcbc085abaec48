import type { IdSource } from '../ids/source.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import type { LateFee, LateFeeLine, LateFeeWaiver } from './late-fee.ts';
import type { FeeStop, PrincipalPayment } from './late-fee-figure.ts';
import type { LateFeePolicy } from './late-fee-policy.ts';

/** Everything that decides about one late fee; read under its lock. */
export type LateFeeFacts = {
  readonly lateFee: LateFee;
  readonly invoice: Invoice;
  /** The last day on which paying was in time; absent while our own first try is still to come. */
  readonly since?: Temporal.PlainDate;
  readonly policy: LateFeePolicy;
  /** What the customer's balance paid of the invoice, when; nothing when absent. */
  readonly balanceUses?: readonly PrincipalPayment[];
  /** Days on which the invoice was in dispute; they do not count. */
  readonly disputes?: readonly FeeStop[];
  readonly charges: readonly LateFeeLine[];
  readonly waivers: readonly LateFeeWaiver[];
  /** The lines of `charges`, waiting or billed. */
  readonly lines: readonly PendingLine[];
  /** The customer had no other late fee in the months of the policy's goodwill. */
  readonly isFirst: boolean;
};

export type LateFeeContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
  /** SHA-256 (hex) of a text. */
  readonly hash: (text: string) => string;
};
