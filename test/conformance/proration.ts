import {
  billedPeriods,
  type ChangeItem,
  type Currency,
  CYCLE_PLACES,
  capCredit,
  changeLegs,
  creditForUnused,
  cyclesOf,
  type DayCount,
  directionOfChange,
  formatRatio,
  fromMoney,
  type Money,
  multiplyRatio,
  netLines,
  prorateBy,
  prorateExactly,
  prorationShare,
  type Ratio,
  ratio,
  type Span,
  seatDifference,
  secondsShare,
  taxLine,
  toMoney,
} from '../../packages/core/src/index.ts';
import { billingRunAt, scheduleAt } from './dates.ts';
import {
  CaseNotUnderstood,
  currencyAt,
  dateAt,
  flagAt,
  type Given,
  has,
  instantAtKey,
  listAt,
  moneyAt,
  moneyText,
  optional,
  periodAtKey,
  periodOf,
  ratioAt,
  ratioOf,
  ratioText,
  recordAt,
  recordsAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

/** Shares of periods and what they cost: the operations of proration.json. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  cycles_billed: cyclesBilled,
  cycles_amount: cyclesAmount,
  fraction: (given) => ({ fraction: ratioText(shareAt(given), CYCLE_PLACES) }),
  prorate: (given) => prorated(given, shareAt(given)),
  prorate_seconds: (given) =>
    prorated(given, secondsShare(spanAt(given, 'service'), spanAt(given, 'period'))),
  credit,
  change,
  seat_delta: seatDelta,
  cap_credit: cappedCredit,
  direction: (given) => ({
    direction: directionOfChange(itemsAt(given, 'old'), itemsAt(given, 'new')),
  }),
  net_lines: net,
};

/** A run before the start is refused, as `billed_periods` refuses it. */
function cyclesBilled(given: Given) {
  const billed = billedPeriods(scheduleAt(given), billingRunAt(given));
  if (!billed.ok) return { error: billed.refusal.code };
  return { cycles: ratioText(cyclesOf(billed.value), CYCLE_PLACES) };
}

function cyclesAt(given: Given): Ratio {
  const billed = billedPeriods(scheduleAt(given), billingRunAt(given));
  if (!billed.ok) throw new CaseNotUnderstood(billed.refusal.sentence);
  return cyclesOf(billed.value);
}

/** Money in the case's currency; without one, the exact product. */
function cyclesAmount(given: Given) {
  const cycles = cyclesAt(given);
  const exact = multiplyRatio(cycles, ratioAt(given, 'rate'));
  const currency = optional(given, 'currency', currencyAt);
  return {
    cycles: ratioText(cycles, CYCLE_PLACES),
    amount: currency === undefined ? formatRatio(exact) : moneyText(toMoney(exact, currency)),
  };
}

function shareAt(given: Given): Ratio {
  const fixedMonthDays = optional(given, 'fixed_month_days', wholeAt);
  const trialDays = optional(given, 'trial_days', wholeAt);
  const count: DayCount = {
    ...(fixedMonthDays === undefined ? {} : { fixedMonthDays }),
    ...(trialDays === undefined ? {} : { trialDays }),
  };
  return prorationShare(periodAtKey(given, 'service'), periodAtKey(given, 'period'), count);
}

function prorated(given: Given, share: Ratio) {
  const whole = moneyAt(given, 'amount', currencyAt(given));
  const amount = prorateBy(whole, share);
  const places = optional(given, 'precise_places', wholeAt);
  return {
    fraction: ratioText(share, CYCLE_PLACES),
    amount: moneyText(amount),
    ...(places === undefined ? {} : { precise: ratioText(prorateExactly(whole, share), places) }),
    ...(has(given, 'tax_rate_pct') ? taxed(amount, ratioAt(given, 'tax_rate_pct')) : {}),
  };
}

function taxed(amount: Money, percent: Ratio) {
  const rate = multiplyRatio(percent, ratio(1n, 100n));
  const { tax, total } = taxLine(amount, { mode: 'exclusive', rates: [{ code: 'tax', rate }] });
  return { tax: moneyText(tax), total: moneyText(total) };
}

function credit(given: Given) {
  const currency = currencyAt(given);
  const billed = recordAt(given, 'billed');
  const owedBack = creditForUnused({
    billed: { period: periodOf(billed), amount: moneyAt(billed, 'amount', currency) },
    unused: periodAtKey(given, 'unused'),
    ...(has(given, 'max_credit') ? { maximum: moneyAt(given, 'max_credit', currency) } : {}),
  });
  return { credit: moneyText(owedBack) };
}

function change(given: Given) {
  const legs = changeLegs({
    currency: currencyAt(given),
    period: periodAtKey(given, 'period'),
    date: dateAt(given, 'change_date'),
    remove: itemsAt(given, 'remove'),
    add: itemsAt(given, 'add'),
  });
  return {
    credit: moneyText(legs.credit),
    charge: moneyText(legs.owed),
    net: moneyText(legs.net),
  };
}

function seatDelta(given: Given) {
  const seats = {
    paid: BigInt(wholeAt(given, 'paid_quantity')),
    next: BigInt(wholeAt(given, 'new_quantity')),
  };
  return {
    amount: moneyText(seatDifference(ratioAt(given, 'unit_price'), seats, currencyAt(given))),
  };
}

/** Without a currency the amounts have two decimals and are written without needless zeros. */
function cappedCredit(given: Given) {
  const currency: Currency = optional(given, 'currency', currencyAt) ?? 'USD';
  const capped = capCredit(
    moneyAt(given, 'potential', currency),
    moneyAt(given, 'original_paid', currency),
    moneyAt(given, 'previously_credited', currency),
  );
  return { credit: has(given, 'currency') ? moneyText(capped) : formatRatio(fromMoney(capped)) };
}

function net(given: Given) {
  const currency = currencyAt(given);
  const line = netLines(
    listAt(given, 'amounts').map((amount) => toMoney(ratioOf(amount), currency)),
    currency,
  );
  return { net: line === undefined ? null : moneyText(line) };
}

function itemsAt(given: Given, key: string): readonly ChangeItem[] {
  return recordsAt(given, key).map((item) => ({
    unitPrice: ratioAt(item, 'unit_price'),
    quantity: ratioAt(item, 'quantity'),
    kind: kindOf(item),
  }));
}

function kindOf(item: Given): ChangeItem['kind'] {
  if (flagAt(item, 'one_time')) return 'one_time';
  return flagAt(item, 'usage') ? 'usage' : 'recurring';
}

function spanAt(given: Given, key: string): Span {
  const span = recordAt(given, key);
  return { start: instantAtKey(span, 'from'), end: instantAtKey(span, 'to') };
}
