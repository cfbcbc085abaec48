import { invariant } from '../result/invariant.ts';

/** `numerator` / `denominator`, half up away from zero (DESIGN §8): 2.5 → 3, −2.5 → −3. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  invariant(denominator > 0n, 'the denominator is positive');
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const rounded = (magnitude * 2n + denominator) / (denominator * 2n);
  return negative ? -rounded : rounded;
}

/** `numerator` / `denominator`, rounded down towards minus infinity. */
export function divideDown(numerator: bigint, denominator: bigint): bigint {
  invariant(denominator > 0n, 'the denominator is positive');
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}
