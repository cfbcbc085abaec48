/** What a rail adds to the common rule for text. */
export type TextRule = {
  /** Longest text in characters. */
  readonly maxLength: number;
  /** Characters that this rail does not take, besides those that none takes. */
  readonly without?: RegExp;
};

/**
 * Text as a rail takes it: characters of one to three bytes of UTF-8 only (no emoji), no control
 * characters, spaces joined, cut to the length. WeChat Pay refuses 4-byte characters in every V2
 * field (quality list point 6); Alipay shows them as question marks.
 */
export function toRailText(text: string, rule: TextRule): string {
  const plain = text
    .replace(/[\u{10000}-\u{10FFFF}\uD800-\uDFFF]/gu, '')
    .replace(rule.without ?? /(?!)/, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zs}]+/gu, ' ')
    .trim();
  return plain.slice(0, rule.maxLength).trim();
}

/** A rail's own words for support: one line, cut. Never used to decide anything. */
export function toDetail(text: string | undefined): string {
  return toRailText(text ?? '', { maxLength: 200 });
}
