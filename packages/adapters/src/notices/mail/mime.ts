/**
 * Just enough MIME (RFC 2045, 2046) to read a delivery report: headers, and one level of parts.
 * Pure text work with fixed limits; a text that does not fit reads as undefined.
 */
export type MimePart = {
  /** The media type in lower case, without parameters. */
  readonly type: string;
  /** Field names in lower case; the first of a repeated field. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The text after the headers, with LF line ends. */
  readonly body: string;
  /** The parts of a multipart; empty otherwise. */
  readonly parts: readonly MimePart[];
};

/** A report has three parts; more than this many is not one. */
const PART_LIMIT = 20;

/** Parses a whole mail. */
export function parseMime(text: string): MimePart | undefined {
  return parsePart(text.replace(/\r\n?/g, '\n'), 1);
}

function parsePart(text: string, depth: number): MimePart | undefined {
  const isBare = text.startsWith('\n');
  const end = isBare ? 0 : text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(isBare ? 1 : end + 2);
  const headers = parseFields(head);
  const [type = '', ...parameters] = (headers['content-type'] ?? 'text/plain').split(';');
  const media = type.trim().toLowerCase();
  if (!media.startsWith('multipart/') || depth === 0) {
    return { type: media, headers, body, parts: [] };
  }
  const boundary = boundaryOf(parameters);
  if (boundary === undefined) return undefined;
  const pieces = splitParts(body, boundary);
  if (pieces === undefined) return undefined;
  const parts = pieces.map((piece) => parsePart(piece, depth - 1));
  return { type: media, headers, body, parts: parts.filter((part) => part !== undefined) };
}

function boundaryOf(parameters: readonly string[]): string | undefined {
  for (const parameter of parameters) {
    const match = /^\s*boundary\s*=\s*(?:"([^"]{1,70})"|(\S{1,70}))\s*$/i.exec(parameter);
    if (match !== null) return match[1] ?? match[2];
  }
  return undefined;
}

/** The texts between the boundary lines; undefined when the closing one is missing. */
function splitParts(body: string, boundary: string): readonly string[] | undefined {
  const pieces: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split('\n')) {
    const mark = line.trimEnd();
    if (mark === `--${boundary}--`) {
      if (current !== undefined) pieces.push(current.join('\n'));
      return pieces.length > PART_LIMIT ? undefined : pieces;
    }
    if (mark === `--${boundary}`) {
      if (current !== undefined) pieces.push(current.join('\n'));
      current = [];
    } else {
      current?.push(line);
    }
  }
  return undefined;
}

type Fields = Readonly<Record<string, string | undefined>>;

/** Header fields with folded lines joined. */
export function parseFields(text: string): Fields {
  const fields: Record<string, string> = Object.create(null);
  for (const line of text.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    fields[name] ??= line.slice(colon + 1).trim();
  }
  return fields;
}

/** Groups of fields that blank lines part: the body of `message/delivery-status`. */
export function parseFieldGroups(text: string): readonly Fields[] {
  return text
    .split(/\n{2,}/)
    .filter((group) => group.trim() !== '')
    .map(parseFields);
}
