import { unreachable } from '../result/invariant.ts';
import type { Attempt } from './attempt.ts';

/**
 * How a rail wants order numbers to be reused. Every rail of ours keeps the number while its
 * outcome is open; they differ in what follows a definite end.
 */
export type NumberDiscipline = {
  /** After a definite refusal: WeChat closes the order, so the next try needs a new number. */
  readonly afterRefusal: 'new_number' | 'same_number';
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
export function nextNumber(attempts: readonly Attempt[], discipline: NumberDiscipline): NextNumber {
  let open: Attempt | undefined;
  let highest = 0;
  let ends: AttemptEnd[] = [];
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
        if (attempt.ordinal > highest) {
          highest = attempt.ordinal;
          ends = [];
        }
        if (attempt.ordinal === highest) ends.push(attempt.state);
        break;
      default:
        unreachable(attempt.state);
    }
  }
  if (open !== undefined) return { kind: 'ask', attempt: open };
  if (highest === 0) return { kind: 'send', ordinal: 1 };
  return { kind: 'send', ordinal: isReusable(ends, discipline) ? highest : highest + 1 };
}

type AttemptEnd = 'refused' | 'closed' | 'never_sent';

/**
 * Whether a number may be sent again after these ends of it. One number can have several: never
 * sent at first, then sent and refused. The strictest end decides.
 */
function isReusable(ends: readonly AttemptEnd[], discipline: NumberDiscipline): boolean {
  if (ends.includes('closed')) return false;
  return !ends.includes('refused') || discipline.afterRefusal === 'same_number';
}
