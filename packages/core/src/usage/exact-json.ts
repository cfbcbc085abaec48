/** Significant digits that a JavaScript number keeps whatever the number. */
const EXACT_DIGITS = 15;

/** Text in which some number may have more digits, or a larger exponent, than stay exact. */
const SUSPECT = /\d[\d.]{15}|\d[eE][+-]?\d{2}/;

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/**
 * Parses JSON without losing a digit: a number that JavaScript would round, or turn into Infinity,
 * is given as its text instead. Throws `SyntaxError` where the text is no JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  // The context with the source text (TC39 proposal-json-parse-with-source) is not in the types.
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

const keepDigits: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const digits = context.source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return digits.length <= EXACT_DIGITS && Number.isFinite(value) ? value : context.source;
};

/**
 * The plain decimal text of a JSON number; undefined where none is exact. Small numbers that
 * JavaScript prints with an exponent (0.0000001 as 1e-7) are written out.
 */
export function decimalTextOf(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e');
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  if (exponent === undefined) {
    return digits.length <= EXACT_DIGITS || Number.isSafeInteger(value) ? text : undefined;
  }
  if (!exponent.startsWith('-') || digits.length > EXACT_DIGITS) return undefined;
  const zeros = '0'.repeat(Number.parseInt(exponent.slice(1), 10) - 1);
  return `${mantissa.startsWith('-') ? '-' : ''}0.${zeros}${digits}`;
}
