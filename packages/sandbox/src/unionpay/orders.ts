import { dateOf } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import { SWAP_FAULTS } from '../faults.ts';
import { sumOf } from '../money.ts';
import { OUTCOMES, REFUND_OUTCOMES } from '../outcomes.ts';
import type { World } from '../world.ts';
import { charge, credit } from './cards.ts';
import { answerTo, wordsOf } from './messages.ts';
import { falsify, notifyOrder, orderFields } from './notifications.ts';
import { type Order, orderKey, queryIdFor, type Token, type UnionpayBooks } from './records.ts';
import { type Fields, readBraces } from './signature.ts';

/** Refunds are possible for eleven months (rails.md §3.4); the shortest eleven have 334 days. */
const REFUND_PERIOD_MS = 334 * 86_400_000;

/** What a request leads to: fields, or silence because the request or its reply is lost. */
export type Answered =
  | { readonly kind: 'told'; readonly fields: Fields }
  | { readonly kind: 'silent' };

function told(fields: Fields): Answered {
  return { kind: 'told', fields };
}

/** 01/01: a debit by token. */
export function consume(world: World, books: UnionpayBooks, asked: Fields): Answered {
  const amount = amountOf(asked);
  if (amount === undefined) return told(answerTo(asked, '10'));
  if (books.orders.get(keyOf(asked)) !== undefined) return told(answerTo(asked, '12'));
  const token = books.tokens.get(readBraces(asked['tokenPayData'])['token'] ?? '');
  if (token?.status !== 'open') return told(answerTo(asked, '40'));
  if (world.clock.now() > token.endsAt) return told(answerTo(asked, '80'));
  const orderNumber = asked['orderId'] ?? '';
  const occasion = {
    rail: 'unionpay',
    operations: ['consume'],
    contractCode: token.orderId,
    orderNumber,
  } as const;
  const outcome = world.outcomes.decide({
    rail: 'unionpay',
    orderNumber,
    account: token.orderId,
    scripted: () => world.faults.take(occasion, OUTCOMES.unionpay)?.fault,
  });
  if (outcome === 'TIMEOUT_NOT_RECEIVED') return { kind: 'silent' };
  if (isRefusedAtOnce(outcome)) return told(answerTo(asked, outcome));
  const order = book(world, books, { asked, token, kind: 'debit', outcome });
  return answerOf(world, books, { asked, order });
}

/** 04/00: returns money of a paid order. */
export function refund(world: World, books: UnionpayBooks, asked: Fields): Answered {
  const amount = amountOf(asked);
  if (amount === undefined) return told(answerTo(asked, '10'));
  if (books.orders.get(keyOf(asked)) !== undefined) return told(answerTo(asked, '12'));
  const paid = books.ordersByQueryId(asked['origQryId'] ?? '')[0];
  if (paid?.kind !== 'debit') return told(answerTo(asked, '34'));
  if (paid.state !== 'done') return told(answerTo(asked, '35'));
  if (world.clock.now() - (paid.endedAt ?? 0) > REFUND_PERIOD_MS)
    return told(answerTo(asked, '35'));
  const returned = books.refundsOf(paid.key).filter((one) => one.state !== 'failed');
  if (sumOf(returned.map((one) => one.txnAmt)) + amount > BigInt(paid.txnAmt)) {
    return told(answerTo(asked, '33'));
  }
  const occasion = {
    rail: 'unionpay',
    operations: ['refund'],
    contractCode: paid.contractCode,
    orderNumber: paid.orderId,
  } as const;
  const kinds = REFUND_OUTCOMES['unionpay'] ?? new Set<string>();
  const outcome = world.faults.take(occasion, kinds)?.fault ?? 'SUCCESS';
  if (isRefusedAtOnce(outcome)) return told(answerTo(asked, outcome));
  const token = books.tokens.require(paid.token);
  const order = book(world, books, { asked, token, kind: 'refund', outcome, paid });
  return answerOf(world, books, { asked, order });
}

/** Codes below 60 are UnionPay's own: nothing reaches an issuer, and no order is made. */
function isRefusedAtOnce(outcome: string): boolean {
  return /^[0-5]\d$/.test(outcome);
}

function amountOf(asked: Fields): bigint | undefined {
  const text = asked['txnAmt'] ?? '';
  const isWhole = /^[1-9]\d{0,11}$/.test(text) && asked['currencyCode'] === '156';
  return isWhole ? BigInt(text) : undefined;
}

function keyOf(asked: Fields): string {
  return orderKey(asked['orderId'] ?? '', asked['txnTime'] ?? '');
}

function book(
  world: World,
  books: UnionpayBooks,
  made: {
    readonly asked: Fields;
    readonly token: Token;
    readonly kind: Order['kind'];
    readonly outcome: string;
    readonly paid?: Order;
  },
): Order {
  const { asked, token, kind, outcome, paid } = made;
  const key = keyOf(asked);
  const createdAt = world.clock.now();
  const order: Order = {
    key,
    kind,
    orderId: asked['orderId'] ?? '',
    txnTime: asked['txnTime'] ?? '',
    txnAmt: Number(asked['txnAmt']),
    token: token.token,
    contractCode: token.orderId,
    ...(paid && { originalKey: paid.key }),
    backUrl: asked['backUrl'] ?? '',
    reqReserved: asked['reqReserved'] ?? '',
    outcome,
    queryId: queryIdFor(key, dateOf(createdAt)),
    traceNo: digitsFrom(6, 'unionpay-trace', key),
    createdAt,
    state: 'processing',
  };
  books.orders.put(key, order);
  return order;
}

/** What the merchant hears at once, and what happens after it. */
function answerOf(
  world: World,
  books: UnionpayBooks,
  about: { readonly asked: Fields; readonly order: Order },
): Answered {
  const { asked, order } = about;
  const [code] = order.outcome.split('_');
  const isUnclear = code === '03' || code === '04' || code === '05';
  planProcessing(world, books, order);
  if (order.outcome === 'TIMEOUT_THEN_PAID') return { kind: 'silent' };
  return told(answerTo(asked, isUnclear ? code : '00', acceptedFields(order)));
}

function acceptedFields(order: Order): Fields {
  return { txnAmt: String(order.txnAmt), currencyCode: '156', queryId: order.queryId };
}

/** Plans the moment in which the issuer answers. */
export function planProcessing(world: World, books: UnionpayBooks, order: Order): void {
  world.later.after(world.settings.current.unionpay.processingMs, () => {
    const present = books.orders.require(order.key);
    if (present.state === 'processing') finish(world, books, present);
  });
}

/** The issuer's answer: money moves once, or not at all. */
function finish(world: World, books: UnionpayBooks, order: Order): void {
  const failure = /^[6-9]\d$/.test(order.outcome)
    ? order.outcome
    : order.outcome.endsWith('_THEN_FAILED')
      ? '60'
      : undefined;
  const { cardKey } = books.tokens.require(order.token);
  const amount = order.txnAmt;
  const refusal =
    failure ?? (order.kind === 'debit' ? charge(world, books, { cardKey, amount }) : undefined);
  // The rail's times are whole seconds.
  const endedAt = Math.floor(world.clock.now() / 1000) * 1000;
  if (refusal !== undefined) {
    books.orders.put(order.key, { ...order, state: 'failed', code: refusal, endedAt });
    return;
  }
  if (order.kind === 'refund') credit(books, cardKey, amount);
  const code = order.outcome === 'A6' ? 'A6' : '00';
  const done: Order = { ...order, state: 'done', code, endedAt };
  books.orders.put(order.key, done);
  if (order.outcome !== 'LOST_CALLBACK') notifyOrder(world, books, done);
}

/** 00/00: `respCode` is of the question, `origRespCode` of the order. */
export function queryOrder(world: World, books: UnionpayBooks, asked: Fields): Fields {
  const order = books.orders.get(keyOf(asked));
  if (order === undefined) return answerTo(asked, '34');
  const code = order.code ?? '05';
  const fields = { ...orderFields(order), origRespCode: code, origRespMsg: wordsOf(code) };
  const occasion = {
    rail: 'unionpay',
    operations: [order.kind === 'debit' ? 'query' : 'refund_query'],
    contractCode: order.contractCode,
    orderNumber: paidNumberOf(books, order),
  } as const;
  const swap = world.faults.take(occasion, SWAP_FAULTS)?.fault;
  const version = swap === 'swapped_amount' || swap === 'swapped_order' ? swap : undefined;
  return answerTo(asked, '00', falsify(fields, version));
}

/** The number of the order that was paid, also of a refund: by it faults are scripted. */
export function paidNumberOf(books: UnionpayBooks, order: Order): string {
  const paid = order.originalKey === undefined ? order : books.orders.get(order.originalKey);
  return paid?.orderId ?? order.orderId;
}
