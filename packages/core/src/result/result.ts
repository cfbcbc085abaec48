/**
 * What a decision answers: a value, or a refusal from a closed union.
 * Unknown outcomes are values of their own (see `debit/attempt.ts`); crashes are for our bugs only.
 */
export type Result<T, R extends Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R };

/**
 * A refusal names what was refused, in one sentence, and what to do next.
 * `code` is stable and never reused; `field` names the input that caused it where there is one.
 */
export type Refusal<Code extends string = string> = {
  readonly code: Code;
  readonly sentence: string;
  readonly next: string;
  readonly field?: string;
};

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse<R extends Refusal>(refusal: R): { readonly ok: false; readonly refusal: R } {
  return { ok: false, refusal };
}
