import { PAGE_LIMIT_DEFAULT } from '@daikou/api';
import {
  type Id,
  type IdPrefix,
  isId,
  kindOfId,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { type Job, nowOf } from '@daikou/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';
import { answerBilling, type BillingDeps, type Exchange } from './refusal.ts';

export type ById = { Params: { readonly id: string } };
export type DryRun = { readonly dry_run?: boolean };
export type Page = { readonly limit?: number; readonly after?: string };

/** A moment of a body; now where there is none. */
export function readInstant(
  text: string | undefined,
  job: Job,
  field = 'received_at',
): Result<Temporal.Instant, Refusal> {
  if (text === undefined) return ok(nowOf(job.engine, job.merchant));
  try {
    return ok(Temporal.Instant.from(text));
  } catch {
    return refuse({
      code: 'time_not_valid',
      sentence: `“${text}” is no moment.`,
      next: 'Write it as 2026-12-01T02:00:00Z.',
      field,
    });
  }
}

/** Answers a request about the thing that its path names. */
export async function answerOne<P extends IdPrefix>(
  { deps, ...exchange }: Exchange & { readonly deps: BillingDeps },
  prefix: P,
  work: (job: Job, id: Id<P>) => Promise<Result<unknown, Refusal>>,
): Promise<FastifyReply> {
  const { id } = exchange.request.params as { readonly id: string };
  if (!isId(prefix, id)) return sendProblem(exchange.reply, 'id_not_valid', { param: 'id' });
  return answerBilling(deps, exchange, (job) => work(job, id));
}

/** A page with its size; a cursor that is none of this list is refused before anything is read. */
export async function answerPage(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  prefix: IdPrefix,
  answer: (limit: number) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { after, limit = PAGE_LIMIT_DEFAULT } = request.query as Page;
  if (after !== undefined && kindOfId(after) !== prefix) {
    return sendProblem(reply, 'cursor_not_valid', { param: 'after' });
  }
  return answer(limit);
}
