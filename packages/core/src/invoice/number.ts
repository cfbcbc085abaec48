import type { Period } from '../calendar/periods.ts';
import type { CreditNoteId, Id, InvoiceId } from '../ids/ids.ts';

/**
 * A number that people can read out: the period's month and 16 characters of the id. A bill (账单)
 * needs no gap-free series; the tax invoice has its own number from the tax platform.
 */
export function invoiceNumber(period: Period, id: InvoiceId): string {
  return numberOf('B', period.start, id);
}

/** The number of a credit note: the month of its business date, as readable as a bill's. */
export function creditNoteNumber(issuedOn: Temporal.PlainDate, id: CreditNoteId): string {
  return numberOf('C', issuedOn, id);
}

function numberOf(letter: 'B' | 'C', { year, month }: Temporal.PlainDate, id: Id): string {
  const tail = BigInt(`0x${id.slice(-20)}`)
    .toString(36)
    .toUpperCase()
    .padStart(16, '0');
  const yearText = String(year).padStart(4, '0');
  return `${letter}${yearText}${String(month).padStart(2, '0')}-${tail.slice(-16)}`;
}
