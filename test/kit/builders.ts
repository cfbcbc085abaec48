import {
  type Attempt,
  type AttemptState,
  bucketOf,
  type Currency,
  type Customer,
  DEFAULT_TIMETABLE,
  type Debit,
  type DebitFacts,
  type IdSource,
  type Invoice,
  isOpen,
  type Mandate,
  makeId,
  money,
  type Notice,
  type Payment,
  type PricedVersion,
  type PriceKind,
  type RailCapabilities,
  type ScheduleContext,
  type Subscription,
  type SubscriptionItem,
  splitTax,
  type Timetable,
  toContractCode,
  toOrderNumber,
} from '../../packages/core/src/index.ts';

// One renewal in memory, as the decisions of core see it: T is 10 March 2026 in Shanghai, the
// notice was delivered on T−5, the debit waits for T 07:30. Every part takes changes.

/** A rail that the chart of accounts has a clearing account for; which one does not matter. */
export const RAIL = 'wechat';
export const ZONE = 'Asia/Shanghai';
/** T: the due date of everything that is built here. */
export const DUE = day('2026-03-10');
export const PRICE = money(2_985n, 'CNY');

export function day(text: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(text);
}

/** The instant of a Shanghai clock: at('2026-03-10 07:30'). */
export function at(local: string): Temporal.Instant {
  return Temporal.PlainDateTime.from(local.replace(' ', 'T')).toZonedDateTime(ZONE).toInstant();
}

/** A Shanghai clock at `instant`: "2026-03-10 07:30", with seconds when there are any. */
export function clockOf(instant: Temporal.Instant): string {
  const local = instant.toZonedDateTimeISO(ZONE).toPlainDateTime();
  return local
    .toString({ smallestUnit: local.second === 0 ? 'minute' : 'second' })
    .replace('T', ' ');
}

/** Ids that are the same on every run: the n-th id has n in its time. */
export function countingIds(from = 1_000): IdSource {
  let count = from;
  return (prefix, bucket) => {
    count += 1;
    return makeId(prefix, { epochMilliseconds: count, random: new Uint8Array(10), bucket });
  };
}

const FIXED = countingIds(0);
const MERCHANT = FIXED('mer', 0);
const BUCKET = 7;
const CUSTOMER = FIXED('cus', BUCKET);
const MANDATE = FIXED('man', BUCKET);
const SUBSCRIPTION = FIXED('sub', BUCKET);
const INVOICE = FIXED('inv', BUCKET);
const DEBIT = FIXED('dbt', BUCKET);
const PRICE_VERSION = FIXED('prv', 0);
const PLAN = FIXED('pln', 0);
const NEXT = countingIds(100);

/** A rail without wishes: any hour, any date, no announcement. */
export const PLAIN_RAIL: RailCapabilities = {
  orderNumberMaxLength: 32,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'reply',
  defaultSingleCap: money(50_000n, 'CNY'),
  submitPerSecond: 100,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: ZONE,
};

const OPEN_HOURS = {
  from: Temporal.PlainTime.from('07:00'),
  until: Temporal.PlainTime.from('22:00'),
  zone: ZONE,
} as const;

/** A rail with opening hours that wants its own announcement two days before, for three days. */
export const ANNOUNCING_RAIL: RailCapabilities = {
  ...PLAIN_RAIL,
  completion: 'later',
  submitWindow: OPEN_HOURS,
  announcement: { leadDays: 2, windowDays: 3, window: OPEN_HOURS },
};

/** A rail that keeps a planned date, up to five days before which it takes the debit. */
export const PLANNED_DATE_RAIL: RailCapabilities = {
  ...PLAIN_RAIL,
  plannedDate: { earlyDays: 5, latestDayOfMonth: 28 },
};

export function contextAt(
  local: string,
  changes: {
    readonly rail?: RailCapabilities;
    readonly timetable?: Partial<Timetable>;
    readonly zone?: string;
  } = {},
): ScheduleContext {
  return {
    capabilities: changes.rail ?? PLAIN_RAIL,
    timetable: { ...DEFAULT_TIMETABLE, ...changes.timetable },
    zone: changes.zone ?? ZONE,
    now: at(local),
    ids: countingIds(),
  };
}

export function aCustomer(changes: Partial<Customer> = {}): Customer {
  return {
    id: CUSTOMER,
    merchantId: MERCHANT,
    externalReference: 'C-0001',
    name: '王小明',
    locale: 'zh-CN',
    mail: 'payer@example.test',
    phone: '+12125550123',
    preferredChannel: 'mail',
    createdAt: at('2026-01-01 09:00'),
    ...changes,
  };
}

/** The customer without any address. */
export function anUnreachableCustomer(): Customer {
  const { mail: _mail, phone: _phone, ...rest } = aCustomer();
  return rest;
}

export function aMandate(changes: Partial<Mandate> = {}): Mandate {
  return {
    id: MANDATE,
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    rail: RAIL,
    state: 'active',
    contractCode: toContractCode(MANDATE),
    displayAccount: 'C-0001',
    railReference: 'R-1',
    singleCap: money(50_000n, 'CNY'),
    signedAt: at('2026-02-01 12:00'),
    lastRailEventAt: at('2026-02-01 12:00'),
    createdAt: at('2026-02-01 11:00'),
    ...changes,
  };
}

export function anInvoice(changes: Partial<Invoice> = {}): Invoice {
  const period = { start: DUE, end: DUE.add({ months: 1 }) };
  const split = splitTax(PRICE, 600n);
  return {
    id: INVOICE,
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    subscriptionId: SUBSCRIPTION,
    number: 'B202603-0000000000000001',
    state: 'open',
    collection: 'auto_debit',
    period,
    dueDate: DUE,
    issueAt: at('2026-03-05 09:00'),
    total: PRICE,
    ...split,
    lines: [
      {
        position: 1,
        kind: 'flat',
        priceVersionId: PRICE_VERSION,
        period,
        quantity: 1n,
        unitAmount: PRICE,
        amount: PRICE,
        ...split,
        taxBasisPoints: 600n,
        reason: { rule: 'list_price', nameZh: '基础费', nameEn: 'Base fee' },
      },
    ],
    createdAt: at('2026-03-02 08:00'),
    issuedAt: at('2026-03-05 09:00'),
    ...changes,
  };
}

export function aDebit(changes: Partial<Debit> = {}): Debit {
  return {
    id: DEBIT,
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    mandateId: MANDATE,
    rail: RAIL,
    state: 'scheduled',
    amount: PRICE,
    invoiceIds: [INVOICE],
    dueDate: DUE,
    collectAt: at('2026-03-10 07:30'),
    collectDate: DUE,
    attemptCount: 0,
    createdAt: at('2026-03-05 09:00'),
    ...changes,
  };
}

/** The renewal notice of T, delivered at `deliveredAt` (T−5 09:05 by default). */
export function aNotice(changes: Partial<Notice> = {}): Notice {
  return {
    id: NEXT('not', BUCKET),
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    debitId: DEBIT,
    purpose: 'renewal',
    channel: 'mail',
    locale: 'zh-CN',
    state: 'delivered',
    amount: PRICE,
    collectDate: DUE,
    dueAt: at('2026-03-05 09:00'),
    sentAt: at('2026-03-05 09:01'),
    deliveredAt: at('2026-03-05 09:05'),
    createdAt: at('2026-03-05 09:00'),
    ...changes,
  };
}

/** A notice that has not been delivered. */
export function anUndeliveredNotice(
  state: Exclude<Notice['state'], 'delivered'>,
  changes: Partial<Notice> = {},
): Notice {
  const { sentAt: _sent, deliveredAt: _delivered, ...rest } = aNotice(changes);
  return { ...rest, state, ...(state === 'failed' ? { failureCode: 'bounced' } : {}) };
}

/** What is kept of the rail's own announcement that opened these days. */
export function anAnnouncement(from: string, until: string): Notice {
  return aNotice({
    purpose: 'rail',
    channel: 'rail',
    windowFrom: day(from),
    windowUntil: day(until),
  });
}

/** An attempt as its state says: ended ones have their end, open ones their next question. */
export function anAttempt(
  ordinal: number,
  state: AttemptState,
  changes: Partial<Attempt> = {},
): Attempt {
  const submittedAt = at('2026-03-10 07:30').add({ minutes: ordinal - 1 });
  return {
    id: makeId('att', {
      epochMilliseconds: 50 + ordinal,
      random: new Uint8Array(10),
      bucket: BUCKET,
    }),
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    debitId: DEBIT,
    rail: RAIL,
    ordinal,
    orderNumber: toOrderNumber(DEBIT, ordinal),
    state,
    amount: PRICE,
    submittedAt,
    askCount: 0,
    ...(isOpen(state)
      ? { askAt: submittedAt.add({ seconds: 30 }) }
      : { endedAt: submittedAt.add({ seconds: 20 }) }),
    ...(state === 'succeeded' || state === 'late_success' ? { railReference: `T-${ordinal}` } : {}),
    ...(state === 'refused'
      ? { refusal: { class: 'funds', code: 'NOT_ENOUGH', message: '余额不足' } as const }
      : {}),
    ...changes,
  };
}

/** The debit with all that decides about it; a noticed renewal of T by default. */
export function facts(changes: Partial<DebitFacts> = {}): DebitFacts {
  return {
    debit: aDebit(),
    mandate: aMandate(),
    customer: aCustomer(),
    invoices: [anInvoice()],
    notices: [aNotice()],
    attempts: [],
    ...changes,
  };
}

/** The debit on its way: its last attempt is the one in `attempts` that is open. */
export function inFlight(attempts: readonly Attempt[], changes: Partial<DebitFacts> = {}) {
  const ended = attempts.filter(({ state }) => !isOpen(state) && state !== 'never_sent');
  return facts({
    debit: aDebit({ state: 'in_flight', attemptCount: ended.length }),
    attempts,
    ...changes,
  });
}

/** An id of the customer's bucket, for rows that a test adds. */
export const anotherId: IdSource = (prefix) => NEXT(prefix, bucketOf(CUSTOMER));

export function aPayment(attempt: Attempt, changes: Partial<Payment> = {}): Payment {
  const paidAt = at('2026-03-10 07:30:05');
  return {
    id: NEXT('pay', BUCKET),
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    debitId: attempt.debitId,
    attemptId: attempt.id,
    rail: RAIL,
    railReference: 'T-1',
    amount: attempt.amount,
    paidAt,
    businessDate: paidAt.toZonedDateTimeISO(ZONE).toPlainDate(),
    ...changes,
  };
}

/** A price of this kind with its first version, 6 % tax inside, per month. */
export function aPrice(kind: PriceKind, minor: bigint, currency: Currency = 'CNY'): PricedVersion {
  const priceId = NEXT('prc', 0);
  return {
    price: {
      id: priceId,
      planId: PLAN,
      code: kind,
      kind,
      nameZh: '基础费',
      nameEn: 'Base fee',
    },
    version: {
      id: NEXT('prv', 0),
      priceId,
      version: 1,
      unitAmount: money(minor, currency),
      taxBasisPoints: 600n,
      interval: { unit: 'month', count: 1 },
      effectiveFrom: day('2026-01-01'),
    },
  };
}

/** One unit of a price, at the list price. */
export function anItem(
  { price, version }: PricedVersion,
  changes: Partial<SubscriptionItem> = {},
): SubscriptionItem {
  return {
    id: NEXT('sit', BUCKET),
    kind: price.kind,
    priceVersionId: version.id,
    quantity: 1n,
    ...changes,
  };
}

/** A monthly subscription from T on; its first period is billed next. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  return {
    id: SUBSCRIPTION,
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    planId: PLAN,
    state: 'active',
    anchor: DUE,
    interval: { unit: 'month', count: 1 },
    nextPeriodIndex: 0,
    nextBillAt: at('2026-03-02 08:00'),
    collection: 'auto_debit',
    paymentMethodLabel: '自动扣款',
    items: [],
    createdAt: at('2026-01-01 09:00'),
    ...changes,
  };
}
