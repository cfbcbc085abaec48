import type { CustomerId, EventId, WebhookDeliveryId, WebhookEndpointId } from '../ids/ids.ts';
import type { DaikouEvent } from '../result/event.ts';
import type { WebhookDelivery } from '../webhook/delivery.ts';
import type { WebhookEndpoint } from '../webhook/endpoint.ts';
import type { BucketRange, Page } from './claims.ts';

/** Endpoints and tries to write beside the others, in the same commit. */
export type WebhookChanges = {
  readonly webhookEndpoints?: readonly WebhookEndpoint[];
  /** New ones are made with their events, by the store; these are known. */
  readonly webhookDeliveries?: readonly WebhookDelivery[];
};

/** Which events a replay is of: those after `since` (and before `until`), or exactly these. */
export type ReplayChoice =
  | {
      readonly since: Temporal.Instant;
      readonly until?: Temporal.Instant;
      /** Only those whose newest delivery was given up. */
      readonly failedOnly: boolean;
    }
  | { readonly events: readonly EventId[] };

export type WebhookTx = {
  /** All of them, removed ones too, oldest first. */
  readonly loadWebhookEndpoints: () => Promise<readonly WebhookEndpoint[]>;
  /** Held until the commit. */
  readonly lockWebhookEndpoints: (
    ids: readonly WebhookEndpointId[],
  ) => Promise<readonly WebhookEndpoint[]>;
  /**
   * Deliveries of one endpoint that wait and are due on the wall clock, earliest first, with this
   * lease; those that another worker holds are skipped.
   */
  readonly claimWebhookDeliveries: (claim: {
    readonly endpointId: WebhookEndpointId;
    readonly buckets: BucketRange;
    readonly wallNow: Temporal.Instant;
    readonly leaseUntil: Temporal.Instant;
    readonly limit: number;
  }) => Promise<readonly WebhookDelivery[]>;
  /** Held until the commit. */
  readonly lockWebhookDeliveries: (
    ids: readonly WebhookDeliveryId[],
  ) => Promise<readonly WebhookDelivery[]>;
  /** Lets go of what was claimed and not tried. */
  readonly releaseWebhookDeliveries: (ids: readonly WebhookDeliveryId[]) => Promise<void>;
  /** Gives up whatever waits for endpoints that nothing is sent to any more. */
  readonly giveUpWebhookDeliveries: (given: {
    readonly endpoints: readonly WebhookEndpointId[];
    readonly buckets: BucketRange;
    readonly code: string;
    readonly wallNow: Temporal.Instant;
  }) => Promise<number>;
  /**
   * Deletes deliveries that ended before these times (wall clock), at most `limit`; returns how
   * many. One that a later round followed counts as delivered, and goes before that round: what is
   * left of an event never says that it was given up when it was delivered.
   */
  readonly purgeWebhookDeliveries: (purge: {
    readonly delivered: Temporal.Instant;
    readonly givenUp: Temporal.Instant;
    readonly limit: number;
  }) => Promise<number>;
  readonly listWebhookDeliveries: (
    page: Page & {
      readonly endpointId?: WebhookEndpointId;
      readonly customerId?: CustomerId;
      readonly eventId?: EventId;
      readonly state?: string;
    },
  ) => Promise<readonly WebhookDelivery[]>;
  /**
   * Has events delivered to the endpoint again: what waits becomes due, the others get another
   * delivery. Returns how many events it is of; above `limit` nothing is written.
   */
  readonly replayWebhook: (replay: {
    readonly endpoint: WebhookEndpoint;
    readonly choice: ReplayChoice;
    readonly wallNow: Temporal.Instant;
    readonly limit: number;
  }) => Promise<number>;
  readonly loadEvents: (ids: readonly EventId[]) => Promise<readonly DaikouEvent[]>;
  /** Events of all customers in the order of their ids, which is that of their making. */
  readonly listEvents: (
    page: Page & {
      readonly customerId?: CustomerId;
      /** Types and families, as endpoints name them; all where absent. */
      readonly types?: readonly string[];
      readonly since?: Temporal.Instant;
    },
  ) => Promise<readonly DaikouEvent[]>;
};
