import { formatDecimal, type Money } from '@daikou/core';
import type { SepaSettings } from './config.ts';
import { agent } from './pain008.ts';
import type { DebtorAccount } from './vault.ts';
import { element, leaf, toSepaText } from './xml-text.ts';

/** The credit transfer that pays a refund. The older pain.001.001.03 is not written. */
const SCHEMA = 'pain.001.001.09';

/** One refund to the account of the mandate. */
export type Transfer = {
  readonly refundNumber: string;
  readonly amount: Money;
  readonly reason: string;
  readonly executeOn: Temporal.PlainDate;
  readonly receiver: DebtorAccount;
};

/** The file of one refund. One file each: a refund must never wait for another's fault. */
export function toPain001(
  settings: SepaSettings,
  message: { readonly id: string; readonly at: Temporal.Instant; readonly transfer: Transfer },
): string {
  const { transfer } = message;
  const { creditor } = settings;
  const name = leaf('Nm', toSepaText(creditor.name, 70, creditor.creditorId));
  const totals = leaf('NbOfTxs', '1') + leaf('CtrlSum', formatDecimal(transfer.amount));
  const header = element(
    'GrpHdr',
    leaf('MsgId', message.id),
    leaf('CreDtTm', message.at.toString({ smallestUnit: 'second' })),
    totals,
    element('InitgPty', name),
  );
  const payment = element(
    'PmtInf',
    leaf('PmtInfId', `${message.id}-1`),
    leaf('PmtMtd', 'TRF'),
    leaf('BtchBookg', 'false'),
    totals,
    element('PmtTpInf', element('SvcLvl', leaf('Cd', 'SEPA'))),
    element('ReqdExctnDt', leaf('Dt', transfer.executeOn.toString())),
    element('Dbtr', name),
    element('DbtrAcct', element('Id', leaf('IBAN', creditor.iban))),
    agent('DbtrAgt', SCHEMA, creditor.bic),
    leaf('ChrgBr', 'SLEV'),
    creditTransfer(transfer),
  );
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${SCHEMA}">` +
    `${element('CstmrCdtTrfInitn', header, payment)}</Document>\n`
  );
}

function creditTransfer(transfer: Transfer): string {
  const { receiver } = transfer;
  const words = `${transfer.refundNumber} ${transfer.reason}`;
  return element(
    'CdtTrfTxInf',
    element('PmtId', leaf('EndToEndId', transfer.refundNumber)),
    element('Amt', leaf('InstdAmt', formatDecimal(transfer.amount), ' Ccy="EUR"')),
    ...(receiver.bic === undefined ? [] : [agent('CdtrAgt', SCHEMA, receiver.bic)]),
    element('Cdtr', leaf('Nm', toSepaText(receiver.holderName, 70, 'NOTPROVIDED'))),
    element('CdtrAcct', element('Id', leaf('IBAN', receiver.iban))),
    element('RmtInf', leaf('Ustrd', toSepaText(words, 140, transfer.refundNumber))),
  );
}
