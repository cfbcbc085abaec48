import type { IncomingMessage, Server } from 'node:http';
import type { Merchant } from '@daikou/core';
import {
  ALL_BUCKETS,
  EventChecker,
  type Job,
  NO_PROGRESS,
  type RawEvent,
  type RefusedEvent,
} from '@daikou/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';
import type { BillingDeps } from './refusal.ts';
import { isLines, JSON_BODY_MAX_BYTES, LINES_TYPE, readJsonBody, readLines } from './usage-body.ts';
import { UsageInbox } from './usage-inbox.ts';

/** Refused events that an answer names; more are only counted. */
export const REFUSED_NAMED = 1_000;

/** Seconds after which a caller comes again when too much waits to be committed. */
const RETRY_SECONDS = 1;

/** A stream that sends nothing for so long has been left by its sender. */
const STREAM_IDLE_MILLISECONDS = 30_000;

/** Any other request has to be here whole by then. */
const WHOLE_REQUEST_MILLISECONDS = 30_000;

const JSON_TYPES = [
  'application/json',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
];

/** The only path that takes streams: nowhere else may a request last. */
const EVENTS_PATH = '/v1/usage/events';

/** What the events of one merchant pass through. */
type Intake = { readonly checker: EventChecker; readonly inbox: UsageInbox };

/** Taking usage events in: one, an array, or a stream of lines, in the form of CloudEvents 1.0. */
export async function usageIntakeRoutes(app: FastifyInstance, deps: BillingDeps): Promise<void> {
  const intakes = new Map<string, Intake>();
  allowLongStreams(app.server);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    JSON_TYPES,
    { parseAs: 'buffer', bodyLimit: JSON_BODY_MAX_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.addContentTypeParser(LINES_TYPE, (_request, payload, done) => done(null, payload));
  app.post(EVENTS_PATH, { config: { idempotency: 'own_ids' } }, async (request, reply) => {
    const job = await jobFor(deps, request, reply);
    if (job === undefined) return reply;
    const intake = intakeOf(intakes, job.merchant);
    if (intake.inbox.isFull) {
      reply.header('retry-after', RETRY_SECONDS);
      return sendProblem(reply, 'busy_try_again');
    }
    return isLines(request.raw)
      ? takeLines({ job, intake }, request, reply)
      : takeJson({ job, intake }, request, reply);
  });
}

type Taking = { readonly job: Job; readonly intake: Intake };

async function takeJson(taking: Taking, request: FastifyRequest, reply: FastifyReply) {
  const body = request.body instanceof Uint8Array ? readJsonBody(request.body) : undefined;
  if (body === undefined) return sendProblem(reply, 'body_not_json');
  const tally = new Tally();
  await takeSome(taking, body.raws, tally);
  return reply.code(tally.status).send(tally.answer());
}

async function takeLines(taking: Taking, request: FastifyRequest, reply: FastifyReply) {
  const tally = new Tally();
  for await (const raws of readLines(request.body as AsyncIterable<Uint8Array>)) {
    await takeSome(taking, raws, tally);
  }
  return reply.code(tally.status).send(tally.answer());
}

async function takeSome(
  { job, intake }: Taking,
  raws: readonly RawEvent[],
  tally: Tally,
): Promise<void> {
  const { events, refused } = await intake.checker.checkLive(job, raws);
  const isNew = await intake.inbox.add(job, events);
  tally.add(isNew, refused);
}

/** Counts what became of a request's events, and keeps the first refusals. */
class Tally {
  #accepted = 0;
  #duplicates = 0;
  #refusedCount = 0;
  readonly #refused: RefusedEvent[] = [];

  add(isNew: readonly boolean[], refused: readonly RefusedEvent[]): void {
    for (const one of isNew) {
      if (one) this.#accepted += 1;
      else this.#duplicates += 1;
    }
    this.#refusedCount += refused.length;
    this.#refused.push(...refused.slice(0, REFUSED_NAMED - this.#refused.length));
  }

  /** 422 only where nothing of the request was taken: then its sender has to change something. */
  get status(): 202 | 422 {
    return this.#refusedCount > 0 && this.#accepted + this.#duplicates === 0 ? 422 : 202;
  }

  answer() {
    return {
      accepted: this.#accepted,
      duplicates: this.#duplicates,
      refused_count: this.#refusedCount,
      refused: this.#refused.map(({ index, id, code, sentence, next, field }) => ({
        index,
        id: id ?? null,
        code,
        sentence,
        next,
        field: field ?? null,
      })),
    };
  }
}

/** The job of the key's merchant; undefined when the refusal was sent already. */
async function jobFor(
  deps: BillingDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Job | undefined> {
  const merchant = merchantOf(request);
  const target = await deps.targetOf(merchant.code);
  if (target === undefined) {
    sendProblem(reply, 'not_ready');
    return undefined;
  }
  return { engine: target.engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
}

function intakeOf(intakes: Map<string, Intake>, merchant: Merchant): Intake {
  const known = intakes.get(merchant.id);
  if (known !== undefined) return known;
  const intake = { checker: new EventChecker(), inbox: new UsageInbox() };
  intakes.set(merchant.id, intake);
  return intake;
}

/**
 * The server ends every request that is not here whole after half a minute, which is right for all
 * but streams: those may last as long as something comes. So the server's own limit goes, and each
 * request gets the one that it needs.
 */
function allowLongStreams(server: Server): void {
  server.requestTimeout = 0;
  server.prependListener('request', (request: IncomingMessage) => {
    if (isLines(request) && request.url?.split('?')[0] === EVENTS_PATH) {
      const { socket } = request;
      const leave = () => request.destroy();
      socket.setTimeout(STREAM_IDLE_MILLISECONDS, leave);
      request.once('close', () => socket.setTimeout(0).off('timeout', leave));
      return;
    }
    const timer = setTimeout(() => {
      if (!request.complete) request.destroy();
    }, WHOLE_REQUEST_MILLISECONDS);
    timer.unref();
    request.once('close', () => clearTimeout(timer));
  });
}
