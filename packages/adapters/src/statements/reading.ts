import { createHash } from 'node:crypto';
import {
  type BankStatementLine,
  type Currency,
  isCurrency,
  type Money,
  parseAmount,
  type StatementReading,
} from '@daikou/core';
import iconv from 'iconv-lite';

/** Statements above this are refused: no bank hands out such a file for a day or a month. */
export const STATEMENT_MAX_BYTES = 64 * 1024 * 1024;

/** What makes a file unreadable. Thrown inside a reader only; `reading` turns it into `damaged`. */
export class StatementDamaged extends Error {
  override readonly name = 'StatementDamaged';
}

/** Runs a reader; what it says is damaged comes back as a value. */
export function reading(read: () => StatementReading): StatementReading {
  try {
    return read();
  } catch (error) {
    if (error instanceof StatementDamaged) return { kind: 'damaged', detail: error.message };
    throw error;
  }
}

/**
 * The text of a file: UTF-8 with or without a byte order mark, UTF-16 by its mark, else GB18030,
 * which contains GBK and GB2312. Undefined where the bytes are no text in any of them.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decode(bytes.subarray(2), 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decode(bytes.subarray(2), 'utf-16be');
  if (bytes.includes(0)) return undefined;
  const text = utf8(bytes) ?? iconv.decode(Buffer.from(bytes), 'gb18030');
  return text.includes('\u{fffd}') ? undefined : text.replace(/^\u{feff}/u, '');
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  return iconv.decode(Buffer.from(bytes), encoding);
}

/** What banks write for a currency, besides its ISO code. */
const CURRENCY_WORDS: Readonly<Record<string, Currency>> = {
  人民币: 'CNY',
  人民币元: 'CNY',
  RMB: 'CNY',
  '01': 'CNY',
  美元: 'USD',
  欧元: 'EUR',
  港币: 'HKD',
};

/** The currency that a bank's word names; throws where we do not know it. */
export function currencyOf(word: string, place: string): Currency {
  const known = CURRENCY_WORDS[word] ?? word;
  if (isCurrency(known)) return known;
  throw new StatementDamaged(`${place}: the currency “${word}” is not known.`);
}

/**
 * An amount as banks write it: thousands separated by commas, a currency sign, a plus sign. Throws
 * on anything that is not exactly one amount; a reader never guesses.
 */
export function amountOf(text: string, currency: Currency, place: string): Money {
  const plain = text.replace(/^[¥￥$€]/, '').replace(/^\+/, '');
  const grouped = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain);
  const parsed = parseAmount(grouped ? plain.replaceAll(',', '') : plain, currency);
  if (parsed.ok) return parsed.value;
  throw new StatementDamaged(`${place}: “${text.slice(0, 20)}” is not an amount.`);
}

/** A date written as 2026-12-01, 2026/12/1, 2026年12月01日 or 20261201. */
export function dateOf(text: string, place: string): Temporal.PlainDate {
  const match =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})(?:[ T]?\d{2}:?\d{2}:?\d{2})?$/.exec(text);
  try {
    const [, year = '', month = '', day = ''] = match ?? [];
    const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    return Temporal.PlainDate.from(iso);
  } catch {
    throw new StatementDamaged(`${place}: “${text.slice(0, 20)}” is not a date.`);
  }
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A run of digits or masked digits as long as an account: never part of a counterparty's name. */
const ACCOUNT_NUMBER = /[ -]*[0-9*Xx]{6,}$|[0-9*]{9,}/g;

/** The name alone of a counterparty; banks write the account's number behind it. */
export function nameOnly(text: string): string | undefined {
  const name = text
    .replace(ACCOUNT_NUMBER, '')
    .replace(/^[-/ ]+$/, '')
    .trim();
  return name === '' ? undefined : name;
}

/** Text of a line for people; dashes that stand for "nothing" are nothing. */
export function wordsOf(...parts: readonly (string | undefined)[]): string | undefined {
  const words = parts
    .map((part) => part?.trim().replace(/^[-/]+$/, '') ?? '')
    .filter((part, index, all) => part !== '' && all.indexOf(part) === index);
  return words.length === 0 ? undefined : words.join(' · ');
}

/** A line before its number is known. */
export type RawLine = Omit<BankStatementLine, 'lineNumber' | 'bankReference'> & {
  readonly bankReference?: string;
};

/**
 * Numbers the lines, oldest first, and names those to which the bank gave no number by the hash of
 * what it wrote; the second of two equal lines gets a name of its own, so that neither is lost.
 */
export function numberLines(lines: readonly RawLine[]): readonly BankStatementLine[] {
  const seen = new Map<string, number>();
  return lines.map((line, index) => {
    const name = line.bankReference ?? line.rawHash;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    // A number of the bank that comes twice is told by the check; a hash is only our own name.
    const isOurs = line.bankReference === undefined;
    const bankReference = isOurs && count > 1 ? sha256(`${name} ${count}`) : name;
    return { ...line, bankReference, lineNumber: index + 1 };
  });
}
