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
  | 'outside_planned_date';
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
};

export function debitRefusal(code: DebitRefusalCode): Refusal<DebitRefusalCode> {
  return { code, ...REFUSALS[code] };
}
