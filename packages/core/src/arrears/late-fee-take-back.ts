import { bucketOf, type InvoiceId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Invoice, InvoiceLine, WaitingLine } from '../invoice/invoice.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import { splitTax } from '../invoice/tax.ts';
import { add, type Money, money, subtract, within } from '../money/money.ts';
import { fromMoney } from '../money/ratio.ts';
import type { LateFeeLine } from './late-fee.ts';

/** What is taken back of charges: lines that wait are dropped, billed ones are credited. */
export type TakeBack = {
  /** All of it. */
  readonly amount: Money;
  /** Charges whose line waited, with what was taken back of them. */
  readonly charges: readonly LateFeeLine[];
  /** Lines that are dropped, and what is left of them as new ones. */
  readonly pendingLines: readonly PendingLine[];
  /** What a credit note takes back of an invoice that has billed the line. */
  readonly credits: readonly BilledTakeBack[];
};

export type BilledTakeBack = {
  /** As it is once the credit note is made. */
  readonly charge: LateFeeLine;
  readonly invoiceId: InvoiceId;
  /** Of the line that was billed: one charge has a line for each rate. */
  readonly taxBasisPoints: bigint;
  readonly amount: Money;
};

/** Takes `amount` back, the newest charge first: what people see last is what goes first. */
export function planTakeBack(
  facts: { readonly charges: readonly LateFeeLine[]; readonly lines: readonly PendingLine[] },
  amount: Money,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): TakeBack {
  const lines = new Map(facts.lines.map((line) => [line.id, line]));
  const charges: LateFeeLine[] = [];
  const pendingLines: PendingLine[] = [];
  const credits: BilledTakeBack[] = [];
  let left = amount;
  for (const charge of facts.charges.toSorted(newestFirst)) {
    const row = lines.get(charge.pendingLineId);
    const taken = within(subtract(charge.amount, charge.takenBack), left);
    if (taken.minor === 0n || row === undefined) continue;
    const after = { ...charge, takenBack: add(charge.takenBack, taken) };
    if (row.state === 'billed' && row.invoiceId !== undefined) {
      const { taxBasisPoints } = row.line;
      credits.push({ charge: after, invoiceId: row.invoiceId, taxBasisPoints, amount: taken });
    } else if (row.state === 'pending') {
      const rest = restOf(row, taken, context);
      pendingLines.push({ ...row, state: 'dropped' }, ...(rest === undefined ? [] : [rest]));
      charges.push(rest === undefined ? after : { ...after, pendingLineId: rest.id });
    } else continue;
    left = subtract(left, taken);
  }
  return { amount: subtract(amount, left), charges, pendingLines, credits };
}

/** The line by which an invoice billed what is taken back; undefined where it has none. */
export function billedLineOf(
  carrier: Invoice,
  { charge, taxBasisPoints }: BilledTakeBack,
  overdue: InvoiceId,
): InvoiceLine | undefined {
  return carrier.lines.find(
    (line) =>
      line.why.lateFee?.invoiceId === overdue &&
      line.period.start.equals(charge.firstDay) &&
      line.taxBasisPoints === taxBasisPoints,
  );
}

function newestFirst(left: LateFeeLine, right: LateFeeLine): number {
  return Temporal.PlainDate.compare(right.firstDay, left.firstDay) || right.part - left.part;
}

/** What still waits of a line after a part of it was taken back. */
function restOf(
  row: PendingLine,
  taken: Money,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): PendingLine | undefined {
  const amount = subtract(row.line.amount, taken);
  if (amount.minor <= 0n) return undefined;
  const { net, tax } = splitTax(amount, row.line.taxBasisPoints);
  const isInclusive = row.line.subtotal.minor === row.line.amount.minor;
  const line: WaitingLine = {
    ...row.line,
    unitAmount: fromMoney(amount),
    subtotal: isInclusive ? amount : net,
    discount: money(0n, amount.currency),
    amount,
    net,
    tax,
  };
  const id = context.ids('pli', bucketOf(row.customerId));
  return { ...row, id, line, createdAt: context.now };
}
