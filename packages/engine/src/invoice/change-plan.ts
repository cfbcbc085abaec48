import {
  type ChangeDecision,
  type Changes,
  type DraftContext,
  decideChange,
  type Invoice,
  ok,
  type PendingLine,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionCommand,
  type Tx,
  withoutSubscription,
} from '@daikou/core';
import { refuseMeters } from '../subscription/meter-use.ts';
import { type LoadedChange, loadChange } from './change-facts.ts';

/** A change that was decided, and what it was decided on. */
export type PlannedChange = {
  readonly decision: ChangeDecision;
  readonly loaded: LoadedChange;
};

/** Decides a change of a locked subscription; nothing is saved. */
export async function planChange(
  tx: Tx,
  about: { readonly subscription: Subscription; readonly command: SubscriptionCommand },
  context: DraftContext,
): Promise<Result<PlannedChange, Refusal>> {
  const loaded = await loadChange(tx, about.subscription, context);
  const decision = decideChange(loaded.facts, about.command, context);
  if (!decision.ok) return decision;
  const isTaken = await refuseMeters(tx, decision.value.subscription, context);
  return isTaken === undefined ? ok({ decision: decision.value, loaded }) : refuse(isTaken);
}

/** The rows of a change, whole; of a consolidated draft only this subscription's lines leave. */
export function changesOf({ decision, loaded }: PlannedChange): Changes {
  const { undone, dropped, pendingLines } = decision;
  const rows = new Map<PendingLine['id'], PendingLine>();
  for (const row of [...(undone?.pendingLines ?? []), ...dropped, ...pendingLines]) {
    rows.set(row.id, row);
  }
  const left = leftOf(decision, loaded);
  const isReduced = left !== undefined && left.state === 'draft';
  const voided = undone?.events ?? [];
  return {
    subscriptions: [decision.subscription],
    invoices: left === undefined ? [] : [left],
    pendingLines: [...rows.values()],
    redemptions: undone?.redemptions ?? [],
    subscriptionChanges: [decision.change],
    events: isReduced
      ? decision.events.filter((event) => !voided.includes(event))
      : decision.events,
  };
}

/** The draft that the change undoes, as it is afterwards; undefined where it undoes none. */
function leftOf(decision: ChangeDecision, { draft }: LoadedChange): Invoice | undefined {
  if (decision.undone === undefined || draft === undefined) return undefined;
  if (draft.subscriptionId !== undefined) return decision.undone.invoice;
  return withoutSubscription(draft, decision.subscription.id) ?? { ...draft, state: 'void' };
}
