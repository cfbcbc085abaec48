import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../world.ts';
import { BOOKING_TIME, bankTime, isAccount, settlementDay, settlesOn } from './calendar.ts';
import { Mailbox } from './mailbox.ts';
import { type OrderedPayment, type OrderFile, readOrderFile } from './orders.ts';
import { afterBooking, BANK_OUTCOMES, TRANSFER_OUTCOMES } from './outcomes.ts';
import { type BankBooks, type Collection, CREDITOR, type Transfer } from './records.ts';
import {
  type Movement,
  notification,
  type Refused,
  statement,
  statusReport,
  sumOf,
} from './reports.ts';

/** Days that one move of the clock works through at most: more is a mistake of the caller. */
const DAYS_AT_ONCE = 1_500;

/** Where files pass between merchant and bank. */
export interface BankFolders {
  /** The merchant puts payment files here. */
  readonly outbox: string;
  /** The bank puts its reports here. */
  readonly inbox: string;
  /** Files that the bank has taken. */
  readonly taken: string;
}

/**
 * The creditor's bank: takes payment files, settles on their dates by the business clock, and
 * reports. It acts when it looks (on `/admin/idle`, on every move of the clock and every moment).
 */
export class Bank {
  readonly books: BankBooks;
  readonly folders: BankFolders;
  readonly #world: World;
  readonly #mailbox: Mailbox;

  constructor(world: World, books: BankBooks, folders: BankFolders) {
    this.books = books;
    this.folders = folders;
    this.#world = world;
    this.#mailbox = new Mailbox(world, books, folders.inbox);
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  }

  /** The clock moved: what was late arrives, what became due happens, day by day. */
  move(): void {
    this.#mailbox.release();
    this.look();
  }

  /** Takes new files and does what is due. */
  look(): void {
    this.#settle();
    for (const name of readdirSync(this.folders.outbox).sort()) {
      if (!name.startsWith('.') && name.endsWith('.xml')) this.#take(name);
    }
    this.#settle();
  }

  #take(name: string): void {
    const path = join(this.folders.outbox, name);
    const text = readFileSync(path, 'utf8');
    const file = readOrderFile(text);
    const before = file === undefined ? undefined : this.books.messages.get(file.messageId);
    const copies = (before?.copies ?? 0) + 1;
    renameSync(path, join(this.folders.taken, `${name}.${copies}`));
    if (file === undefined) return;
    const { messageId, kind } = file;
    if (before !== undefined) {
      this.books.messages.put(messageId, { ...before, copies });
      this.#answer(file, { groupStatus: 'RJCT', reason: 'AM05', refused: [] });
      return;
    }
    const reason = problemOf(file);
    const refusedWith = reason === undefined ? {} : { refused: reason };
    this.books.messages.put(messageId, { id: messageId, kind, file: name, copies, ...refusedWith });
    if (reason !== undefined) {
      this.#answer(file, { groupStatus: 'RJCT', reason, refused: [] });
      return;
    }
    const refused = file.payments.flatMap((payment) => this.#accept(file, payment) ?? []);
    this.#answer(file, { groupStatus: refused.length === 0 ? 'ACCP' : 'PART', refused });
  }

  /** Books one payment for its day, or says why not. */
  #accept(file: OrderFile, payment: OrderedPayment): Refused | undefined {
    const { groupId, endToEndId, iban, amountMinor } = payment;
    const reason = paymentProblem(file, payment, this.#now());
    if (reason !== undefined) return { endToEndId, groupId, reason };
    const count = this.books.collections.size + this.books.transfers.size + 1;
    const base = { id: `p${count}`, endToEndId, messageId: file.messageId, groupId, iban };
    const actsOn = this.#possibleDay(payment.date, file.kind === 'pain.008' ? 1 : 0);
    if (file.kind === 'pain.001') {
      const outcome = this.#scripted(payment, TRANSFER_OUTCOMES) ?? 'SUCCESS';
      const transfer = { ...base, amountMinor, outcome, state: 'waiting', actsOn } as const;
      this.books.transfers.put(base.id, transfer);
      return undefined;
    }
    const outcome = this.#world.outcomes.decide({
      rail: 'sepa',
      orderNumber: base.id,
      account: iban,
      scripted: () => this.#scripted(payment, BANK_OUTCOMES),
    });
    const { mandateId, name: debtor } = payment;
    const more = { mandateId, debtor, amountMinor, outcome, state: 'waiting', actsOn } as const;
    this.books.collections.put(base.id, { ...base, ...more });
    return undefined;
  }

  /** A script by the number, the mandate or the payer's account. */
  #scripted(payment: OrderedPayment, kinds: ReadonlySet<string>): string | undefined {
    const { faults } = this.#world;
    const orderNumber = payment.endToEndId;
    const occasion = { rail: 'sepa', operations: ['collect', 'transfer'], orderNumber } as const;
    const byMandate = faults.take({ ...occasion, contractCode: payment.mandateId }, kinds);
    return (byMandate ?? faults.take({ ...occasion, contractCode: payment.iban }, kinds))?.fault;
  }

  /** The date that was asked for, or the first that is still possible: banks move it on. */
  #possibleDay(asked: string, leadDays: number): string {
    const first = settlementDay(this.#now().toPlainDate(), leadDays);
    const wanted = settlementDay(Temporal.PlainDate.from(asked), 0);
    return (Temporal.PlainDate.compare(wanted, first) < 0 ? first : wanted).toString();
  }

  #answer(file: OrderFile, answer: Parameters<typeof statusReport>[2]): void {
    const original = { messageId: file.messageId, kind: file.version };
    this.#mailbox.send('pain.002', (id) => statusReport({ id, at: this.#now() }, original, answer));
  }

  /** Works through every day that the clock has reached. */
  #settle(): void {
    const now = this.#now();
    const today = now.toPlainDate();
    let day = Temporal.PlainDate.from(this.#mailbox.state.openDay);
    for (let count = 0; count < DAYS_AT_ONCE; count += 1) {
      const isPast = Temporal.PlainDate.compare(day, today) < 0;
      const isBookingTime = Temporal.PlainTime.compare(now.toPlainTime(), BOOKING_TIME) >= 0;
      if (Temporal.PlainDate.compare(day, today) > 0) return;
      if (isPast || isBookingTime) this.#book(day.toString());
      if (!isPast) return;
      this.#close(day);
      day = day.add({ days: 1 });
    }
  }

  /** Books what acts on a day and notifies at once. */
  #book(date: string): void {
    const at = Temporal.PlainDate.from(date).toPlainDateTime(BOOKING_TIME);
    const rejected: Collection[] = [];
    const movements: Movement[] = [];
    for (const one of this.books.collectionsActingOn(date)) {
      const next = actOn(one, date);
      this.books.collections.put(one.id, next);
      if (next.state === 'rejected') rejected.push(next);
      else {
        const kind = next.state === 'returned' ? 'returned' : 'collected';
        movements.push({ kind, collection: next });
      }
    }
    const failed: Transfer[] = [];
    for (const one of this.books.transfersActingOn(date)) {
      const next = actOnTransfer(one, date);
      this.books.transfers.put(one.id, next);
      if (next.state === 'rejected') failed.push(next);
      else
        movements.push({
          kind: one.state === 'waiting' ? 'paid_out' : 'came_back',
          transfer: next,
        });
    }
    this.#reject(at, [...rejected, ...failed]);
    if (movements.length === 0) return;
    const { version } = this.#mailbox;
    this.#mailbox.send(
      'camt.054',
      (id, change) => notification({ id, at, version }, date, { movements, ...change }),
      movements.map(numberOf),
    );
  }

  #reject(at: Temporal.PlainDateTime, payments: readonly (Collection | Transfer)[]): void {
    for (const [messageId, members] of Map.groupBy(payments, (one) => one.messageId)) {
      const kind = this.books.messages.get(messageId)?.kind ?? 'pain.008';
      const refused = members.map(({ endToEndId, groupId, reason }) => ({
        endToEndId,
        groupId,
        reason: reason ?? 'MS03',
      }));
      this.#mailbox.send(
        'pain.002',
        (id) => statusReport({ id, at }, { messageId, kind }, { groupStatus: 'PART', refused }),
        members.map((one) => one.endToEndId),
      );
    }
  }

  /** The end of a day: its statement, on days of settlement. */
  #close(day: Temporal.PlainDate): void {
    const date = day.toString();
    const movements = this.#movementsOf(date);
    const { balanceMinor } = this.#mailbox.state;
    if (settlesOn(day) && this.books.messages.size > 0) {
      const at = day.add({ days: 1 }).toPlainDateTime('00:30');
      const { version } = this.#mailbox;
      this.#mailbox.send('camt.053', (id, change) =>
        statement({ id, at, version }, date, { movements, openingMinor: balanceMinor, ...change }),
      );
    }
    this.#mailbox.openNext(day.add({ days: 1 }).toString(), balanceMinor + sumOf(movements));
  }

  #movementsOf(date: string): readonly Movement[] {
    const { books } = this;
    return [
      ...books.collectionsBookedOn(date).map((one) => ({ kind: 'collected', collection: one })),
      ...books.collectionsReturnedOn(date).map((one) => ({ kind: 'returned', collection: one })),
      ...books.transfersExecutedOn(date).map((one) => ({ kind: 'paid_out', transfer: one })),
      ...books.transfersReturnedOn(date).map((one) => ({ kind: 'came_back', transfer: one })),
    ] as readonly Movement[];
  }

  #now(): Temporal.PlainDateTime {
    return bankTime(this.#world.clock.now());
  }
}

/** What acting on its day makes of a collection. */
function actOn(one: Collection, date: string): Collection {
  const { actsOn: _, ...rest } = one;
  if (one.state === 'booked') {
    return { ...rest, state: 'returned', returnedOn: date };
  }
  const after = afterBooking(one.outcome);
  if (after === undefined) {
    return one.outcome === 'SUCCESS'
      ? { ...rest, state: 'booked', bookedOn: date }
      : { ...rest, state: 'rejected', reason: one.outcome };
  }
  const day = Temporal.PlainDate.from(date).add({ days: after.days ?? 0 });
  const actsOn = settlementDay(day, after.settlementDays ?? 0).toString();
  return { ...rest, state: 'booked', bookedOn: date, actsOn, reason: after.reason };
}

/** A transfer is executed, rejected, or comes back two settlement days later. */
function actOnTransfer(one: Transfer, date: string): Transfer {
  const { actsOn: _, ...rest } = one;
  const [, reason = '', back] = one.outcome.split('_');
  if (one.state === 'executed') return { ...rest, state: 'returned', returnedOn: date };
  if (one.outcome === 'SUCCESS') return { ...rest, state: 'executed', executedOn: date };
  if (back === undefined) return { ...rest, state: 'rejected', reason };
  const actsOn = settlementDay(Temporal.PlainDate.from(date), 2).toString();
  return { ...rest, state: 'executed', executedOn: date, actsOn, reason: back };
}

function numberOf(movement: Movement): string {
  return 'collection' in movement ? movement.collection.endToEndId : movement.transfer.endToEndId;
}

/** What is wrong with a file as a whole, as the code that the bank answers. */
function problemOf(file: OrderFile): string | undefined {
  if (file.payments.length === 0 || !file.addsUp) return 'FF01';
  if (file.accounts.some((iban) => iban !== CREDITOR.iban)) return 'AC01';
  if (file.creditorIds.some((id) => id !== CREDITOR.creditorId)) return 'BE05';
  return undefined;
}

/** What is wrong with one payment before its day. */
function paymentProblem(
  file: OrderFile,
  payment: OrderedPayment,
  now: Temporal.PlainDateTime,
): string | undefined {
  const { endToEndId, currency, amountMinor, iban, date } = payment;
  if (endToEndId === '' || endToEndId.length > 35) return 'FF01';
  if (currency !== 'EUR' || !Number.isSafeInteger(amountMinor) || amountMinor < 1) return 'FF01';
  if (!isAccount(iban)) return 'AC01';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return 'DT01';
  if (file.kind === 'pain.001') return undefined;
  const isSigned = /^\d{4}-\d{2}-\d{2}$/.test(payment.signedOn);
  if (payment.mandateId === '' || !isSigned) return 'MD02';
  return payment.signedOn > now.toPlainDate().toString() ? 'MD02' : undefined;
}
