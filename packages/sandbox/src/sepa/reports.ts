import { formatYuan } from '../money.ts';
import { bankReference, type Collection, CREDITOR, type Transfer } from './records.ts';

/** What a status report says of one payment that the bank refuses. */
export interface Refused {
  readonly endToEndId: string;
  readonly groupId: string;
  readonly reason: string;
}

/** A movement of the account. */
export type Movement =
  | { readonly kind: 'collected' | 'returned'; readonly collection: Collection }
  | { readonly kind: 'paid_out' | 'came_back'; readonly transfer: Transfer };

/** What every file of the bank is made of. */
export interface ReportHead {
  readonly id: string;
  readonly at: Temporal.PlainDateTime;
  readonly version: '08' | '02';
}

const PAIN_002 = 'urn:iso:std:iso:20022:tech:xsd:pain.002.001.14';

/** The status report (pain.002) on one file of the merchant. */
export function statusReport(
  head: Pick<ReportHead, 'id' | 'at'>,
  original: { readonly messageId: string; readonly kind: string },
  answer: {
    readonly groupStatus: string;
    readonly reason?: string;
    readonly refused: readonly Refused[];
  },
): string {
  const groups = Map.groupBy(answer.refused, (one) => one.groupId);
  const details = [...groups].map(([groupId, members]) =>
    tag(
      'OrgnlPmtInfAndSts',
      tag('OrgnlPmtInfId', text(groupId)),
      tag('PmtInfSts', 'PART'),
      ...members.map((one) =>
        tag(
          'TxInfAndSts',
          tag('OrgnlEndToEndId', text(one.endToEndId)),
          tag('TxSts', 'RJCT'),
          reasonOf(one.reason),
        ),
      ),
    ),
  );
  const body = tag(
    'CstmrPmtStsRpt',
    tag('GrpHdr', tag('MsgId', head.id), tag('CreDtTm', head.at.toString().slice(0, 19))),
    tag(
      'OrgnlGrpInfAndSts',
      tag('OrgnlMsgId', text(original.messageId)),
      tag('OrgnlMsgNmId', text(original.kind)),
      tag('GrpSts', answer.groupStatus),
      ...(answer.reason === undefined ? [] : [reasonOf(answer.reason)]),
    ),
    ...details,
  );
  return documentOf(PAIN_002, body);
}

function reasonOf(code: string): string {
  return tag('StsRsnInf', tag('Rsn', tag('Cd', text(code))));
}

/** The notification (camt.054) of movements, as soon as they are booked. */
export function notification(
  head: ReportHead,
  date: string,
  about: {
    readonly movements: readonly Movement[];
    readonly iban?: string;
    readonly isCopy?: boolean;
  },
): string {
  const inside = [
    tag('Id', head.id),
    tag('CreDtTm', head.at.toString().slice(0, 19)),
    ...(about.isCopy === true ? [tag('CpyDplctInd', 'DUPL')] : []),
    account(about.iban ?? CREDITOR.iban),
    ...entriesOf(head.version, date, about.movements),
  ];
  const body = tag('BkToCstmrDbtCdtNtfctn', header(head), tag('Ntfctn', ...inside));
  return documentOf(`urn:iso:std:iso:20022:tech:xsd:camt.054.001.${head.version}`, body);
}

/** The statement (camt.053) of one day with its balances. */
export function statement(
  head: ReportHead,
  date: string,
  about: {
    readonly movements: readonly Movement[];
    readonly openingMinor: number;
    readonly iban?: string;
    readonly isCopy?: boolean;
  },
): string {
  const closing = about.openingMinor + sumOf(about.movements);
  const inside = [
    tag('Id', head.id),
    tag('CreDtTm', head.at.toString().slice(0, 19)),
    ...(about.isCopy === true ? [tag('CpyDplctInd', 'DUPL')] : []),
    account(about.iban ?? CREDITOR.iban),
    balance('OPBD', about.openingMinor, date),
    balance('CLBD', closing, date),
    ...entriesOf(head.version, date, about.movements),
  ];
  const body = tag('BkToCstmrStmt', header(head), tag('Stmt', ...inside));
  return documentOf(`urn:iso:std:iso:20022:tech:xsd:camt.053.001.${head.version}`, body);
}

/** What movements add to the account, in cents. */
export function sumOf(movements: readonly Movement[]): number {
  return movements.reduce((sum, one) => sum + (isCredit(one) ? 1 : -1) * minorOf(one), 0);
}

function isCredit(movement: Movement): boolean {
  return movement.kind === 'collected' || movement.kind === 'came_back';
}

function minorOf(movement: Movement): number {
  return 'collection' in movement ? movement.collection.amountMinor : movement.transfer.amountMinor;
}

/** Collections of one file and day are booked as one amount with a detail each (batch booking). */
function entriesOf(version: string, date: string, movements: readonly Movement[]): string[] {
  const groups = Map.groupBy(movements, (one) =>
    one.kind === 'collected' ? one.collection.groupId : bankReference(one.kind, keyOf(one)),
  );
  return [...groups].map(([key, members]) => {
    const total = members.reduce((sum, one) => sum + minorOf(one), 0);
    const first = members[0];
    if (first === undefined) return '';
    return tag(
      'Ntry',
      amount('Amt', total),
      tag('CdtDbtInd', isCredit(first) ? 'CRDT' : 'DBIT'),
      tag('Sts', version === '02' ? 'BOOK' : tag('Cd', 'BOOK')),
      tag('BookgDt', tag('Dt', date)),
      tag('ValDt', tag('Dt', date)),
      tag('AcctSvcrRef', bankReference('entry', key, date)),
      transactionCode(first),
      tag(
        'NtryDtls',
        tag('Btch', tag('NbOfTxs', String(members.length))),
        ...members.map((one) => detailsOf(version, one)),
      ),
    );
  });
}

function keyOf(movement: Movement): string {
  return 'collection' in movement ? movement.collection.id : movement.transfer.id;
}

function detailsOf(version: string, movement: Movement): string {
  const minor = minorOf(movement);
  const payment = 'collection' in movement ? movement.collection : movement.transfer;
  const refs = tag(
    'Refs',
    tag('AcctSvcrRef', bankReference(movement.kind, payment.id)),
    tag('PmtInfId', text(payment.groupId)),
    tag('EndToEndId', text(payment.endToEndId)),
    ...('collection' in movement ? [tag('MndtId', text(movement.collection.mandateId))] : []),
  );
  const money =
    version === '02'
      ? tag('AmtDtls', tag('TxAmt', amount('Amt', minor)))
      : amount('Amt', minor) + tag('CdtDbtInd', isCredit(movement) ? 'CRDT' : 'DBIT');
  const isBack = movement.kind === 'returned' || movement.kind === 'came_back';
  const back = isBack ? tag('RtrInf', tag('Rsn', tag('Cd', text(payment.reason ?? 'MS03')))) : '';
  return tag('TxDtls', refs, money, back);
}

/** ISO bank transaction codes: issued direct debit, unpaid direct debit, issued credit transfer. */
function transactionCode(movement: Movement): string {
  const codes = {
    collected: ['IDDT', 'ESDD'],
    returned: ['IDDT', 'UPDD'],
    paid_out: ['ICDT', 'ESCT'],
    came_back: ['ICDT', 'RRTN'],
  } as const;
  const [family, subFamily] = codes[movement.kind];
  const names = tag('Fmly', tag('Cd', family), tag('SubFmlyCd', subFamily));
  return tag('BkTxCd', tag('Domn', tag('Cd', 'PMNT'), names));
}

function header(head: ReportHead): string {
  return tag('GrpHdr', tag('MsgId', head.id), tag('CreDtTm', head.at.toString().slice(0, 19)));
}

function account(iban: string): string {
  return tag('Acct', tag('Id', tag('IBAN', iban)), tag('Ccy', 'EUR'));
}

function balance(code: string, minor: number, date: string): string {
  return tag(
    'Bal',
    tag('Tp', tag('CdOrPrtry', tag('Cd', code))),
    amount('Amt', Math.abs(minor)),
    tag('CdtDbtInd', minor < 0 ? 'DBIT' : 'CRDT'),
    tag('Dt', tag('Dt', date)),
  );
}

function amount(name: string, minor: number): string {
  return `<${name} Ccy="EUR">${formatYuan(minor)}</${name}>`;
}

function documentOf(namespace: string, body: string): string {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  return `${declaration}\n<Document xmlns="${namespace}">${body}</Document>\n`;
}

function tag(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`;
}

function text(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
