import type { InvoiceId } from '../ids/ids.ts';
import type { CreditRequestLine } from '../invoice/credit-lines.ts';
import { leftOfLine } from '../invoice/credit-lines.ts';
import type { CreditNote, CreditNoteLine } from '../invoice/credit-note.ts';
import { amountDue, type Invoice, isTopUp } from '../invoice/invoice.ts';
import { type Money, money, subtract, sum, within, zero } from '../money/money.ts';
import { allocateByAmount } from '../money/split.ts';
import { isRefundLive } from './moves.ts';
import type { Refund } from './refund.ts';

/** An invoice of the payment, with everything that was taken back of it so far. */
export type RefundableInvoice = {
  readonly invoice: Invoice;
  readonly notes: readonly CreditNote[];
  /** What changes took back of its lines; positive. */
  readonly byChanges: readonly CreditNoteLine[];
};

/** What is left to refund of an order after all its refunds that were not withdrawn. */
export function leftOfOrder(paid: Money, refunds: readonly Refund[]): Money {
  const taken = refunds.filter(({ state }) => isRefundLive(state)).map(({ amount }) => amount);
  return subtract(paid, sum(taken, paid.currency));
}

/**
 * What each invoice can give: not more than its lines have left, and not more than this payment
 * paid of it. What waits for an approval counts as taken.
 */
export function roomOf(
  { invoice, notes, byChanges }: RefundableInvoice,
  refunds: readonly Refund[],
): Money {
  const { currency } = invoice.total;
  // The money of a top-up is the customer's balance, and goes back from there.
  if (isTopUp(invoice)) return zero(currency);
  const total = (amounts: readonly Money[]) => sum(amounts, currency);
  const takenBy = (some: readonly Refund[]) =>
    total(
      some.flatMap(({ takes }) =>
        takes.filter(({ invoiceId }) => invoiceId === invoice.id).map(({ amount }) => amount),
      ),
    );
  const live = refunds.filter(({ state }) => isRefundLive(state));
  const waiting = takenBy(live.filter(({ state }) => state === 'awaiting_approval'));
  const ofLines = subtract(total(leftsOf({ invoice, notes, byChanges })), waiting);
  const ofTotal = subtract(
    subtract(invoice.total, total(notes.map((note) => note.total))),
    waiting,
  );
  const ofPayment = subtract(amountDue(invoice), takenBy(live));
  const room = within(within(ofLines, ofTotal), ofPayment);
  return room.minor > 0n ? room : zero(currency);
}

/** Spreads an amount over the invoices by what each can give, largest remainder. */
export function spreadOver(
  amount: Money,
  rooms: readonly { readonly invoiceId: InvoiceId; readonly room: Money }[],
): Refund['takes'] {
  const parts = allocateByAmount(
    amount,
    rooms.map(({ room }) => room),
  );
  return rooms.flatMap(({ invoiceId }, index) => {
    const part = parts[index] ?? money(0n, amount.currency);
    return part.minor > 0n ? [{ invoiceId, amount: part }] : [];
  });
}

/** The lines that a part of a refund takes back, by what is left of each, largest remainder. */
export function linesOf(facts: RefundableInvoice, amount: Money): readonly CreditRequestLine[] {
  const parts = allocateByAmount(amount, leftsOf(facts));
  return facts.invoice.lines.flatMap(({ position }, index) => {
    const part = parts[index];
    if (part === undefined || part.minor <= 0n) return [];
    return [{ position, take: { type: 'amount' as const, amount: part } }];
  });
}

/** What each line has left; zero for lines that gave money back themselves. */
function leftsOf({ invoice, notes, byChanges }: RefundableInvoice): readonly Money[] {
  return invoice.lines.map((line) => {
    const nothing = zero(line.amount.currency);
    if (line.amount.minor <= 0n) return nothing;
    const changed = byChanges
      .filter(({ position }) => position === line.position)
      .map(({ amount }) => amount);
    const left = subtract(leftOfLine(line, notes).amount, sum(changed, nothing.currency));
    return left.minor > 0n ? left : nothing;
  });
}
