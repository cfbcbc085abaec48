import { createHash } from 'node:crypto';
import { dateOf } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import type { World } from '../world.ts';
import { decrypt, type UnionpayKeys } from './keys.ts';
import type { CardAccount, UnionpayBooks } from './records.ts';
import { type Fields, readBraces } from './signature.ts';

/** What a new card account has: one million yuan, and no less for a month. In 分. */
const NEW_BALANCE = 100_000_000;

/** A card as it arrived, in memory only. */
export interface GivenCard {
  readonly number: string;
  readonly key: string;
  readonly smsCode: string;
}

/** Reads the card of a request, or the code that refuses it. */
export function readCard(keys: UnionpayKeys, fields: Fields): GivenCard | string {
  const number = decrypt(keys, fields['accNo']);
  const text = Buffer.from(fields['customerInfo'] ?? '', 'base64').toString('utf8');
  const customer = readBraces(text);
  const hidden = new URLSearchParams(decrypt(keys, customer['encryptedInfo']) ?? '');
  if (number === undefined || !isLuhn(number)) return '61';
  const { certifTp, certifId = '', customerNm = '' } = customer;
  const isWhole = certifTp === '01' && /^\d{17}[\dX]$/.test(certifId) && customerNm !== '';
  if (!isWhole || (hidden.get('phoneNo') ?? '') === '') return '66';
  return { number, key: keyOf(number), smsCode: customer['smsCode'] ?? '' };
}

export function keyOf(number: string): string {
  return createHash('sha256').update(number).digest('hex').slice(0, 24);
}

function isLuhn(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const digits = [...number].reverse().map(Number);
  const sum = digits.reduce((total, digit, place) => {
    const value = place % 2 === 1 ? digit * 2 : digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The card that a visitor of the opening page is taken to have. */
export function cardOfVisitor(orderId: string): string {
  const body = `621626${digitsFrom(12, 'unionpay-visitor', orderId)}`;
  const check = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => isLuhn(`${body}${digit}`));
  return `${body}${check}`;
}

/** Opens an account for a card that was not seen before. */
export function ensureAccount(books: UnionpayBooks, number: string): CardAccount {
  const key = keyOf(number);
  const known = books.cards.get(key);
  if (known !== undefined) return known;
  const account: CardAccount = {
    key,
    lastFour: number.slice(-4),
    balance: NEW_BALANCE,
    monthLimit: NEW_BALANCE,
    month: '',
    monthSpent: 0,
  };
  books.cards.put(key, account);
  return account;
}

/** Takes money from a card, or says the code of the refusal: balance (64) or month limit (81). */
export function charge(
  world: World,
  books: UnionpayBooks,
  debit: { readonly cardKey: string; readonly amount: number },
): string | undefined {
  const account = books.cards.require(debit.cardKey);
  const month = dateOf(world.clock.now()).slice(0, 7);
  const spent = account.month === month ? account.monthSpent : 0;
  if (account.balance < debit.amount) return '64';
  if (spent + debit.amount > account.monthLimit) return '81';
  const balance = account.balance - debit.amount;
  books.cards.put(account.key, { ...account, balance, month, monthSpent: spent + debit.amount });
  return undefined;
}

/** Gives money back to a card. */
export function credit(books: UnionpayBooks, cardKey: string, amount: number): void {
  const account = books.cards.require(cardKey);
  books.cards.put(account.key, { ...account, balance: account.balance + amount });
}
