import type { Refusal } from '../result/result.ts';

export type EntitlementRefusalCode =
  | 'override_over'
  | 'override_too_long'
  | 'override_without_name'
  | 'override_without_reason'
  | 'override_not_of_payer'
  | 'override_code_wrong'
  | 'override_quantity_wrong'
  | 'override_invoice_wrong'
  | 'override_ended'
  | 'alert_not_of_payer'
  | 'alert_below_zero';

/** Why an override is not granted or not withdrawn. */
export type EntitlementRefusal = Refusal<EntitlementRefusalCode>;

const REFUSALS: Record<EntitlementRefusalCode, Omit<EntitlementRefusal, 'code'>> = {
  override_over: {
    sentence: 'The override would be over already.',
    next: 'Choose a day after today; it is the first on which the override no longer holds.',
    field: 'until',
  },
  override_too_long: {
    sentence: 'An override holds for 366 days at most.',
    next: 'Choose an earlier day; it can be granted again before it ends.',
    field: 'until',
  },
  override_without_name: {
    sentence: 'The decision does not say who made it.',
    next: 'Give the name of the person.',
    field: 'by',
  },
  override_without_reason: {
    sentence: 'The decision does not say why it was made.',
    next: 'Give the reason in a few words.',
    field: 'why',
  },
  override_not_of_payer: {
    sentence: 'A department or member has no arrears of its own.',
    next: 'Grant it to the organisation that pays.',
    field: 'kind',
  },
  override_code_wrong: {
    sentence: 'Modules, seats, limits and tags have a code; nothing else has.',
    next: 'Add the code, or leave it out.',
    field: 'code',
  },
  override_quantity_wrong: {
    sentence: 'Seats and limits have a quantity of at least 1; nothing else has one.',
    next: 'Add the quantity, or leave it out.',
    field: 'quantity',
  },
  override_invoice_wrong: {
    sentence: 'A dispute names its invoice; nothing else does.',
    next: 'Add the id of an invoice of this customer, or leave it out.',
    field: 'invoice_id',
  },
  override_ended: {
    sentence: 'The override has ended.',
    next: 'Nothing has to be done.',
  },
  alert_not_of_payer: {
    sentence: 'A department or member has no balance of its own.',
    next: 'Set the alert for the organisation that pays.',
    field: 'id',
  },
  alert_below_zero: {
    sentence: 'A balance is never below zero.',
    next: 'Give an amount of zero or more.',
    field: 'low.amount',
  },
};

export function entitlementRefusal(code: EntitlementRefusalCode): EntitlementRefusal {
  return { code, ...REFUSALS[code] };
}
