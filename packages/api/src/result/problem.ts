import type { Locale, Refusal } from '@daikou/core';
import { Type } from 'typebox';
import { ERROR_CODES, ERRORS, type ErrorCode, type ErrorEntry } from './errors.ts';

/** The media type of an error answer (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An error answer: RFC 9457 with our code, the request's number and what to do next. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      format: 'uri',
      description: 'Names the kind of problem; the same for every problem of one code.',
    }),
    title: Type.String({ description: 'What happened, in general; the same for one code.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What happened this time.' }),
    code: Type.String({
      pattern: '^[a-z0-9_]+$',
      description:
        `Stable; decide by it. With status 422 the rule that refused, else one of: ` +
        `${ERROR_CODES.join(', ')}.`,
    }),
    param: Type.Optional(Type.String({ description: 'The parameter that caused it.' })),
    request_id: Type.String({ description: 'Name it when you report a problem.' }),
    retryable: Type.Boolean({
      description: 'Whether the same request can succeed later without a change.',
    }),
    next_action: Type.String({ description: 'What to do next, in one sentence.' }),
  },
  {
    title: 'Problem',
    additionalProperties: false,
    description: 'An error (RFC 9457). Texts follow the header Accept-Language: en or zh-CN.',
    examples: [
      toProblem('id_not_valid', {
        requestId: 'req-1',
        detail: 'The path has "inv_12" where an invoice id belongs.',
        param: 'id',
      }),
    ],
  },
);

export type ProblemWire = Type.Static<typeof ProblemSchema>;

/**
 * The answer for an error of the catalogue. `detail` tells this case and defaults to the title;
 * it must hold no personal data and nothing of our inside. `param` is the input that caused it.
 */
export function toProblem(
  code: ErrorCode,
  facts: {
    readonly requestId: string;
    readonly locale?: Locale;
    readonly detail?: string;
    readonly param?: string;
  },
) {
  const entry: ErrorEntry = ERRORS[code];
  const locale = facts.locale ?? 'en';
  return {
    type: `urn:daikou:problem:${code}`,
    title: entry.title[locale],
    status: entry.status,
    detail: facts.detail ?? entry.title[locale],
    code,
    ...(facts.param !== undefined && { param: facts.param }),
    request_id: facts.requestId,
    retryable: entry.retryable,
    next_action: entry.next[locale],
  };
}

/**
 * The answer for a refusal of a rule (status 422): its own code, sentence and next step, and the
 * field of the body that caused it. Rules speak English; the title is in the caller's language.
 */
export function toRefusalProblem(
  refusal: Refusal,
  facts: { readonly requestId: string; readonly locale?: Locale },
) {
  const { requestId, locale = 'en' } = facts;
  const problem = toProblem('request_refused', { requestId, locale, detail: refusal.sentence });
  return {
    ...problem,
    type: `urn:daikou:problem:${refusal.code}`,
    code: refusal.code,
    ...(refusal.field !== undefined && { param: refusal.field }),
    next_action: refusal.next,
  };
}
