import { XMLParser } from 'fast-xml-parser';
import type { Params } from './signature.ts';

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // V2 values are signed as they are; trimming one would break its signature.
  trimValues: false,
});

/**
 * Reads a flat `<xml>` message. Undefined when it is not one: not XML, nested, a repeated field,
 * or with
 * a DOCTYPE or ENTITY declaration (which no V2 message needs and an attacker does).
 */
export function parseXml(text: string): Params | undefined {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let root: unknown;
  try {
    root = (parser.parse(text) as Record<string, unknown>)['xml'];
  } catch {
    return undefined;
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return undefined;
  const params: Record<string, string> = {};
  for (const [key, value] of Object.entries(root)) {
    if (key === '#text') continue;
    if (typeof value !== 'string') return undefined;
    params[key] = value;
  }
  return params;
}

/** Writes a flat message, values in CDATA. */
export function buildXml(params: Params, root = 'xml'): string {
  const fields = Object.entries(params).map(
    ([key, value]) => `<${key}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${key}>`,
  );
  return `<${root}>\n${fields.join('\n')}\n</${root}>`;
}
