import type { RailEvent, RefundOutcome, RefundRequest } from '../../../packages/core/src/index.ts';
import type { Agenda } from '../agenda.ts';
import type { Rng } from '../dice.ts';
import type { RailBooks } from './books.ts';

type Refund = {
  readonly request: RefundRequest;
  readonly reference: string;
  state: 'open' | 'done';
  doneAt: Temporal.Instant;
};

/** A refund that the payer has. */
export type Returned = Pick<Refund, 'request' | 'reference' | 'doneAt'>;

/** The refunds of one rail: one number moves money at most once, and never more than was paid. */
export class Refunds {
  readonly #refunds = new Map<string, Refund>();
  readonly #books: RailBooks;
  readonly #agenda: Agenda;
  readonly #rng: Rng;
  readonly #tell: (event: RailEvent) => void;

  constructor(
    books: RailBooks,
    parts: { readonly agenda: Agenda; rng: Rng; tell: (event: RailEvent) => void },
  ) {
    this.#books = books;
    this.#agenda = parts.agenda;
    this.#rng = parts.rng;
    this.#tell = parts.tell;
  }

  /** Minor units that went back to the payer of this order, or are on their way. */
  returnedOf(orderNumber: string): bigint {
    return [...this.#refunds.values()]
      .filter(({ request }) => request.orderNumber === orderNumber)
      .reduce((sum, { request }) => sum + request.amount.minor, 0n);
  }

  get all(): readonly RefundRequest[] {
    return [...this.#refunds.values()].map(({ request }) => request);
  }

  /** The refunds that were done on one business date of the rail. */
  doneOn(date: Temporal.PlainDate): readonly Returned[] {
    const { zone } = this.#books.capabilities;
    return [...this.#refunds.values()].flatMap(({ request, reference, state, doneAt }) => {
      const isDone = state === 'done' && doneAt.toZonedDateTimeISO(zone).toPlainDate().equals(date);
      return isDone ? [{ request, reference, doneAt }] : [];
    });
  }

  receive(request: RefundRequest): RefundOutcome {
    const { refundNumber, orderNumber, amount } = request;
    const known = this.#refunds.get(refundNumber);
    if (known !== undefined) {
      const isSame = known.request.amount.minor === amount.minor;
      return isSame ? this.outcome(refundNumber) : { kind: 'unknown', detail: 'other parameters' };
    }
    const order = this.#books.orders.get(orderNumber);
    const paid = order?.state === 'paid' ? order.minor : 0n;
    if (this.returnedOf(orderNumber) + amount.minor > paid) {
      return {
        kind: 'refused',
        refusal: { class: 'amount', code: 'TOO_MUCH', message: 'more than was paid' },
      };
    }
    const refund: Refund = {
      request,
      reference: `B-${refundNumber}`,
      state: 'open',
      doneAt: this.#agenda.now,
    };
    this.#refunds.set(refundNumber, refund);
    this.#agenda.after(this.#rng.between(30, 7200), () => {
      refund.state = 'done';
      refund.doneAt = this.#agenda.now;
      this.#tell({
        kind: 'refund',
        refundNumber,
        orderNumber,
        outcome: this.outcome(refundNumber),
      });
    });
    return this.outcome(refundNumber);
  }

  outcome(refundNumber: string): RefundOutcome {
    const refund = this.#refunds.get(refundNumber);
    if (refund === undefined) return { kind: 'not_found' };
    const { reference: railReference, state, doneAt: refundedAt, request } = refund;
    return state === 'open'
      ? { kind: 'accepted', railReference }
      : { kind: 'succeeded', railReference, refunded: request.amount, refundedAt };
  }
}
