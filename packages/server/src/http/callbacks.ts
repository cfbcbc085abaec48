import type { ContactChannel, NoticeChannel } from '@daikou/core';
import type { Engine } from '@daikou/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { wallNow } from '../compose.ts';
import type { Inbox } from './inbox.ts';
import type { Metrics } from './metrics.ts';
import { sendProblem } from './problem.ts';

/** The largest callback that any rail or provider sends is a few KB; more is not read. */
export const CALLBACK_MAX_BYTES = 64 * 1024;

/** What one merchant's callbacks are read with and applied to. */
export type CallbackTarget = { readonly engine: Engine; readonly inbox: Inbox };

export type CallbackDeps = {
  readonly targetOf: (merchantCode: string) => Promise<CallbackTarget | undefined>;
  readonly metrics: Metrics;
};

type RailRoute = { Params: { readonly rail: string; readonly merchant: string } };
type NoticeRoute = { Params: { readonly channel: string; readonly merchant: string } };

/**
 * Callbacks of rails and notice providers, over raw bytes: the adapter verifies before anything is
 * parsed. What is not verified is refused with a non-2xx status and changes nothing (I8).
 */
export async function callbackRoutes(app: FastifyInstance, deps: CallbackDeps): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: CALLBACK_MAX_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post<RailRoute>('/callbacks/:rail/:merchant', async (request, reply) => {
    const { rail: railId, merchant } = request.params;
    const target = await deps.targetOf(merchant);
    const rail = target?.engine.rails.get(railId);
    if (target === undefined || rail === undefined) return sendProblem(reply, 'path_not_known');
    const reading = rail.readCallback({
      headers: headersOf(request),
      body: bodyOf(request),
      target: request.url,
      receivedAt: wallNow(),
    });
    deps.metrics.callbacks.inc({
      source: railId,
      result: reading.kind === 'refused' ? reading.reason : 'verified',
    });
    if (reading.kind === 'verified') {
      await target.inbox.add(reading.events.map((event) => ({ kind: 'rail', event })));
    }
    const { status, contentType, body } = reading.answer;
    return reply.code(status).type(contentType).send(body);
  });
  app.post<NoticeRoute>('/callbacks/notices/:channel/:merchant', async (request, reply) => {
    const { channel, merchant } = request.params;
    const target = await deps.targetOf(merchant);
    const adapter = channelOf(target, channel);
    if (target === undefined || adapter?.readReport === undefined)
      return sendProblem(reply, 'path_not_known');
    const reports = adapter.readReport({
      headers: headersOf(request),
      body: bodyOf(request),
      target: request.url,
    });
    const result = reports === undefined ? 'refused' : 'verified';
    deps.metrics.callbacks.inc({ source: channel, result });
    if (reports === undefined) return sendProblem(reply, 'api_key_not_valid');
    await target.inbox.add(reports.map((report) => ({ kind: 'delivery', report })));
    return reply
      .code(200)
      .type(PLAIN_TEXT)
      .send(adapter.reportAnswer ?? '');
  });
  app.get<NoticeRoute>('/callbacks/notices/:channel/:merchant', async (request, reply) => {
    const { channel, merchant } = request.params;
    const adapter = channelOf(await deps.targetOf(merchant), channel);
    if (adapter?.answerCheck === undefined) return sendProblem(reply, 'path_not_known');
    const answer = adapter.answerCheck(request.url);
    if (answer === undefined) return sendProblem(reply, 'api_key_not_valid');
    return reply.code(200).type(PLAIN_TEXT).send(answer);
  });
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** The channel of that name in a path; a name that no merchant configured finds none. */
function channelOf(target: CallbackTarget | undefined, name: string): NoticeChannel | undefined {
  return target?.engine.channels.get(name as ContactChannel);
}

function headersOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function bodyOf(request: FastifyRequest): Uint8Array {
  return request.body instanceof Uint8Array ? request.body : new Uint8Array();
}
