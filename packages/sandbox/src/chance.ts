import { createHash } from 'node:crypto';

/**
 * Returns 0–9999 from the text alone (the first 48 bits of its SHA-256, modulo 10000).
 *
 * Every draw of the sandbox goes through here, so that the same seed and the same names give the
 * same
 * world on every machine, whatever the ports, the ids and the order of arrival.
 */
export function drawBasisPoints(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(parts.join('|')).digest().readUIntBE(0, 6) % 10_000;
}

/** Returns `length` decimal digits from the text alone, for ids that look like a rail's. */
export function digitsFrom(length: number, ...parts: readonly (string | number)[]): string {
  const hash = createHash('sha512').update(parts.join('|')).digest('hex');
  return BigInt(`0x${hash}`).toString().slice(-length).padStart(length, '0');
}
