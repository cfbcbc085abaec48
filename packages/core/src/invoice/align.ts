import { ok, type Result } from '../result/result.ts';
import {
  type ChangeContext,
  type ChangeDecision,
  type ChangeFacts,
  type ChangeRefusal,
  decideChange,
} from './change.ts';

/**
 * Moves the boundaries of all of a customer's subscriptions to one day (统一到期日): each gets a
 * short period up to its first boundary on the common grid. All or none: the first refusal holds
 * for all. Subscriptions that have ended are passed over.
 */
export function decideAlignment(
  subscriptions: readonly ChangeFacts[],
  expiresOn: Temporal.PlainDate,
  context: ChangeContext,
): Result<readonly ChangeDecision[], ChangeRefusal> {
  const decisions: ChangeDecision[] = [];
  for (const facts of subscriptions) {
    if (facts.subscription.state === 'ended') continue;
    const decided = decideChange(facts, { type: 'align', expiresOn }, context);
    if (!decided.ok) return decided;
    decisions.push(decided.value);
  }
  return ok(decisions);
}
