import {
  addSeconds,
  type DaikouEvent,
  type DecidedHealth,
  decideAfterTry,
  decideHealth,
  isLive,
  isPaused,
  JITTER_STEPS,
  openTask,
  present,
  secretsOf,
  type Task,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookOutcome,
  type WebhookSender,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { idSource, type Job, nowOf } from '../job.ts';

/** Seconds that a sender holds a delivery: longer than a batch of slow answers takes. */
export const WEBHOOK_LEASE_SECONDS = 120;

/** Deliveries of one endpoint that one transaction claims. */
const LANE_BATCH = 100;

/** Calls to one endpoint that are under way at once. */
const CALLS_TO_ENDPOINT = 8;

/** Failures in a row, without a success between, after which a look leaves an endpoint alone. */
const FAILURES_IN_A_ROW = 3;

/** Seconds after which a look begins no more calls to an endpoint: the other endpoints wait. */
const LOOK_SECONDS = 5;

/** Seconds until a developer should have looked at an endpoint that was disabled. */
const TASK_SECONDS = 24 * 3_600;

export type WebhookCounts = {
  readonly delivered: number;
  /** Not taken; each is tried again, or was given up. */
  readonly failed: number;
  readonly givenUp: number;
};

const NOTHING: WebhookCounts = { delivered: 0, failed: 0, givenUp: 0 };

type Lane = {
  readonly job: Job;
  readonly sender: WebhookSender;
  readonly stop?: AbortSignal | undefined;
};

/**
 * Sends every webhook that is due on the wall clock. Each endpoint has a lane of its own beside the
 * others, so one that hangs delays nobody else; a failing one is tried with one message at a time
 * and left alone between. Leases are committed before anything leaves; a sender that dies leaves a
 * lease that runs out, and the message goes again under the same id. Nothing leaves in quarantine.
 * After `stop` no call begins any more: those under way end, what was claimed is let go.
 */
export async function sendWebhooks(job: Job, stop?: AbortSignal): Promise<WebhookCounts> {
  const sender = job.engine.webhooks;
  if (sender === undefined || (await isHeld(job))) return NOTHING;
  const { store, clock } = job.engine;
  const wallNow = clock.now();
  const endpoints = await store.transact(job.merchant.id, async (tx) => {
    const all = await tx.loadWebhookEndpoints();
    const dead = all.filter((one) => !isLive(one)).map(({ id }) => id);
    const code = 'endpoint_disabled';
    const { buckets } = job;
    const givenUp =
      dead.length === 0
        ? 0
        : await tx.giveUpWebhookDeliveries({ endpoints: dead, buckets, code, wallNow });
    return { live: all.filter((one) => isLive(one) && !isPaused(one, wallNow)), givenUp };
  });
  const lanes = await Promise.all(endpoints.live.map((one) => runLane({ job, sender, stop }, one)));
  return lanes.reduce(added, { ...NOTHING, givenUp: endpoints.givenUp });
}

function added(a: WebhookCounts, b: WebhookCounts): WebhookCounts {
  return {
    delivered: a.delivered + b.delivered,
    failed: a.failed + b.failed,
    givenUp: a.givenUp + b.givenUp,
  };
}

/** What is due of one endpoint, batch by batch, until nothing is, it fails, or the look is over. */
async function runLane(lane: Lane, first: WebhookEndpoint): Promise<WebhookCounts> {
  const { job } = lane;
  const end = addSeconds(job.engine.clock.now(), LOOK_SECONDS);
  const isOver = () =>
    lane.stop?.aborted === true || Temporal.Instant.compare(job.engine.clock.now(), end) >= 0;
  let counts = NOTHING;
  let endpoint: WebhookEndpoint | undefined = first;
  while (endpoint !== undefined && !isOver()) {
    const batch = await claimBatch(job, endpoint);
    if (batch.deliveries.length === 0) break;
    const outcomes = await sendBatch(lane, { endpoint, ...batch, isOver });
    const saved = await saveOutcomes(job, endpoint, { deliveries: batch.deliveries, outcomes });
    counts = added(counts, saved.counts);
    const isFailing = saved.counts.delivered === 0 || saved.endpoint.state !== 'enabled';
    endpoint = isFailing ? undefined : saved.endpoint;
  }
  return counts;
}

type Batch = {
  readonly deliveries: readonly WebhookDelivery[];
  readonly events: ReadonlyMap<string, DaikouEvent>;
};

async function claimBatch(job: Job, endpoint: WebhookEndpoint): Promise<Batch> {
  const wallNow = job.engine.clock.now();
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const deliveries = await tx.claimWebhookDeliveries({
      endpointId: endpoint.id,
      buckets: job.buckets,
      wallNow,
      leaseUntil: addSeconds(wallNow, WEBHOOK_LEASE_SECONDS),
      // One message finds out whether a receiver that failed has come back.
      limit: endpoint.state === 'failing' ? 1 : LANE_BATCH,
    });
    const events = await tx.loadEvents(deliveries.map(({ eventId }) => eventId));
    return { deliveries, events: new Map(events.map((event) => [event.id, event])) };
  });
}

/** The outcome of each delivery of the batch; undefined where it was not tried any more. */
async function sendBatch(
  { sender, job }: Lane,
  batch: Batch & { readonly endpoint: WebhookEndpoint; readonly isOver: () => boolean },
): Promise<readonly (WebhookOutcome | undefined)[]> {
  const { endpoint } = batch;
  const secrets = secretsOf(endpoint, job.engine.clock.now());
  let failures = 0;
  return mapAtOnce(batch.deliveries, CALLS_TO_ENDPOINT, async ({ eventId }) => {
    if (failures >= FAILURES_IN_A_ROW || batch.isOver()) return undefined;
    const event = present(batch.events.get(eventId), 'the event of a delivery');
    const message = { kind: 'event', event } as const;
    const { id: endpointId, url } = endpoint;
    const outcome = await sender.send({ endpointId, url, secrets, message });
    failures = outcome.kind === 'delivered' ? 0 : failures + 1;
    return outcome;
  });
}

type Tried = {
  readonly deliveries: readonly WebhookDelivery[];
  readonly outcomes: readonly (WebhookOutcome | undefined)[];
};

async function saveOutcomes(job: Job, known: WebhookEndpoint, tried: Tried) {
  const { engine, merchant } = job;
  const now = engine.clock.now();
  const outcomeOf = new Map(tried.deliveries.map(({ id }, at) => [id, tried.outcomes[at]]));
  const outcomes = tried.outcomes.filter((one) => one !== undefined);
  const held = outcomes.find((one) => one.kind === 'held');
  if (held !== undefined) {
    const about = { merchant: merchant.code, endpoint: known.id, code: held.code };
    engine.log.warn('webhooks are held back here', about);
  }
  return engine.store.transact(merchant.id, async (tx) => {
    // Endpoints are locked before deliveries, and only where their state is about to change.
    const expected = decideHealth(known, outcomes, now);
    const [locked] = expected === undefined ? [] : await tx.lockWebhookEndpoints([known.id]);
    const health = locked === undefined ? undefined : decideHealth(locked, outcomes, now);
    const deliveries: WebhookDelivery[] = [];
    const untried = tried.deliveries.map(({ id }) => id).filter((id) => !outcomeOf.get(id));
    if (untried.length > 0) await tx.releaseWebhookDeliveries(untried);
    const ids = tried.deliveries.map(({ id }) => id).filter((id) => outcomeOf.get(id));
    for (const fresh of await tx.lockWebhookDeliveries(ids)) {
      const outcome = present(outcomeOf.get(fresh.id), 'the outcome of a delivery');
      const jitter = jitterOf(engine.entropy.bytes(2));
      deliveries.push(decideAfterTry(fresh, outcome, { now, jitter }));
    }
    await tx.save({
      webhookDeliveries: deliveries,
      ...(health === undefined ? {} : { webhookEndpoints: [health.endpoint] }),
      tasks: health?.isDisabledNow === true ? [taskFor(job, health)] : [],
    });
    return {
      endpoint: health?.endpoint ?? locked ?? known,
      counts: {
        delivered: outcomes.filter(({ kind }) => kind === 'delivered').length,
        failed: outcomes.filter(({ kind }) => kind !== 'delivered').length,
        givenUp: deliveries.filter(({ state }) => state === 'given_up').length,
      },
    };
  });
}

/** A developer has to mend the receiver, enable the endpoint and replay what it missed. */
function taskFor(job: Job, { endpoint }: DecidedHealth): Task {
  const { engine, merchant } = job;
  const now = nowOf(engine, merchant);
  engine.log.warn('a webhook endpoint was disabled', {
    merchant: merchant.code,
    endpoint: endpoint.id,
    reason: endpoint.disabledReason,
  });
  return openTask(
    {
      kind: 'webhook_failing',
      subjectId: endpoint.id,
      owner: 'developer',
      dueAt: addSeconds(now, TASK_SECONDS),
      data: { reason: endpoint.disabledReason ?? 'failing' },
    },
    { merchantId: merchant.id },
    { now, ids: idSource(engine) },
  ).task;
}

/** A number from 0 to 199 from two random bytes. */
function jitterOf(bytes: Uint8Array): number {
  return ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % JITTER_STEPS;
}
