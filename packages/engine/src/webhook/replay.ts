import {
  isLive,
  ok,
  type Refusal,
  type ReplayChoice,
  type Result,
  refuse,
  type WebhookEndpointId,
  webhookRefusal,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Events of one replay, at most: rows that one statement writes without holding others up. */
export const REPLAY_MAX = 20_000;

export type ReplayAsk = {
  readonly since?: Temporal.Instant;
  readonly until?: Temporal.Instant;
  readonly failedOnly?: boolean;
  readonly events?: readonly `evt_${string}`[];
};

/**
 * Has events sent to an endpoint again: those since a time (on the merchant's clock, with `until`
 * and only what was given up where that is asked), or exactly the named ones. They leave at once,
 * under the events' own ids, and have three days of tries again. Returns how many events it is of.
 */
export async function replayWebhooks(
  job: Job,
  id: WebhookEndpointId,
  ask: ReplayAsk,
): Promise<Result<{ readonly events: number }, Refusal>> {
  const choice = choiceOf(ask);
  if (choice === undefined) return refuse(webhookRefusal('webhook_replay_of_nothing'));
  const { clock, store } = job.engine;
  return store.transact(job.merchant.id, async (tx) => {
    const [endpoint] = await tx.lockWebhookEndpoints([id]);
    if (endpoint === undefined) return refuse(notFound('webhook endpoint'));
    if (endpoint.state === 'removed') return refuse(webhookRefusal('webhook_endpoint_removed'));
    if (!isLive(endpoint)) return refuse(webhookRefusal('webhook_endpoint_disabled'));
    const replay = { endpoint, choice, wallNow: clock.now(), limit: REPLAY_MAX };
    const events = await tx.replayWebhook(replay);
    if (events > REPLAY_MAX) return refuse(webhookRefusal('webhook_replay_too_large'));
    return ok({ events });
  });
}

function choiceOf({ since, until, failedOnly, events }: ReplayAsk): ReplayChoice | undefined {
  if (events !== undefined && events.length > 0) return { events };
  if (since === undefined) return undefined;
  return { since, ...(until === undefined ? {} : { until }), failedOnly: failedOnly === true };
}
