import type { MandateRefusal } from '../mandate/refusals.ts';
import type { NoticeRefusal } from '../notice/gate.ts';
import type { Refusal } from '../result/result.ts';

export type DebitRefusalCode =
  | 'debit_not_scheduled'
  | 'attempt_open'
  | 'already_paid'
  | 'invoice_not_open'
  | 'amount_differs'
  | 'not_due_yet'
  | 'outside_planned_date'
  | 'planned_date_moving'
  | 'amount_unlike_history'
  | 'checkup_finding_open'
  | 'invoice_disputed'
  | 'nothing_to_release'
  | 'person_missing'
  | 'evidence_missing'
  | 'rail_reference_missing'
  | 'attempt_has_ended'
  | 'money_is_parked'
  | 'moved_to_other_mandate'
  | BudgetRefusalCode;

/** A budget of the rail that one more try would break. */
export type BudgetRefusalCode =
  | 'budget_tries_day'
  | 'budget_successes_day'
  | 'budget_successes_cycle'
  | 'budget_daily_cap';
export type BudgetRefusal = Refusal<BudgetRefusalCode> & {
  /** The first day of the rail on which the budget is free again. */
  readonly nextDate: Temporal.PlainDate;
};
export type DebitRefusal = Refusal<DebitRefusalCode> | MandateRefusal | NoticeRefusal;

const REFUSALS: Record<DebitRefusalCode, { readonly sentence: string; readonly next: string }> = {
  debit_not_scheduled: {
    sentence: 'The debit is not waiting to be sent.',
    next: 'Nothing to do: it is on its way or has ended.',
  },
  attempt_open: {
    sentence: 'An earlier attempt has no definite outcome yet.',
    next: 'The rail is asked until it answers; no new number is used before.',
  },
  already_paid: {
    sentence: 'The money of this debit has arrived.',
    next: 'Nothing to do.',
  },
  invoice_not_open: {
    sentence: 'An invoice of this debit is no longer open.',
    next: 'The debit is cancelled; the other invoices get a new one.',
  },
  amount_differs: {
    sentence: 'The debit’s amount is not the sum of its invoices.',
    next: 'Support looks into it; nothing is taken until it is settled.',
  },
  not_due_yet: {
    sentence: 'The date that the customer was told has not come.',
    next: 'It leaves on that date.',
  },
  outside_planned_date: {
    sentence: 'The rail takes this debit only around the date that it keeps for the mandate.',
    next: 'Move the planned date at the rail, or collect by hand.',
  },
  planned_date_moving: {
    sentence: 'The rail is being asked to keep a later date for this mandate.',
    next: 'Once it has, the customer gets a notice and the debit its date.',
  },
  amount_unlike_history: {
    sentence: 'The amount is far above what this customer paid before.',
    next: 'Compare the invoice with the earlier ones; release the debit, or void the invoice.',
  },
  checkup_finding_open: {
    sentence: 'The check before the debit found something that holds it back.',
    next: 'Read the checkup of its invoice; mend what was found, or accept the finding.',
  },
  invoice_disputed: {
    sentence: 'An invoice of this debit is in dispute.',
    next: 'Settle the dispute, then withdraw the override that says so, or void the invoice.',
  },
  nothing_to_release: {
    sentence: 'The debit is not held back for its amount.',
    next: 'Nothing to do.',
  },
  person_missing: {
    sentence: 'It is not said who decides.',
    next: 'Name the person, in at most 80 characters.',
  },
  evidence_missing: {
    sentence: 'It is not said what the answer was seen in.',
    next: 'Name the bill’s line or the rail’s case, in 5 to 500 characters.',
  },
  rail_reference_missing: {
    sentence: 'A payment needs the rail’s own number.',
    next: 'Take it from the rail’s bill or its merchant page.',
  },
  attempt_has_ended: {
    sentence: 'The attempt has a definite end already.',
    next: 'Nothing to do; what the rail told is not overruled by hand.',
  },
  money_is_parked: {
    sentence: 'Money of this attempt in another amount is parked; it would be booked twice.',
    next: 'Decide about the parked money; that ends the attempt too.',
  },
  moved_to_other_mandate: {
    sentence: 'The customer’s next method collects these invoices.',
    next: 'Nothing to do: the new debit has its own notice.',
  },
  budget_tries_day: {
    sentence: 'The rail takes no more tries by this mandate today.',
    next: 'It moves to the next day, with a notice.',
  },
  budget_successes_day: {
    sentence: 'The rail has taken as many debits by this mandate today as it allows.',
    next: 'It moves to the next day, with a notice.',
  },
  budget_successes_cycle: {
    sentence: 'The rail has taken as many debits by this mandate this month as it allows.',
    next: 'It moves to the first day of the next month, with a notice.',
  },
  budget_daily_cap: {
    sentence: 'With this debit the day would go over the rail’s daily limit.',
    next: 'It moves to the next day, with a notice.',
  },
};

export function budgetRefusal(
  code: BudgetRefusalCode,
  nextDate: Temporal.PlainDate,
): BudgetRefusal {
  return { code, ...REFUSALS[code], nextDate };
}

export function debitRefusal(code: DebitRefusalCode): Refusal<DebitRefusalCode> {
  return { code, ...REFUSALS[code] };
}
