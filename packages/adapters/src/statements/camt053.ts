import {
  type BankStatement,
  type Currency,
  type Money,
  negate,
  type StatementFile,
  type StatementReader,
  type StatementReading,
} from '@daikou/core';
import { XMLParser } from 'fast-xml-parser';
import {
  amountOf,
  currencyOf,
  dateOf,
  numberLines,
  type RawLine,
  reading,
  STATEMENT_MAX_BYTES,
  StatementDamaged,
  sha256,
  textOf,
  wordsOf,
} from './reading.ts';

/** Elements that may stand more than once: they are lists even when there is one. */
const LISTS: ReadonlySet<string> = new Set(['Stmt', 'Bal', 'Ntry', 'NtryDtls', 'TxDtls', 'Ustrd']);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  removeNSPrefix: true,
  isArray: (name) => LISTS.has(name),
});

type Node = { readonly [name: string]: unknown };

/**
 * ISO 20022 camt.053.001.xx (BankToCustomerStatement), any version from .02 on: they differ in
 * details that we do not read, but for `Sts`, which is a code before .08 and an element after.
 */
export const camt053Reader: StatementReader = {
  id: 'camt.053',
  format: 'camt.053',
  read: (file) => reading(() => readDocument(file)),
};

function readDocument(file: StatementFile): StatementReading {
  const start = Buffer.from(file.bytes.subarray(0, 4096)).toString('latin1');
  if (!start.includes('camt.053.001.')) return { kind: 'other_format' };
  if (file.bytes.length > STATEMENT_MAX_BYTES) throw new StatementDamaged('The file is too large.');
  const text = textOf(file.bytes);
  if (text === undefined) throw new StatementDamaged('The file is not UTF-8.');
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) {
    throw new StatementDamaged('The file declares a document type, which no bank’s statement has.');
  }
  if (!/<\/(?:\w+:)?Document>\s*$/.test(text)) throw new StatementDamaged('The file is cut off.');
  let document: Node;
  try {
    document = parser.parse(text) as Node;
  } catch {
    throw new StatementDamaged('The file is not XML.');
  }
  const statements = list(child(document, 'Document', 'BkToCstmrStmt'), 'Stmt');
  if (statements.length === 0) throw new StatementDamaged('The file has no statement.');
  return { kind: 'ready', statements: statements.map((node) => toStatement(file, node)) };
}

function child(node: Node | undefined, ...names: readonly string[]): Node | undefined {
  let found: unknown = node;
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Node)[name];
  }
  return typeof found === 'object' && found !== null ? (found as Node) : undefined;
}

function list(node: Node | undefined, name: string): readonly Node[] {
  const found = node?.[name];
  return Array.isArray(found) ? (found as readonly Node[]) : [];
}

/** The text at a path: an element's own, or that of one with attributes. */
function text(node: Node | undefined, ...names: readonly string[]): string | undefined {
  let found: unknown = node;
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Node)[name];
  }
  if (typeof found === 'string') return unescapeXml(found);
  const own = (found as Node | undefined)?.['#text'];
  return typeof own === 'string' ? unescapeXml(own) : undefined;
}

const PREDEFINED: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function unescapeXml(value: string): string {
  return value.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => PREDEFINED[entity] ?? entity);
}

/** `Amt` with its currency and side; a debit is less than zero. */
function signedAmount(node: Node, place: string): Money {
  const currency = currencyOf(text(node, 'Amt', '@Ccy') ?? '', place);
  const amount = amountOf(text(node, 'Amt') ?? '', currency, place);
  const side = text(node, 'CdtDbtInd');
  if (side === 'CRDT') return amount;
  if (side === 'DBIT') return negate(amount);
  throw new StatementDamaged(`${place}: “${side}” is neither CRDT nor DBIT.`);
}

function balance(node: Node, codes: readonly string[]): Money | undefined {
  const found = list(node, 'Bal').find((one) =>
    codes.includes(text(one, 'Tp', 'CdOrPrtry', 'Cd') ?? ''),
  );
  return found === undefined ? undefined : signedAmount(found, 'Bal');
}

function toStatement(file: StatementFile, node: Node): BankStatement {
  const opening = balance(node, ['OPBD', 'PRCD']);
  const closing = balance(node, ['CLBD']);
  const lines = list(node, 'Ntry').flatMap((entry, index) => toLine(entry, index + 1));
  const named = text(node, 'Acct', 'Ccy');
  const currency: Currency | undefined =
    opening?.currency ?? (named === undefined ? undefined : currencyOf(named, 'Acct'));
  const known = currency ?? lines[0]?.amount.currency;
  if (known === undefined) throw new StatementDamaged('The statement names no currency.');
  const days = lines.map(({ bookedOn }) => bookedOn).sort(Temporal.PlainDate.compare);
  const from = text(node, 'FrToDt', 'FrDtTm')?.slice(0, 10);
  const until = text(node, 'FrToDt', 'ToDtTm')?.slice(0, 10) ?? text(node, 'CreDtTm')?.slice(0, 10);
  const first = from === undefined ? days.at(0) : dateOf(from, 'FrToDt');
  const last = until === undefined ? days.at(-1) : dateOf(until, 'FrToDt');
  const today = last ?? first;
  if (today === undefined) throw new StatementDamaged('The statement names no day.');
  return {
    account: file.account,
    format: 'camt.053',
    currency: known,
    from: earlier(first ?? today, days.at(0) ?? today),
    until: today,
    ...(opening === undefined ? {} : { opening }),
    ...(closing === undefined ? {} : { closing }),
    contentHash: file.contentHash,
    lines: numberLines(lines),
  };
}

function earlier(left: Temporal.PlainDate, right: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(left, right) <= 0 ? left : right;
}

/** Booked entries only: pending and informational ones are no money yet. */
function toLine(entry: Node, number: number): readonly RawLine[] {
  const status = text(entry, 'Sts', 'Cd') ?? text(entry, 'Sts');
  if (status !== 'BOOK') return [];
  const place = `Ntry ${number}`;
  const amount = signedAmount(entry, place);
  if (amount.minor === 0n) return [];
  const booked = text(entry, 'BookgDt', 'Dt') ?? text(entry, 'BookgDt', 'DtTm')?.slice(0, 10);
  if (booked === undefined) throw new StatementDamaged(`${place} has no booking date.`);
  const value = text(entry, 'ValDt', 'Dt');
  const details = list(entry, 'NtryDtls').flatMap((one) => list(one, 'TxDtls'));
  const reference = text(entry, 'AcctSvcrRef') ?? text(entry, 'NtryRef');
  const isIncome = amount.minor > 0n;
  const counterparty = wordsOf(
    ...details.map((one) => text(one, 'RltdPties', isIncome ? 'Dbtr' : 'Cdtr', 'Nm')),
    ...details.map((one) => text(one, 'RltdPties', isIncome ? 'Dbtr' : 'Cdtr', 'Pty', 'Nm')),
  );
  const remittance = wordsOf(...details.flatMap(remittanceOf), text(entry, 'AddtlNtryInf'));
  return [
    {
      bookedOn: dateOf(booked, place),
      ...(value === undefined ? {} : { valueOn: dateOf(value, place) }),
      amount,
      ...(counterparty === undefined ? {} : { counterparty }),
      ...(remittance === undefined ? {} : { remittance }),
      ...(reference === undefined ? {} : { bankReference: reference }),
      rawHash: sha256(JSON.stringify(entry)),
    },
  ];
}

function remittanceOf(details: Node): readonly (string | undefined)[] {
  const free = child(details, 'RmtInf')?.['Ustrd'];
  const words = Array.isArray(free) ? free.map((one) => unescapeXml(String(one))) : [];
  return [
    ...words,
    text(details, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref'),
    text(details, 'Refs', 'EndToEndId'),
  ];
}
