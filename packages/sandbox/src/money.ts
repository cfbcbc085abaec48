/**
 * Amounts are `bigint` 分 in arithmetic and whole numbers of 分 on JSON wires; nothing here is a
 * fraction.
 */

/**
 * Reads a yuan text such as `12`, `12.3` or `12.30` as 分; undefined when it is not a positive
 * amount so written.
 */
export function parseYuan(text: unknown): bigint | undefined {
  const plain = typeof text === 'number' ? String(text) : text;
  if (typeof plain !== 'string' || !/^\d{1,9}(\.\d{1,2})?$/.test(plain)) return undefined;
  const [whole = '0', fraction = ''] = plain.split('.');
  const minor = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'));
  return minor > 0n ? minor : undefined;
}

/** Writes 分 as yuan with two decimals, as both rails do in bills and Alipay does everywhere. */
export function formatYuan(minor: bigint | number): string {
  const amount = BigInt(minor);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Reads a positive whole number of 分 such as WeChat's `total_fee`; undefined when it is anything
 * else.
 */
export function parseMinor(text: unknown): bigint | undefined {
  if (typeof text !== 'string' || !/^[1-9]\d{0,11}$/.test(text)) return undefined;
  return BigInt(text);
}

/**
 * Returns the rail's fee in 分 for `rateBasisPoints`, rounded half up, as the bill files show it.
 */
export function feeOf(minor: bigint | number, rateBasisPoints: bigint): bigint {
  return (BigInt(minor) * rateBasisPoints + 5_000n) / 10_000n;
}

/** Returns the sum of amounts in 分. */
export function sumOf(amounts: Iterable<bigint | number>): bigint {
  let total = 0n;
  for (const amount of amounts) total += BigInt(amount);
  return total;
}
