import { type Money, parseAmount } from '@daikou/core';
import { StatementBalance } from './statement-balance.ts';
import {
  type CutElement,
  cutElements,
  find,
  textAt,
  type XmlNode,
  XmlUnreadable,
} from './xml-stream.ts';

/** What one entry of the account says of one number of ours. */
export type BankEntry = {
  readonly endToEndId: string;
  readonly direction: 'credit' | 'debit';
  /** The bank takes back an entry of its own. */
  readonly isReversal: boolean;
  readonly amount: Money;
  /** What the bank kept for itself, in cents. */
  readonly chargesMinor: bigint;
  readonly bookedAt: Temporal.Instant;
  readonly reference: string;
  /** The statement that it stands in; absent for a notification. */
  readonly statement?: StatementHeader;
  readonly reason?: string;
  readonly reasonText?: string;
};

/** The status of a file, of a group in it or of one number. */
export type BankStatus = {
  readonly messageId: string;
  readonly scope:
    | { readonly kind: 'message' }
    | { readonly kind: 'group'; readonly groupId: string }
    | { readonly kind: 'order'; readonly number: string };
  readonly status: string;
  readonly reason?: string;
  readonly reasonText?: string;
};

/** A day's statement as its header tells it. */
export type StatementHeader = {
  readonly id: string;
  readonly page: number;
  readonly isLastPage: boolean;
  /** The date of its closing balance. */
  readonly date: Temporal.PlainDate;
};

export type BankRecord =
  | { readonly kind: 'entry'; readonly entry: BankEntry }
  | { readonly kind: 'status'; readonly status: BankStatus }
  | { readonly kind: 'statement'; readonly statement: StatementHeader }
  /** Something of ours that cannot be used; the rest of the file can. */
  | { readonly kind: 'problem'; readonly sentence: string };

/** Thrown for a whole file that is for somebody else or is no message that we know. */
export class NotForUs extends Error {
  override readonly name = 'NotForUs';
}

/** What the reader has to know of us. */
export type BankFileReader = { readonly iban: string; readonly zone: string };

const CUT: ReadonlySet<string> = new Set([
  'TxDtls',
  'Ntry',
  'Stmt',
  'Ntfctn',
  'TxInfAndSts',
  'OrgnlPmtInfAndSts',
]);

/** A detail of an entry that names no amount; it has the entry's when it is the only one. */
type Unpriced = { readonly count: number; readonly only?: XmlNode };

/**
 * Reads one file of the bank: pain.002 (any version), camt.053 and camt.054 (.02 to .08 and their
 * likes), by the names of the elements, as banks send many versions of them. Throws when the file
 * is not whole, not ours or not one of these: then nothing of it counts.
 */
export async function* readBankFile(
  chunks: AsyncIterable<Uint8Array>,
  reader: BankFileReader,
): AsyncGenerator<BankRecord> {
  let details: Unpriced = { count: 0 };
  let isOurs = false;
  const balance = new StatementBalance();
  for await (const cut of cutElements(chunks, CUT)) {
    const { node } = cut;
    const account = accountAround(cut);
    if (account !== undefined && account !== reader.iban) continue;
    switch (node.name) {
      case 'TxDtls':
        details = { count: details.count + 1, only: node };
        yield* fromDetails(node, cut, reader);
        break;
      case 'Ntry':
        balance.see(node);
        yield* fromLonelyDetails(cut, details, reader);
        details = { count: 0 };
        break;
      case 'Stmt':
        isOurs = true;
        balance.end(node);
        yield { kind: 'statement', statement: toStatement(node) };
        break;
      case 'Ntfctn':
        isOurs = true;
        balance.forget();
        break;
      case 'TxInfAndSts':
      case 'OrgnlPmtInfAndSts':
        yield* fromStatus(node, cut);
        break;
      default:
        if (find(node, 'CstmrPmtStsRpt') !== undefined) isOurs = true;
        yield* fromReport(node);
    }
  }
  if (!isOurs) throw new NotForUs('The file is not a report about our account or our files.');
}

/** The account of the statement that an element is part of; undefined outside statements. */
function accountAround({ node, parents }: CutElement): string | undefined {
  const statement = [...parents, node].find(({ name }) => name === 'Stmt' || name === 'Ntfctn');
  return statement === undefined ? undefined : (textAt(statement, 'Acct', 'Id', 'IBAN') ?? '');
}

function* fromDetails(
  details: XmlNode,
  { parents }: CutElement,
  reader: BankFileReader,
): Generator<BankRecord> {
  const entry = parents.find(({ name }) => name === 'Ntry');
  const amount = amountOf(details);
  if (entry === undefined || amount === undefined) return;
  yield* toEntry({ entry, details, amount, parents }, reader);
}

/** The amount of one payment: from version .03 on beside it, before that in its details. */
function amountOf(details: XmlNode): XmlNode | undefined {
  return (
    find(details, 'AmtDtls', 'TxAmt', 'Amt') ??
    find(details, 'Amt') ??
    find(details, 'AmtDtls', 'InstdAmt', 'Amt')
  );
}

/** An entry whose only detail names no amount has the entry's; of several none can be told. */
function* fromLonelyDetails(
  { node: entry, parents }: CutElement,
  { count, only }: Unpriced,
  reader: BankFileReader,
): Generator<BankRecord> {
  const amount = find(entry, 'Amt');
  if (only === undefined || amount === undefined || amountOf(only) !== undefined) return;
  if (count === 1) yield* toEntry({ entry, details: only, amount, parents }, reader);
  else yield { kind: 'problem', sentence: 'An entry of several payments names no amount of each.' };
}

type Parts = {
  readonly entry: XmlNode;
  readonly details: XmlNode;
  readonly amount: XmlNode;
  readonly parents: readonly XmlNode[];
};

function* toEntry(parts: Parts, reader: BankFileReader): Generator<BankRecord> {
  const { entry, details, amount } = parts;
  const endToEndId = textAt(details, 'Refs', 'EndToEndId');
  // Only what is booked is money; `INFO` and `PDNG` may still go away.
  const state = textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts');
  if (endToEndId === undefined || endToEndId === 'NOTPROVIDED' || state !== 'BOOK') return;
  const direction = textAt(details, 'CdtDbtInd') ?? textAt(entry, 'CdtDbtInd');
  const currency = amount.attributes['Ccy'];
  const parsed = parseAmount(amount.text.trim(), 'EUR');
  if (currency !== 'EUR' || !parsed.ok || (direction !== 'CRDT' && direction !== 'DBIT')) {
    yield { kind: 'problem', sentence: 'An entry has no amount in euros or no direction.' };
    return;
  }
  const at = bookedAt(entry, reader.zone);
  const statement = parts.parents.find(({ name }) => name === 'Stmt');
  const reason = find(details, 'RtrInf', 'Rsn');
  const reasonCode = textAt(reason, 'Cd') ?? textAt(reason, 'Prtry');
  const reasonText = textAt(details, 'RtrInf', 'AddtlInf');
  yield {
    kind: 'entry',
    entry: {
      endToEndId,
      direction: direction === 'CRDT' ? 'credit' : 'debit',
      isReversal: textAt(entry, 'RvslInd') === 'true',
      amount: parsed.value,
      chargesMinor: chargesOf(details),
      bookedAt: at,
      reference: referenceOf(parts, endToEndId, at),
      ...(statement === undefined ? {} : { statement: toStatement(statement) }),
      ...(reasonCode === undefined ? {} : { reason: reasonCode }),
      ...(reasonText === undefined ? {} : { reasonText }),
    },
  };
}

/**
 * The bank's number of the payment. Where it numbers whole entries only, ours is added; where it
 * numbers nothing, date and number of ours stand for it, which are the same in every report.
 */
function referenceOf({ entry, details }: Parts, endToEndId: string, at: Temporal.Instant): string {
  const own = textAt(details, 'Refs', 'AcctSvcrRef') ?? textAt(details, 'Refs', 'AcctSvcrTxId');
  if (own !== undefined) return own;
  const around = textAt(entry, 'AcctSvcrRef');
  return `${around ?? at.toString({ smallestUnit: 'minute' })}:${endToEndId}`;
}

function chargesOf(details: XmlNode): bigint {
  const total = textAt(details, 'Chrgs', 'TtlChrgsAndTaxAmt');
  const single = textAt(details, 'Chrgs', 'Rcrd', 'Amt') ?? textAt(details, 'Chrgs', 'Amt');
  const parsed = parseAmount(total ?? single ?? '0', 'EUR');
  return parsed.ok ? parsed.value.minor : 0n;
}

/** When the bank booked it: its own time, or the beginning of its day where it tells the day. */
function bookedAt(entry: XmlNode, zone: string): Temporal.Instant {
  const time = textAt(entry, 'BookgDt', 'DtTm') ?? textAt(entry, 'ValDt', 'DtTm');
  const date = textAt(entry, 'BookgDt', 'Dt') ?? textAt(entry, 'ValDt', 'Dt');
  try {
    if (date !== undefined) return dayOf(date).toZonedDateTime(zone).toInstant();
    return instantOf(time ?? '', zone);
  } catch {
    throw new XmlUnreadable('An entry has no date of booking.');
  }
}

/** Dates of statements may carry an offset, which says nothing about a day. */
function dayOf(text: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(text.slice(0, 10));
}

function instantOf(text: string, zone: string): Temporal.Instant {
  if (/(Z|[+-]\d{2}:\d{2})$/.test(text)) return Temporal.Instant.from(text);
  return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).toInstant();
}

function toStatement(node: XmlNode): StatementHeader {
  const closing = node.children.find(
    (child) => child.name === 'Bal' && textAt(child, 'Tp', 'CdOrPrtry', 'Cd') === 'CLBD',
  );
  const date =
    textAt(closing, 'Dt', 'Dt') ??
    textAt(closing, 'Dt', 'DtTm') ??
    textAt(node, 'FrToDt', 'ToDtTm');
  const page = textAt(node, 'StmtPgntn', 'PgNb') ?? '1';
  if (date === undefined || !/^\d{1,5}$/.test(page)) {
    throw new XmlUnreadable('A statement has no closing balance with its date.');
  }
  return {
    id: textAt(node, 'Id') ?? '',
    page: Number.parseInt(page, 10),
    isLastPage: textAt(node, 'StmtPgntn', 'LastPgInd') !== 'false',
    date: dayOf(date),
  };
}

function* fromStatus(node: XmlNode, { parents }: CutElement): Generator<BankRecord> {
  const report = parents.find(({ name }) => name === 'CstmrPmtStsRpt');
  const messageId = textAt(report, 'OrgnlGrpInfAndSts', 'OrgnlMsgId');
  if (messageId === undefined) return;
  const isOrder = node.name === 'TxInfAndSts';
  const status = textAt(node, isOrder ? 'TxSts' : 'PmtInfSts');
  const id = textAt(node, isOrder ? 'OrgnlEndToEndId' : 'OrgnlPmtInfId');
  if (status === undefined || id === undefined) return;
  const scope = isOrder
    ? ({ kind: 'order', number: id } as const)
    : ({ kind: 'group', groupId: id } as const);
  yield { kind: 'status', status: { messageId, scope, status, ...reasonOf(node) } };
}

/** The status of the whole file, which is known when all else of it has been read. */
function* fromReport(root: XmlNode): Generator<BankRecord> {
  const group = find(root, 'CstmrPmtStsRpt', 'OrgnlGrpInfAndSts');
  const messageId = textAt(group, 'OrgnlMsgId');
  const status = textAt(group, 'GrpSts');
  if (group === undefined || messageId === undefined || status === undefined) return;
  const scope = { kind: 'message' } as const;
  yield { kind: 'status', status: { messageId, scope, status, ...reasonOf(group) } };
}

function reasonOf(node: XmlNode): { readonly reason?: string; readonly reasonText?: string } {
  const information = find(node, 'StsRsnInf');
  const reason = textAt(information, 'Rsn', 'Cd') ?? textAt(information, 'Rsn', 'Prtry');
  const reasonText = textAt(information, 'AddtlInf');
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(reasonText === undefined ? {} : { reasonText }),
  };
}
