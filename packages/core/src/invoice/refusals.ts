import type { Refusal } from '../result/result.ts';

export type InvoiceRefusalCode =
  | 'usage_incomplete'
  | 'term_total_unknown'
  | 'price_version_unknown'
  | 'currency_mix'
  | 'amount_too_large'
  | 'total_negative'
  | 'invoice_not_draft';
export type InvoiceRefusal = Refusal<InvoiceRefusalCode>;

const REFUSALS: Record<InvoiceRefusalCode, { readonly sentence: string; readonly next: string }> = {
  usage_incomplete: {
    sentence: 'The price needs the single events of its usage, and only their sum is known.',
    next: 'Load the events of the period, or change the price.',
  },
  term_total_unknown: {
    sentence: 'The contract has a minimum for its term, and what was billed of it is not known.',
    next: 'Load the invoices of the term, then draft again.',
  },
  price_version_unknown: {
    sentence: 'An item of the subscription names a price version that is not in the catalogue.',
    next: 'Publish the price version, or change the item.',
  },
  currency_mix: {
    sentence: 'The items of the subscription are in more than one currency.',
    next: 'Split the subscription, one currency each.',
  },
  amount_too_large: {
    sentence: 'The items add up to more than 10¹⁵ of the smallest unit of the currency.',
    next: 'Check the prices and the quantities.',
  },
  total_negative: {
    sentence: 'The items add up to less than zero.',
    next: 'Check the agreed amounts; money back is a credit note, not an invoice.',
  },
  invoice_not_draft: {
    sentence: 'Only a draft can be issued.',
    next: 'Look the invoice up: it was issued or voided already.',
  },
};

export function invoiceRefusal(code: InvoiceRefusalCode): InvoiceRefusal {
  return { code, ...REFUSALS[code] };
}
