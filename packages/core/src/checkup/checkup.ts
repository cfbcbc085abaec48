import type { CheckupFindingId, CheckupId, CustomerId, InvoiceId, MerchantId } from '../ids/ids.ts';
import type { Moves } from '../result/moves.ts';
import type { FindingCode, FoundFinding } from './finding.ts';

/** What the last look came to: `blocked` while a finding that blocks is open. */
export type CheckupVerdict = 'ok' | 'findings' | 'blocked';

/** The looks at one invoice before its debit. */
export type Checkup = {
  readonly id: CheckupId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly invoiceId: InvoiceId;
  /** Absent: nobody has looked yet. */
  readonly verdict?: CheckupVerdict;
  /** The day of the debit, as the last look knew it. */
  readonly debitDate: Temporal.PlainDate;
  /** The rules of the last look; 0 are the defaults. */
  readonly ruleVersion: number;
  readonly lookedAt?: Temporal.Instant;
  /** When it is looked at again; absent once nothing is left to debit. The due row is the queue. */
  readonly lookAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

export type FindingState = 'open' | 'cured' | 'accepted';

/** `cured` opens again when a later look finds the same; `accepted` when its words change. */
export const FINDING_MOVES: Moves<FindingState> = {
  open: ['cured', 'accepted'],
  cured: ['open'],
  accepted: ['open'],
};

/** One finding of a checkup, with what became of it. */
export type CheckupFinding = FoundFinding & {
  readonly id: CheckupFindingId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly checkupId: CheckupId;
  readonly invoiceId: InvoiceId;
  readonly state: FindingState;
  readonly foundAt: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  /** Who accepted it, and why. */
  readonly acceptedBy?: string;
  readonly remark?: string;
  /** When the payer was told of it. */
  readonly toldAt?: Temporal.Instant;
};

/** What the debit of an invoice wants to know of its checkup. */
export type CheckupHold = {
  readonly invoiceId: InvoiceId;
  /** Open findings that block. */
  readonly open: readonly FindingCode[];
  /** A person accepted an amount unlike the history: the amount guard lets it go. */
  readonly isAmountAccepted: boolean;
};
