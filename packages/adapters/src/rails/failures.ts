/** What a failed call proves: that nothing left our process, or nothing at all. */
export type CallFailure = {
  /** True only when no connection was made, so the rail cannot have seen the request. */
  readonly neverSent: boolean;
  /** A short cause for support: a code or a name, never an address, a key or a body. */
  readonly detail: string;
};

/**
 * The codes of Node with which a connection was refused or its host never found. Nothing else is
 * proof: a reset, a time-out or a broken TLS connection may come after the rail has read the
 * request.
 */
const BEFORE_CONNECTING = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** How deep a chain of causes is followed; the clients wrap at most twice. */
const CAUSE_DEPTH = 5;

/**
 * Reads the exception of an HTTP or SMTP client. Anything that is not understood proves nothing.
 */
export function failureOf(error: unknown): CallFailure {
  const codes = codesOf(error, CAUSE_DEPTH);
  const neverSent = codes.length > 0 && codes.every((code) => BEFORE_CONNECTING.has(code));
  return { neverSent, detail: codes[0] ?? nameOf(error) };
}

/** The system codes of an error: its own, or those of its causes where it only wraps them. */
function codesOf(error: unknown, depth: number): readonly string[] {
  if (depth === 0 || typeof error !== 'object' || error === null) return [];
  if (error instanceof AggregateError) {
    return error.errors.flatMap((inner) => codesOf(inner, depth - 1));
  }
  const cause: unknown = Reflect.get(error, 'cause');
  const inner = codesOf(cause, depth - 1);
  if (inner.length > 0) return inner;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? [code] : [];
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
