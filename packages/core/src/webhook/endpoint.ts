import { addSeconds } from '../calendar/business-time.ts';
import type { MerchantId, WebhookEndpointId } from '../ids/ids.ts';
import { assertMove, type Moves } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type WebhookRefusal, webhookRefusal } from './refusals.ts';

export type WebhookEndpointState = 'enabled' | 'failing' | 'disabled' | 'removed';

/** `failing` is still tried, one message at a time; `removed` is final. */
export const WEBHOOK_ENDPOINT_MOVES: Moves<WebhookEndpointState> = {
  enabled: ['failing', 'disabled', 'removed'],
  failing: ['enabled', 'failing', 'disabled', 'removed'],
  disabled: ['enabled', 'removed'],
  removed: [],
};

/** Why nothing is sent: a person, three days without success, or the receiver's 410 Gone. */
export type WebhookDisabledReason = 'by_person' | 'failing' | 'gone';

/** Where a merchant wants to be told of events. All times are the wall clock. */
export type WebhookEndpoint = {
  readonly id: WebhookEndpointId;
  readonly merchantId: MerchantId;
  readonly url: string;
  readonly description: string;
  /** `*`, families (`invoice.*`) and types. */
  readonly types: readonly string[];
  readonly state: WebhookEndpointState;
  /** Sealed: only the adapter opens it. Empty once the endpoint is removed. */
  readonly secret: string;
  /** Signs beside the new one until `formerUntil`. */
  readonly formerSecret?: string;
  readonly formerUntil?: Temporal.Instant;
  /** The first failure since which nothing was taken; present exactly while failing. */
  readonly failingSince?: Temporal.Instant;
  /** Nothing is tried before; present exactly while failing. */
  readonly retryAt?: Temporal.Instant;
  readonly disabledReason?: WebhookDisabledReason;
  /** The person; `daikou` where it disabled the endpoint by itself. */
  readonly disabledBy?: string;
  readonly disabledAt?: Temporal.Instant;
  readonly createdBy: string;
  readonly createdAt: Temporal.Instant;
};

/** Endpoints of a merchant that are not removed: each costs a row for every event. */
export const WEBHOOK_ENDPOINTS_MAX = 16;

/** Hours in which the former secret signs beside the new one, unless a person says otherwise. */
export const SECRET_OVERLAP_HOURS = 24;
const SECRET_OVERLAP_HOURS_MAX = 168;

/** Whether messages are sent to it. */
export function isLive({ state }: Pick<WebhookEndpoint, 'state'>): boolean {
  return state === 'enabled' || state === 'failing';
}

/** The sealed secrets that sign now, newest first. */
export function secretsOf(endpoint: WebhookEndpoint, now: Temporal.Instant): readonly string[] {
  const { secret, formerSecret, formerUntil } = endpoint;
  if (formerSecret === undefined || formerUntil === undefined) return [secret];
  return Temporal.Instant.compare(now, formerUntil) < 0 ? [secret, formerSecret] : [secret];
}

type Lasting = Omit<
  WebhookEndpoint,
  | 'state'
  | 'failingSince'
  | 'retryAt'
  | 'disabledReason'
  | 'disabledBy'
  | 'disabledAt'
  | 'secret'
  | 'formerSecret'
  | 'formerUntil'
>;

/** What no change of state touches. */
function lastingOf(endpoint: WebhookEndpoint): Lasting {
  const { id, merchantId, url, description, types, createdBy, createdAt } = endpoint;
  return { id, merchantId, url, description, types, createdBy, createdAt };
}

type Keys = Pick<WebhookEndpoint, 'secret' | 'formerSecret' | 'formerUntil'>;

function keysOf({ secret, formerSecret, formerUntil }: WebhookEndpoint): Keys {
  if (formerSecret === undefined || formerUntil === undefined) return { secret };
  return { secret, formerSecret, formerUntil };
}

/** Takes messages again: by a person, or because one was taken. */
export function enableEndpoint(endpoint: WebhookEndpoint): Result<WebhookEndpoint, WebhookRefusal> {
  if (endpoint.state === 'removed') return refuse(webhookRefusal('webhook_endpoint_removed'));
  if (endpoint.state === 'enabled') return ok(endpoint);
  assertMove(WEBHOOK_ENDPOINT_MOVES, endpoint.state, 'enabled');
  return ok({ ...lastingOf(endpoint), ...keysOf(endpoint), state: 'enabled' });
}

/** Nothing more is sent; what waits is given up, and a replay brings it back. */
export function disableEndpoint(
  endpoint: WebhookEndpoint,
  why: { readonly reason: WebhookDisabledReason; readonly by: string },
  now: Temporal.Instant,
): Result<WebhookEndpoint, WebhookRefusal> {
  if (endpoint.state === 'removed') return refuse(webhookRefusal('webhook_endpoint_removed'));
  if (endpoint.state === 'disabled') return ok(endpoint);
  assertMove(WEBHOOK_ENDPOINT_MOVES, endpoint.state, 'disabled');
  return ok({
    ...lastingOf(endpoint),
    ...keysOf(endpoint),
    state: 'disabled',
    disabledReason: why.reason,
    disabledBy: why.by,
    disabledAt: now,
  });
}

/** The row stays for its deliveries; its secrets do not. Removing again changes nothing. */
export function removeEndpoint(
  endpoint: WebhookEndpoint,
  by: string,
  now: Temporal.Instant,
): WebhookEndpoint {
  if (endpoint.state === 'removed') return endpoint;
  assertMove(WEBHOOK_ENDPOINT_MOVES, endpoint.state, 'removed');
  return {
    ...lastingOf(endpoint),
    state: 'removed',
    secret: '',
    disabledReason: 'by_person',
    disabledBy: by,
    disabledAt: now,
  };
}

/**
 * Gives the endpoint a new sealed secret; the former one signs beside it for `overlapHours` (24 by
 * default, 0 for a secret that got out). One that was former already ends at once.
 */
export function rotateSecret(
  endpoint: WebhookEndpoint,
  sealed: string,
  { overlapHours, now }: { readonly overlapHours: number; readonly now: Temporal.Instant },
): Result<WebhookEndpoint, WebhookRefusal> {
  if (endpoint.state === 'removed') return refuse(webhookRefusal('webhook_endpoint_removed'));
  const isWhole = Number.isInteger(overlapHours) && overlapHours >= 0;
  if (!isWhole || overlapHours > SECRET_OVERLAP_HOURS_MAX) {
    return refuse(webhookRefusal('webhook_overlap_not_valid'));
  }
  const { secret: former, formerSecret: _, formerUntil: __, ...rest } = endpoint;
  if (overlapHours === 0) return ok({ ...rest, secret: sealed });
  const formerUntil = addSeconds(now, overlapHours * 3_600);
  return ok({ ...rest, secret: sealed, formerSecret: former, formerUntil });
}
