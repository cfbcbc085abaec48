import { money, type RailBillLine } from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice } from '../dice.ts';
import { feeOf, type Order, type RailBooks } from './books.ts';
import type { Page, Pages } from './pages.ts';
import type { Refunds, Returned } from './refunds.ts';
import type { Returns, TakenBack } from './returns.ts';

/** A number that must stand in a break, as the bill says something else than the rail did. */
export type Mutation = {
  readonly date: Temporal.PlainDate;
  readonly orderNumber: string;
  readonly what: 'left out' | 'twice' | 'another amount' | 'a stranger';
};

/** A bill as the rail hands it out. */
export type PrintedBill = {
  readonly lines: readonly RailBillLine[];
  readonly isCutShort: boolean;
};

/**
 * Prints the bill of a day from the rail's books, at times with a mistake in it. A printed bill
 * stays as it is; only one that was cut short comes whole the next time.
 */
export class BillPrinter {
  readonly mutations: Mutation[] = [];
  readonly #books: RailBooks;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #refunds: Refunds;
  readonly #returns: Returns;
  readonly #pages: Pages;
  readonly #printed = new Map<string, PrintedBill>();

  constructor(
    books: RailBooks,
    parts: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly refunds: Refunds;
      readonly returns: Returns;
      readonly pages: Pages;
    },
  ) {
    this.#books = books;
    this.#refunds = parts.refunds;
    this.#returns = parts.returns;
    this.#pages = parts.pages;
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
  }

  print(date: Temporal.PlainDate): PrintedBill | 'not_ready' {
    const { zone, billReadyAt } = this.#books.capabilities;
    const ready = date.add({ days: 1 }).toZonedDateTime({ timeZone: zone, plainTime: billReadyAt });
    if (Temporal.Instant.compare(this.#agenda.now, ready.toInstant()) < 0) return 'not_ready';
    const known = this.#printed.get(date.toString());
    if (known !== undefined) return known;
    const lines = this.#books.paidOn(date).map(toLine);
    if (lines.length > 0 && this.#dice.fires('a bill is cut short')) {
      return { lines: lines.slice(0, -1), isCutShort: true };
    }
    const all = [
      ...this.#mutate(date, lines),
      ...this.#pages.paidOn(date, zone).map(toPageLine),
      ...this.#refunds.doneOn(date).map(toRefundLine),
      ...this.#refunds.backOn(date).map(toBackLine),
      ...this.#returns.on(date).map(toReturnLine),
    ];
    const numbered = all.map((line, index) => ({ ...line, lineNumber: index + 1 }));
    const bill = { lines: numbered, isCutShort: false };
    this.#printed.set(date.toString(), bill);
    return bill;
  }

  #mutate(date: Temporal.PlainDate, lines: readonly RailBillLine[]): readonly RailBillLine[] {
    const [first] = lines;
    if (first === undefined) return lines;
    const note = (what: Mutation['what'], orderNumber = first.orderNumber) =>
      this.mutations.push({ date, orderNumber, what });
    if (this.#dice.fires('a bill leaves a line out')) {
      note('left out');
      return lines.slice(1);
    }
    if (this.#dice.fires('a bill has a line twice')) {
      note('twice');
      return [...lines, { ...first, lineNumber: lines.length + 1 }];
    }
    if (this.#dice.fires('a bill has another amount')) {
      note('another amount');
      return [{ ...first, amount: money(first.amount.minor + 1n, 'CNY') }, ...lines.slice(1)];
    }
    if (this.#dice.fires('a bill has a stranger')) {
      const orderNumber = `X${date.toString().replaceAll('-', '')}`;
      note('a stranger', orderNumber);
      return [...lines, { ...first, orderNumber, lineNumber: lines.length + 1 }];
    }
    return lines;
  }
}

function toLine(order: Order, index: number): RailBillLine {
  return {
    lineNumber: index + 1,
    kind: 'payment',
    orderNumber: order.number,
    railReference: order.reference,
    amount: money(order.minor, 'CNY'),
    fee: money(feeOf(order.minor), 'CNY'),
    at: order.paidAt ?? order.seenAt,
  };
}

type Line = Omit<RailBillLine, 'lineNumber'>;

function toPageLine({ number, reference, minor, paidAt, closesAt }: Page): Line {
  return {
    kind: 'payment',
    orderNumber: number,
    railReference: reference,
    amount: money(minor, 'CNY'),
    fee: money(feeOf(minor), 'CNY'),
    at: paidAt ?? closesAt,
  };
}

function toRefundLine({ request, reference, doneAt }: Returned): Line {
  const { orderNumber, refundNumber, amount } = request;
  const fee = money(0n, 'CNY');
  const railReference = reference;
  return { kind: 'refund', orderNumber, refundNumber, railReference, amount, fee, at: doneAt };
}

/** Money that comes in again, under the number of the refund that it was. */
function toBackLine({ request, reference, doneAt, backAt = doneAt }: Returned): Line {
  return {
    kind: 'payment',
    orderNumber: request.refundNumber,
    railReference: `${reference}-back`,
    amount: request.amount,
    fee: money(0n, 'CNY'),
    at: backAt,
  };
}

/** What a bank took back stands under the bank's own number. */
function toReturnLine({ order, reference, at }: TakenBack): Line {
  return {
    kind: 'refund',
    orderNumber: order.number,
    refundNumber: reference,
    railReference: reference,
    amount: money(order.minor, 'CNY'),
    fee: money(0n, 'CNY'),
    at,
  };
}
