import { createHash } from 'node:crypto';
import type { Merchant, Store } from '@daikou/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';
import { isLines } from './usage-body.ts';

/** Everything under it belongs to a merchant. */
const KEYED_PREFIX = '/v1/';

const merchants = new WeakMap<FastifyRequest, Merchant>();

/**
 * Has every route under `/v1/` refuse a request whose key is none, with 401, before its query or a
 * byte of its body is read: strangers learn nothing of the schemas and fill no memory.
 */
export function checkKeys(app: FastifyInstance, store: Store): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isKeyed(request)) return;
    const merchant = await merchantOfKey(store, request.headers.authorization);
    if (typeof merchant !== 'string') {
      merchants.set(request, merchant);
      return;
    }
    if (merchant === 'authentication_required') reply.header('www-authenticate', 'Bearer');
    // What is left of a body is skipped for the next request; a stream has no end to wait for.
    if (isEndless(request)) reply.header('connection', 'close');
    return sendProblem(reply, merchant);
  });
}

/** Whether a request is to a route under `/v1/`. */
export function isKeyed({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith(KEYED_PREFIX) === true;
}

/** The merchant whose key a request to a route under `/v1/` carries. */
export function merchantOf(request: FastifyRequest): Merchant {
  const merchant = merchants.get(request);
  if (merchant === undefined) throw new Error('The key of this request was not checked.');
  return merchant;
}

/**
 * Who sends a request: the name that its body gives, else the label of its key. Until people sign
 * in, the key's holder answers for the names that it gives.
 */
export async function senderOf(
  store: Store,
  { headers }: FastifyRequest,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return named;
  const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return (await store.findKeyLabel(hashKey(key))) ?? '';
}

async function merchantOfKey(
  store: Store,
  authorization = '',
): Promise<Merchant | 'authentication_required' | 'api_key_not_valid'> {
  const key = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1];
  if (key === undefined) return 'authentication_required';
  return (await store.findMerchantByKeyHash(hashKey(key))) ?? 'api_key_not_valid';
}

/** Whether a request's body is a stream, whose end nobody knows beforehand. */
export function isEndless({ raw, headers }: FastifyRequest): boolean {
  return isLines(raw) || headers['transfer-encoding'] !== undefined;
}

/** Keys are random and long, so a plain digest is enough to keep them out of the database. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
