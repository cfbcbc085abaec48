import type { MerchantId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';

/**
 * A merchant whose books were restored from a backup: the world went on without them. Nothing is
 * sent until what happened in between is learned from the rails (I16) and a person lets it go.
 */
export type Quarantine = {
  readonly merchantId: MerchantId;
  /** On the merchant's clock. */
  readonly restoredAt: Temporal.Instant;
  /** The books know everything until then. */
  readonly backupMadeAt: Temporal.Instant;
  readonly state: 'open' | 'released';
  /** When the rails were asked first: nobody acts in the merchant's name after it. */
  readonly askedAt?: Temporal.Instant;
  /** When a round of questions last ended with every one of them answered. */
  readonly learnedAt?: Temporal.Instant;
  readonly progress: Readonly<Record<string, number>>;
  readonly released?: { readonly by: string; readonly at: Temporal.Instant };
};

/**
 * `mandate_signed`, `mandate_ended`: by the payer or us since the backup. `attempt`: another number
 * of a debit that the backup knows. `debit`: one that it does not know, paid; its money became
 * balance. `refund`: a refund of a payment that the books have, booked again. `order_unknown`,
 * `refund_unknown`: a number of our form on a bill that these books cannot take in; a person
 * settles it.
 */
export type FindingKind =
  | 'mandate_signed'
  | 'mandate_ended'
  | 'attempt'
  | 'debit'
  | 'refund'
  | 'order_unknown'
  | 'refund_unknown';

export type QuarantineFinding = {
  readonly merchantId: MerchantId;
  readonly kind: FindingKind;
  readonly rail: RailId;
  /** The order, refund or contract number. */
  readonly number: string;
  /** What the rail says became of it. */
  readonly outcome: string;
  readonly amount?: Money;
  readonly needsPerson: boolean;
  readonly foundAt: Temporal.Instant;
  readonly resolved?: {
    readonly by: string;
    readonly at: Temporal.Instant;
    readonly note: string;
  };
};

/** A date of a rail, and whether its bill is compared or proved to be empty. */
export type BillState = {
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  readonly isIn: boolean;
};

/** Everything that a release depends on. */
export type ReleaseFacts = {
  readonly quarantine: Quarantine;
  readonly bills: readonly BillState[];
  /** Numbers of attempts and refunds that are still open. */
  readonly openNumbers: readonly string[];
  readonly findings: readonly QuarantineFinding[];
  /** Rails of mandates that are not connected: nobody can be asked. */
  readonly missingRails: readonly RailId[];
  /** Invariants that the doctor finds broken. */
  readonly violations: number;
};

export type ReleaseObstacle = {
  readonly kind:
    | 'not_learned'
    | 'rail_missing'
    | 'bill_missing'
    | 'number_open'
    | 'for_person'
    | 'doctor';
  /** Which date, number or rail; empty where the kind says all. */
  readonly about: string;
};

/** What is in the way of a release, in the order in which it is best dealt with. */
export function findObstacles(facts: ReleaseFacts): readonly ReleaseObstacle[] {
  const { quarantine, bills, openNumbers, findings, missingRails, violations } = facts;
  const waiting = findings.filter((one) => one.needsPerson && one.resolved === undefined);
  return [
    ...missingRails.map((rail) => ({ kind: 'rail_missing' as const, about: rail })),
    ...(quarantine.learnedAt === undefined ? [{ kind: 'not_learned' as const, about: '' }] : []),
    ...bills
      .filter(({ isIn }) => !isIn)
      .map(({ rail, businessDate }) => ({
        kind: 'bill_missing' as const,
        about: `${rail} ${businessDate.toString()}`,
      })),
    ...openNumbers.map((about) => ({ kind: 'number_open' as const, about })),
    ...waiting.map(({ number }) => ({ kind: 'for_person' as const, about: number })),
    ...(violations > 0 ? [{ kind: 'doctor' as const, about: String(violations) }] : []),
  ];
}

export type QuarantineRefusalCode =
  | 'not_in_quarantine'
  | 'quarantine_not_learned'
  | 'releaser_missing'
  | 'finding_not_open'
  | 'note_missing'
  | 'held_in_quarantine';

export type QuarantineRefusal = Refusal<QuarantineRefusalCode>;

const REFUSALS: Record<QuarantineRefusalCode, Omit<QuarantineRefusal, 'code'>> = {
  not_in_quarantine: {
    sentence: 'The merchant is not in quarantine.',
    next: 'Nothing is to be done: debits and refunds leave as usual.',
  },
  quarantine_not_learned: {
    sentence: 'What happened since the backup is not learned yet, so nothing may be sent.',
    next: 'See what is in the way with daikou quarantine status.',
  },
  releaser_missing: {
    sentence: 'Nobody is named.',
    next: 'Say who decides, with --by.',
    field: 'by',
  },
  finding_not_open: {
    sentence: 'No finding of this number waits for a person.',
    next: 'Name one that daikou quarantine status lists.',
    field: 'number',
  },
  note_missing: {
    sentence: 'What was done about it is not said.',
    next: 'Say it in a sentence, with --note; it is kept with the finding.',
    field: 'note',
  },
  held_in_quarantine: {
    sentence: 'The merchant is in quarantine after a restore: nothing is sent.',
    next: 'Learn what happened since the backup (daikou quarantine status), then release it.',
  },
};

export function quarantineRefusal(code: QuarantineRefusalCode): QuarantineRefusal {
  return { code, ...REFUSALS[code] };
}

/**
 * Lets a merchant go by a person's name. Never by itself: whoever releases has read the list, and
 * it is the last moment at which a debit of the lost days can still be stopped.
 */
export function decideReleaseQuarantine(
  facts: ReleaseFacts,
  command: { readonly by: string; readonly now: Temporal.Instant },
): Result<Quarantine, QuarantineRefusal> {
  const by = command.by.trim();
  if (by === '') return refuse(quarantineRefusal('releaser_missing'));
  if (facts.quarantine.state !== 'open') return refuse(quarantineRefusal('not_in_quarantine'));
  if (findObstacles(facts).length > 0) return refuse(quarantineRefusal('quarantine_not_learned'));
  return ok({ ...facts.quarantine, state: 'released', released: { by, at: command.now } });
}

/** A person has settled what the books could not take in, and says how. */
export function decideResolveFinding(
  finding: QuarantineFinding,
  command: { readonly by: string; readonly note: string; readonly now: Temporal.Instant },
): Result<QuarantineFinding, QuarantineRefusal> {
  const by = command.by.trim();
  const note = command.note.trim();
  if (by === '') return refuse(quarantineRefusal('releaser_missing'));
  if (note === '') return refuse(quarantineRefusal('note_missing'));
  if (!finding.needsPerson || finding.resolved !== undefined) {
    return refuse(quarantineRefusal('finding_not_open'));
  }
  return ok({ ...finding, resolved: { by, at: command.now, note } });
}
