import type { Source } from './source.ts';

/** One SQL statement in small letters, its comments blanked, and where it begins in the file. */
export interface Statement {
  readonly text: string;
  readonly start: number;
  readonly source: Source;
}

/**
 * Splits a migration into statements. Knows comments, quoted text and dollar quotes; offsets stay
 * those of the file.
 */
export function statementsOf(source: Source): readonly Statement[] {
  const text = blankComments(source.text).toLowerCase();
  const statements: Statement[] = [];
  let start = 0;
  for (const end of statementEnds(text)) {
    const part = text.slice(start, end);
    const lead = part.length - part.trimStart().length;
    if (part.trim() !== '') statements.push({ text: part.trim(), start: start + lead, source });
    start = end + 1;
  }
  return statements;
}

/** What may hide a semicolon or a comment mark: quotes, dollar quotes, and comments themselves. */
const TOKENS = /'(?:[^']|'')*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g;

function blankComments(sql: string): string {
  return sql.replace(TOKENS, (token) =>
    token.startsWith('--') || token.startsWith('/*') ? blank(token) : token,
  );
}

function statementEnds(sql: string): readonly number[] {
  const bare = sql.replace(TOKENS, blank);
  const ends = [...bare.matchAll(/;/g)].map(({ index }) => index);
  return [...ends, sql.length];
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** Splits at the commas that are outside brackets and quotes. */
export function splitList(list: string): readonly string[] {
  const bare = list.replace(TOKENS, (token) => '_'.repeat(token.length));
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= bare.length; index += 1) {
    const character = bare[index];
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    const isEnd = character === undefined || (character === ',' && depth === 0);
    if (!isEnd) continue;
    parts.push(list.slice(start, index).trim());
    start = index + 1;
  }
  return parts.filter((part) => part !== '');
}

/** The text between the first bracket at or after `from` and its partner; null without brackets. */
export function bracketed(text: string, from = 0): string | null {
  const bare = text.replace(TOKENS, (token) => '_'.repeat(token.length));
  const open = bare.indexOf('(', from);
  if (open < 0) return null;
  let depth = 0;
  for (let index = open; index < bare.length; index += 1) {
    if (bare[index] === '(') depth += 1;
    if (bare[index] === ')') depth -= 1;
    if (depth === 0) return text.slice(open + 1, index);
  }
  return null;
}

/** The same SQL with its quoted texts emptied; words inside them mean nothing. */
export function withoutTexts(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'/g, "''");
}

/** A name without quotes and schema. */
export function bareName(name: string): string {
  return name.replaceAll('"', '').split('.').at(-1) ?? name;
}
