import { readFileSync } from 'node:fs';
import type { AccountLabel } from '@daikou/core';

type CardType = NonNullable<AccountLabel['cardType']>;

/** What the directory says of a card number. */
export type CardListing = {
  /** The issuer's Chinese name; absent when the directory has the prefix and no name for it. */
  readonly issuer?: string;
  readonly cardType: CardType;
  /** The number has the length that this issuer gives such cards. */
  readonly isLengthRight: boolean;
};

type Prefix = { readonly bank: string; readonly cardType: CardType; readonly length: number };

const CARD_TYPES: Readonly<Record<string, CardType>> = {
  DC: 'debit',
  CC: 'credit',
  SCC: 'quasi_credit',
  PC: 'prepaid',
};

/** Shortest and longest prefix of the directory, in digits. */
const PREFIX_LENGTHS = { shortest: 3, longest: 10 } as const;

/** Shortest and longest card number, in digits (ISO/IEC 7812-1; Chinese issuers use 15 to 19). */
const NUMBER = /^\d{12,19}$/;

type Directory = {
  readonly prefixes: ReadonlyMap<string, readonly Prefix[]>;
  readonly banks: ReadonlyMap<string, string>;
};

let opened: Directory | undefined;

/** The directory is read when the first card is looked up, and kept: 40 KB of text. */
function directory(): Directory {
  opened ??= { prefixes: readPrefixes(), banks: readBanks() };
  return opened;
}

function rowsOf(name: string): readonly (readonly string[])[] {
  const file = new URL(`../../data/card-bins/${name}.csv`, import.meta.url);
  const [, ...lines] = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => line.trim().split(','));
}

function readPrefixes(): ReadonlyMap<string, readonly Prefix[]> {
  const prefixes = new Map<string, Prefix[]>();
  for (const [prefix = '', bank = '', type = '', length = ''] of rowsOf('bins')) {
    const cardType = CARD_TYPES[type];
    if (cardType === undefined) continue;
    const entry = { bank, cardType, length: Number.parseInt(length, 10) };
    prefixes.set(prefix, [...(prefixes.get(prefix) ?? []), entry]);
  }
  return prefixes;
}

function readBanks(): ReadonlyMap<string, string> {
  return new Map(rowsOf('banks').map(([bank = '', name = '']) => [bank, name] as const));
}

/**
 * Issuer and type by the longest prefix that the directory has, or undefined when it has none: new
 * prefixes appear every year, so an unknown card is not a wrong one. One prefix may stand for cards
 * of several lengths and issuers: the longest one for a number of this length is meant, and only
 * when there is none the longest of all.
 */
export function lookUpCard(number: string): CardListing | undefined {
  if (!NUMBER.test(number)) return undefined;
  const found = prefixesOf(number);
  const entry = found.find((one) => one.length === number.length) ?? found[0];
  if (entry === undefined) return undefined;
  const issuer = directory().banks.get(entry.bank);
  return {
    ...(issuer === undefined ? {} : { issuer }),
    cardType: entry.cardType,
    isLengthRight: entry.length === number.length,
  };
}

/** Every entry that begins the number, the longest prefix first. */
function prefixesOf(number: string): readonly Prefix[] {
  const found: Prefix[] = [];
  for (let length = PREFIX_LENGTHS.longest; length >= PREFIX_LENGTHS.shortest; length -= 1) {
    found.push(...(directory().prefixes.get(number.slice(0, length)) ?? []));
  }
  return found;
}

/** Whether `number` is 12 to 19 digits with the right check digit (Luhn, ISO/IEC 7812-1). */
export function isCardNumber(number: string): boolean {
  if (!NUMBER.test(number)) return false;
  let sum = 0;
  for (let place = 0; place < number.length; place += 1) {
    const digit = number.charCodeAt(number.length - 1 - place) - 0x30;
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** All that may be kept of a card number: the first six digits, the last four, issuer and type. */
export function labelOfCard(number: string): AccountLabel {
  const listing = lookUpCard(number);
  return {
    kind: 'card',
    bin: number.slice(0, 6),
    lastFour: number.slice(-4),
    ...(listing === undefined ? {} : { cardType: listing.cardType }),
    ...(listing?.issuer === undefined ? {} : { issuer: listing.issuer }),
  };
}
