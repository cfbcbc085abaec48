import type { Agenda } from './agenda.ts';
import type { Message } from './channel.ts';
import { isAddressOf } from './contacts.ts';
import type { Payer } from './market.ts';
import type { HouseOutside, Say } from './promise.ts';
import type { Order } from './rails/books.ts';

/** The messages that name an amount and a date. */
const DEBIT_PURPOSES: ReadonlySet<string> = new Set(['renewal', 'retry']);
/** Days between the delivery of a renewal notice and the debit that the law wants. */
const LAW_DAYS = 5;
/** Seconds between the delivery of a retry notice and the debit. */
const RETRY_LEAD_SECONDS = 24 * 3600;

/** How many messages about a debit arrived, and on how many dates a debit left, of all payers. */
export type NoticeCounts = { readonly delivered: number; readonly dates: number };

type Leaving = { readonly number: string; readonly minor: bigint; readonly zone: string };

/**
 * I7 from the providers' own books: who was told what and when, against what leaves for the rails
 * and what arrives there. It knows nothing of the product's notices and of its gate.
 */
export class NoticeWatch {
  readonly #agenda: Agenda;
  readonly #say: Say;
  /** Seconds by which a process may act late on what it read. */
  readonly #staleSeconds: number;
  /** Dates on which a debit of a payer left us, by the payer's reference. */
  readonly #dates = new Map<string, Set<string>>();

  constructor(agenda: Agenda, say: Say, staleSeconds: number) {
    this.#agenda = agenda;
    this.#say = say;
    this.#staleSeconds = staleSeconds;
  }

  /** The payer had a message that names this amount and this day, in time, before it leaves. */
  beforeSubmit(house: HouseOutside, payer: Payer, leaving: Leaving): void {
    const at = this.#agenda.now;
    const on = at.toZonedDateTimeISO(leaving.zone).toPlainDate();
    this.#noteDate(payer, on);
    if (this.#wasTold(house, payer, { ...leaving, at, on })) return;
    const what = `${leaving.number} leaves on ${on} and ${payer.reference} was not told in time`;
    this.#say('I7 delivered notice', what);
  }

  /** An order that the rail has now: a message of its amount and date had arrived before. */
  atRail(house: HouseOutside, payer: Payer, order: Order & { readonly zone: string }): void {
    const { number, minor, seenAt: at, zone } = order;
    const on = at.toZonedDateTimeISO(zone).toPlainDate();
    this.#noteDate(payer, on);
    if (this.#wasTold(house, payer, { number, minor, zone, at, on })) return;
    const what = `${number} arrived on ${on} and ${payer.reference} had heard of nothing like it`;
    this.#say('I7 delivered notice', what);
  }

  #noteDate({ reference }: Payer, on: Temporal.PlainDate): void {
    this.#dates.set(reference, (this.#dates.get(reference) ?? new Set()).add(on.toString()));
  }

  #wasTold(
    house: HouseOutside,
    payer: Payer,
    debit: Leaving & { readonly at: Temporal.Instant; readonly on: Temporal.PlainDate },
  ): boolean {
    const heard = arrivedAt(house, payer).flatMap(({ message, deliveredAt }) => {
      const { amount = '', collectDate = '' } = message.variables;
      if (minorOf(amount) < debit.minor) return [];
      const on = Temporal.PlainDate.from(collectDate);
      const day = deliveredAt.toZonedDateTimeISO(debit.zone).toPlainDate();
      const isLegal =
        message.purpose === 'renewal' &&
        Temporal.PlainDate.compare(day.add({ days: LAW_DAYS }), on) <= 0;
      return [{ purpose: message.purpose, on, deliveredAt, isLegal }];
    });
    const wasToldInTime = heard.some(({ isLegal }) => isLegal);
    return heard.some(({ purpose, on, deliveredAt, isLegal }) => {
      if (!on.equals(debit.on)) return false;
      if (purpose === 'renewal') return isLegal;
      const waited = debit.at.epochMilliseconds - deliveredAt.epochMilliseconds;
      return wasToldInTime && waited >= (RETRY_LEAD_SECONDS - this.#staleSeconds) * 1000;
    });
  }

  /**
   * At the end: every order of every rail was told of before, and no payer was debited on more
   * dates than messages about a debit had arrived.
   */
  checkEnd(houses: readonly HouseOutside[]): NoticeCounts {
    let delivered = 0;
    let dates = 0;
    for (const house of houses) {
      this.#checkOrders(house);
      for (const payer of house.payers) {
        const told = arrivedAt(house, payer).length;
        const debited = this.#dates.get(payer.reference)?.size ?? 0;
        delivered += told;
        dates += debited;
        if (told >= debited) continue;
        const what = `${payer.reference} was debited on ${debited} dates after ${told} notices`;
        this.#say('I7 notices cover debits', what);
      }
    }
    return { delivered, dates };
  }

  #checkOrders(house: HouseOutside): void {
    for (const books of house.rails.values()) {
      for (const order of books.orders.values()) {
        const contract = books.byReference(order.contract);
        const payer = house.payers.find(({ reference }) => reference === contract?.payer);
        if (payer === undefined) continue;
        this.atRail(house, payer, { ...order, zone: books.capabilities.zone });
      }
    }
  }
}

/** Messages about a debit that a provider brought to this payer. */
function arrivedAt(
  house: HouseOutside,
  payer: Payer,
): readonly (Message & { readonly deliveredAt: Temporal.Instant })[] {
  return house.messages().flatMap((one) => {
    const { message, deliveredAt } = one;
    const isTheirs = isAddressOf(payer, message.address);
    if (!isTheirs || !DEBIT_PURPOSES.has(message.purpose) || deliveredAt === undefined) return [];
    return [{ ...one, deliveredAt }];
  });
}

/** "¥29.85" or "29.85 CNY" → 2985, as the payer reads it. */
function minorOf(text: string): bigint {
  const digits = text.replaceAll(/[^0-9.]/g, '');
  const [whole = '0', part = ''] = digits.split('.');
  return BigInt(`${whole}${part.padEnd(2, '0')}`);
}
