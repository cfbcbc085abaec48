import {
  type ContactChannel,
  type DeliveryReport,
  type NoticeChannel,
  present,
  type Rail,
  type RailEvent,
  type RailId,
} from '../../packages/core/src/index.ts';
import type { Agenda } from './agenda.ts';
import { Provider } from './channel.ts';
import { CHANNELS, fateOf } from './contacts.ts';
import type { Dice, Rng } from './dice.ts';
import type { Payer } from './market.ts';
import type { HouseOutside } from './promise.ts';
import { BillPrinter } from './rails/bill-printer.ts';
import { fortuneOf, type Order, RailBooks } from './rails/books.ts';
import { Pages } from './rails/pages.ts';
import { PROFILES } from './rails/profiles.ts';
import { Refunds } from './rails/refunds.ts';
import { Returns } from './rails/returns.ts';
import { makeSimRail } from './rails/sim-rail.ts';
import { Wire } from './rails/wire.ts';

/** What a rail or a provider sends goes here. */
export type Tell = {
  readonly rail: (event: RailEvent) => void;
  readonly report: (report: DeliveryReport) => void;
  /** An order is open: a time at which strangers tell lies about it. */
  readonly opened: (order: Order) => void;
};

/** Everything outside that one merchant has to do with. */
export class Outside implements HouseOutside {
  readonly payers: readonly Payer[];
  readonly rails = new Map<RailId, RailBooks>();
  readonly ports = new Map<RailId, Rail>();
  readonly wires = new Map<RailId, Wire>();
  readonly bills = new Map<RailId, BillPrinter>();
  readonly refunds = new Map<RailId, Refunds>();
  readonly returns = new Map<RailId, Returns>();
  readonly pages = new Map<RailId, Pages>();
  readonly channels = new Map<ContactChannel, NoticeChannel>();
  readonly #providers: readonly Provider[];
  readonly #agenda: Agenda;
  readonly #visited = new Set<string>();

  constructor(parts: {
    readonly payers: readonly Payer[];
    readonly agenda: Agenda;
    readonly dice: Dice;
    readonly rng: Rng;
    readonly tell: Tell;
  }) {
    const { payers, agenda, dice, rng, tell } = parts;
    this.payers = payers;
    this.#agenda = agenda;
    // A rail that nobody uses would only be reconciled, day by day, with nothing on either side.
    const used = new Set(payers.flatMap(({ rail, second }) => [rail, second]));
    for (const [id, capabilities] of PROFILES) {
      if (payers.length > 0 && !used.has(id)) continue;
      const own = rng.fork(id);
      const fortune = fortuneOf(own.fork('fortune'), dice);
      const world = { agenda, dice, rng: own, tell: tell.rail };
      const books = new RailBooks({
        ...world,
        name: id,
        capabilities,
        fortune,
        onOpen: tell.opened,
        onPaid: (order) => this.returns.get(id)?.plan(order),
      });
      const wire = new Wire(id, { agenda, dice, rng: own.fork('wire') });
      const refunds = new Refunds(books, world);
      const returns = new Returns({ books, refunds }, { ...world, rng: own.fork('returns') });
      const pages = new Pages(id, { ...world, rng: own.fork('pages') });
      const bills = new BillPrinter(books, { agenda, dice, refunds, returns, pages });
      this.rails.set(id, books);
      this.wires.set(id, wire);
      this.bills.set(id, bills);
      this.refunds.set(id, refunds);
      this.returns.set(id, returns);
      this.pages.set(id, pages);
      this.ports.set(id, makeSimRail(id, { books, wire, bills, refunds, pages }));
    }
    this.#providers = CHANNELS.map(
      ([id, proof]) =>
        new Provider(
          { id, proof },
          {
            agenda,
            dice,
            rng: rng.fork(id),
            tell: tell.report,
            fateOf: (address) => fateOf(payers, address),
          },
        ),
    );
    for (const { channel } of this.#providers) this.channels.set(channel.id, channel);
    for (const payer of payers) this.#planTheEnd(payer);
  }

  messages() {
    return this.#providers.flatMap((provider) => provider.messages);
  }

  /** The payer reads the page and agrees on it after a while. */
  visit(contractCode: string): void {
    for (const books of this.rails.values()) {
      const contract = books.contracts.get(contractCode);
      if (contract === undefined || this.#visited.has(contractCode)) continue;
      this.#visited.add(contractCode);
      const payer = this.payers.find(({ reference }) => reference === contract.payer);
      const { signsAfter } = present(payer, 'the payer of a contract');
      this.#agenda.after(signsAfter, () => books.sign(contractCode));
    }
  }

  #planTheEnd(payer: Payer): void {
    if (payer.endsAfter === undefined) return;
    this.#agenda.after(payer.endsAfter, () => {
      for (const books of this.rails.values()) {
        for (const contract of books.contracts.values()) {
          const isTheirs = contract.payer === payer.reference;
          if (isTheirs && books.name === payer.rail) books.end(contract.code, 'customer');
        }
      }
    });
  }
}
