import type { AlipayCall, AlipayClient } from './client.ts';
import type { AlipaySettings } from './config.ts';
import { readReply, type SignedReply } from './replies.ts';

/** One merchant's connection: its settings and its HTTP client. */
export type Connection = { readonly settings: AlipaySettings; readonly client: AlipayClient };

/** Sends one call and reads what it may be believed to say. */
export async function call(rail: Connection, request: AlipayCall): Promise<SignedReply> {
  return readReply(await rail.client.send(request), request.method, rail.client);
}
