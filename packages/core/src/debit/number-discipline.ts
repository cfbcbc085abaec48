import { unreachable } from '../result/invariant.ts';
import type { Attempt } from './attempt.ts';

/**
 * How a rail treats order numbers. A rail declares what its documents say; one that differs from
 * these would need another rule here, so the types leave no other choice.
 */
export type NumberDiscipline = {
  /** A refused number is dead, as the rail closes its order: the next try needs a new one. */
  readonly afterRefusal: 'new_number';
  /** After proof that the rail never saw the number, the same one is safe on every rail. */
  readonly afterNeverSent: 'same_number';
};

export type NextNumber =
  /** Send this ordinal: a number that the rail has not seen, or has provably not taken. */
  | { readonly kind: 'send'; readonly ordinal: number }
  /** A number is open. Ask about it; sending another could take the money twice. */
  | { readonly kind: 'ask'; readonly attempt: Attempt }
  /** The money is here. Nothing may be sent any more. */
  | { readonly kind: 'done' };

/**
 * The one rule of order numbers (reliability-ux §1.2): open → the same number; definitively dead →
 * the next number; paid → none. Looks at all attempts of one debit; their order does not matter.
 */
export function nextNumber(attempts: readonly Attempt[]): NextNumber {
  let open: Attempt | undefined;
  let highest = 0;
  let isDead = false;
  for (const attempt of attempts) {
    switch (attempt.state) {
      case 'succeeded':
      case 'late_success':
        return { kind: 'done' };
      case 'submitting':
      case 'accepted':
      case 'unknown':
        if (open === undefined || attempt.ordinal > open.ordinal) open = attempt;
        break;
      case 'refused':
      case 'closed':
      case 'never_sent':
        // One number can have two ends: never sent at first, then sent and refused. Dead decides.
        if (attempt.ordinal > highest) isDead = false;
        if (attempt.ordinal >= highest && attempt.state !== 'never_sent') isDead = true;
        highest = Math.max(highest, attempt.ordinal);
        break;
      default:
        unreachable(attempt.state);
    }
  }
  if (open !== undefined) return { kind: 'ask', attempt: open };
  if (highest === 0) return { kind: 'send', ordinal: 1 };
  return { kind: 'send', ordinal: isDead ? highest + 1 : highest };
}
