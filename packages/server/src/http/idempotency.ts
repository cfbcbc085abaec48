import { createHash, type Hash } from 'node:crypto';
import { pipeline, Transform } from 'node:stream';
import type { KnownRequest, RequestEnd, Store } from '@daikou/core';
import type { Log } from '@daikou/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallbackDeps } from './callbacks.ts';
import { isEndless, isKeyed, merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * `own_ids`: what is sent has ids by which it counts once, so a key is not looked at.
     * `secret_answer`: the answer to success is shown once and never kept.
     */
    idempotency?: 'own_ids' | 'secret_answer';
  }
}

const HEADER = 'idempotency-key';
const METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Printable ASCII, as the draft of the IETF and the habit of payment platforms have it. */
const KEY = /^[\x20-\x7e]{1,255}$/;

/** A longer answer is not kept; the rows of one purge have to fit into memory. */
export const KEPT_ANSWER_BYTES = 256 * 1024;

/** What is in flight for longer belongs to a process that died; a later answer is still kept. */
const IN_FLIGHT_SECONDS = 120;

/** Seconds after which a caller comes again while its first request is handled. */
const RETRY_SECONDS = 1;

/** Statuses by which a request was turned away with nothing done: its key stays free. */
const TURNED_AWAY: ReadonlySet<number> = new Set([401, 403, 413, 429]);

export type IdempotencyDeps = Pick<CallbackDeps, 'targetOf'> & {
  readonly store: Store;
  readonly log: Log;
};

/** What is known of a request under a key until it is answered. */
type Asked = {
  readonly keyHash: string;
  /** Grows with the body. */
  readonly hash: Hash;
  /** The key was free, and this request has it. */
  isFirst: boolean;
};

/**
 * Has every request under `/v1/` that writes take an `Idempotency-Key`, and be handled at most
 * once under it. The key is taken in a commit of its own before the handler runs; the answer is
 * kept before it is sent. What ended in a 5xx, or with its process, is never handled again.
 *
 * Sources: draft-ietf-httpapi-idempotency-key-header (422 for another request under the key, 409
 * while the first is handled); the manual of Stripe (answers are replayed, refusals too).
 */
export function handleOnce(app: FastifyInstance, deps: IdempotencyDeps): void {
  const requests = new WeakMap<FastifyRequest, Asked>();
  app.addHook('onRequest', async (request, reply) => {
    const key = request.headers[HEADER];
    if (key === undefined || !takesKey(request)) return;
    if (typeof key === 'string' && KEY.test(key) && isAlone(request)) {
      requests.set(request, ask(request, key));
      return;
    }
    if (isEndless(request)) reply.header('connection', 'close');
    return sendProblem(reply, 'idempotency_key_not_valid', { param: 'Idempotency-Key' });
  });
  app.addHook('preParsing', async (request, _reply, payload) => {
    const asked = requests.get(request);
    return asked === undefined ? payload : hashing(payload, asked.hash);
  });
  app.addHook('preHandler', async (request, reply) => {
    const asked = requests.get(request);
    if (asked !== undefined) return await begin(deps, asked, { request, reply });
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const asked = requests.get(request);
    requests.delete(request);
    if (asked?.isFirst === true) await end(deps, asked, { request, reply, payload });
    return payload;
  });
}

function takesKey(request: FastifyRequest): boolean {
  if (!isKeyed(request) || !METHODS.has(request.method)) return false;
  return request.routeOptions.config.idempotency !== 'own_ids';
}

/** Two headers of the name would be joined to a key that nobody has chosen. */
function isAlone({ raw }: FastifyRequest): boolean {
  const names = raw.rawHeaders.filter((_text, index) => index % 2 === 0);
  return names.filter((name) => name.toLowerCase() === HEADER).length === 1;
}

/**
 * The key is part of the fingerprint: a body may hold numbers of a card or a person, and nobody
 * who reads the table can try which, as the key itself is not in it.
 */
function ask(request: FastifyRequest, key: string): Asked {
  const { method, url, headers } = request;
  const facts = JSON.stringify([key, method, url, headers['content-type'] ?? '']);
  return {
    keyHash: createHash('sha256')
      .update(JSON.stringify([merchantOf(request).id, key]))
      .digest('hex'),
    hash: createHash('sha256').update(`${facts}\n`),
    isFirst: false,
  };
}

/** The same bytes, which the hash has seen on their way. */
function hashing(payload: NodeJS.ReadableStream, hash: Hash): NodeJS.ReadableStream {
  const through = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // An error of the request destroys the other side, where whoever reads the body meets it.
  pipeline(payload, through, () => undefined);
  return through;
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

async function begin(deps: IdempotencyDeps, asked: Asked, { request, reply }: Exchange) {
  const merchant = merchantOf(request);
  const target = await deps.targetOf(merchant.code);
  // Asked here and not by the handler alone: nothing was done yet, and the key stays free.
  if (target === undefined) return sendProblem(reply, 'not_ready');
  const now = target.engine.clock.now();
  const fingerprint = asked.hash.digest('hex');
  const known = await deps.store.transact(merchant.id, (tx) =>
    tx.beginRequest({ keyHash: asked.keyHash, fingerprint, createdAt: now }),
  );
  if (known === undefined) {
    asked.isFirst = true;
    return;
  }
  if (known.fingerprint !== fingerprint) return sendProblem(reply, 'idempotency_key_reused');
  return sendAgain(reply, known, now);
}

function sendAgain(reply: FastifyReply, known: KnownRequest, now: Temporal.Instant): FastifyReply {
  if (known.state === 'answered') {
    const { status, contentType, location, body } = known.answer;
    if (contentType !== undefined) reply.type(contentType);
    if (location !== undefined) reply.header('location', location);
    // Bytes, so that nothing on the way takes them for text to be written anew.
    return reply.code(status).header('idempotency-replayed', 'true').send(Buffer.from(body));
  }
  if (known.state === 'answer_not_kept') {
    const detail = `It was answered with status ${known.status}, and the answer is not kept.`;
    return sendProblem(reply, 'idempotency_answer_not_kept', { detail });
  }
  if (known.state === 'in_flight' && isRecent(known.createdAt, now)) {
    reply.header('retry-after', RETRY_SECONDS);
    return sendProblem(reply, 'idempotency_in_flight');
  }
  return sendProblem(reply, 'idempotency_outcome_unknown');
}

/** A time further ahead was given by a clock that was set back since. */
function isRecent(began: Temporal.Instant, now: Temporal.Instant): boolean {
  return Math.abs(now.since(began).total('seconds')) < IN_FLIGHT_SECONDS;
}

/**
 * Keeps what is being sent. Where that fails the answer leaves all the same: what was done is done,
 * and its request counts as one whose outcome nobody knows.
 */
async function end(
  deps: IdempotencyDeps,
  { keyHash }: Asked,
  { request, reply, payload }: Exchange & { readonly payload: unknown },
): Promise<void> {
  try {
    const ended = endOf(reply, payload);
    await deps.store.transact(merchantOf(request).id, (tx) =>
      ended === 'turned_away' ? tx.releaseRequest(keyHash) : tx.endRequest(keyHash, ended),
    );
  } catch (error) {
    deps.log.warn('the answer to a request under an idempotency key was not kept', {
      request: request.id,
      error: error instanceof Error ? error.message : 'thrown',
    });
  }
}

function endOf(reply: FastifyReply, payload: unknown): RequestEnd | 'turned_away' {
  const { statusCode: status } = reply;
  if (status >= 500) return { state: 'outcome_unknown' };
  if (TURNED_AWAY.has(status)) return 'turned_away';
  const isSecret = reply.routeOptions.config.idempotency === 'secret_answer' && status < 400;
  const body = isSecret ? undefined : keptBody(payload);
  if (body === undefined) return { state: 'answer_not_kept', status };
  const contentType = reply.getHeader('content-type');
  const location = reply.getHeader('location');
  return {
    state: 'answered',
    answer: {
      status,
      ...(contentType === undefined ? {} : { contentType: String(contentType) }),
      ...(location === undefined ? {} : { location: String(location) }),
      body,
    },
  };
}

/** A body that can be sent again as it is: no stream, not too long, nothing that is no text. */
function keptBody(payload: unknown): string | undefined {
  if (payload === undefined || payload === null) return '';
  if (typeof payload !== 'string' || payload.includes('\u0000')) return undefined;
  return Buffer.byteLength(payload) > KEPT_ANSWER_BYTES ? undefined : payload;
}
