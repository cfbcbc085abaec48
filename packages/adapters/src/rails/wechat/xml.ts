import { XMLParser } from 'fast-xml-parser';
import { utf8Of } from '../callback.ts';

/** A flat V2 message: field → raw value. Created without a prototype. */
export type Fields = Readonly<Record<string, string | undefined>>;

const CDATA = '#cdata';
const TEXT = '#text';

/** Entities are never expanded by the parser: document types are refused before it sees a byte. */
const parser = new XMLParser({
  ignoreAttributes: false,
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  cdataPropName: CDATA,
  textNodeName: TEXT,
});

/** The five entities that XML itself defines; outside CDATA they may stand in a value. */
const PREDEFINED: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/**
 * Reads the bytes of a V2 message (`<xml>` with flat children) or undefined when they are anything
 * else: not UTF-8, a document type or an entity declaration (XXE, billion laughs), nested or
 * repeated fields.
 */
export function parseFlatXml(bytes: Uint8Array, root: 'xml' | 'root' = 'xml'): Fields | undefined {
  const text = utf8Of(bytes);
  if (text === undefined || /<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let document: unknown;
  try {
    document = parser.parse(text, true);
  } catch {
    return undefined;
  }
  if (!isRecord(document) || Object.keys(document).some((key) => key !== root && key !== TEXT)) {
    return undefined;
  }
  return fieldsOf(document[root]);
}

function fieldsOf(node: unknown): Fields | undefined {
  if (!isRecord(node)) return undefined;
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(node)) {
    if (name === TEXT) continue;
    const text = textOfNode(value);
    if (text === undefined) return undefined;
    fields[name] = text;
  }
  return fields;
}

function textOfNode(node: unknown): string | undefined {
  if (typeof node === 'string') return decode(node);
  if (!isRecord(node)) return undefined;
  const { [CDATA]: cdata, [TEXT]: text = '', ...others } = node;
  if (typeof cdata !== 'string' || typeof text !== 'string') return undefined;
  // Spaces around the CDATA section are layout; anything else beside it is not V2.
  return Object.keys(others).length === 0 && text.trim() === '' ? cdata : undefined;
}

function decode(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => PREDEFINED[entity] ?? entity);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answer that WeChat's V2 callbacks want. */
export function answerXml(code: 'SUCCESS' | 'FAIL', message: string): string {
  return (
    `<xml><return_code><![CDATA[${code}]]></return_code>` +
    `<return_msg><![CDATA[${message}]]></return_msg></xml>`
  );
}
