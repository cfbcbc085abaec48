import iconv from 'iconv-lite';

/** Deepest nesting of multiparts that is read; real mail needs two or three. */
const DEEPEST = 8;

/** What tests and people want to see of a mail. Header names are lower case. */
export interface Mail {
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly bytes: number;
  }[];
}

/**
 * Reads a mail: decoded headers, the first plain text, the first HTML and the names of the rest.
 */
export function parseMail(raw: Buffer): Mail {
  const source = raw.toString('latin1').replace(/\r?\n/g, '\r\n');
  const { rawHeaders, headers, body } = split(source);
  const found = { text: '', html: '', attachments: [] as Mail['attachments'][number][] };
  collect({ headers, body }, found, 0);
  const decoded = Object.entries(headers).map(([name, value]) => [name, decodeWords(value)]);
  return { headers: Object.fromEntries(decoded), rawHeaders, ...found };
}

interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function split(source: string): Part & { readonly rawHeaders: string } {
  // A part may have no headers at all; it then begins with the empty line.
  if (source.startsWith('\r\n')) return { rawHeaders: '', headers: {}, body: source.slice(2) };
  const gap = source.indexOf('\r\n\r\n');
  const rawHeaders = gap < 0 ? source : source.slice(0, gap);
  const headers: Record<string, string> = {};
  for (const line of rawHeaders.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !(name in headers)) headers[name] = line.slice(colon + 1).trim();
  }
  return { rawHeaders, headers, body: gap < 0 ? '' : source.slice(gap + 4) };
}

function collect(
  part: Part,
  found: { text: string; html: string; attachments: Mail['attachments'][number][] },
  depth: number,
): void {
  const type = (part.headers['content-type'] ?? 'text/plain').toLowerCase();
  const boundary = parameterOf(part.headers['content-type'], 'boundary');
  if (type.startsWith('multipart/') && boundary !== undefined) {
    if (depth >= DEEPEST) return;
    const pieces = part.body.split(`--${boundary}`).slice(1, -1);
    for (const piece of pieces) collect(split(piece.replace(/^\r\n|\r\n$/g, '')), found, depth + 1);
    return;
  }
  const bytes = decodeBody(part);
  const disposition = part.headers['content-disposition'] ?? '';
  const isText = !disposition.startsWith('attachment');
  const charset = parameterOf(part.headers['content-type'], 'charset') ?? 'utf-8';
  const words = () => iconv.decode(bytes, iconv.encodingExists(charset) ? charset : 'utf-8');
  if (isText && type.startsWith('text/plain') && found.text === '') found.text = words();
  else if (isText && type.startsWith('text/html') && found.html === '') found.html = words();
  else {
    const name = parameterOf(disposition, 'filename') ?? '';
    found.attachments.push({ name, type: type.split(';')[0] ?? '', bytes: bytes.length });
  }
}

function parameterOf(header: string | undefined, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}="?([^";]+)"?`, 'i').exec(header ?? '');
  return match?.[1];
}

function decodeBody(part: Part): Buffer {
  const encoding = (part.headers['content-transfer-encoding'] ?? '7bit').toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.body, 'base64');
  if (encoding === 'quoted-printable') return decodeQuoted(part.body.replace(/=\r\n/g, ''));
  return Buffer.from(part.body, 'latin1');
}

function decodeQuoted(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

/** Decodes RFC 2047 words; two neighbours lose the space between them. */
function decodeWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  const decoded = joined.replace(/=\?([^?]+)\?([BbQq])\?([^?]*)\?=/g, (word) => {
    const [, charset = '', kind = '', text = ''] = word.split('?');
    const quoted = kind.toUpperCase() === 'Q';
    const bytes = quoted ? decodeQuoted(text.replaceAll('_', ' ')) : Buffer.from(text, 'base64');
    return iconv.decode(bytes, iconv.encodingExists(charset) ? charset : 'utf-8');
  });
  // Raw UTF-8 in a header (SMTPUTF8) was read byte by byte above.
  return decoded === value ? Buffer.from(value, 'latin1').toString('utf8') : decoded;
}
