import { toUuid, type WebhookEndpoint, type WebhookEndpointId } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, writeRows } from '../array-write.ts';
import { fromEndpointRow, toEndpointRow } from './rows.ts';

export async function saveWebhookEndpoints(
  db: Database,
  endpoints: readonly WebhookEndpoint[],
): Promise<void> {
  const rows = endpoints.map(toEndpointRow);
  await writeRows(db, 'webhook_endpoints', { rows, rule: 'replace' });
}

/** Every endpoint of the merchant, removed ones too, oldest first. */
export async function loadWebhookEndpoints(db: Database): Promise<readonly WebhookEndpoint[]> {
  const query = sql`select * from webhook_endpoints order by id`;
  return (await readRows(db, 'webhook_endpoints', query)).map(fromEndpointRow);
}

/** Waits for the rows and locks them in the order of their ids. */
export async function lockWebhookEndpoints(
  db: Database,
  ids: readonly WebhookEndpointId[],
): Promise<readonly WebhookEndpoint[]> {
  const wanted = arrayLiteral('uuid', ids.map(toUuid));
  const query = sql`
    select * from webhook_endpoints where id = any(${wanted}::uuid[])
     order by id for update`;
  return (await readRows(db, 'webhook_endpoints', query)).map(fromEndpointRow);
}
