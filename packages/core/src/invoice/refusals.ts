import type { Refusal } from '../result/result.ts';

export type InvoiceRefusalCode =
  | 'subscription_not_active'
  | 'subscription_has_no_items'
  | 'price_version_unknown'
  | 'currency_mix'
  | 'total_negative'
  | 'invoice_not_draft';
export type InvoiceRefusal = Refusal<InvoiceRefusalCode>;

const REFUSALS: Record<InvoiceRefusalCode, { readonly sentence: string; readonly next: string }> = {
  subscription_not_active: {
    sentence: 'The subscription is not active, so nothing is billed.',
    next: 'Resume the subscription first.',
  },
  subscription_has_no_items: {
    sentence: 'The subscription has no items, so there is nothing to bill.',
    next: 'Add an item to the subscription.',
  },
  price_version_unknown: {
    sentence: 'An item of the subscription names a price version that is not in the catalogue.',
    next: 'Publish the price version, or change the item.',
  },
  currency_mix: {
    sentence: 'The items of the subscription are in more than one currency.',
    next: 'Split the subscription, one currency each.',
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
