import type { CustomerKind } from '../customer/customer.ts';
import type { Currency, Money } from '../money/money.ts';
import { compareRatio, parseRatio, RATIO_ZERO, type Ratio, ratio } from '../money/ratio.ts';
import type { JsonObject, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type LateFeeRefusalCode, lateFeeRefusal } from './late-fee-refusals.ts';

/** Amounts of the smallest unit, by currency. */
export type AmountsByCurrency = Readonly<Partial<Record<Currency, bigint>>>;

/** Who can be asked for one: those who pay invoices. */
export type LateFeePayer = Extract<CustomerKind, 'person' | 'organisation'>;
export const LATE_FEE_PAYERS = ['person', 'organisation'] as const satisfies LateFeePayer[];

/** A share of the base for each day, in basis points; a month counts as 30 days. Or once. */
export type LateFeeRate =
  | { readonly per: 'day' | 'month'; readonly basisPoints: Ratio }
  | { readonly per: 'invoice'; readonly amounts: AmountsByCurrency };

/** A merchant's declared late fee (滞纳金, in law 违约金). It applies to nobody who was not told. */
export type LateFeePolicy = {
  readonly rate: LateFeeRate;
  /** Whole days after the due date in which nothing accrues. */
  readonly graceDays: number;
  /** Whether earlier late fees on the invoice are part of the base; never for persons. */
  readonly compounding: boolean;
  readonly cap: {
    /** Of the base that was unpaid on the first day that counts; 10,000 is all of it. */
    readonly basisPoints: bigint;
    /** And at most this, where the currency is named. */
    readonly amounts: AmountsByCurrency;
  };
  /** Less than this is not asked for; zero where the currency is not named. */
  readonly minimum: AmountsByCurrency;
  readonly customers: readonly LateFeePayer[];
  /** Invoices issued on this date or later; and never one issued before the publication. */
  readonly from: Temporal.PlainDate;
  /** An invoice that stays unpaid is charged for after every so many days that count. */
  readonly chargeEveryDays: number;
  /** The first late fee of a customer in so many months is waived by itself; absent: none is. */
  readonly goodwillMonths?: number;
  /** Waivers above this want a second person; a currency that is not named always wants one. */
  readonly approveWaiverAbove: AmountsByCurrency;
};

/**
 * The ceilings that hold unless a document for organisations gives its reason: 5 basis points a day
 * and 30 % of the base in all. They are a cautious default of ours and no law: courts lower a
 * 违约金 that is excessively above the loss (Civil Code art. 585), case by case.
 */
export const LATE_FEE_DEFAULT_CEILING = { dailyBasisPoints: 5n, capBasisPoints: 3_000n } as const;
/** What no reason lifts: 50 basis points a day, and as much again as was owed. */
export const LATE_FEE_FIRM_CEILING = { dailyBasisPoints: 50n, capBasisPoints: 10_000n } as const;
/** Days in a month of a monthly rate: a convention that every day of every month costs the same. */
export const LATE_FEE_MONTH_DAYS = 30n;

const MOST_GRACE_DAYS = 365;
const MOST_BASIS_POINTS = 1_000_000;

/**
 * Reads the document of a late fee. Refused: no cap, a rate or a cap above its ceiling, compounding
 * for persons, a start before `today`, an unknown currency, and what is no number. `today`: the
 * business date of the publication; absent where a published document is read again.
 */
export function readLateFeePolicy(
  body: JsonObject,
  { today }: { readonly today?: Temporal.PlainDate } = {},
): Result<LateFeePolicy, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const read = (code: LateFeeRefusalCode, field: string) =>
    reader.refuse(lateFeeRefusal(code, field));
  const rate = readRate(reader);
  const capReader = reader.object('cap');
  const capBasisPoints = capReader?.whole('basis_points', { least: 0, most: MOST_BASIS_POINTS });
  const goodwill = reader.object('goodwill');
  const waiver = reader.object('waiver');
  const policy: LateFeePolicy = {
    rate,
    graceDays: readGrace(reader),
    compounding: reader.flag('compounding', false),
    cap: {
      basisPoints: BigInt(capBasisPoints ?? 0),
      amounts: byCurrency(capReader?.amounts('amounts') ?? []),
    },
    minimum: byCurrency(reader.amounts('minimum')),
    customers: reader.words('customers', LATE_FEE_PAYERS),
    from: readDate(reader, 'from'),
    chargeEveryDays: reader.whole('charge_every_days', { least: 7, most: 366, otherwise: 30 }),
    ...(goodwill === undefined
      ? {}
      : { goodwillMonths: goodwill.whole('months', { least: 1, most: 60 }) }),
    approveWaiverAbove: byCurrency(waiver?.amounts('approve_above') ?? []),
  };
  const reason = reader.has('above_default_because') ? reader.text('above_default_because') : '';
  for (const part of [reader, capReader, goodwill, waiver]) part?.refuseUnread();
  if (capReader === undefined || policy.cap.basisPoints === 0n) read('cap_missing', 'cap');
  if (policy.customers.length === 0) read('customers_missing', 'customers');
  if (today !== undefined && Temporal.PlainDate.compare(policy.from, today) < 0) {
    read('fee_retroactive', 'from');
  }
  const refused = refusedCeiling(policy, reason !== '');
  if (refused !== undefined) read(refused.code, refused.field);
  return reader.found === undefined ? ok(policy) : refuse(reader.found);
}

type Refused = { readonly code: LateFeeRefusalCode; readonly field: string };

function refusedCeiling(policy: LateFeePolicy, hasReason: boolean): Refused | undefined {
  const { rate, cap, customers, compounding } = policy;
  const isForPersons = customers.includes('person');
  if (compounding && isForPersons) return { code: 'compounding_for_persons', field: 'compounding' };
  const daily = dailyRate(rate);
  const exceeds = (ceiling: { dailyBasisPoints: bigint; capBasisPoints: bigint }) => {
    if (compareRatio(daily, ratio(ceiling.dailyBasisPoints)) > 0) return 'rate.basis_points';
    return cap.basisPoints > ceiling.capBasisPoints ? 'cap.basis_points' : undefined;
  };
  const firm = exceeds(LATE_FEE_FIRM_CEILING);
  if (firm !== undefined) return { code: 'fee_above_ceiling', field: firm };
  const usual = exceeds(LATE_FEE_DEFAULT_CEILING);
  if (usual === undefined || (hasReason && !isForPersons)) return undefined;
  return { code: isForPersons ? 'fee_above_ceiling' : 'ceiling_needs_reason', field: usual };
}

/** Basis points a day, exact; zero for one that is asked once. */
export function dailyRate(rate: LateFeeRate): Ratio {
  if (rate.per === 'invoice') return RATIO_ZERO;
  const { numerator, denominator } = rate.basisPoints;
  return rate.per === 'day'
    ? rate.basisPoints
    : ratio(numerator, denominator * LATE_FEE_MONTH_DAYS);
}

/** Refused here and not by its bounds, so that a negative number is told by its own sentence. */
function readGrace(reader: PolicyReader): number {
  const days = reader.whole('grace_days', { least: -MOST_GRACE_DAYS, most: MOST_GRACE_DAYS });
  if (days < 0) reader.refuse(lateFeeRefusal('grace_negative', 'grace_days'));
  return days;
}

function readRate(reader: PolicyReader): LateFeeRate {
  const nothing: LateFeeRate = { per: 'invoice', amounts: {} };
  const part = reader.object('rate');
  if (part === undefined) {
    reader.refuse(lateFeeRefusal('rate_missing', 'rate'));
    return nothing;
  }
  const per = part.word('per', ['day', 'month', 'invoice'] as const);
  const rate: LateFeeRate =
    per === 'invoice'
      ? { per, amounts: byCurrency(part.amounts('amounts')) }
      : { per, basisPoints: readBasisPoints(part) };
  part.refuseUnread();
  const isNothing =
    rate.per === 'invoice'
      ? Object.values(rate.amounts).every((minor) => minor === 0n)
      : compareRatio(rate.basisPoints, RATIO_ZERO) === 0;
  if (isNothing) reader.refuse(lateFeeRefusal('rate_missing', 'rate'));
  return rate;
}

/** Basis points as a decimal text, "5" or "0.25": at most six places, zero or more. */
function readBasisPoints(part: PolicyReader): Ratio {
  const field = 'rate.basis_points';
  const parsed = parseRatio(part.text('basis_points', '0'), 6);
  if (!parsed.ok) {
    part.refuse({ ...parsed.refusal, field });
    return RATIO_ZERO;
  }
  if (parsed.value.numerator < 0n) part.refuse(lateFeeRefusal('rate_negative', field));
  return parsed.value;
}

function readDate(reader: PolicyReader, field: string): Temporal.PlainDate {
  const text = reader.text(field);
  const isDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text);
  const date = isDate ? dateOf(text) : undefined;
  if (date === undefined) reader.refuse(lateFeeRefusal('date_not_valid', field));
  return date ?? Temporal.PlainDate.from('1970-01-01');
}

/** The date, where the month has that day. */
function dateOf(text: string): Temporal.PlainDate | undefined {
  const clamped = Temporal.PlainDate.from(
    { year: +text.slice(0, 4), month: +text.slice(5, 7), day: +text.slice(8, 10) },
    { overflow: 'constrain' },
  );
  return clamped.toString() === text ? clamped : undefined;
}

function byCurrency(amounts: readonly Money[]): AmountsByCurrency {
  return Object.fromEntries(amounts.map(({ currency, minor }) => [currency, minor]));
}
