import { businessDate, isBefore } from '../calendar/business-time.ts';
import { isDateBefore } from '../calendar/periods.ts';
import type {
  ArrearsCauseKind,
  Counterfactual,
  FoundCause,
  PreventionReason,
  Remedy,
} from './cause.ts';
import type { ArrearsHistory } from './history.ts';
import type { BillRise } from './rises.ts';
import { incidentOf } from './stops.ts';

export type Finding = {
  readonly causes: readonly FoundCause[];
  readonly history: ArrearsHistory;
  readonly rise: BillRise;
};

/** Two messages before the due date remind enough: a third is no other world. */
const ENOUGH_REMINDERS = 2;

const prevented = (reason: PreventionReason): Counterfactual => ({ result: 'prevented', reason });
const not = (reason: PreventionReason): Counterfactual => ({ result: 'not_prevented', reason });
const unknown = (reason: PreventionReason): Counterfactual => ({ result: 'unknown', reason });

/**
 * Whether direct debit, a reminder, another plan or another method would have kept the invoice from
 * being overdue, by its primary cause. `unknown` where the facts could be read both ways: it is
 * said, never guessed.
 */
export function counterfactualsOf(finding: Finding): Readonly<Record<Remedy, Counterfactual>> {
  const primary = finding.causes[0]?.cause ?? 'forgot';
  return {
    autoDebit: autoDebit(primary, finding),
    reminder: reminder(primary, finding),
    planChange: planChange(primary, finding),
    otherMethod: otherMethod(primary, finding),
  };
}

function autoDebit(primary: ArrearsCauseKind, { history }: Finding): Counterfactual {
  if (history.invoice.collection === 'auto_debit') return not('is_collected_already');
  switch (primary) {
    case 'forgot':
      return prevented('nobody_paid');
    case 'dispute':
      return not('amount_is_contested');
    case 'rail_or_system_fault':
      return not('our_own_fault');
    case 'price_or_policy_change':
    case 'growth':
    case 'contract_change':
      return unknown('amount_is_the_matter');
    case 'insufficient_balance':
      return not('same_money');
    case 'method_or_account_data':
      return not('method_is_dead');
  }
}

function reminder(primary: ArrearsCauseKind, { history }: Finding): Counterfactual {
  switch (primary) {
    case 'forgot':
      return remindersInTime(history) < ENOUGH_REMINDERS
        ? prevented('was_not_reminded')
        : not('was_reminded');
    case 'insufficient_balance':
      return unknown('money_came_late');
    case 'price_or_policy_change':
      return wasTold(history) ? not('was_reminded') : prevented('price_surprised');
    case 'growth':
    case 'contract_change':
      return unknown('amount_is_the_matter');
    case 'method_or_account_data':
      return history.notices.some(({ state }) => state === 'delivered')
        ? unknown('method_is_dead')
        : not('method_is_dead');
    case 'rail_or_system_fault':
      return not('our_own_fault');
    case 'dispute':
      return not('amount_is_contested');
  }
}

/** Messages that had arrived before the due date ended. */
function remindersInTime({ notices, invoice, zone }: ArrearsHistory): number {
  return notices.filter(
    ({ deliveredAt }) =>
      deliveredAt !== undefined && !isDateBefore(invoice.dueDate, businessDate(deliveredAt, zone)),
  ).length;
}

/** Whether every price change on file had been told before the due date. */
function wasTold({ consents, invoice, zone }: ArrearsHistory): boolean {
  const isInTime = (at: Temporal.Instant) => !isDateBefore(invoice.dueDate, businessDate(at, zone));
  return (
    consents.length > 0 &&
    consents.every(({ noticedAt }) => noticedAt !== undefined && isInTime(noticedAt))
  );
}

function planChange(primary: ArrearsCauseKind, { history, rise }: Finding): Counterfactual {
  const isOfAmount = primary === 'growth' || primary === 'price_or_policy_change';
  if (!isOfAmount) return not('not_the_plan');
  const { planSaving } = history;
  if (planSaving === undefined) return unknown('plan_not_asked');
  if (planSaving.minor <= 0n) return not('no_cheaper_plan');
  const more = rise.after.minor - rise.before.minor;
  return planSaving.minor >= more ? prevented('saving_covers_rise') : unknown('saving_is_less');
}

function otherMethod(primary: ArrearsCauseKind, { history }: Finding): Counterfactual {
  switch (primary) {
    case 'method_or_account_data':
    case 'insufficient_balance':
    case 'rail_or_system_fault':
      return otherMandate(primary, history);
    case 'dispute':
      return not('amount_is_contested');
    case 'forgot':
      return not('nobody_paid');
    case 'price_or_policy_change':
    case 'growth':
    case 'contract_change':
      return not('amount_is_the_matter');
  }
}

/** Another active mandate that was not tried, and whose rail had no incident of its own. */
function otherMandate(primary: ArrearsCauseKind, history: ArrearsHistory): Counterfactual {
  const { attempts, mandates, notices, invoice } = history;
  const isOurs = primary === 'rail_or_system_fault' && attempts.length === 0;
  if (isOurs) return not('our_own_fault');
  if (notices.length > 0 && notices.every(({ state }) => state === 'failed')) {
    return not('our_own_fault');
  }
  const tried = new Set(attempts.map(({ rail }) => rail));
  const others = mandates.filter(
    (one) => one.state === 'active' && !tried.has(one.rail) && wasThere(one, history),
  );
  if (others.length === 0) {
    if (primary === 'rail_or_system_fault') return unknown('rail_was_down');
    return invoice.collection === 'by_hand' ? not('no_other_method') : unknown('no_other_method');
  }
  return primary === 'insufficient_balance'
    ? unknown('other_method_there')
    : prevented('other_method_there');
}

function wasThere(
  { rail, signedAt }: ArrearsHistory['mandates'][number],
  history: ArrearsHistory,
): boolean {
  const first = history.attempts[0];
  if (first === undefined) return true;
  const isDown = incidentOf({ ...first, rail }, history) !== undefined;
  return !isDown && signedAt !== undefined && isBefore(signedAt, first.submittedAt);
}
