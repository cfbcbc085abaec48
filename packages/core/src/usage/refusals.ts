import type { Refusal } from '../result/result.ts';

export type UsageRefusalCode =
  | 'event_not_json'
  | 'event_not_object'
  | 'specversion_not_supported'
  | 'field_missing'
  | 'field_not_text'
  | 'field_too_long'
  | 'field_not_storable'
  | 'meter_unknown'
  | 'customer_unknown'
  | 'customer_moved'
  | 'time_not_valid'
  | 'time_too_old'
  | 'time_in_future'
  | 'time_outside_period'
  | 'data_not_object'
  | 'data_too_large'
  | 'value_missing'
  | 'value_not_decimal'
  | 'value_too_precise'
  | 'value_too_large'
  | 'value_negative';
export type UsageRefusal = Refusal<UsageRefusalCode>;

const REFUSALS: Record<UsageRefusalCode, { readonly sentence: string; readonly next: string }> = {
  event_not_json: {
    sentence: 'The line is not JSON.',
    next: 'Send one whole JSON object per line; NaN and Infinity are not JSON.',
  },
  event_not_object: {
    sentence: 'The event is not a JSON object.',
    next: 'Send CloudEvents 1.0: an object with specversion, id, source, type, subject and data.',
  },
  specversion_not_supported: {
    sentence: 'The event is not of CloudEvents version 1.0.',
    next: 'Set specversion to "1.0".',
  },
  field_missing: {
    sentence: 'A field that every event has is missing or empty.',
    next: 'Add the field that is named.',
  },
  field_not_text: {
    sentence: 'A field that is text has another type.',
    next: 'Send the field that is named as a JSON string.',
  },
  field_too_long: {
    sentence: 'A text is too long: 200 characters, or 64 where usage is kept apart by it.',
    next: 'Shorten the field that is named.',
  },
  field_not_storable: {
    sentence: 'A text has a character that cannot be stored: U+0000 or half of a pair.',
    next: 'Remove it from the field that is named.',
  },
  meter_unknown: {
    sentence: 'No meter listens to this type of event.',
    next: 'Check the type, or add a meter for it first.',
  },
  customer_unknown: {
    sentence: 'The subject is none of our customers.',
    next: 'Send the reference under which the customer was added, or its cus_ id.',
  },
  customer_moved: {
    sentence: 'The subject has moved to another organisation, and nothing is billed for it here.',
    next: 'Send it to the customer that continues it: moved_to of GET /v1/customers/{id}.',
  },
  time_not_valid: {
    sentence: 'The time is not a moment of RFC 3339.',
    next: 'Write it as 2026-11-21T08:30:00Z, or leave it out for the time of receipt.',
  },
  time_too_old: {
    sentence: 'The event is older than the 35 days that the live endpoint takes.',
    next: 'Import older usage as a file that states its period (daikou usage import).',
  },
  time_in_future: {
    sentence: 'The event is dated more than 5 minutes ahead of our clock.',
    next: 'Check the clock of the sender and its time zone.',
  },
  time_outside_period: {
    sentence: 'The event is not inside the period that the import states.',
    next: 'Widen the period if the event belongs to the file; its end is not inside.',
  },
  data_not_object: {
    sentence: 'The data of the event is not a JSON object.',
    next: 'Send data as an object of named values, not as text or base64.',
  },
  data_too_large: {
    sentence: 'The data is larger than 16 KB or nested more than 8 levels deep.',
    next: 'Send only what meters read.',
  },
  value_missing: {
    sentence: 'The data lacks the value that a meter reads.',
    next: 'Add the property that is named.',
  },
  value_not_decimal: {
    sentence: 'The value is not a plain decimal number.',
    next: 'Write it as digits with at most one decimal point, best as text: "0.0015".',
  },
  value_too_precise: {
    sentence: 'The value has more than 12 decimal places.',
    next: 'Round it to 12 decimal places before it is sent.',
  },
  value_too_large: {
    sentence: 'The value has more than 15 digits before the point.',
    next: 'Check the value, or use a larger unit.',
  },
  value_negative: {
    sentence: 'The value is below zero and the meter takes none below zero.',
    next: 'Check the value; corrections need a meter that takes negative values.',
  },
};

export function usageRefusal(code: UsageRefusalCode, field?: string): UsageRefusal {
  return { code, ...REFUSALS[code], ...(field === undefined ? {} : { field }) };
}
