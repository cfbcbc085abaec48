import { addSeconds } from '../calendar/business-time.ts';
import type {
  CustomerId,
  EventId,
  MerchantId,
  WebhookDeliveryId,
  WebhookEndpointId,
} from '../ids/ids.ts';
import { invariant } from '../result/invariant.ts';
import { assertMove, type Moves } from '../result/moves.ts';

export type WebhookDeliveryState = 'pending' | 'failed' | 'delivered' | 'given_up';

/**
 * `failed` is tried again when it is due. An answer may come after the delivery was given up, when
 * its endpoint was disabled meanwhile: then it was delivered all the same.
 */
export const WEBHOOK_DELIVERY_MOVES: Moves<WebhookDeliveryState> = {
  pending: ['pending', 'failed', 'delivered', 'given_up'],
  failed: ['failed', 'delivered', 'given_up'],
  delivered: [],
  given_up: ['delivered'],
};

/** One event on its way to one endpoint. All times are the wall clock. */
export type WebhookDelivery = {
  readonly id: WebhookDeliveryId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly eventId: EventId;
  readonly endpointId: WebhookEndpointId;
  /** 1 from the event itself, one more for each replay. */
  readonly round: number;
  readonly state: WebhookDeliveryState;
  readonly attemptCount: number;
  /** The next try while it waits; the last one's time afterwards. */
  readonly dueAt: Temporal.Instant;
  readonly leaseUntil?: Temporal.Instant;
  /** The receiver's HTTP status, where it answered the last try. */
  readonly lastStatus?: number;
  /** Why the last try failed, or why it was given up; never a text of the receiver. */
  readonly lastCode?: string;
  readonly lastAt?: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};

/** What became of one try. */
export type WebhookOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  /** Not taken for sure; `status` where the receiver answered. */
  | { readonly kind: 'refused'; readonly code: string; readonly status?: number }
  /** It may have been taken; it goes again, and the receiver knows it by its id. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** Nothing left for a reason on our side; it is nobody's failure. */
  | { readonly kind: 'held'; readonly code: string };

/** Pauses after the first, second … failure, in seconds; the last one repeats. */
const PAUSES: readonly number[] = [
  5,
  5 * 60,
  30 * 60,
  2 * 3_600,
  5 * 3_600,
  10 * 3_600,
  14 * 3_600,
  20 * 3_600,
  24 * 3_600,
];

/** Seconds after which a delivery is given up: the last try is made at their very end. */
export const DELIVERY_LIFE_SECONDS = 3 * 24 * 3_600;

/** A pause grows by up to a fifth, so that receivers are not called by all at once. */
export const JITTER_STEPS = 200;

/**
 * No pause is longer than this, jitter included. A due time that is further ahead was written by a
 * clock that has since been set back; such a delivery is due.
 */
export const LONGEST_PAUSE_SECONDS = 29 * 3_600;

/** Seconds until something is tried again that only we kept from leaving. */
const HELD_PAUSE_SECONDS = 300;

/**
 * When to try again after `failures` failures, or undefined when three days are over. `jitter` is a
 * random whole number from 0 to 199: thousandths by which the pause grows.
 */
export function nextTryAt(
  delivery: Pick<WebhookDelivery, 'createdAt'>,
  failures: number,
  { now, jitter }: { readonly now: Temporal.Instant; readonly jitter: number },
): Temporal.Instant | undefined {
  invariant(failures >= 1, 'a next try follows a failure');
  invariant(
    Number.isInteger(jitter) && jitter >= 0 && jitter < JITTER_STEPS,
    'the jitter is one of 200 steps',
  );
  const end = addSeconds(delivery.createdAt, DELIVERY_LIFE_SECONDS);
  if (Temporal.Instant.compare(now, end) >= 0) return undefined;
  const seconds = PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0;
  const next = now.add({ milliseconds: seconds * (1_000 + jitter) });
  return Temporal.Instant.compare(next, end) < 0 ? next : end;
}

/** What a try means for its delivery. An answer to one that has ended changes only a `given_up`. */
export function decideAfterTry(
  delivery: WebhookDelivery,
  outcome: WebhookOutcome,
  context: { readonly now: Temporal.Instant; readonly jitter: number },
): WebhookDelivery {
  const { now } = context;
  const { leaseUntil: _, lastStatus: __, lastCode: ___, ...rest } = delivery;
  if (delivery.state === 'delivered') return delivery;
  if (outcome.kind !== 'delivered' && delivery.state === 'given_up') return delivery;
  const attemptCount = delivery.attemptCount + 1;
  switch (outcome.kind) {
    case 'delivered':
      assertMove(WEBHOOK_DELIVERY_MOVES, delivery.state, 'delivered');
      return {
        ...rest,
        state: 'delivered',
        attemptCount,
        lastStatus: outcome.status,
        lastAt: now,
        endedAt: now,
      };
    case 'held':
      return { ...rest, lastCode: outcome.code, dueAt: addSeconds(now, HELD_PAUSE_SECONDS) };
    case 'refused':
    case 'unknown': {
      const next = nextTryAt(delivery, attemptCount, context);
      const tried = { ...rest, attemptCount, lastAt: now, ...whyOf(outcome) };
      if (next === undefined) {
        assertMove(WEBHOOK_DELIVERY_MOVES, delivery.state, 'given_up');
        return { ...tried, state: 'given_up', endedAt: now };
      }
      assertMove(WEBHOOK_DELIVERY_MOVES, delivery.state, 'failed');
      return { ...tried, state: 'failed', dueAt: next };
    }
  }
}

function whyOf(outcome: Extract<WebhookOutcome, { kind: 'refused' | 'unknown' }>) {
  if (outcome.kind === 'unknown') return { lastCode: outcome.detail };
  const { code, status } = outcome;
  return { lastCode: code, ...(status === undefined ? {} : { lastStatus: status }) };
}
