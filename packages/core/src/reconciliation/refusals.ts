import type { Refusal } from '../result/result.ts';

export type ReconciliationRefusalCode =
  | 'break_is_resolved'
  | 'break_is_pooled'
  | 'break_owner_missing'
  | 'resolution_not_for_class'
  | 'resolution_needs_evidence'
  | 'resolution_needs_second_person'
  | 'evidence_not_found'
  | 'day_is_closed'
  | 'day_is_not_closed'
  | 'day_has_no_bill'
  | 'day_has_no_statement'
  | 'day_is_not_compared'
  | 'day_has_pooled_breaks'
  | 'day_has_unassigned_breaks'
  | 'day_signature_missing';

/** Why a break or a day stays as it is. */
export type ReconciliationRefusal = Refusal<ReconciliationRefusalCode>;

const REFUSALS: Record<
  ReconciliationRefusalCode,
  { readonly sentence: string; readonly next: string }
> = {
  break_is_resolved: {
    sentence: 'The break is resolved, and an end is an end.',
    next: 'Nothing to do; a new difference is a new break.',
  },
  break_is_pooled: {
    sentence: 'The break still waits for the bills of the next days.',
    next: 'Wait for them: the money is usually named on the day beside it.',
  },
  break_owner_missing: {
    sentence: 'A break has an owner: a role or a person.',
    next: 'Name who sees to it.',
  },
  resolution_not_for_class: {
    sentence: 'This break cannot end like that.',
    next: 'Choose one of the ends that its class allows.',
  },
  resolution_needs_evidence: {
    sentence: 'A break ends by evidence, and none was named.',
    next: 'Name the journal, the payment, the line of a bill, or the approval.',
  },
  resolution_needs_second_person: {
    sentence: 'Money is written off by two people: one asks and another approves.',
    next: 'Have somebody else approve it.',
  },
  evidence_not_found: {
    sentence:
      'The journal or payment that was named is not in the books, or did not move the difference.',
    next: 'Name one that moved the clearing account of the rail by the very difference.',
  },
  day_is_closed: {
    sentence: 'The day is closed.',
    next: 'Reopen it first, and say why.',
  },
  day_is_not_closed: {
    sentence: 'The day is not closed.',
    next: 'Nothing to reopen.',
  },
  day_has_no_bill: {
    sentence: 'The bill of the day has not come, and the rail has not said that there is none.',
    next: 'Fetch it (daikou reconcile run), or wait until the rail issues it.',
  },
  day_has_no_statement: {
    sentence: 'The account statement of the day has not come.',
    next: 'Fetch it (daikou reconcile run), or wait until the rail issues it.',
  },
  day_is_not_compared: {
    sentence: 'The files of the day have not been compared to the end.',
    next: 'Run the comparison again (daikou reconcile run).',
  },
  day_has_pooled_breaks: {
    sentence: 'Breaks of the day still wait for the bills of the next days.',
    next: 'Close it when those bills have come.',
  },
  day_has_unassigned_breaks: {
    sentence: 'Open breaks of the day have no owner.',
    next: 'Assign them first.',
  },
  day_signature_missing: {
    sentence: 'A day is closed and reopened by somebody, and a reopening has a reason.',
    next: 'Name who does it and why.',
  },
};

/** `because` says what of this case the general sentence cannot. */
export function reconciliationRefusal(
  code: ReconciliationRefusalCode,
  about: { readonly because?: string; readonly field?: string } = {},
): ReconciliationRefusal {
  const { sentence, next } = REFUSALS[code];
  const { because, field } = about;
  return {
    code,
    sentence: because === undefined ? sentence : `${sentence} ${because}`,
    next,
    ...(field === undefined ? {} : { field }),
  };
}
