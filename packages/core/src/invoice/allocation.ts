import type { CustomerId } from '../ids/ids.ts';
import { add, type Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import type { Invoice } from './invoice.ts';

/** What one department or member, or the payer itself, is of an invoice. */
export type Allocation = {
  /** Absent: lines that are for the payer as a whole. */
  readonly beneficiaryId?: CustomerId;
  readonly net: Money;
  readonly tax: Money;
  /** Tax included; negative where credits are more than what was used. */
  readonly amount: Money;
};

/**
 * Splits an invoice by who uses what it bills, in the order in which they first occur. Every line
 * belongs to one beneficiary whole, so that the parts add up to the invoice exactly in every
 * column; nothing is rounded.
 */
export function allocateInvoice(invoice: Invoice): readonly Allocation[] {
  const parts = new Map<CustomerId | undefined, Allocation>();
  for (const { beneficiaryId, net, tax, amount } of invoice.lines) {
    const known = parts.get(beneficiaryId);
    parts.set(beneficiaryId, {
      ...(beneficiaryId === undefined ? {} : { beneficiaryId }),
      net: known === undefined ? net : add(known.net, net),
      tax: known === undefined ? tax : add(known.tax, tax),
      amount: known === undefined ? amount : add(known.amount, amount),
    });
  }
  const allocations = [...parts.values()];
  const total = allocations.reduce((sum, part) => sum + part.amount.minor, 0n);
  invariant(total === invoice.total.minor, 'the parts of an invoice add up to it');
  return allocations;
}
