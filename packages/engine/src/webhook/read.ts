import type {
  CustomerId,
  DaikouEvent,
  EventId,
  Page,
  WebhookDelivery,
  WebhookEndpointId,
} from '@daikou/core';
import type { Job } from '../job.ts';

/** Deliveries, oldest first, with what became of each. */
export async function listWebhookDeliveries(
  job: Job,
  page: Page & {
    readonly endpointId?: WebhookEndpointId;
    readonly customerId?: CustomerId;
    readonly eventId?: EventId;
    readonly state?: string;
  },
): Promise<readonly WebhookDelivery[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listWebhookDeliveries(page));
}

/**
 * Events of all customers in the order in which they were made. One that was made in a long
 * transaction may appear behind others that were read already: whoever follows reads the last
 * minute again and skips the ids that are known.
 */
export async function listEvents(
  job: Job,
  page: Page & {
    readonly customerId?: CustomerId;
    readonly types?: readonly string[];
    readonly since?: Temporal.Instant;
  },
): Promise<readonly DaikouEvent[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listEvents(page));
}

export async function findEvent(job: Job, id: EventId): Promise<DaikouEvent | undefined> {
  const [event] = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadEvents([id]));
  return event;
}
