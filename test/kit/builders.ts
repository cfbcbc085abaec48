import {
  type Attempt,
  type AttemptState,
  type BilledLine,
  bucketOf,
  type ChangeContext,
  type Customer,
  DEFAULT_TIMETABLE,
  type Debit,
  type DebitFacts,
  type DebitNotice,
  type DraftContext,
  type DraftDecision,
  type DraftFacts,
  fromMoney,
  type IdSource,
  type Invoice,
  type InvoiceLine,
  isOpen,
  type Mandate,
  makeId,
  money,
  type Payment,
  type PricedVersion,
  type PriceKind,
  type PriceVersion,
  type RailCapabilities,
  ratio,
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
const METER = FIXED('mtr', 0);
const NEXT = countingIds(100);

/** A rail without wishes: any hour, any date, no announcement. */
export const PLAIN_RAIL: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: ['browser_page'],
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
    kind: 'person',
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
    billingKey: `period:${DUE}`,
    state: 'open',
    collection: 'auto_debit',
    period,
    dueDate: DUE,
    issueAt: at('2026-03-05 09:00'),
    total: PRICE,
    ...split,
    balanceApplied: money(0n, 'CNY'),
    credited: money(0n, 'CNY'),
    lines: [aLine({ period })],
    createdAt: at('2026-03-02 08:00'),
    issuedAt: at('2026-03-05 09:00'),
    ...changes,
  };
}

/** The one line of the invoice: the base fee for a month from T on. */
export function aLine(changes: Partial<InvoiceLine> = {}): InvoiceLine {
  return {
    position: 1,
    kind: 'flat',
    priceCode: 'flat',
    priceVersionId: PRICE_VERSION,
    subscriptionId: SUBSCRIPTION,
    period: { start: DUE, end: DUE.add({ months: 1 }) },
    serviceDays: 31,
    periodDays: 31,
    quantity: ratio(1n),
    unitAmount: ratio(PRICE.minor, 100n),
    subtotal: PRICE,
    discount: money(0n, 'CNY'),
    amount: PRICE,
    ...splitTax(PRICE, 600n),
    taxBasisPoints: 600n,
    rule: 'list_price',
    nameZh: '基础费',
    nameEn: 'Base fee',
    why: {},
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
export function aNotice(changes: Partial<DebitNotice> = {}): DebitNotice {
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
  state: Exclude<DebitNotice['state'], 'delivered'>,
  changes: Partial<DebitNotice> = {},
): DebitNotice {
  const { sentAt: _sent, deliveredAt: _delivered, ...rest } = aNotice(changes);
  return { ...rest, state, ...(state === 'failed' ? { failureCode: 'bounced' } : {}) };
}

/** What is kept of the rail's own announcement that opened these days. */
export function anAnnouncement(from: string, until: string): DebitNotice {
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

/**
 * A price of this kind with its first version, 6 % tax inside, per month: a flat price is an amount
 * whatever the quantity, every other one an amount per unit. `minor` is in the smallest unit.
 */
export function aPrice(
  kind: PriceKind,
  minor: bigint,
  changes: Partial<PriceVersion> & { readonly code?: string } = {},
): PricedVersion {
  const { code = kind, ...version } = changes;
  const currency = version.currency ?? 'CNY';
  const amount = fromMoney(money(minor, currency));
  const priceId = NEXT('prc', 0);
  return {
    price: { id: priceId, planId: PLAN, code, kind, nameZh: '基础费', nameEn: 'Base fee' },
    version: {
      id: NEXT('prv', 0),
      priceId,
      version: 1,
      currency,
      model: kind === 'flat' ? { type: 'flat', amount } : { type: 'per_unit', unitAmount: amount },
      taxBasisPoints: 600n,
      taxBehavior: 'inclusive',
      interval: { unit: 'month', count: 1 },
      timing: kind === 'metered' ? 'arrears' : 'advance',
      ...(kind === 'metered' ? { meterId: METER } : {}),
      effectiveFrom: day('2020-01-01'),
      ...version,
    },
  };
}

/** One unit of a price, at the list price, as long as the subscription. */
export function anItem(
  { price, version }: PricedVersion,
  changes: Partial<SubscriptionItem> = {},
): SubscriptionItem {
  return {
    id: NEXT('sit', BUCKET),
    kind: price.kind,
    priceVersionId: version.id,
    quantity: 1n,
    from: day('2020-01-01'),
    ...changes,
  };
}

/** A monthly subscription from T on, or from its anchor; its first period is billed next. */
export function aSubscription(changes: Partial<Subscription> = {}): Subscription {
  const startsOn = changes.startsOn ?? changes.anchor ?? DUE;
  return {
    id: SUBSCRIPTION,
    merchantId: MERCHANT,
    customerId: CUSTOMER,
    planId: PLAN,
    state: 'active',
    anchor: startsOn,
    interval: { unit: 'month', count: 1 },
    startsOn,
    pauses: [],
    autoRenew: true,
    billedThrough: startsOn,
    arrearsThrough: startsOn,
    nextBillAt: at('2026-03-02 08:00'),
    collection: 'auto_debit',
    paymentMethodLabel: '自动扣款',
    items: [],
    createdAt: at('2026-01-01 09:00'),
    ...changes,
  };
}

/** The facts of a subscription's draft: no usage, nothing waiting, no history. */
export function factsOf(subscription: Subscription, changes: Partial<DraftFacts> = {}): DraftFacts {
  return {
    subscription,
    usage: new Map(),
    usageBilled: [],
    pendingLines: [],
    redemptions: [],
    packs: [],
    recentTotals: [],
    ...changes,
  };
}

/** Ids of all drafts and changes of a run, none of them twice. */
const SHARED = countingIds(100_000);

/** What a draft is decided with; two lines a day, ten times the history above ¥1,000. */
export function contextOf(
  prices: readonly PricedVersion[],
  changes: Partial<DraftContext> = {},
): DraftContext {
  return {
    prices: new Map(prices.map((one) => [one.version.id, one])),
    timetable: DEFAULT_TIMETABLE,
    bounds: { linesPerDay: 2, timesRecent: 10n, floorMinor: 100_000n },
    zone: ZONE,
    now: at('2026-03-02 08:00'),
    ids: SHARED,
    ...changes,
  };
}

/** The invoice of a draft; a draft without one is an error of the test. */
export function invoiceOf({ invoice, subscription }: DraftDecision): Invoice {
  if (invoice === undefined) throw new Error(`no invoice: ${subscription.parked?.sentence}`);
  return invoice;
}

/** What a change is decided with at this Shanghai clock. */
export function changeContext(prices: readonly PricedVersion[], local: string): ChangeContext {
  const { prices: byId, timetable, zone, ids } = contextOf(prices);
  return { prices: byId, timetable, zone, ids, now: at(local) };
}

/** The lines of invoices, each with the invoice that has it, as changes read them. */
export function billedLinesOf(...invoices: readonly Invoice[]): readonly BilledLine[] {
  return invoices.flatMap(({ id, lines }) =>
    lines.map((line) => ({ subscriptionId: line.subscriptionId, invoiceId: id, line })),
  );
}
