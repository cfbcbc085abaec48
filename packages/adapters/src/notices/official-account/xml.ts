import { XMLParser } from 'fast-xml-parser';

/** Entities are never expanded by the parser: document types are refused before it sees a byte. */
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: true,
});

/**
 * The flat fields of an event (`<xml>` with children), or undefined when the text is anything else,
 * or has a document type or an entity declaration. Nested and repeated fields, which other events
 * have, are left out: what a user wrote inside one never reads as a field.
 */
export function parseEventXml(text: string): Readonly<Record<string, string>> | undefined {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let root: unknown;
  try {
    const document: unknown = parser.parse(text, true);
    root = typeof document === 'object' && document !== null ? Reflect.get(document, 'xml') : null;
  } catch {
    return undefined;
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return undefined;
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(root)) {
    if (typeof value === 'string') fields[name] = value;
  }
  return fields;
}
