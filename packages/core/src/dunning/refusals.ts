import type { Refusal } from '../result/result.ts';

export type DunningRefusalCode =
  | 'case_ended'
  | 'case_not_paused'
  | 'case_paused'
  | 'person_missing'
  | 'reason_missing'
  | 'end_reason_not_valid'
  | 'pause_without_end'
  | 'promise_date_not_valid'
  | 'promise_amount_not_valid'
  | 'promises_used_up'
  | 'promise_open'
  | 'plan_open'
  | 'plan_parts_not_valid'
  | 'plan_date_not_valid'
  | 'money_is_moving'
  | 'invoice_disputed'
  | 'nothing_overdue'
  | 'no_method'
  | 'debit_waits'
  | 'pay_link_waits';

export type DunningRefusal = Refusal<DunningRefusalCode>;

const REFUSALS: Record<DunningRefusalCode, Omit<DunningRefusal, 'code'>> = {
  case_ended: {
    sentence: 'The dunning case has ended.',
    next: 'Nothing to do: what becomes overdue later starts a new one.',
  },
  case_not_paused: { sentence: 'The case is not paused.', next: 'Nothing to do: it goes on.' },
  case_paused: { sentence: 'The case is paused already.', next: 'Resume it first.' },
  person_missing: {
    sentence: 'It is not said who decides.',
    next: 'Name the person, in at most 80 characters.',
    field: 'by',
  },
  reason_missing: {
    sentence: 'It is not said why.',
    next: 'Give the reason, in at most 200 characters.',
    field: 'reason',
  },
  end_reason_not_valid: {
    sentence: 'A person ends a case as written off, disputed or canceled.',
    next: 'Give written_off, disputed or canceled; payment ends it by itself.',
    field: 'as',
  },
  pause_without_end: {
    sentence: 'A pause lasts at most 90 days.',
    next: 'Name a later day from tomorrow on, at most 90 days ahead.',
    field: 'until',
  },
  promise_date_not_valid: {
    sentence: 'The date of the promise is not one that the campaign takes.',
    next: 'Name today or a later date inside the campaign’s days for promises.',
    field: 'date',
  },
  promise_amount_not_valid: {
    sentence: 'The promised amount is not part of what is overdue.',
    next: 'Promise more than zero and at most what is overdue, in its currency.',
    field: 'amount',
  },
  promises_used_up: {
    sentence: 'The customer has made as many promises as the campaign takes.',
    next: 'Let the campaign go on, or pause the case and say why.',
  },
  promise_open: {
    sentence: 'A promise is open already.',
    next: 'Wait for its date; it is judged the day after.',
  },
  plan_open: {
    sentence: 'An instalment plan is open.',
    next: 'It is judged part by part; end the case to give it up.',
  },
  plan_parts_not_valid: {
    sentence: 'The arrears cannot be split into so many parts.',
    next: 'Ask for 2 to 12 parts, and no more than the smallest units that are owed.',
    field: 'parts',
  },
  plan_date_not_valid: {
    sentence: 'The first part is due tomorrow at the earliest and in 31 days at the latest.',
    next: 'Name such a date.',
    field: 'first_date',
  },
  money_is_moving: {
    sentence: 'Money may be moving for these invoices at this moment.',
    next: 'Wait until its outcome is known; nothing else is sent before.',
  },
  invoice_disputed: {
    sentence: 'One of these invoices is in dispute.',
    next: 'Settle the dispute, then withdraw the override that says so.',
  },
  nothing_overdue: {
    sentence: 'The customer owes nothing that is overdue.',
    next: 'Nothing to do.',
  },
  no_method: {
    sentence: 'No method of the customer can collect this.',
    next: 'Send a pay link, or ask the customer to sign again.',
  },
  debit_waits: {
    sentence: 'A debit for these invoices is planned already.',
    next: 'Wait for it, or read it with its notice.',
  },
  pay_link_waits: {
    sentence: 'A pay link for these invoices is open.',
    next: 'Wait until it is paid or over, or close it.',
  },
};

export function dunningRefusal(code: DunningRefusalCode): DunningRefusal {
  return { code, ...REFUSALS[code] };
}
