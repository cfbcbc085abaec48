import type { RailEvent, RefundOutcome, RefundRequest } from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Dice, Rng } from '../dice.ts';
import type { RailBooks } from './books.ts';

const DAY = 86_400;

type Refund = {
  readonly request: RefundRequest;
  readonly reference: string;
  /** `failed`: it never reached the payer. `back`: it did, and the payer's bank sent it back. */
  state: 'open' | 'done' | 'failed' | 'back';
  doneAt: Temporal.Instant;
  /** When it was with the merchant again, if it was sent back. */
  backAt?: Temporal.Instant;
  /** How often it failed: a rail that is asked again under the same number tries again. */
  failures: number;
};

/** A refund as the rail has it. */
export type Returned = Readonly<Refund>;

/** The refunds of one rail: one number moves money at most once, and never more than was paid. */
export class Refunds {
  readonly #refunds = new Map<string, Refund>();
  readonly #books: RailBooks;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #tell: (event: RailEvent) => void;

  constructor(
    books: RailBooks,
    parts: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly rng: Rng;
      readonly tell: (event: RailEvent) => void;
    },
  ) {
    this.#books = books;
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
    this.#tell = parts.tell;
  }

  /** Minor units that went back to the payer of this order, or are on their way. */
  returnedOf(orderNumber: string): bigint {
    return [...this.#refunds.values()]
      .filter(({ request, state }) => request.orderNumber === orderNumber && state !== 'failed')
      .reduce((sum, { request }) => sum + request.amount.minor, 0n);
  }

  get all(): readonly Returned[] {
    return [...this.#refunds.values()];
  }

  /** The refunds that were done on one business date of the rail. */
  doneOn(date: Temporal.PlainDate): readonly Returned[] {
    const { zone } = this.#books.capabilities;
    return this.all.filter(({ state, doneAt }) => {
      const hasLeft = state === 'done' || state === 'back';
      return hasLeft && doneAt.toZonedDateTimeISO(zone).toPlainDate().equals(date);
    });
  }

  /** The refunds that payers' banks sent back on one business date of the rail. */
  backOn(date: Temporal.PlainDate): readonly Returned[] {
    const { zone } = this.#books.capabilities;
    return this.all.filter(
      ({ backAt }) => backAt?.toZonedDateTimeISO(zone).toPlainDate().equals(date) ?? false,
    );
  }

  receive(request: RefundRequest): RefundOutcome {
    const { refundNumber, orderNumber, amount } = request;
    const known = this.#refunds.get(refundNumber);
    if (known !== undefined && known.request.amount.minor !== amount.minor) {
      return { kind: 'unknown', detail: 'other parameters' };
    }
    if (known !== undefined && known.state !== 'failed') return this.outcome(refundNumber);
    const order = this.#books.orders.get(orderNumber);
    const isThere = order?.state === 'paid' && order.takenBackAs === undefined;
    if (this.returnedOf(orderNumber) + amount.minor > (isThere ? order.minor : 0n)) {
      return {
        kind: 'refused',
        refusal: { class: 'amount', code: 'TOO_MUCH', message: 'more than was paid' },
      };
    }
    this.#begin(known ?? this.#newRefund(request));
    return this.outcome(refundNumber);
  }

  #newRefund(request: RefundRequest): Refund {
    const { refundNumber } = request;
    const refund: Refund = {
      request,
      reference: `B-${refundNumber}`,
      state: 'open',
      doneAt: this.#agenda.now,
      failures: 0,
    };
    this.#refunds.set(refundNumber, refund);
    return refund;
  }

  /** On its way to the payer's bank, which takes it, or not, or sends it back days later. */
  #begin(refund: Refund): void {
    refund.state = 'open';
    const isTaken = refund.failures > 0 || this.#dice.isAtRest || !this.#rng.chance(400);
    this.#agenda.after(this.#rng.between(30, 7200), () => {
      refund.doneAt = this.#agenda.now;
      if (isTaken) refund.state = 'done';
      else {
        refund.state = 'failed';
        refund.failures += 1;
      }
      this.#tellOf(refund);
    });
    const sendsBack = isTaken && this.#rng.chance(350);
    if (sendsBack)
      this.#agenda.after(this.#rng.between(DAY, 5 * DAY), () => this.#sendBack(refund));
  }

  #sendBack(refund: Refund): void {
    if (refund.state !== 'done' || this.#dice.isAtRest) return;
    refund.state = 'back';
    refund.backAt = this.#agenda.now;
    this.#tellOf(refund);
  }

  #tellOf({ request: { refundNumber, orderNumber } }: Refund): void {
    this.#tell({ kind: 'refund', refundNumber, orderNumber, outcome: this.outcome(refundNumber) });
  }

  outcome(refundNumber: string): RefundOutcome {
    const refund = this.#refunds.get(refundNumber);
    if (refund === undefined) return { kind: 'not_found' };
    const { reference: railReference, state, doneAt: refundedAt, request } = refund;
    switch (state) {
      case 'open':
        return { kind: 'accepted', railReference };
      case 'failed':
      case 'back':
        return {
          kind: 'failed',
          code: 'BANK',
          message: 'the account is closed',
          at: refund.backAt ?? refundedAt,
        };
      case 'done':
        return { kind: 'succeeded', railReference, refunded: request.amount, refundedAt };
    }
  }
}
