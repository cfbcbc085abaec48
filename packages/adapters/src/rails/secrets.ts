import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two texts are equal, in a time that tells nothing about where they differ. Both are
 * hashed first, so that texts of different length take the same time too.
 */
export function sameText(left: string, right: string): boolean {
  return timingSafeEqual(hash(left), hash(right));
}

function hash(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** What a log shows in place of a secret: that it is set, and nothing of it. */
export function redacted(secret: string): string {
  return secret === '' ? '(not set)' : '(set)';
}
