import type { Checkup, CheckupFinding, CheckupHold, CheckupVerdict } from '../checkup/checkup.ts';
import type { LastRefusal, SubscriptionApproval, UpcomingAmount } from '../checkup/facts.ts';
import type { SelfAuditPlan } from '../checkup/self-audit.ts';
import type {
  CheckupFindingId,
  CheckupId,
  CustomerId,
  DebitId,
  InvoiceId,
  MandateId,
} from '../ids/ids.ts';
import type { MandateDrift } from '../mandate/drift.ts';
import type { Notice } from '../notice/notice.ts';
import type { PriceChangeConsent } from '../subscription/price-change-consent.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Claim, Page } from './claims.ts';

/**
 * Rows of checks before debits to write beside the others, in the same commit. Saving an invoice
 * that a debit will collect plans the first look at it, and saving events of `LOOK_AGAIN_ON` plans
 * another at all that their customers still owe: no use case has to think of it.
 */
export type CheckupChanges = {
  readonly checkups?: readonly Checkup[];
  readonly checkupFindings?: readonly CheckupFinding[];
  readonly selfAudits?: readonly SelfAuditPlan[];
};

/** What checks before debits and self-audits read. Every call takes a batch: one statement. */
export type CheckupTx = {
  /** Due looks, earliest first; locked, skipping locked ones. */
  readonly claimCheckups: (claim: Claim) => Promise<readonly Checkup[]>;
  /** Held until the commit. */
  readonly lockCheckups: (ids: readonly CheckupId[]) => Promise<readonly Checkup[]>;
  readonly loadCheckupsOf: (invoices: readonly InvoiceId[]) => Promise<readonly Checkup[]>;
  readonly listCheckups: (
    page: Page & {
      readonly verdict?: CheckupVerdict;
      /** The day of the debit. */
      readonly date?: Temporal.PlainDate;
    },
  ) => Promise<readonly Checkup[]>;
  /** Of these checkups, in any state, oldest first. */
  readonly loadFindingsOf: (checkups: readonly CheckupId[]) => Promise<readonly CheckupFinding[]>;
  readonly findFinding: (id: CheckupFindingId) => Promise<CheckupFinding | undefined>;
  readonly loadOpenFindings: (
    customers: readonly CustomerId[],
  ) => Promise<readonly CheckupFinding[]>;
  /** Of these invoices, those with an open finding that blocks or an accepted amount. */
  readonly loadCheckupHolds: (invoices: readonly InvoiceId[]) => Promise<readonly CheckupHold[]>;

  /** Subscriptions of these payers that have not ended. */
  readonly loadRunningSubscriptions: (
    customers: readonly CustomerId[],
  ) => Promise<readonly Subscription[]>;
  /** Of each subscription's invoices that wait for their debit, the soonest. */
  readonly loadUpcoming: (customers: readonly CustomerId[]) => Promise<readonly UpcomingAmount[]>;
  /** The newest attempt with a definite answer by each mandate, where it was a refusal. */
  readonly loadLastRefusals: (
    mandates: readonly MandateId[],
  ) => Promise<readonly (LastRefusal & { readonly mandateId: MandateId })[]>;
  readonly loadOpenDrifts: (mandates: readonly MandateId[]) => Promise<readonly MandateDrift[]>;
  readonly loadNoticesOfDebits: (debits: readonly DebitId[]) => Promise<readonly Notice[]>;
  /** Those that wait for an answer, and those that were acknowledged. */
  readonly loadConsentsOf: (
    customers: readonly CustomerId[],
  ) => Promise<readonly PriceChangeConsent[]>;
  /** Subscriptions of which somebody accepted that nobody else had approved them. */
  readonly loadApprovals: (
    customers: readonly CustomerId[],
  ) => Promise<readonly SubscriptionApproval[]>;

  /** Due self-audits, earliest first; locked, skipping locked ones. */
  readonly claimSelfAudits: (claim: Claim) => Promise<readonly SelfAuditPlan[]>;
};
