/**
 * How a collection ends, by name. `SUCCESS` books and stays. A plain reason code is a reject: the
 * payer's bank says no on the due date, nothing is booked. `RETURN_…` is booked and taken back by
 * the payer's bank, `REFUND_…` by the payer.
 */
export const BANK_OUTCOMES: ReadonlySet<string> = new Set([
  'SUCCESS',
  'AC01',
  'AC04',
  'AC06',
  'AC13',
  'AG01',
  'AG02',
  'AM04',
  'BE05',
  'CNOR',
  'DNOR',
  'FF01',
  'FF05',
  'MD01',
  'MD02',
  'MD07',
  'MS02',
  'MS03',
  'RC01',
  'RR01',
  'RR02',
  'RR03',
  'RR04',
  'SL01',
  'RETURN_AM04',
  'RETURN_AC04',
  'RETURN_MS03',
  'RETURN_MD01',
  'REFUND_MD06',
  'REFUND_MD01',
]);

/** How a transfer of the merchant ends: executed, rejected, or executed and sent back. */
export const TRANSFER_OUTCOMES: ReadonlySet<string> = new Set([
  'TRANSFER_AM04',
  'TRANSFER_AC01',
  'TRANSFER_BACK_AC04',
]);

/** Faults of the files on their way to the merchant; `operation` is the kind of file. */
export const FILE_FAULTS: ReadonlySet<string> = new Set([
  'late_file',
  'lost_file',
  'duplicate_file',
  'reissued_file',
  'half_file',
  'foreign_file',
  'xml_bomb',
]);

/** Settlement days after booking on which a payer's bank returns, by the reason. */
const RETURN_DAYS: Readonly<Record<string, number>> = { MD01: 3 };
const USUAL_RETURN_DAYS = 2;

/** Calendar days after booking on which a payer asks for the money back: MD06 within eight weeks,
 * MD01 (unauthorised) within thirteen months. */
const REFUND_DAYS: Readonly<Record<string, number>> = { MD06: 42, MD01: 120 };

/** What happens to a collection after it was booked. */
export function afterBooking(
  outcome: string,
):
  | { readonly reason: string; readonly settlementDays?: number; readonly days?: number }
  | undefined {
  const [kind, reason = ''] = outcome.split('_');
  if (kind === 'RETURN') {
    return { reason, settlementDays: RETURN_DAYS[reason] ?? USUAL_RETURN_DAYS };
  }
  if (kind === 'REFUND') return { reason, days: REFUND_DAYS[reason] ?? 42 };
  return undefined;
}

/** Says whether the bank can be told to do this. */
export function isBankFault(fault: string): boolean {
  return BANK_OUTCOMES.has(fault) || TRANSFER_OUTCOMES.has(fault) || FILE_FAULTS.has(fault);
}
