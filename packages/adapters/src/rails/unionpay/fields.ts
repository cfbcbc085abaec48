import { utf8Of } from '../callback.ts';

/** The fields of a message: name → value, decoded. Created without a prototype. */
export type Fields = Readonly<Record<string, string>>;

/** Builds fields from pairs; undefined when a name comes twice: nobody knows which one counts. */
function fromPairs(pairs: Iterable<readonly [string, string]>): Fields | undefined {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    if (name === '' || fields[name] !== undefined) return undefined;
    fields[name] = value;
  }
  return fields;
}

/** Reads a form post (notices); undefined when it is not UTF-8 or names a field twice. */
export function parseForm(body: Uint8Array): Fields | undefined {
  const text = utf8Of(body);
  return text === undefined ? undefined : fromPairs(new URLSearchParams(text));
}

/**
 * Reads the text of a reply: `k=v&k=v` with values as they are, not URL-encoded. An ampersand
 * inside braces belongs to the value (`tokenPayData={token=…&trId=…}`).
 */
export function parseReplyText(text: string): Fields | undefined {
  const pairs: (readonly [string, string])[] = [];
  let depth = 0;
  let start = 0;
  for (let place = 0; place <= text.length; place += 1) {
    const sign = text[place];
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    if (place < text.length && (sign !== '&' || depth > 0)) continue;
    const pair = pairOf(text.slice(start, place));
    if (pair === undefined) return undefined;
    pairs.push(pair);
    start = place + 1;
  }
  return fromPairs(pairs);
}

function pairOf(text: string): readonly [string, string] | undefined {
  const equals = text.indexOf('=');
  return equals <= 0 ? undefined : [text.slice(0, equals), text.slice(equals + 1)];
}

/** Reads `{k=v&k=v}`; undefined when it is not so written. */
export function parseBraces(text: string | undefined): Fields | undefined {
  const inner = /^\{(.+)\}$/s.exec(text ?? '')?.[1];
  return inner === undefined ? undefined : parseReplyText(inner);
}

/** Writes `{k=v&k=v}`, the form of `tokenPayData` and of the text inside `customerInfo`. */
export function formatBraces(fields: Fields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return `{${pairs.join('&')}}`;
}

/** A value that is there and not empty. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  return fields[name] === '' ? undefined : fields[name];
}
