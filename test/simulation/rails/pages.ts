import {
  type AttemptOutcome,
  money,
  type PayLinkRequest,
  type RailEvent,
} from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice, Rng } from '../dice.ts';

const DAY = 86_400;

/** A page on which a payer pays one order by hand. */
export type Page = {
  readonly number: string;
  readonly reference: string;
  readonly minor: bigint;
  readonly closesAt: Temporal.Instant;
  /** The rail knows an order only once the payer has opened its page. */
  state: 'unopened' | 'open' | 'paid' | 'closed';
  paidAt?: Temporal.Instant;
  /** The merchant was told that nothing will come by it. */
  isToldDead: boolean;
};

/** What a payer does with a page; `late` pays although it is over, as some rails let him. */
const MANNERS = ['pays', 'pays', 'pays', 'late', 'late', 'never'] as const;

/** The pages of one rail. Each takes money at most once. */
export class Pages {
  readonly #pages = new Map<string, Page>();
  readonly #name: string;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #tell: (event: RailEvent) => void;

  constructor(
    name: string,
    world: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly rng: Rng;
      readonly tell: (event: RailEvent) => void;
    },
  ) {
    this.#name = name;
    this.#agenda = world.agenda;
    this.#dice = world.dice;
    this.#rng = world.rng;
    this.#tell = world.tell;
  }

  get all(): readonly Page[] {
    return [...this.#pages.values()];
  }

  /** Paid after the merchant was told that it is dead. */
  get late(): readonly Page[] {
    return this.all.filter(({ state, isToldDead }) => state === 'paid' && isToldDead);
  }

  begin(request: PayLinkRequest): void {
    if (this.#pages.has(request.orderNumber)) return;
    const page: Page = {
      number: request.orderNumber,
      reference: `${this.#name}-L${this.#pages.size + 1}`,
      minor: request.amount.minor,
      closesAt: request.expiresAt,
      state: 'unopened',
      isToldDead: false,
    };
    this.#pages.set(page.number, page);
    this.#planPayer(page);
  }

  /** The pages that were paid on one business date, in the order of their times. */
  paidOn(date: Temporal.PlainDate, zone: string): readonly Page[] {
    return this.all
      .filter(({ paidAt }) => paidAt?.toZonedDateTimeISO(zone).toPlainDate().equals(date) ?? false)
      .sort((a, b) => Temporal.Instant.compare(a.paidAt ?? a.closesAt, b.paidAt ?? b.closesAt));
  }

  /** Undefined: the number is of no page. */
  outcome(number: string): AttemptOutcome | undefined {
    const page = this.#pages.get(number);
    return page === undefined ? undefined : this.#outcomeOf(page);
  }

  close(number: string): AttemptOutcome | undefined {
    const page = this.#pages.get(number);
    if (page?.state === 'open') page.state = 'closed';
    return page === undefined ? undefined : this.#outcomeOf(page);
  }

  #outcomeOf(page: Page): AttemptOutcome {
    switch (page.state) {
      case 'unopened':
        return { kind: 'not_found' };
      case 'open':
        return { kind: 'accepted' };
      case 'closed':
        page.isToldDead = true;
        return { kind: 'closed' };
      case 'paid': {
        const paid = money(page.minor, 'CNY');
        const { reference: railReference, paidAt = page.closesAt } = page;
        return { kind: 'succeeded', railReference, paid, paidAt };
      }
    }
  }

  #planPayer(page: Page): void {
    const manner = this.#rng.pick(MANNERS);
    const lasts = page.closesAt.since(this.#agenda.now).total('seconds');
    if (manner === 'never' && this.#rng.chance(500)) return;
    const opensAfter = this.#rng.int(Math.floor(lasts));
    this.#agenda.after(opensAfter, () => {
      if (page.state === 'unopened') page.state = 'open';
    });
    if (manner === 'never') return;
    const isLate = manner === 'late';
    const pays = isLate ? lasts + this.#rng.between(1_800, 2 * DAY) : opensAfter + 60;
    this.#agenda.after(pays, () => this.#pay(page, isLate));
  }

  /** The payer pays; `isLate` also on a page that the rail has closed. */
  #pay(page: Page, isLate: boolean): void {
    const isOpen = page.state === 'open' || (isLate && page.state === 'closed');
    if (!isOpen || this.#dice.isAtRest) return;
    page.state = 'paid';
    page.paidAt = this.#agenda.now;
    const { number: orderNumber } = page;
    this.#tell({ kind: 'attempt', orderNumber, outcome: this.#outcomeOf(page) });
  }
}
