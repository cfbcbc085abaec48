import { ok, type Result, refuse } from '../result/result.ts';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import type { ParkedMoney } from './facts.ts';
import { isOpen } from './moves.ts';
import { type DebitRefusal, debitRefusal } from './refusals.ts';
import { PERSON_MAX_LENGTH } from './release.ts';

/** What a person found out about an attempt that the rail gave no definite word on. */
export type Answer = {
  readonly outcome: 'paid' | 'unpaid';
  /** What it was seen in: a bill's line, the rail's support case. */
  readonly evidence: string;
  readonly by: string;
  /** The rail's number of the payment; wanted for `paid`. */
  readonly railReference?: string;
  /** When the rail says it was paid; the moment of the answer when it is not known. */
  readonly paidAt?: Temporal.Instant;
};

/** Characters of the evidence, at least and at most. */
const EVIDENCE_LENGTH = { min: 5, max: 500 } as const;

/**
 * The outcome that a person's answer stands for; it then settles like any other news. Only for an
 * attempt that is still open: an end that the rail told is not overruled by hand. Unpaid means that
 * the number can never be paid any more, so it closes; a success that comes all the same is late.
 * `parked` is the money of the attempt that waits for a decision.
 */
export function decideAnswer(
  attempt: Attempt,
  answer: Answer,
  about: { readonly now: Temporal.Instant; readonly parked: readonly ParkedMoney[] },
): Result<AttemptOutcome, DebitRefusal> {
  if (!isOpen(attempt.state)) return refuse(debitRefusal('attempt_has_ended'));
  const by = answer.by.trim();
  if (by === '' || by.length > PERSON_MAX_LENGTH) {
    return refuse({ ...debitRefusal('person_missing'), field: 'by' });
  }
  const evidence = answer.evidence.trim();
  if (evidence.length < EVIDENCE_LENGTH.min || evidence.length > EVIDENCE_LENGTH.max) {
    return refuse({ ...debitRefusal('evidence_missing'), field: 'evidence' });
  }
  if (answer.outcome === 'unpaid') return ok({ kind: 'closed' });
  const railReference = answer.railReference?.trim() ?? '';
  if (railReference === '') {
    return refuse({ ...debitRefusal('rail_reference_missing'), field: 'railReference' });
  }
  // The rail took another amount and it waits for a decision: that is the one arrival there was.
  const isParked = about.parked.some(
    ({ attemptId, kind }) => attemptId === attempt.id && kind === 'paid_other_amount',
  );
  if (isParked) return refuse(debitRefusal('money_is_parked'));
  const paidAt = answer.paidAt ?? about.now;
  return ok({ kind: 'succeeded', railReference, paid: attempt.amount, paidAt });
}
