import {
  bucketOf,
  fromUuid,
  toUuid,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromInstant, given, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toEndpointRow(endpoint: WebhookEndpoint): NewRow<'webhook_endpoints'> {
  return {
    merchant_id: toUuid(endpoint.merchantId),
    id: toUuid(endpoint.id),
    url: endpoint.url,
    description: endpoint.description,
    types: endpoint.types,
    state: endpoint.state,
    secret: endpoint.secret,
    former_secret: orNull(endpoint.formerSecret, asIs),
    former_until: orNull(endpoint.formerUntil, toInstant),
    failing_since: orNull(endpoint.failingSince, toInstant),
    retry_at: orNull(endpoint.retryAt, toInstant),
    disabled_reason: orNull(endpoint.disabledReason, asIs),
    disabled_by: orNull(endpoint.disabledBy, asIs),
    disabled_at: orNull(endpoint.disabledAt, toInstant),
    created_by: endpoint.createdBy,
    created_at: toInstant(endpoint.createdAt),
  };
}

export function fromEndpointRow(row: Tables['webhook_endpoints']): WebhookEndpoint {
  return {
    id: fromUuid('whe', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    url: row.url,
    description: row.description,
    types: row.types as readonly string[],
    state: row.state as WebhookEndpoint['state'],
    secret: row.secret,
    ...given('formerSecret', row.former_secret, asIs),
    ...given('formerUntil', row.former_until, fromInstant),
    ...given('failingSince', row.failing_since, fromInstant),
    ...given('retryAt', row.retry_at, fromInstant),
    ...given(
      'disabledReason',
      row.disabled_reason as WebhookEndpoint['disabledReason'] | null,
      (reason) => reason as NonNullable<WebhookEndpoint['disabledReason']>,
    ),
    ...given('disabledBy', row.disabled_by, asIs),
    ...given('disabledAt', row.disabled_at, fromInstant),
    createdBy: row.created_by,
    createdAt: fromInstant(row.created_at),
  };
}

export function toDeliveryRow(delivery: WebhookDelivery): NewRow<'webhook_deliveries'> {
  return {
    bucket: bucketOf(delivery.id),
    merchant_id: toUuid(delivery.merchantId),
    id: toUuid(delivery.id),
    customer_id: toUuid(delivery.customerId),
    event_id: toUuid(delivery.eventId),
    endpoint_id: toUuid(delivery.endpointId),
    round: delivery.round,
    state: delivery.state,
    attempt_count: delivery.attemptCount,
    due_at: toInstant(delivery.dueAt),
    lease_until: orNull(delivery.leaseUntil, toInstant),
    last_status: orNull(delivery.lastStatus, asIs),
    last_code: orNull(delivery.lastCode, asIs),
    last_at: orNull(delivery.lastAt, toInstant),
    ended_at: orNull(delivery.endedAt, toInstant),
    created_at: toInstant(delivery.createdAt),
  };
}

export function fromDeliveryRow(row: Tables['webhook_deliveries']): WebhookDelivery {
  return {
    id: fromUuid('whd', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    eventId: fromUuid('evt', row.event_id),
    endpointId: fromUuid('whe', row.endpoint_id),
    round: row.round,
    state: row.state as WebhookDelivery['state'],
    attemptCount: row.attempt_count,
    dueAt: fromInstant(row.due_at),
    ...given('leaseUntil', row.lease_until, fromInstant),
    ...given('lastStatus', row.last_status, asIs),
    ...given('lastCode', row.last_code, asIs),
    ...given('lastAt', row.last_at, fromInstant),
    ...given('endedAt', row.ended_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}
