import type { World } from '../world.ts';
import { cardOfVisitor, ensureAccount, type GivenCard, readCard } from './cards.ts';
import { encryptForMerchant } from './keys.ts';
import { answerTo } from './messages.ts';
import { notifyOpening, tokenFields } from './notifications.ts';
import { orderKey, type Token, tokenFor, type UnionpayBooks } from './records.ts';
import { type Fields, readBraces } from './signature.ts';

/** The code that every phone gets; every other one is wrong (rails.md §3.4). */
const RIGHT_CODE = '111111';

/** How long a token lives: five years. */
const TOKEN_LIFE_MS = 5 * 365 * 86_400_000;

/** Where a call is carried out. `scripted` is a code that a script wants, used up by asking. */
export interface Desk {
  readonly world: World;
  readonly books: UnionpayBooks;
  readonly scripted: () => string | undefined;
}

/** 77/00: checks the four elements and sends a code to the phone. */
export function sendCode(desk: Desk, asked: Fields): Fields {
  const card = readCard(desk.world.credentials.unionpay, asked);
  if (typeof card === 'string') return answerTo(asked, card);
  const scripted = desk.scripted();
  if (scripted !== undefined) return answerTo(asked, scripted);
  const { orderId = '', txnTime = '' } = asked;
  ensureAccount(desk.books, card.number);
  desk.books.openings.put(orderKey(orderId, txnTime), { orderId, txnTime, cardKey: card.key });
  return answerTo(asked, '00');
}

/** 79/00 from the merchant's server: opens the card with the code. */
export function openCard(desk: Desk, asked: Fields): Fields {
  const { world, books } = desk;
  const key = keyOf(asked);
  if (books.tokensByOpening(key).length > 0) return answerTo(asked, '12');
  const card = readCard(world.credentials.unionpay, asked);
  if (typeof card === 'string') return answerTo(asked, card);
  const scripted = desk.scripted();
  if (scripted !== undefined) return answerTo(asked, scripted);
  const isSent = books.openings.get(key)?.cardKey === card.key;
  if (!isSent || card.smsCode !== RIGHT_CODE) return answerTo(asked, '71');
  const token = issueToken(desk, asked, card);
  notifyOpening(world, token, asked['backUrl'] ?? '');
  return answerTo(asked, '00', tokenFields(world, token));
}

/** 79/00 from the payer's browser, once the payer agreed on the page. */
export function openOnPage(desk: Desk, asked: Fields): Token {
  const known = desk.books.tokensByOpening(keyOf(asked))[0];
  if (known !== undefined) return known;
  const number = cardOfVisitor(asked['orderId'] ?? '');
  const { key } = ensureAccount(desk.books, number);
  const token = issueToken(desk, asked, { number, key, smsCode: RIGHT_CODE });
  notifyOpening(desk.world, token, asked['backUrl'] ?? '');
  return token;
}

function keyOf(asked: Fields): string {
  return orderKey(asked['orderId'] ?? '', asked['txnTime'] ?? '');
}

function issueToken({ world, books }: Desk, asked: Fields, card: GivenCard): Token {
  const beginsAt = Math.floor(world.clock.now() / 1000) * 1000;
  const token: Token = {
    token: tokenFor(keyOf(asked)),
    orderId: asked['orderId'] ?? '',
    txnTime: asked['txnTime'] ?? '',
    cardKey: card.key,
    accNo: encryptForMerchant(world.credentials.unionpay, card.number),
    status: 'open',
    beginsAt,
    endsAt: beginsAt + TOKEN_LIFE_MS,
  };
  books.tokens.put(token.token, token);
  books.openings.delete(keyOf(asked));
  return token;
}

/** 78/02: the token that the merchant's order opened. */
export function queryToken({ world, books }: Desk, asked: Fields): Fields {
  const token = books.tokensByOpening(keyOf(asked))[0];
  if (token === undefined) return answerTo(asked, '34');
  if (token.status === 'deleted') return answerTo(asked, '40');
  const isOver = world.clock.now() > token.endsAt;
  return answerTo(asked, isOver ? '80' : '00', tokenFields(world, token));
}

/** 74/01: deletes a token; one that is deleted already is not there. */
export function deleteToken({ books }: Desk, asked: Fields): Fields {
  const token = books.tokens.get(readBraces(asked['tokenPayData'])['token'] ?? '');
  if (token?.status !== 'open') return answerTo(asked, '40');
  books.tokens.put(token.token, { ...token, status: 'deleted' });
  return answerTo(asked, '00');
}
