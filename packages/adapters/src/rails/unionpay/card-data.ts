import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { AccountLabel, PayerAccount } from '@daikou/core';
import { isCardNumber, labelOfCard } from '../../cards/directory.ts';
import type { UnionpaySettings } from './config.ts';
import { type Fields, formatBraces } from './fields.ts';

/** The card of a payer on its way to the rail. Only this file looks inside. */
export type Card = Extract<PayerAccount, { readonly kind: 'card' }>;

/** What is wrong with a card before it is sent; none of its digits are in the words. */
export type CardProblem = { readonly code: string; readonly message: string };

/** The only document that the four elements are checked with: the Chinese ID card. */
const ID_CARD = '01';

/** Says what keeps a card from being sent, or undefined. */
export function problemOfCard(account: PayerAccount | undefined): CardProblem | undefined {
  if (account === undefined || account.kind !== 'card') {
    return {
      code: 'card_missing',
      message: 'Signing by message code needs the card of the payer.',
    };
  }
  if (!isCardNumber(account.number)) {
    return { code: 'card_number_wrong', message: 'The card number has a wrong check digit.' };
  }
  if (!/^\d{17}[\dX]$/.test(account.identityNumber)) {
    return { code: 'identity_wrong', message: 'The number of an ID card has 18 characters.' };
  }
  if (!/^\+?\d{7,15}$/.test(phoneOf(account)) || account.holderName.trim() === '') {
    return {
      code: 'holder_wrong',
      message: 'The name or the phone of the card holder is missing.',
    };
  }
  return undefined;
}

/** The phone as the issuer has it: without spaces and without the Chinese prefix. */
function phoneOf(card: Card): string {
  return card.phone.replace(/[\s-]/g, '').replace(/^\+86/, '');
}

/**
 * The fields that carry a card (rails.md §3.3): the number and the phone encrypted for UnionPay,
 * name and ID number in Base64 as it wants them, the code from the message where there is one.
 */
export function cardFields(
  settings: Pick<UnionpaySettings, 'encryptionKey' | 'encryptCertId'>,
  card: Card,
  smsCode?: string,
): Fields {
  const encrypted = (text: string): string => encryptFor(settings.encryptionKey, text);
  const customerInfo = formatBraces({
    certifTp: ID_CARD,
    certifId: card.identityNumber,
    customerNm: card.holderName.trim(),
    ...(smsCode === undefined ? {} : { smsCode }),
    encryptedInfo: encrypted(`phoneNo=${phoneOf(card)}`),
  });
  return {
    accNo: encrypted(card.number),
    accType: '01',
    encryptCertId: settings.encryptCertId,
    customerInfo: Buffer.from(customerInfo, 'utf8').toString('base64'),
  };
}

function encryptFor(key: KeyObject, text: string): string {
  const options = { key, padding: constants.RSA_PKCS1_PADDING };
  return publicEncrypt(options, Buffer.from(text, 'utf8')).toString('base64');
}

/**
 * What may be kept of the `accNo` of a message: masked, the last four digits, or encrypted for the
 * merchant's own certificate. Undefined when it is none of these. The number itself ends here.
 */
export function labelOfMessage(
  accNo: string | undefined,
  privateKey: KeyObject,
): AccountLabel | undefined {
  if (accNo === undefined) return undefined;
  const masked = /^(\d{6})\*+(\d{4})$/.exec(accNo);
  if (masked !== null) return { kind: 'card', bin: masked[1] ?? '', lastFour: masked[2] ?? '' };
  if (/^\d{4}$/.test(accNo)) return { kind: 'card', lastFour: accNo };
  const number = isCardNumber(accNo) ? accNo : decryptFor(privateKey, accNo);
  return number !== undefined && isCardNumber(number) ? labelOfCard(number) : undefined;
}

function decryptFor(key: KeyObject, text: string): string | undefined {
  try {
    const options = { key, padding: constants.RSA_PKCS1_PADDING };
    return privateDecrypt(options, Buffer.from(text, 'base64')).toString('latin1');
  } catch {
    return undefined;
  }
}

/**
 * The rail's own words without any long number: a message could repeat a card, a phone or an ID
 * number, and none of these may reach a log. The seven digits of its internal code stay.
 */
export function quietWords(text: string | undefined): string {
  return (text ?? '').replace(/\+?\d[\d\s*-]{6,}[\dXx]/g, '…');
}
