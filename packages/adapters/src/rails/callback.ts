import type { CallbackAnswer, CallbackReading, CallbackRefusal, RawCallback } from '@daikou/core';

/** Longest callback that is read, in bytes. The rails' own messages stay below 8 KB. */
export const CALLBACK_LIMIT_BYTES = 64 * 1024;

/** HTTP status of each refusal. None is 2xx: the rail must see that the message was not taken. */
const STATUS: Readonly<Record<CallbackRefusal, number>> = {
  bad_signature: 401,
  stale: 401,
  malformed: 400,
  too_large: 413,
  not_for_us: 403,
  unsupported: 501,
};

/** Builds a refusal with the body that `answer` gives for the reason. */
export function refuseCallback(
  reason: CallbackRefusal,
  answer: (reason: CallbackRefusal) => Omit<CallbackAnswer, 'status'>,
): CallbackReading {
  return { kind: 'refused', reason, answer: { status: STATUS[reason], ...answer(reason) } };
}

/** The value of a header, whatever the case of its name. */
export function headerOf(raw: RawCallback['headers'], name: string): string | undefined {
  const lower = name.toLowerCase();
  const direct = raw[lower];
  if (direct !== undefined) return direct;
  return Object.entries(raw).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/** UTF-8 text of the bytes, or undefined when they are not UTF-8. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
