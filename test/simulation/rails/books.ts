import {
  type AttemptOutcome,
  type AttemptRefusal,
  type DebitRequest,
  type MandateReport,
  money,
  type RailCapabilities,
  type RailEvent,
  type RefusalClass,
} from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice, Rng } from '../dice.ts';

/** A contract as the rail keeps it. */
export type Contract = {
  readonly code: string;
  readonly reference: string;
  /** The merchant's number of the payer, as it came with the signing. */
  readonly payer: string;
  readonly capMinor: bigint;
  readonly firstPlanned?: Temporal.PlainDate;
  state: 'page' | 'signed' | 'ended';
  changedAt: Temporal.Instant;
  endedBy: 'customer' | 'merchant';
  announced?: {
    readonly minor: bigint;
    readonly from: Temporal.PlainDate;
    readonly until: Temporal.PlainDate;
  };
  /** Planned dates that were moved, each from where its month had it. */
  readonly moved: Map<string, Temporal.PlainDate>;
  /** When the merchant was told of the end and had it saved, in milliseconds. */
  endKnownAt?: number;
};

/** An order as the rail keeps it: remembered for ever under its number. */
export type Order = {
  readonly number: string;
  readonly reference: string;
  readonly contract: string;
  readonly minor: bigint;
  readonly seenAt: Temporal.Instant;
  state: 'open' | 'paid' | 'failed' | 'closed';
  paidAt?: Temporal.Instant;
  refusal?: AttemptRefusal;
  /** The merchant was told that the number is dead. */
  isToldDead: boolean;
  /** The rail told that it was dead and took the money all the same: its own fault. */
  isLie: boolean;
  /** The payer's bank took the money back: the bank's number of that. */
  takenBackAs?: string;
};

/** What the payer's account and the rail's computers do; all false: all goes well. */
export type Fortune = {
  readonly hasFunds: (payer: string) => boolean;
  /** Seconds until an order that was accepted completes. */
  readonly secondsToComplete: () => number;
};

/** 0.60 % of the amount, half up: what the rail keeps. */
export function feeOf(minor: bigint): bigint {
  return (minor * 60n + 5_000n) / 10_000n;
}

/**
 * One rail's own books about one merchant. They know nothing of ours: they follow the rail's rules
 * (contracts, caps, hours, announcements, planned dates, one success a day) and take the money of
 * an order number at most once, for ever.
 */
export class RailBooks {
  readonly contracts = new Map<string, Contract>();
  readonly orders = new Map<string, Order>();
  readonly name: string;
  readonly capabilities: RailCapabilities;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #fortune: Fortune;
  readonly #tell: (event: RailEvent) => void;
  readonly #onOpen: (order: Order) => void;
  readonly #onPaid: (order: Order) => void;
  #serial = 0;

  constructor(parts: {
    readonly name: string;
    readonly capabilities: RailCapabilities;
    readonly agenda: Agenda;
    readonly dice: Dice;
    readonly fortune: Fortune;
    readonly tell: (event: RailEvent) => void;
    /** Told of every order that was accepted and has not completed. */
    readonly onOpen: (order: Order) => void;
    /** Told of every order that took money. */
    readonly onPaid: (order: Order) => void;
  }) {
    this.capabilities = parts.capabilities;
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#fortune = parts.fortune;
    this.name = parts.name;
    this.#tell = parts.tell;
    this.#onOpen = parts.onOpen;
    this.#onPaid = parts.onPaid;
  }

  today(): Temporal.PlainDate {
    return this.#agenda.now.toZonedDateTimeISO(this.capabilities.zone).toPlainDate();
  }

  /** A page for the payer to agree on; the same code again gives the same page. */
  openPage(request: Pick<Contract, 'code' | 'payer' | 'capMinor' | 'firstPlanned'>): Contract {
    const known = this.contracts.get(request.code);
    if (known !== undefined) return known;
    const contract: Contract = {
      ...request,
      reference: this.#newReference('K'),
      state: 'page',
      changedAt: this.#agenda.now,
      endedBy: 'customer',
      moved: new Map(),
    };
    this.contracts.set(contract.code, contract);
    return contract;
  }

  /** The payer agrees on the page. */
  sign(code: string): void {
    const contract = this.contracts.get(code);
    if (contract?.state !== 'page') return;
    contract.state = 'signed';
    contract.changedAt = this.#agenda.now;
    this.#tell({ kind: 'mandate', report: this.reportOf(code) });
  }

  /** Ends a contract; one that has ended stays as it ended. */
  end(code: string, by: 'customer' | 'merchant'): void {
    const contract = this.contracts.get(code);
    if (contract?.state !== 'signed') return;
    contract.state = 'ended';
    contract.endedBy = by;
    contract.changedAt = this.#agenda.now;
    this.#tell({ kind: 'mandate', report: this.reportOf(code) });
  }

  reportOf(contractCode: string): MandateReport {
    const contract = this.contracts.get(contractCode);
    if (contract === undefined) return { kind: 'not_found', contractCode };
    const { reference: railReference, changedAt: at, state, endedBy } = contract;
    if (state === 'page') return { kind: 'signing', contractCode };
    return state === 'signed'
      ? { kind: 'active', contractCode, railReference, at }
      : { kind: 'ended', contractCode, railReference, endedBy, at };
  }

  byReference(reference: string): Contract | undefined {
    return [...this.contracts.values()].find((contract) => contract.reference === reference);
  }

  /** A request for money arrives. */
  receive(request: DebitRequest): AttemptOutcome {
    const known = this.orders.get(request.orderNumber);
    if (known !== undefined) {
      const isSame = known.minor === request.amount.minor;
      return isSame ? this.outcomeOf(known) : { kind: 'unknown', detail: 'other parameters' };
    }
    const order: Order = {
      number: request.orderNumber,
      reference: this.#newReference('T'),
      contract: request.railReference,
      minor: request.amount.minor,
      seenAt: this.#agenda.now,
      state: 'open',
      isToldDead: false,
      isLie: false,
    };
    this.orders.set(order.number, order);
    const refusal = this.#whyNot(request);
    if (refusal !== undefined) this.#fail(order, refusal);
    else if (this.capabilities.completion === 'reply') this.#complete(order);
    else this.#completeLater(order);
    return this.outcomeOf(order);
  }

  /** What became of a number; never takes money. */
  outcome(number: string): AttemptOutcome {
    const order = this.orders.get(number);
    if (order === undefined) return { kind: 'not_found' };
    const canLie = this.capabilities.completion === 'later' && order.state === 'open';
    if (canLie && this.#dice.fires('the rail denies an order that it will take', 60)) {
      order.isLie = true;
      order.isToldDead = true;
      return { kind: 'refused', refusal: { class: 'technical', code: 'DENIED', message: '' } };
    }
    return this.outcomeOf(order);
  }

  close(number: string): AttemptOutcome {
    const order = this.orders.get(number);
    if (order === undefined) return { kind: 'not_found' };
    if (order.state === 'open') order.state = 'closed';
    return this.outcomeOf(order);
  }

  announce(reference: string, minor: bigint): 'done' | 'other' | 'gone' | 'hours' {
    const { announcement } = this.capabilities;
    const contract = this.byReference(reference);
    if (contract?.state !== 'signed' || announcement === undefined) return 'gone';
    if (!this.#isOpenAt(announcement.window)) return 'hours';
    const today = this.today();
    const running = contract.announced;
    if (running !== undefined && Temporal.PlainDate.compare(today, running.until) <= 0) {
      return running.minor === minor ? 'done' : 'other';
    }
    const from = today.add({ days: announcement.leadDays });
    contract.announced = { minor, from, until: from.add({ days: announcement.windowDays - 1 }) };
    return 'done';
  }

  /** The successes of one business date, in the order of their times. */
  paidOn(date: Temporal.PlainDate): readonly Order[] {
    const { zone } = this.capabilities;
    return [...this.orders.values()]
      .filter(({ paidAt }) => paidAt?.toZonedDateTimeISO(zone).toPlainDate().equals(date) ?? false)
      .sort((a, b) => Temporal.Instant.compare(a.paidAt ?? a.seenAt, b.paidAt ?? b.seenAt));
  }

  /** The outcome as the merchant is told it; a dead number is then known to be dead. */
  outcomeOf(order: Order): AttemptOutcome {
    if (order.state === 'open') return { kind: 'accepted' };
    if (order.state === 'paid') {
      const paid = money(order.minor, 'CNY');
      const paidAt = order.paidAt ?? order.seenAt;
      return { kind: 'succeeded', railReference: order.reference, paid, paidAt };
    }
    order.isToldDead = true;
    return order.refusal === undefined
      ? { kind: 'closed' }
      : { kind: 'refused', refusal: order.refusal };
  }

  #completeLater(order: Order): void {
    this.#onOpen(order);
    this.#agenda.after(this.#fortune.secondsToComplete(), () => {
      if (order.state !== 'open') return;
      this.#complete(order);
      const { number: orderNumber, contract: railReference } = order;
      const outcome = this.outcomeOf(order);
      this.#tell({ kind: 'attempt', orderNumber, outcome, railReference });
    });
  }

  #complete(order: Order): void {
    const payer = this.byReference(order.contract)?.payer ?? '';
    if (!order.isLie && !this.#fortune.hasFunds(payer)) {
      this.#fail(order, 'funds');
      return;
    }
    order.state = 'paid';
    order.paidAt = this.#agenda.now;
    this.#onPaid(order);
  }

  #fail(order: Order, refusal: RefusalClass): void {
    order.state = 'failed';
    order.refusal = { class: refusal, code: refusal.toUpperCase(), message: '' };
  }

  #whyNot({ railReference, amount }: DebitRequest): RefusalClass | undefined {
    const { submitWindow, announcement, plannedDate, successesPerDay } = this.capabilities;
    const contract = this.byReference(railReference);
    if (contract?.state !== 'signed') return 'mandate';
    if (amount.minor > contract.capMinor) return 'limit';
    if (submitWindow !== undefined && !this.#isOpenAt(submitWindow)) return 'reschedule';
    if (announcement !== undefined && !isAnnounced(contract, this.today(), amount.minor)) {
      return 'reschedule';
    }
    if (plannedDate !== undefined && !this.#isNearPlan(contract, plannedDate.earlyDays)) {
      return 'reschedule';
    }
    const successes = this.paidOn(this.today()).filter((one) => one.contract === railReference);
    return successes.length >= (successesPerDay ?? Number.MAX_SAFE_INTEGER) ? 'limit' : undefined;
  }

  #isOpenAt(window: { readonly from: Temporal.PlainTime; readonly until: Temporal.PlainTime }) {
    const local = this.#agenda.now.toZonedDateTimeISO(this.capabilities.zone).toPlainTime();
    const { compare } = Temporal.PlainTime;
    return compare(local, window.from) >= 0 && compare(local, window.until) < 0;
  }

  /** Moves the next planned date of a contract to `date`; false when that is not later. */
  movePlan(reference: string, date: Temporal.PlainDate): boolean {
    const contract = this.byReference(reference);
    const { compare } = Temporal.PlainDate;
    const next = plansOf(contract).find(({ at }) => compare(at, this.today()) >= 0);
    if (contract?.state !== 'signed' || next === undefined) return false;
    const isLater = compare(date, next.at) >= 0 && compare(date, next.from.add({ months: 1 })) < 0;
    if (isLater) contract.moved.set(next.from.toString(), date);
    return isLater;
  }

  #isNearPlan(contract: Contract, earlyDays: number): boolean {
    if (contract.firstPlanned === undefined) return true;
    const today = this.today();
    const { compare } = Temporal.PlainDate;
    return plansOf(contract).some(
      ({ at }) => compare(today, at.subtract({ days: earlyDays })) >= 0 && compare(today, at) <= 0,
    );
  }

  #newReference(kind: string): string {
    this.#serial += 1;
    return `${this.name}-${kind}${this.#serial}`;
  }
}

/** The planned dates of two years: where their month has them, and where they are now. */
function plansOf(contract: Contract | undefined) {
  const first = contract?.firstPlanned;
  if (contract === undefined || first === undefined) return [];
  return Array.from({ length: 24 }, (_, months) => {
    const from = first.add({ months });
    return { from, at: contract.moved.get(from.toString()) ?? from };
  });
}

function isAnnounced(contract: Contract, today: Temporal.PlainDate, minor: bigint): boolean {
  const { announced } = contract;
  if (announced === undefined || minor > announced.minor) return false;
  const { compare } = Temporal.PlainDate;
  return compare(announced.from, today) <= 0 && compare(today, announced.until) <= 0;
}

/** How long a payment takes at the rail, and who can pay: from the seed. */
export function fortuneOf(rng: Rng, dice: Dice): Fortune {
  return {
    // People run out of money at times, whatever else goes wrong or does not.
    hasFunds: () =>
      !dice.fires('the payer has no funds', 300) && (dice.isAtRest || !rng.chance(180)),
    secondsToComplete: () =>
      dice.fires('the rail thinks for a day') ? 26 * 3600 : rng.between(5, 900),
  };
}
