import { invariant } from '../result/invariant.ts';

/** What each prefix stands for. An id is its prefix and a time-ordered UUID without dashes. */
export const ID_PREFIXES = {
  mer: 'merchant',
  cus: 'customer',
  pln: 'plan',
  prc: 'price',
  prv: 'price version',
  sub: 'subscription',
  sit: 'subscription item',
  man: 'mandate',
  inv: 'invoice',
  not: 'notice',
  dbt: 'debit',
  att: 'attempt',
  pay: 'payment',
  jrn: 'journal',
  evt: 'event',
  bil: 'rail bill',
  brk: 'break',
  run: 'run',
} as const;

export type IdPrefix = keyof typeof ID_PREFIXES;
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`;

export type MerchantId = Id<'mer'>;
export type CustomerId = Id<'cus'>;
export type SubscriptionId = Id<'sub'>;
export type MandateId = Id<'man'>;
export type InvoiceId = Id<'inv'>;
export type NoticeId = Id<'not'>;
export type DebitId = Id<'dbt'>;
export type AttemptId = Id<'att'>;
export type PaymentId = Id<'pay'>;
export type JournalId = Id<'jrn'>;
export type EventId = Id<'evt'>;
export type RailBillId = Id<'bil'>;
export type BreakId = Id<'brk'>;
export type RunId = Id<'run'>;
export type PlanId = Id<'pln'>;
export type PriceId = Id<'prc'>;
export type PriceVersionId = Id<'prv'>;
export type SubscriptionItemId = Id<'sit'>;

/** Customers live in one of 1,024 buckets for life (DESIGN §6). */
export const BUCKET_COUNT = 1024;
const BUCKET_MASK = 0x3ff;

const HEX_ID = /^([a-z]{3})_([0-9a-f]{32})$/;

/**
 * Makes an id: UUID version 7 (RFC 9562) whose last 10 bits are the bucket, so that any id finds
 * its rows without a look-up. `epochMilliseconds` orders it; `random` is 10 random bytes.
 */
export function makeId<P extends IdPrefix>(
  prefix: P,
  parts: {
    readonly epochMilliseconds: number;
    readonly random: Uint8Array;
    readonly bucket: number;
  },
): Id<P> {
  const { epochMilliseconds, random, bucket } = parts;
  invariant(random.length === 10, 'an id needs 10 random bytes');
  invariant(
    Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKET_COUNT,
    'the bucket is one of 1,024',
  );
  invariant(
    Number.isInteger(epochMilliseconds) && epochMilliseconds >= 0,
    'the time is whole milliseconds after 1970',
  );
  const time = epochMilliseconds.toString(16).padStart(12, '0');
  invariant(time.length === 12, 'the time fits 48 bits');
  const bytes = Uint8Array.from(random);
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0xfc) | (bucket >> 8);
  bytes[9] = bucket & 0xff;
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return `${prefix}_${time}${hex}`;
}

/** The bucket that an id carries in its last 10 bits. */
export function bucketOf(id: Id): number {
  return Number.parseInt(id.slice(-3), 16) & BUCKET_MASK;
}

/** Whether `text` is an id of the kind `prefix`. */
export function isId<P extends IdPrefix>(prefix: P, text: string): text is Id<P> {
  const match = HEX_ID.exec(text);
  return match !== null && match[1] === prefix;
}

/** The kind of id that `text` is, or undefined when it is none of ours. */
export function kindOfId(text: string): IdPrefix | undefined {
  const prefix = HEX_ID.exec(text)?.[1];
  return prefix !== undefined && Object.hasOwn(ID_PREFIXES, prefix)
    ? (prefix as IdPrefix)
    : undefined;
}

/** The dashed UUID that the database stores. */
export function toUuid(id: Id): string {
  const hex = id.slice(4);
  const groups = [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ] as const;
  return groups.map(([from, until]) => hex.slice(from, until)).join('-');
}

export function fromUuid<P extends IdPrefix>(prefix: P, uuid: string): Id<P> {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}

/**
 * The bucket of a text key (a customer's external reference under its merchant, a rail's order
 * number, an idempotency key): FNV-1a over UTF-16 units with a final mix, fixed for life. Changing
 * it would move every customer.
 */
export function bucketOfKey(...parts: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1) {
      hash = Math.imul(hash ^ part.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & BUCKET_MASK;
}
