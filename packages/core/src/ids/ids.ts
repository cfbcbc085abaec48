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
  prd: 'product',
  mtr: 'meter',
  thr: 'usage threshold',
  ubt: 'usage batch',
  pli: 'pending line',
  crg: 'credit grant',
  cdn: 'credit note',
  chg: 'subscription change',
  red: 'coupon redemption',
  rsp: 'resource pack',
  pch: 'price change',
  cpn: 'coupon',
  rfd: 'refund',
  rtn: 'return of a payment',
  exc: 'money exception',
  apr: 'approval',
  hpy: 'payment by hand',
  plk: 'pay link',
  bst: 'bank statement',
  bsl: 'bank statement line',
  stl: 'settlement',
  drf: 'mandate drift',
  ltf: 'late fee',
  tur: 'top-up rule',
  tup: 'top-up',
  pol: 'policy',
  tsk: 'task',
  ovr: 'entitlement override',
  whe: 'webhook endpoint',
  whd: 'webhook delivery',
  dun: 'dunning case',
  chk: 'checkup',
  cfd: 'checkup finding',
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
export type CouponId = Id<'cpn'>;
export type SubscriptionItemId = Id<'sit'>;
export type ProductId = Id<'prd'>;
export type MeterId = Id<'mtr'>;
export type ThresholdId = Id<'thr'>;
export type UsageBatchId = Id<'ubt'>;
export type PendingLineId = Id<'pli'>;
export type CreditGrantId = Id<'crg'>;
export type CreditNoteId = Id<'cdn'>;
export type SubscriptionChangeId = Id<'chg'>;
export type RedemptionId = Id<'red'>;
export type ResourcePackId = Id<'rsp'>;
export type PriceChangeId = Id<'pch'>;
export type RefundId = Id<'rfd'>;
export type ReturnId = Id<'rtn'>;
export type MoneyExceptionId = Id<'exc'>;
export type ApprovalId = Id<'apr'>;
export type HandPaymentId = Id<'hpy'>;
export type PayLinkId = Id<'plk'>;
export type BankStatementId = Id<'bst'>;
export type BankStatementLineId = Id<'bsl'>;
export type SettlementId = Id<'stl'>;
export type MandateDriftId = Id<'drf'>;
export type LateFeeId = Id<'ltf'>;
export type TopUpRuleId = Id<'tur'>;
export type TopUpId = Id<'tup'>;
export type PolicyId = Id<'pol'>;
export type TaskId = Id<'tsk'>;
export type CheckupId = Id<'chk'>;
export type CheckupFindingId = Id<'cfd'>;
export type OverrideId = Id<'ovr'>;
export type WebhookEndpointId = Id<'whe'>;
export type WebhookDeliveryId = Id<'whd'>;

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
  for (const byte of bytes) hex += HEX_BYTES[byte];
  return `${prefix}_${time}${hex}`;
}

/** The two digits of every byte: ids are made by the hundred thousand. */
const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The bucket that an id carries in its last 10 bits. */
export function bucketOf(id: Id): number {
  const last = id.length - 1;
  const digits = digitAt(id, last - 2) * 256 + digitAt(id, last - 1) * 16 + digitAt(id, last);
  return digits & BUCKET_MASK;
}

/** The value of a lower-case hexadecimal digit: ids are asked for their bucket at every turn. */
function digitAt(id: Id, index: number): number {
  const code = id.charCodeAt(index);
  return code >= 0x61 ? code - 0x57 : code - 0x30;
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
  const [low, middle, high] = [id.slice(4, 12), id.slice(12, 16), id.slice(16, 20)];
  return `${low}-${middle}-${high}-${id.slice(20, 24)}-${id.slice(24)}`;
}

export function fromUuid<P extends IdPrefix>(prefix: P, uuid: string): Id<P> {
  const [low, middle, high] = [uuid.slice(0, 8), uuid.slice(9, 13), uuid.slice(14, 18)];
  return `${prefix}_${low}${middle}${high}${uuid.slice(19, 23)}${uuid.slice(24)}`;
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
