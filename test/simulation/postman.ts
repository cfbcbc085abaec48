import {
  type DeliveryReport,
  money,
  type RailEvent,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import type { InboxItem } from '../../packages/server/src/http/inbox.ts';
import type { Agenda } from './agenda.ts';
import type { Dice, Rng } from './dice.ts';
import type { Order } from './rails/books.ts';

/** Seconds after which a callback that was not taken comes again, as rails do. */
const AGAIN_SECONDS: readonly number[] = [15, 60, 600, 3600, 6 * 3600];

/** What a house does with a callback: resolves when it is saved. */
export type House = (items: readonly InboxItem[]) => Promise<void>;

/**
 * Brings the callbacks of rails and providers to the merchants' doors: late, twice, in another
 * order, not at all, to another merchant's door, and with lies beside them.
 */
export class Postman {
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #houses: readonly House[];
  readonly #onSaved: (house: number, item: InboxItem) => void;
  readonly #lastNamed = new Map<number, string>();

  constructor(parts: {
    readonly agenda: Agenda;
    readonly dice: Dice;
    readonly rng: Rng;
    /** One for each merchant. */
    readonly houses: readonly House[];
    readonly onSaved: (house: number, item: InboxItem) => void;
  }) {
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
    this.#houses = parts.houses;
    this.#onSaved = parts.onSaved;
  }

  rail(house: number, event: RailEvent): void {
    this.#take(house, { kind: 'rail', event });
  }

  report(house: number, report: DeliveryReport): void {
    this.#take(house, { kind: 'delivery', report });
    if (report.noticeId !== undefined) {
      // The number of one message under the name of the one before.
      const before = this.#lastNamed.get(house);
      this.#lastNamed.set(house, report.noticeId);
      if (before !== undefined && this.#dice.fires('a report names the message before')) {
        const outcome = { kind: 'delivered', at: this.#agenda.now } as const;
        const mistaken = { ...report, noticeId: before, outcome };
        this.#take(house, { kind: 'delivery', report: mistaken });
      }
    }
    if (this.#dice.fires('a report of another message')) {
      const outcome = { kind: 'delivered', at: this.#agenda.now } as const;
      this.#take(house, {
        kind: 'delivery',
        report: { ...report, providerReference: 'a-stranger', outcome },
      });
    }
  }

  #take(house: number, item: InboxItem): void {
    const isOnceMore = this.#dice.fires('a callback comes twice');
    const isLate = this.#dice.fires('a callback is overtaken');
    if (!this.#dice.fires('a callback is lost')) {
      this.#plan(house, item, isLate ? this.#rng.between(600, 40_000) : this.#rng.between(0, 20));
    }
    if (isOnceMore) this.#plan(house, item, this.#rng.between(0, 90_000));
    if (this.#dice.fires('a callback at another door')) {
      this.#plan((house + 1) % this.#houses.length, item, this.#rng.between(0, 60));
    }
  }

  /** Verified, and not true: money that did not move, named as that of an open order. */
  lieAbout(house: number, order: Pick<Order, 'number' | 'minor' | 'contract'>): void {
    const { number: orderNumber, minor, contract: railReference } = order;
    const say = (lie: { number?: string; minor?: bigint; contract?: string }) =>
      this.#plan(
        house,
        {
          kind: 'rail',
          event: {
            kind: 'attempt',
            orderNumber: lie.number ?? orderNumber,
            railReference: lie.contract ?? railReference,
            outcome: {
              kind: 'succeeded',
              railReference: 'a-stranger',
              paid: money(lie.minor ?? minor, 'CNY'),
              paidAt: this.#agenda.now,
            },
          },
        },
        this.#rng.between(1, 4),
      );
    if (this.#dice.fires('a callback of another amount')) say({ minor: 1n });
    if (this.#dice.fires('a callback of another contract')) say({ contract: 'a-stranger' });
    if (this.#dice.fires('a callback of a number not used yet')) {
      say({ number: orderNumber.replace(/N\d+$/, 'N9') });
    }
    if (this.#dice.fires('a callback of an unknown number')) {
      const hex = [...this.#rng.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0'));
      say({ number: toOrderNumber(`dbt_${hex.join('')}`, 1) });
    }
    if (this.#dice.fires('a callback of another merchant’s order')) {
      const other = (house + 1) % this.#houses.length;
      this.#plan(other, paidItem(order, this.#agenda.now), this.#rng.between(1, 4));
    }
  }

  #plan(house: number, item: InboxItem, seconds: number, tries = 0): void {
    this.#agenda.after(seconds, () => {
      const door = this.#houses[house];
      if (door === undefined) return;
      door([item]).then(
        () => this.#onSaved(house, item),
        () => {
          const again = AGAIN_SECONDS[tries];
          if (again !== undefined) this.#plan(house, item, again, tries + 1);
        },
      );
    });
  }
}

/** What a rail would say of this order once it is paid. */
function paidItem(
  order: Pick<Order, 'number' | 'minor' | 'contract'>,
  paidAt: Temporal.Instant,
): InboxItem {
  const { number: orderNumber, minor, contract: railReference } = order;
  const paid = money(minor, 'CNY');
  const outcome = { kind: 'succeeded', railReference: 'a-stranger', paid, paidAt } as const;
  return { kind: 'rail', event: { kind: 'attempt', orderNumber, railReference, outcome } };
}
