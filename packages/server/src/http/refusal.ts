import { PROBLEM_MEDIA_TYPE, toRefusalProblem } from '@daikou/api';
import type { Refusal, Result, Store } from '@daikou/core';
import { ALL_BUCKETS, type Job, NO_PROGRESS, withNoticeRules } from '@daikou/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallbackDeps } from './callbacks.ts';
import { merchantOf } from './keys.ts';
import { sendProblem } from './problem.ts';

/** What routes that do work of billing need. */
export type BillingDeps = Pick<CallbackDeps, 'targetOf'> & { readonly store: Store };

/** One keyed request with its answer. */
export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

/** What an engine answers where the thing that the path names is not this merchant's. */
const NOT_FOUND = 'not_found';

/** Sends a rule's refusal as a problem: 404 where nothing was found, else 422 with its field. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.code === NOT_FOUND) return sendProblem(reply, 'not_found');
  const { request } = reply;
  const isZh = /^\s*zh\b/i.test(request.headers['accept-language'] ?? '');
  const problem = toRefusalProblem(onTheWire(refusal), {
    requestId: request.id,
    locale: isZh ? 'zh-CN' : 'en',
  });
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(problem);
}

/** Core names a field as its commands do (items.0.priceVersionId); the wire has its own way. */
function onTheWire(refusal: Refusal): Refusal {
  if (refusal.field === undefined || refusal.field === '') return refusal;
  const field = refusal.field
    .replace(/\.(\d+)(?=\.|$)/g, '[$1]')
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { ...refusal, field };
}

/**
 * Answers a keyed request: the merchant of the key has `work` done; its value is sent with
 * `status`, its refusal as a problem.
 */
export async function answerBilling(
  deps: BillingDeps,
  { request, reply }: Exchange,
  work: (job: Job) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> {
  const merchant = merchantOf(request);
  const target = await deps.targetOf(merchant.code);
  if (target === undefined) return sendProblem(reply, 'not_ready');
  const { engine } = target;
  const job = { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  const result = await work(await withNoticeRules(job));
  return result.ok ? reply.send(result.value) : sendRefusal(reply, result.refusal);
}
