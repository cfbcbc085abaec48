import { formatDecimal, type Money, money } from '@daikou/core';
import type { SepaSettings } from './config.ts';
import type { DebtorAccount } from './vault.ts';
import { element, leaf, toSepaText } from './xml-text.ts';

export type SequenceType = 'FRST' | 'RCUR' | 'FNAL' | 'OOFF';

/** One collection of a file. */
export type Collection = {
  readonly orderNumber: string;
  readonly amount: Money;
  readonly description: string;
  readonly dueDate: Temporal.PlainDate;
  readonly sequence: SequenceType;
  readonly mandateId: string;
  readonly debtor: DebtorAccount;
};

/** Collections that share a date and a place in their series: one `PmtInf`. */
export type CollectionGroup = {
  readonly id: string;
  readonly collections: readonly Collection[];
};

/** Groups a batch as the scheme wants it, in an order that the same batch always gives. */
export function groupCollections(
  messageId: string,
  collections: readonly Collection[],
): readonly CollectionGroup[] {
  const groups = new Map<string, Collection[]>();
  for (const one of collections) {
    const key = `${one.dueDate}|${one.sequence}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, members], index) => ({ id: `${messageId}-${index + 1}`, collections: members }));
}

/** The payment file. Everything that it says comes from its arguments. */
export function toPain008(
  settings: SepaSettings,
  message: {
    readonly id: string;
    readonly at: Temporal.Instant;
    readonly groups: readonly CollectionGroup[];
  },
): string {
  const all = message.groups.flatMap((group) => group.collections);
  const header = element(
    'GrpHdr',
    leaf('MsgId', message.id),
    leaf('CreDtTm', message.at.toString({ smallestUnit: 'second' })),
    totals(all),
    element('InitgPty', creditorName(settings)),
  );
  const body = message.groups.map((group) => paymentInformation(settings, group));
  const namespace = `urn:iso:std:iso:20022:tech:xsd:${settings.schema}`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Document xmlns="${namespace}">${element('CstmrDrctDbtInitn', header, ...body)}</Document>\n`
  );
}

function paymentInformation(settings: SepaSettings, group: CollectionGroup): string {
  const [first] = group.collections;
  const { creditor, scheme } = settings;
  return element(
    'PmtInf',
    leaf('PmtInfId', group.id),
    leaf('PmtMtd', 'DD'),
    leaf('BtchBookg', 'true'),
    totals(group.collections),
    element(
      'PmtTpInf',
      element('SvcLvl', leaf('Cd', 'SEPA')),
      element('LclInstrm', leaf('Cd', scheme)),
      leaf('SeqTp', first?.sequence ?? 'RCUR'),
    ),
    leaf('ReqdColltnDt', String(first?.dueDate)),
    element('Cdtr', creditorName(settings)),
    element('CdtrAcct', element('Id', leaf('IBAN', creditor.iban))),
    agent('CdtrAgt', settings.schema, creditor.bic),
    leaf('ChrgBr', 'SLEV'),
    creditorScheme(creditor.creditorId),
    ...group.collections.map((one) => transaction(settings.schema, one)),
  );
}

function transaction(schema: SepaSettings['schema'], one: Collection): string {
  const { debtor } = one;
  return element(
    'DrctDbtTxInf',
    element('PmtId', leaf('EndToEndId', one.orderNumber)),
    leaf('InstdAmt', formatDecimal(one.amount), ' Ccy="EUR"'),
    element(
      'DrctDbtTx',
      element(
        'MndtRltdInf',
        leaf('MndtId', one.mandateId),
        leaf('DtOfSgntr', debtor.signedOn.toString()),
        leaf('AmdmntInd', 'false'),
      ),
    ),
    agent('DbtrAgt', schema, debtor.bic),
    element('Dbtr', leaf('Nm', toSepaText(debtor.holderName, 70, 'NOTPROVIDED'))),
    element('DbtrAcct', element('Id', leaf('IBAN', debtor.iban))),
    element('RmtInf', leaf('Ustrd', toRemittance(one))),
  );
}

/** What the payer reads: our words where the scheme can write them, and always the number. */
function toRemittance(one: Collection): string {
  return toSepaText(`${one.orderNumber} ${one.description}`, 140, one.orderNumber);
}

function totals(collections: readonly Collection[]): string {
  const total = collections.reduce((sum, one) => sum + one.amount.minor, 0n);
  return (
    leaf('NbOfTxs', String(collections.length)) +
    leaf('CtrlSum', formatDecimal(money(total, 'EUR')))
  );
}

function creditorName(settings: SepaSettings): string {
  return leaf('Nm', toSepaText(settings.creditor.name, 70, settings.creditor.creditorId));
}

function creditorScheme(creditorId: string): string {
  const other = element('Othr', leaf('Id', creditorId), element('SchmeNm', leaf('Prtry', 'SEPA')));
  return element('CdtrSchmeId', element('Id', element('PrvtId', other)));
}

/** A bank by its BIC. Inside SEPA the IBAN alone is enough (IBAN-only since February 2016). */
export function agent(name: string, schema: string, bic: string | undefined): string {
  const bicName = /\.00[1-3]\.0[1-3]$/.test(schema) ? 'BIC' : 'BICFI';
  const id = bic === undefined ? element('Othr', leaf('Id', 'NOTPROVIDED')) : leaf(bicName, bic);
  return element(name, element('FinInstnId', id));
}
