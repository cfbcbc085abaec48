import type { Refusal } from '../result/result.ts';

export type LateFeeRefusalCode =
  | 'rate_missing'
  | 'rate_negative'
  | 'grace_negative'
  | 'cap_missing'
  | 'customers_missing'
  | 'fee_above_ceiling'
  | 'ceiling_needs_reason'
  | 'compounding_for_persons'
  | 'fee_retroactive'
  | 'date_not_valid'
  | 'no_late_fee'
  | 'waiver_not_positive'
  | 'waiver_beyond_fee'
  | 'waiver_currency_mix'
  | 'waiver_reason_missing'
  | 'waiver_by_missing'
  | 'waiver_not_waiting'
  | 'waiver_second_person'
  | 'waiver_of_another'
  | 'fee_stopped_already'
  | 'fee_not_stopped';
export type LateFeeRefusal = Refusal<LateFeeRefusalCode>;

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Readonly<Record<LateFeeRefusalCode, Words>> = {
  rate_missing: {
    sentence: 'The policy has no rate above zero.',
    next: 'Give `rate` as {"per":"day","basis_points":"5"}, or do not publish a late fee.',
  },
  rate_negative: {
    sentence: 'The rate is below zero.',
    next: 'Give basis points of zero or more.',
  },
  grace_negative: {
    sentence: 'The grace is below zero days: it would begin before the due date.',
    next: 'Give zero or more days.',
  },
  cap_missing: {
    sentence: 'The policy has no cap: it would grow without an end.',
    next: 'Give `cap.basis_points`, at most 3000 (30 % of what was unpaid).',
  },
  customers_missing: {
    sentence: 'The policy does not say whom it applies to.',
    next: 'Give `customers` as ["organisation"], ["person"] or both.',
  },
  fee_above_ceiling: {
    sentence: 'The rate or the cap is above the ceiling.',
    next: 'Stay at or below 5 basis points a day and 30 % in all; see docs/reference/late-fees.md.',
  },
  ceiling_needs_reason: {
    sentence: 'The rate or the cap is above the default of 5 basis points a day and 30 % in all.',
    next: 'Lower it, or say in `above_default_because` what was agreed and how large the loss is.',
  },
  compounding_for_persons: {
    sentence: 'A late fee on late fees is not for persons.',
    next: 'Leave `compounding` out, or name organisations only.',
  },
  fee_retroactive: {
    sentence: 'The policy would begin before its publication.',
    next: 'Give today or a later date as `from`: nobody owes a fee that he was not told of.',
  },
  date_not_valid: {
    sentence: 'The field is not a date.',
    next: 'Write it as 2026-12-01.',
  },
  no_late_fee: {
    sentence: 'The invoice has no late fee: it was not overdue, or no policy applies to it.',
    next: 'Ask for the late fee of the invoice to see why.',
  },
  waiver_not_positive: {
    sentence: 'The amount to waive is not above zero.',
    next: 'Give an amount above zero, or leave it out to waive all.',
  },
  waiver_beyond_fee: {
    sentence: 'The amount to waive is more than the late fee that is left.',
    next: 'Give at most what is left, or leave the amount out to waive all.',
  },
  waiver_currency_mix: {
    sentence: 'The amount is not in the currency of the invoice.',
    next: 'Give it in the currency of the invoice.',
  },
  waiver_reason_missing: {
    sentence: 'The waiver has no reason.',
    next: 'Say in a few words why it is waived.',
  },
  waiver_by_missing: {
    sentence: 'Nobody is named who decides.',
    next: 'Give the name of the person.',
  },
  waiver_not_waiting: {
    sentence: 'The waiver does not wait for approval.',
    next: 'Look the late fee up: it was decided already.',
  },
  waiver_second_person: {
    sentence: 'Whoever asked for the waiver cannot approve it.',
    next: 'Have a second person approve it.',
  },
  waiver_of_another: {
    sentence: 'The approval is of other facts than the waiver has.',
    next: 'Look the waiver up and approve what it shows.',
  },
  fee_stopped_already: {
    sentence: 'The late fee is stopped already.',
    next: 'Nothing is needed: it goes on when it is resumed.',
  },
  fee_not_stopped: {
    sentence: 'The late fee is not stopped.',
    next: 'Nothing is needed.',
  },
};

/** The refusal of a code, with the field that caused it where there is one. */
export function lateFeeRefusal(code: LateFeeRefusalCode, field?: string): LateFeeRefusal {
  return { code, ...REFUSALS[code], ...(field === undefined ? {} : { field }) };
}
