import type { Refusal } from '../result/result.ts';

export type VoidRefusalCode =
  | 'invoice_is_paid'
  | 'invoice_is_void'
  | 'debit_in_flight'
  | 'invoice_has_credit_notes'
  | 'adjusted_on_later_invoice'
  | 'invoice_is_consolidated'
  | 'invoice_not_of_a_period'
  | 'subscription_parked'
  | 'period_has_moved'
  | 'cannot_be_drafted_again'
  | 'top_up_is_returned';

/** Why an invoice is not voided, or not issued anew. */
export type VoidRefusal = Refusal<VoidRefusalCode>;

const REFUSALS: Record<VoidRefusalCode, { readonly sentence: string; readonly next: string }> = {
  invoice_is_paid: {
    sentence: 'The invoice is paid, and a paid invoice stays as it is.',
    next: 'Make a credit note: what was paid too much goes to the customer’s balance.',
  },
  invoice_is_void: {
    sentence: 'The invoice is void already.',
    next: 'Nothing to do.',
  },
  debit_in_flight: {
    sentence: 'A debit of this invoice is on its way and its outcome is not known yet.',
    next: 'Wait until the rail has answered.',
  },
  invoice_has_credit_notes: {
    sentence: 'The invoice has credit notes, which take back parts of it.',
    next: 'Credit the rest of it instead: the lines that are left, whole.',
  },
  adjusted_on_later_invoice: {
    sentence: 'A later invoice adjusts what this one billed.',
    next: 'Void that invoice first, or make a credit note for what is wrong here.',
  },
  invoice_is_consolidated: {
    sentence: 'The invoice bills several subscriptions of a payer together.',
    next: 'Make a credit note for the lines that are wrong, or void it as a whole.',
  },
  invoice_not_of_a_period: {
    sentence: 'The invoice bills single lines and no period, so there is no draft to make again.',
    next: 'Void it: its lines wait for the next invoice of the subscription.',
  },
  subscription_parked: {
    sentence: 'The subscription is parked, so nothing of it is drafted.',
    next: 'Clear the reason and unpark it first.',
  },
  period_has_moved: {
    sentence:
      'The billing days have changed since, and a later invoice bills a part of these days.',
    next: 'Make a credit note for what is wrong, or void the later invoices first.',
  },
  cannot_be_drafted_again: {
    sentence: 'The subscription cannot be billed as it is now.',
    next: 'Correct the subscription, then try again; nothing was changed.',
  },
  top_up_is_returned: {
    sentence:
      'The money of this top-up went back, and what is owed is what was used of its balance.',
    next: 'Credit what the customer shall not pay: voiding would give the balance back.',
  },
};

/** `because` says what of this case the general sentence cannot. */
export function voidRefusal(code: VoidRefusalCode, because?: string): VoidRefusal {
  const { sentence, next } = REFUSALS[code];
  return { code, sentence: because === undefined ? sentence : `${sentence} ${because}`, next };
}
