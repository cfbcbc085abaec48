import { XMLParser } from 'fast-xml-parser';

/** One collection or transfer as the merchant's file asks for it. */
export interface OrderedPayment {
  readonly groupId: string;
  readonly endToEndId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly iban: string;
  readonly name: string;
  readonly date: string;
  readonly mandateId: string;
  readonly signedOn: string;
}

/** A payment file of the merchant. */
export interface OrderFile {
  readonly kind: 'pain.008' | 'pain.001';
  readonly messageId: string;
  readonly version: string;
  readonly accounts: readonly string[];
  readonly creditorIds: readonly string[];
  readonly payments: readonly OrderedPayment[];
  /** The sums that the file claims agree with its payments. */
  readonly addsUp: boolean;
}

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  removeNSPrefix: true,
  processEntities: true,
});

/** Reads a payment file; undefined when the bank cannot even find its number. */
export function readOrderFile(text: string): OrderFile | undefined {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let document: Node;
  try {
    document = child(parser.parse(text, true) as Node, 'Document');
  } catch {
    return undefined;
  }
  const isDebit = document['CstmrDrctDbtInitn'] !== undefined;
  const root = child(document, isDebit ? 'CstmrDrctDbtInitn' : 'CstmrCdtTrfInitn');
  const messageId = textOf(root, 'GrpHdr', 'MsgId');
  if (messageId === '') return undefined;
  const groups = list(root['PmtInf']);
  const payments = groups.flatMap((group) => (isDebit ? debitsOf(group) : transfersOf(group)));
  return {
    kind: isDebit ? 'pain.008' : 'pain.001',
    messageId,
    version: /urn:iso:std:iso:20022:tech:xsd:(pain\.[\d.]+)/.exec(text)?.[1] ?? 'pain',
    accounts: groups.map((group) => textOf(group, isDebit ? 'CdtrAcct' : 'DbtrAcct', 'Id', 'IBAN')),
    creditorIds: isDebit
      ? groups.map((group) => textOf(group, 'CdtrSchmeId', 'Id', 'PrvtId', 'Othr', 'Id'))
      : [],
    payments,
    addsUp:
      Number(textOf(root, 'GrpHdr', 'NbOfTxs')) === payments.length &&
      toMinor(textOf(root, 'GrpHdr', 'CtrlSum')) ===
        payments.reduce((sum, one) => sum + one.amountMinor, 0),
  };
}

function debitsOf(group: Node): readonly OrderedPayment[] {
  return list(group['DrctDbtTxInf']).map((one) => ({
    groupId: textOf(group, 'PmtInfId'),
    endToEndId: textOf(one, 'PmtId', 'EndToEndId'),
    amountMinor: toMinor(textOf(one, 'InstdAmt')),
    currency: String(child(one, 'InstdAmt')['@Ccy'] ?? ''),
    iban: textOf(one, 'DbtrAcct', 'Id', 'IBAN'),
    name: textOf(one, 'Dbtr', 'Nm'),
    date: textOf(group, 'ReqdColltnDt'),
    mandateId: textOf(one, 'DrctDbtTx', 'MndtRltdInf', 'MndtId'),
    signedOn: textOf(one, 'DrctDbtTx', 'MndtRltdInf', 'DtOfSgntr'),
  }));
}

function transfersOf(group: Node): readonly OrderedPayment[] {
  return list(group['CdtTrfTxInf']).map((one) => ({
    groupId: textOf(group, 'PmtInfId'),
    endToEndId: textOf(one, 'PmtId', 'EndToEndId'),
    amountMinor: toMinor(textOf(one, 'Amt', 'InstdAmt')),
    currency: String(child(child(one, 'Amt'), 'InstdAmt')['@Ccy'] ?? ''),
    iban: textOf(one, 'CdtrAcct', 'Id', 'IBAN'),
    name: textOf(one, 'Cdtr', 'Nm'),
    date: textOf(group, 'ReqdExctnDt', 'Dt'),
    mandateId: '',
    signedOn: '',
  }));
}

function child(node: Node, name: string): Node {
  const found = node[name];
  return typeof found === 'object' && found !== null ? (found as Node) : { '#text': found };
}

function list(value: unknown): readonly Node[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as Node[]) : [value as Node];
}

function textOf(node: Node, ...path: readonly string[]): string {
  let place = node;
  for (const name of path) place = child(place, name);
  const text = place['#text'];
  return typeof text === 'string' ? text.trim() : '';
}

/** Euros with at most two decimals as cents; NaN when they are not so written. */
function toMinor(text: string): number {
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) return Number.NaN;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}
