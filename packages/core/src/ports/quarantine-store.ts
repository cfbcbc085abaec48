import type { DebitId } from '../ids/ids.ts';
import type { MandateState, RailId } from '../mandate/mandate.ts';
import type { Quarantine, QuarantineFinding } from '../reconciliation/quarantine.ts';

/** What a merchant in quarantine reads and writes. */
export type QuarantineTx = {
  /** The quarantine that is open; undefined: debits and refunds may leave. */
  readonly findQuarantine: () => Promise<Quarantine | undefined>;
  /**
   * Until when somebody may have acted in the merchant's name without these books knowing it: the
   * first question after the last restore. Undefined: never restored.
   */
  readonly findLostUntil: () => Promise<Temporal.Instant | undefined>;
  readonly saveQuarantine: (quarantine: Quarantine) => Promise<void>;
  /** Adds findings; one that is known for its rail, kind and number stays as it is. */
  readonly addFindings: (findings: readonly QuarantineFinding[]) => Promise<void>;
  readonly saveFinding: (finding: QuarantineFinding) => Promise<void>;
  /** In the order in which they were found. */
  readonly listFindings: (limit: number) => Promise<readonly QuarantineFinding[]>;
  /** Debits that still wait or are on their way: their rail may know more of them. */
  readonly listWaitingDebits: (page: {
    readonly after?: DebitId;
    readonly limit: number;
  }) => Promise<readonly DebitId[]>;
  /** Numbers of attempts and refunds that are still open. */
  readonly listOpenNumbers: (limit: number) => Promise<readonly string[]>;
  /** Rails of the mandates in any of these states. */
  readonly listRailsOfMandates: (states: readonly MandateState[]) => Promise<readonly RailId[]>;
};
