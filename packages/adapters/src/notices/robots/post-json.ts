import type { SendOutcome } from '@daikou/core';
import type { SafeFetch, SafeOutcome } from '../../http/safe-fetch.ts';
import { toDetail } from '../../rails/rail-text.ts';

/** The JSON of a provider whose answers carry `errcode`; 0 is yes, whatever the HTTP status. */
export type CodedAnswer = {
  readonly kind: 'answer';
  /** `errcode` in digits, so that it can be looked up in a table; empty when there is none. */
  readonly code: string;
  /** The provider's words, one line, cut. */
  readonly words: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

type Unanswered = Exclude<SendOutcome, { kind: 'sent' }>;

/** POSTs JSON and reads an answer with `errcode`; anything else says nothing or refuses. */
export async function postJson(
  fetch: SafeFetch,
  call: { readonly url: string; readonly body: unknown },
): Promise<CodedAnswer | Unanswered> {
  const outcome = await fetch({
    url: call.url,
    headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' },
    body: JSON.stringify(call.body),
    wantsAnswer: true,
  });
  if (outcome.kind !== 'delivered') return toUnanswered(outcome);
  return readAnswer(outcome.answer) ?? { kind: 'unknown', detail: 'the reply is not its JSON' };
}

/** HTTP statuses with which a server says "later": nothing was decided. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What a call that was not answered with 2xx means for a notice: a server that is overloaded or
 * broken may take it later, everything else is a refusal.
 */
export function toUnanswered(outcome: Exclude<SafeOutcome, { kind: 'delivered' }>): Unanswered {
  if (outcome.kind === 'unknown') return outcome;
  const { status, code } = outcome;
  if (status !== undefined && (status >= 500 || LATER.has(status))) {
    return { kind: 'unknown', detail: code };
  }
  return { kind: 'refused', code, message: '' };
}

function readAnswer(text: string | undefined): CodedAnswer | undefined {
  const fields = parseExact(text ?? '');
  if (fields === undefined) return undefined;
  const code = fields['errcode'];
  if (typeof code !== 'number' && code !== undefined) return undefined;
  const words = fields['errmsg'];
  return {
    kind: 'answer',
    code: code === undefined ? '' : String(code),
    words: toDetail(typeof words === 'string' ? words : ''),
    fields,
  };
}

/**
 * Reads JSON in which whole numbers beyond 2^53 stay the text that they were: message numbers of
 * WeChat have 19 digits, and a rounded one would name another message.
 */
function parseExact(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text, (_, part: unknown, context?: { source?: string }) =>
      typeof part === 'number' && !Number.isSafeInteger(part) ? context?.source : part,
    );
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
