import { type ErrorCode, PROBLEM_MEDIA_TYPE, toProblem } from '@daikou/api';
import type { FastifyReply } from 'fastify';

/** Sends a problem of the catalogue, in the caller's language, with the request's id. */
export function sendProblem(
  reply: FastifyReply,
  code: ErrorCode,
  facts: { readonly detail?: string; readonly param?: string } = {},
): FastifyReply {
  const { request } = reply;
  const isZh = /^\s*zh\b/i.test(request.headers['accept-language'] ?? '');
  const problem = toProblem(code, {
    requestId: request.id,
    locale: isZh ? 'zh-CN' : 'en',
    ...facts,
  });
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(problem);
}
