import type { Moves } from '../result/moves.ts';
import type { InvoiceState } from './invoice.ts';

export const INVOICE_MOVES: Moves<InvoiceState> = {
  draft: ['open', 'paid', 'void'],
  open: ['paid', 'void'],
  // The payer's bank took the money back: it is owed again.
  paid: ['open'],
  void: [],
};
