import type { Refusal } from '../result/result.ts';

export type CreditRefusalCode =
  | 'invoice_is_draft'
  | 'invoice_is_void'
  | 'debit_in_flight'
  | 'nothing_to_credit'
  | 'line_unknown'
  | 'line_named_twice'
  | 'line_not_creditable'
  | 'amount_not_positive'
  | 'units_beyond_line'
  | 'currency_mix'
  | 'more_than_line_has_left'
  | 'more_than_invoice_has_left'
  | 'credit_beyond_due'
  | 'nothing_due'
  | 'still_due'
  | 'refund_not_here'
  | 'top_up_is_balance';

/** Why no credit note is made; `field` is the path in the request, "lines[0].amount". */
export type CreditRefusal = Refusal<CreditRefusalCode> & { readonly field: string };

const REFUSALS: Record<CreditRefusalCode, { readonly sentence: string; readonly next: string }> = {
  invoice_is_draft: {
    sentence: 'The invoice is a draft: nothing of it is owed yet.',
    next: 'Change the subscription instead, or void the draft; it is then billed again.',
  },
  invoice_is_void: {
    sentence: 'The invoice is void: nothing of it is owed any more.',
    next: 'Credit the invoice that replaced it.',
  },
  debit_in_flight: {
    sentence: 'A debit of this invoice is on its way and its outcome is not known yet.',
    next: 'Wait until the rail has answered; what was paid is then credited to the balance.',
  },
  nothing_to_credit: {
    sentence: 'The request names no line.',
    next: 'Name at least one line of the invoice by its position.',
  },
  line_unknown: {
    sentence: 'The invoice has no line at this position.',
    next: 'Look the invoice up and use the position of one of its lines.',
  },
  line_named_twice: {
    sentence: 'The request names this line twice.',
    next: 'Name each line once, with everything that is to be credited of it.',
  },
  line_not_creditable: {
    sentence: 'The line is zero or gives money back already, so there is nothing to take back.',
    next: 'Credit a line above zero.',
  },
  amount_not_positive: {
    sentence: 'The amount to credit is not more than zero.',
    next: 'Give an amount of at least one unit of the currency (one fen for CNY), tax included.',
  },
  units_beyond_line: {
    sentence: 'The units to credit are not more than zero and at most the quantity of the line.',
    next: 'Give units within the quantity of the line.',
  },
  currency_mix: {
    sentence: 'The amount is not in the currency of the invoice.',
    next: 'Give the amount in the currency of the invoice.',
  },
  more_than_line_has_left: {
    sentence: 'This is more than was billed on the line and not yet credited.',
    next: 'Credit less, or the whole line: that takes what is left of it.',
  },
  more_than_invoice_has_left: {
    sentence: 'This is more than the invoice came to and earlier notes have left.',
    next: 'Credit less: lines that gave money back have lowered what can be taken back.',
  },
  credit_beyond_due: {
    sentence: 'This is more than is still owed on the invoice.',
    next: 'Leave the disposition out: what is beyond goes to the customer’s balance.',
  },
  nothing_due: {
    sentence: 'The invoice is paid, so there is nothing left to reduce.',
    next: 'Credit to the balance, which the next invoices use; to return money, refund it.',
  },
  still_due: {
    sentence: 'The invoice is not paid: a credit lowers what is owed before anything else.',
    next: 'Leave the disposition out, or say reduce_due.',
  },
  refund_not_here: {
    sentence: 'Money goes back to the payer by a refund, which makes its own credit note.',
    next: 'Ask for a refund of the payment instead.',
  },
  top_up_is_balance: {
    sentence: 'The invoice sold prepaid balance and is paid: its money is the customer’s balance.',
    next: 'Refund the customer’s balance instead.',
  },
};

export function creditRefusal(code: CreditRefusalCode, field: string): CreditRefusal {
  return { code, ...REFUSALS[code], field };
}
