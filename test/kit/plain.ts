/**
 * `value` with its instants and dates as text, for comparing: assert.deepEqual sees no difference
 * between two Temporal values, because they have no properties.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if (String(Object.prototype.toString.call(value)).startsWith('[object Temporal.')) {
    return String(value);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
