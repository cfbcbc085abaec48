import { digitsFrom } from '../chance.ts';
import type { World } from '../world.ts';

/** A card account at an issuer. Of the number only its hash and its last digits are kept. */
export interface CardAccount {
  readonly key: string;
  readonly lastFour: string;
  /** In 分. */
  readonly balance: number;
  /** The most that one Beijing month may take; in 分. */
  readonly monthLimit: number;
  readonly month: string;
  readonly monthSpent: number;
}

/** An opening whose code was sent to the phone. */
export interface Opening {
  readonly orderId: string;
  readonly txnTime: string;
  readonly cardKey: string;
}

/** A token for a card, opened by the merchant's order. */
export interface Token {
  readonly token: string;
  readonly orderId: string;
  readonly txnTime: string;
  readonly cardKey: string;
  /** The card number, encrypted for the merchant. */
  readonly accNo: string;
  readonly status: 'open' | 'deleted';
  readonly beginsAt: number;
  readonly endsAt: number;
}

/** A debit or a refund; both are orders of the rail, named by number and time. */
export interface Order {
  readonly key: string;
  readonly kind: 'debit' | 'refund';
  readonly orderId: string;
  readonly txnTime: string;
  readonly txnAmt: number;
  readonly token: string;
  readonly contractCode: string;
  /** Of a refund: the key of the paid order. */
  readonly originalKey?: string;
  readonly backUrl: string;
  readonly reqReserved: string;
  readonly outcome: string;
  readonly queryId: string;
  readonly traceNo: string;
  readonly createdAt: number;
  readonly state: 'processing' | 'done' | 'failed';
  /** The answer code once it has ended. */
  readonly code?: string;
  readonly endedAt?: number;
}

export interface UnionpayBooks extends ReturnType<typeof openTables> {
  readonly tokensByOpening: (orderKey: string) => readonly Token[];
  readonly ordersByState: (state: Order['state']) => readonly Order[];
  readonly ordersByQueryId: (queryId: string) => readonly Order[];
  readonly refundsOf: (orderKey: string) => readonly Order[];
}

function openTables(world: World) {
  return {
    cards: world.books.table<CardAccount>('unionpay_cards'),
    openings: world.books.table<Opening>('unionpay_openings'),
    tokens: world.books.table<Token>('unionpay_tokens'),
    orders: world.books.table<Order>('unionpay_orders'),
  };
}

/** Opens the tables of this rail. */
export function openUnionpayBooks(world: World): UnionpayBooks {
  const tables = openTables(world);
  return {
    ...tables,
    tokensByOpening: tables.tokens.indexBy((token) => orderKey(token.orderId, token.txnTime)),
    ordersByState: tables.orders.indexBy((order) => order.state),
    ordersByQueryId: tables.orders.indexBy((order) => order.queryId),
    refundsOf: tables.orders.indexBy((order) => order.originalKey),
  };
}

/** An order is its number and its time together (rails.md §3.1). */
export function orderKey(orderId: string, txnTime: string): string {
  return `${orderId}|${txnTime}`;
}

/** The rail's own number of an order: 21 digits that begin with the date. */
export function queryIdFor(key: string, date: string): string {
  return `${date.replaceAll('-', '')}${digitsFrom(13, 'unionpay-query', key)}`;
}

export function tokenFor(key: string): string {
  return `6235${digitsFrom(15, 'unionpay-token', key)}`;
}
