/** One element: its name without prefix, its text and the children that were kept. */
export type XmlNode = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  text: string;
  readonly children: XmlNode[];
};

/** An element that has ended, with the elements around it as far as they are known. */
export type CutElement = { readonly node: XmlNode; readonly parents: readonly XmlNode[] };

/** Thrown for anything that is not a whole, plain XML file. The sentence quotes nothing of it. */
export class XmlUnreadable extends Error {
  override readonly name = 'XmlUnreadable';
}

/** Bytes of the largest file that is read: ten statements of 100,000 entries each. */
export const XML_MAX_BYTES = 1024 * 1024 * 1024;
/** Characters of one tag or one piece of text; the schemas allow a few hundred. */
const TOKEN_MAX = 64 * 1024;
/** The schemas nest at most fifteen deep. */
const DEPTH_MAX = 40;
/** Elements kept outside the ones that are cut out: headers and balances, some dozens. */
const KEPT_MAX = 50_000;

/**
 * Reads XML as a stream: each element whose name is in `cut` is handed out when it ends and then
 * forgotten, so that a statement of a hundred megabytes needs the memory of one entry. The root
 * comes last, when the file has proved whole. Document types are refused before anything could be
 * expanded (XXE, billion laughs), and so is every entity that XML itself does not define.
 */
export async function* cutElements(
  chunks: AsyncIterable<Uint8Array>,
  cut: ReadonlySet<string>,
): AsyncGenerator<CutElement> {
  const reader = new Reader(cut);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > XML_MAX_BYTES) throw tooLong();
    yield* reader.take(decode(decoder, chunk));
  }
  yield* reader.take(decode(decoder));
  yield reader.end();
}

/** What is said of a file that is longer than {@link XML_MAX_BYTES}. */
export function tooLong(size?: number): XmlUnreadable {
  const told = size === undefined ? 'is longer than' : `has ${size} bytes, more than`;
  return new XmlUnreadable(`The file ${told} the ${XML_MAX_BYTES} bytes that one may have.`);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new XmlUnreadable('The file is not UTF-8.');
  }
}

class Reader {
  readonly #cut: ReadonlySet<string>;
  readonly #stack: XmlNode[] = [];
  #rest = '';
  #root: XmlNode | undefined;
  #kept = 0;

  constructor(cut: ReadonlySet<string>) {
    this.#cut = cut;
  }

  *take(text: string): Generator<CutElement> {
    this.#rest += text;
    let from = 0;
    let next = this.#token(from);
    while (next !== undefined) {
      const ended = this.#accept(next.token, next.start);
      if (ended !== undefined) yield ended;
      from = next.until;
      next = this.#token(from);
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length > TOKEN_MAX) throw new XmlUnreadable('A tag or a text is too long.');
  }

  /** The next whole tag from `from` with the text before it, or undefined when more must come. */
  #token(from: number) {
    const rest = this.#rest;
    const start = rest.indexOf('<', from);
    if (start < 0) return undefined;
    const isComment = rest.startsWith('<!--', start);
    if (!isComment && '<!--'.startsWith(rest.slice(start, start + 4))) return undefined;
    const end = rest.indexOf(isComment ? '-->' : '>', isComment ? start + 4 : start);
    if (end < 0) return undefined;
    const until = isComment ? end + 2 : end;
    if (start - from > TOKEN_MAX) throw new XmlUnreadable('A text is too long.');
    const token = { tag: rest.slice(start, until + 1), text: rest.slice(from, start) };
    return { token, start, until: until + 1 };
  }

  #accept(token: { readonly tag: string; readonly text: string }, start: number) {
    const { tag, text } = token;
    const top = this.#stack.at(-1);
    if (top !== undefined) top.text += decodeText(text);
    else if (/\S/.test(text)) throw new XmlUnreadable('There is text outside the root element.');
    if (tag.startsWith('<!--')) return undefined;
    if (tag.startsWith('<!')) {
      throw new XmlUnreadable(
        'The file has a document type or a CDATA section; it has to be plain.',
      );
    }
    if (tag.startsWith('<?')) return this.#declaration(tag, start);
    if (tag.startsWith('</')) return this.#close(localName(tag.slice(2, -1).trim()));
    const isEmpty = tag.endsWith('/>');
    const node = toNode(tag.slice(1, isEmpty ? -2 : -1));
    this.#open(node);
    return isEmpty ? this.#close(node.name) : undefined;
  }

  #declaration(tag: string, start: number): undefined {
    const encoding = /encoding\s*=\s*["']([^"']+)["']/i.exec(tag)?.[1];
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) {
      throw new XmlUnreadable('The file says that it is not UTF-8.');
    }
    if (start > 0 && this.#stack.length > 0 && /^<\?xml\s/i.test(tag)) {
      throw new XmlUnreadable('A second file begins inside the first.');
    }
    return undefined;
  }

  #open(node: XmlNode): void {
    if (this.#stack.length === 0 && this.#root !== undefined) {
      throw new XmlUnreadable('The file has more than one root element.');
    }
    if (this.#stack.length >= DEPTH_MAX) throw new XmlUnreadable('The file nests too deep.');
    this.#root ??= node;
    this.#stack.push(node);
  }

  #close(name: string): CutElement | undefined {
    const node = this.#stack.pop();
    if (node === undefined || node.name !== name) {
      throw new XmlUnreadable('An element ends that has not begun.');
    }
    const parent = this.#stack.at(-1);
    if (this.#cut.has(name)) {
      this.#kept = 0;
      return { node, parents: [...this.#stack] };
    }
    this.#kept += 1;
    if (this.#kept > KEPT_MAX) throw new XmlUnreadable('The file has too many elements.');
    parent?.children.push(node);
    return undefined;
  }

  end(): CutElement {
    if (this.#root === undefined) throw new XmlUnreadable('The file is empty.');
    if (this.#stack.length > 0) throw new XmlUnreadable('The file ends before its last element.');
    if (/\S/.test(this.#rest)) throw new XmlUnreadable('There is text after the root element.');
    return { node: this.#root, parents: [] };
  }
}

function toNode(inside: string): XmlNode {
  const name = /^[^\s/]+/.exec(inside)?.[0] ?? '';
  if (!/^[A-Za-z_][\w.:-]*$/.test(name)) throw new XmlUnreadable('A tag has no proper name.');
  const attributes: Record<string, string> = Object.create(null);
  for (const [, key = '', double, single] of inside
    .slice(name.length)
    .matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes[key] = decodeText(double ?? single ?? '');
  }
  return { name: localName(name), attributes, text: '', children: [] };
}

/** Banks write their files with and without a namespace prefix. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function decodeText(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;]{0,12});?/g, (whole, name: string) => {
    const known = whole.endsWith(';') && Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known !== undefined) return known;
    const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(whole.endsWith(';') ? name : '');
    const point = code === null ? -1 : Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10);
    if (point < 1 || point > 0x10_ff_ff) {
      throw new XmlUnreadable('The file has an entity that XML does not define.');
    }
    return String.fromCodePoint(point);
  });
}

/** The first element at the end of a path of names below `node`. */
export function find(node: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  let place = node;
  for (const name of path) place = place?.children.find((child) => child.name === name);
  return place;
}

/** The text at the end of a path, without the spaces around it; undefined when there is none. */
export function textAt(node: XmlNode | undefined, ...path: readonly string[]): string | undefined {
  const text = find(node, ...path)?.text.trim();
  return text === '' ? undefined : text;
}
