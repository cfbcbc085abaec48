/**
 * Looks a rail's word up in one of its tables; undefined when it is absent or not listed. A word
 * such as `constructor` is not listed either, whatever objects inherit.
 */
export function listed<T>(
  table: Readonly<Record<string, T>>,
  word: string | undefined,
): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
