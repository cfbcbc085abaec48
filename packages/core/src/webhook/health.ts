import { addSeconds } from '../calendar/business-time.ts';
import { assertMove } from '../result/moves.ts';
import type { WebhookOutcome } from './delivery.ts';
import {
  disableEndpoint,
  enableEndpoint,
  isLive,
  WEBHOOK_ENDPOINT_MOVES,
  type WebhookEndpoint,
} from './endpoint.ts';

/**
 * Seconds without one success after which an endpoint is disabled: a quarter of an hour less than a
 * delivery's life, so that the last try of the first delivery that failed is the one that ends it.
 */
export const FAILING_LIMIT_SECONDS = 3 * 24 * 3_600 - 900;

/** While it fails it is tried after as long as it has failed, within these bounds (seconds). */
const PAUSE_SHORTEST = 5;
const PAUSE_LONGEST = 300;

/** HTTP 410: the receiver wants nothing more, ever. */
const GONE = 410;

export type DecidedHealth = {
  readonly endpoint: WebhookEndpoint;
  /** Somebody has to be told. */
  readonly isDisabledNow: boolean;
};

/**
 * What some tries mean for their endpoint, or undefined when nothing changes. One success ends its
 * failing; 410 Gone, or three days without a success, disable it, and somebody has to be told.
 */
export function decideHealth(
  endpoint: WebhookEndpoint,
  outcomes: readonly WebhookOutcome[],
  now: Temporal.Instant,
): DecidedHealth | undefined {
  if (!isLive(endpoint)) return undefined;
  const isGone = outcomes.some((one) => one.kind === 'refused' && one.status === GONE);
  if (isGone) return disabled(endpoint, 'gone', now);
  if (outcomes.some(({ kind }) => kind === 'delivered')) {
    const enabled = enableEndpoint(endpoint);
    if (endpoint.state === 'enabled' || !enabled.ok) return undefined;
    return { endpoint: enabled.value, isDisabledNow: false };
  }
  if (!outcomes.some(({ kind }) => kind === 'refused' || kind === 'unknown')) return undefined;
  const failingSince = endpoint.failingSince ?? now;
  const limit = addSeconds(failingSince, FAILING_LIMIT_SECONDS);
  if (Temporal.Instant.compare(now, limit) >= 0) return disabled(endpoint, 'failing', now);
  assertMove(WEBHOOK_ENDPOINT_MOVES, endpoint.state, 'failing');
  return {
    endpoint: { ...endpoint, state: 'failing', failingSince, retryAt: pauseEnd(failingSince, now) },
    isDisabledNow: false,
  };
}

/**
 * Whether an endpoint is left alone for now. A pause that is further ahead than any can be was
 * written by a clock that has since been set back.
 */
export function isPaused({ retryAt }: WebhookEndpoint, now: Temporal.Instant): boolean {
  if (retryAt === undefined || Temporal.Instant.compare(now, retryAt) >= 0) return false;
  return Temporal.Instant.compare(retryAt, addSeconds(now, PAUSE_LONGEST)) <= 0;
}

function pauseEnd(failingSince: Temporal.Instant, now: Temporal.Instant): Temporal.Instant {
  const age = now.epochMilliseconds - failingSince.epochMilliseconds;
  const pause = Math.min(Math.max(age, PAUSE_SHORTEST * 1_000), PAUSE_LONGEST * 1_000);
  return now.add({ milliseconds: pause });
}

function disabled(endpoint: WebhookEndpoint, reason: 'gone' | 'failing', now: Temporal.Instant) {
  const result = disableEndpoint(endpoint, { reason, by: 'daikou' }, now);
  return result.ok ? { endpoint: result.value, isDisabledNow: true } : undefined;
}
