import type { AttemptOutcome, Money, RefusalClass } from '@daikou/core';
import { toDetail } from './rail-text.ts';
import { listed } from './tables.ts';

/**
 * What a listed code of a rail means for one attempt. The tables of a rail have no default: a code
 * that is not in them is `unknown` on purpose, because guessing either way can cost somebody money.
 *
 * `paid`: the number is paid, ask for the details. `open`: taken, not ended. `ask`: the code says
 * nothing definite. Every other word is the class of a definite refusal.
 */
export type CodeMeaning = 'paid' | 'open' | 'ask' | 'closed' | 'not_found' | RefusalClass;

/** A rail's code with its own words. */
export type RailCode = { readonly code: string; readonly message: string };

export function unknownOutcome(detail: string): AttemptOutcome {
  return { kind: 'unknown', detail: toDetail(detail) };
}

/**
 * The outcome of a coded refusal. `paid` and `ask` come back as `unknown`: only a query can say
 * what they are, and whoever calls this may follow it with one.
 */
export function outcomeOfCode(
  table: Readonly<Record<string, CodeMeaning>>,
  { code, message }: RailCode,
): AttemptOutcome {
  const meaning = listed(table, code);
  switch (meaning) {
    case undefined:
      return unknownOutcome(`unlisted code ${code} ${message}`);
    case 'paid':
    case 'ask':
      return unknownOutcome(`${code} ${message}`);
    case 'open':
      return { kind: 'accepted' };
    case 'closed':
    case 'not_found':
      return { kind: meaning };
    case 'funds':
    case 'limit':
    case 'technical':
    case 'account':
    case 'mandate':
    case 'risk':
    case 'reschedule':
    case 'merchant_fault':
      return {
        kind: 'refused',
        refusal: { class: meaning, code: toDetail(code), message: toDetail(message) },
      };
  }
}

/** A success that names another amount than the one sent is not our success: somebody must look. */
export function requirePaid(outcome: AttemptOutcome, sent: Money): AttemptOutcome {
  if (outcome.kind !== 'succeeded') return outcome;
  const { minor, currency } = outcome.paid;
  if (minor === sent.minor && currency === sent.currency) return outcome;
  return unknownOutcome(`the reply names ${minor} where ${sent.minor} was sent`);
}
