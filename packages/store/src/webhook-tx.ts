import { bucketOf, type Changes, invariant, type WebhookTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import { listEvents, loadEvents } from './outbox/read-events.ts';
import * as deliveries from './webhook/deliveries.ts';
import * as endpoints from './webhook/endpoints.ts';
import { replayWebhook } from './webhook/replay.ts';

/** What webhooks and the list of events read: one line for each statement function. */
export function webhookCalls(db: Database): WebhookTx {
  return {
    loadWebhookEndpoints: () => endpoints.loadWebhookEndpoints(db),
    lockWebhookEndpoints: (ids) => endpoints.lockWebhookEndpoints(db, ids),
    claimWebhookDeliveries: (claim) => deliveries.claimWebhookDeliveries(db, claim),
    lockWebhookDeliveries: (ids) => deliveries.lockWebhookDeliveries(db, ids),
    releaseWebhookDeliveries: (ids) => deliveries.releaseWebhookDeliveries(db, ids),
    giveUpWebhookDeliveries: (given) => deliveries.giveUpWebhookDeliveries(db, given),
    purgeWebhookDeliveries: (purge) => deliveries.purgeWebhookDeliveries(db, purge),
    listWebhookDeliveries: (page) => deliveries.listWebhookDeliveries(db, page),
    replayWebhook: (replay) => replayWebhook(db, replay),
    loadEvents: (ids) => loadEvents(db, ids),
    listEvents: (page) => listEvents(db, page),
  };
}

/** Writes endpoints before the events of the same commit, which look for them. */
export async function saveWebhooks(db: Database, changes: Changes): Promise<void> {
  const { webhookEndpoints = [], webhookDeliveries = [] } = changes;
  for (const { id, customerId } of webhookDeliveries) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (webhookEndpoints.length > 0) await endpoints.saveWebhookEndpoints(db, webhookEndpoints);
  if (webhookDeliveries.length > 0) await deliveries.saveWebhookDeliveries(db, webhookDeliveries);
}
