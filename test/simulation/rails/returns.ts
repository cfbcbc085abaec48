import { money, type RailEvent } from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice, Rng } from '../dice.ts';
import type { Order, RailBooks } from './books.ts';
import type { Refunds } from './refunds.ts';

const DAY = 86_400;

/** Money that a payer's bank took back. */
export type TakenBack = {
  readonly order: Order;
  readonly reference: string;
  readonly at: Temporal.Instant;
  /** The payer says that there is no mandate. */
  readonly mandateGone: boolean;
};

/** What the payers' banks take back of one rail's successes, where its rules let them. */
export class Returns {
  readonly all: TakenBack[] = [];
  readonly #books: RailBooks;
  readonly #refunds: Refunds;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #tell: (event: RailEvent) => void;

  constructor(
    parts: { readonly books: RailBooks; readonly refunds: Refunds },
    world: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly rng: Rng;
      readonly tell: (event: RailEvent) => void;
    },
  ) {
    this.#books = parts.books;
    this.#refunds = parts.refunds;
    this.#agenda = world.agenda;
    this.#dice = world.dice;
    this.#rng = world.rng;
    this.#tell = world.tell;
  }

  /** Some of what was paid goes back some days later. */
  plan(order: Order): void {
    const { returnsWithinDays } = this.#books.capabilities;
    if (returnsWithinDays === undefined || !this.#rng.chance(500)) return;
    this.#agenda.after(this.#rng.between(DAY, 6 * DAY), () => this.#takeBack(order));
  }

  /** What went back on one business date of the rail. */
  on(date: Temporal.PlainDate): readonly TakenBack[] {
    const { zone } = this.#books.capabilities;
    return this.all.filter(({ at }) => at.toZonedDateTimeISO(zone).toPlainDate().equals(date));
  }

  #takeBack(order: Order): void {
    const isRefunded = this.#refunds.returnedOf(order.number) > 0n;
    if (this.#dice.isAtRest || order.isLie || isRefunded) return;
    const { now: at } = this.#agenda;
    const mandateGone = this.#rng.chance(400);
    // By the order's own number: two merchants' orders may have one reference at the rail.
    const reference = `RT-${order.number}`;
    order.takenBackAs = reference;
    this.all.push({ order, reference, at, mandateGone });
    // The bank's word is all that tells of it: there is no message of the end besides.
    const contract = mandateGone ? this.#books.byReference(order.contract) : undefined;
    if (contract !== undefined) Object.assign(contract, { state: 'ended', changedAt: at });
    this.#tell({
      kind: 'return',
      orderNumber: order.number,
      railReference: reference,
      amount: money(order.minor, 'CNY'),
      code: mandateGone ? 'MD01' : 'AM04',
      message: '',
      at,
      mandateGone,
    });
  }
}
