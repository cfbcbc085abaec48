import type { PriceKind } from '../catalog/catalog.ts';
import { add, type Currency, type Money, money, negate, subtract, sum } from '../money/money.ts';
import {
  compareRatio,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  roundRatio,
  toMoney,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import type { LineRule } from './invoice.ts';

/** What a comparison reads of a line; an `InvoiceLine` is one. */
export type ComparableLine = {
  readonly priceCode: string;
  readonly kind: PriceKind;
  readonly rule: LineRule;
  readonly subscriptionId?: string;
  readonly beneficiaryId?: string;
  readonly quantity: Ratio;
  readonly unitAmount?: Ratio;
  readonly serviceDays: number;
  readonly periodDays: number;
  readonly subtotal: Money;
  readonly discount: Money;
  readonly amount: Money;
  readonly taxBasisPoints: bigint;
  readonly nameZh: string;
  readonly nameEn: string;
  /** Units that resource packs covered: the same usage with another pack is another bill. */
  readonly why?: { readonly packUnits?: Ratio };
};

/** What a comparison reads of an invoice; an `Invoice` is one. */
export type ComparableInvoice = {
  readonly total: Money;
  readonly lines: readonly ComparableLine[];
};

/**
 * Why a bill is not what it was. `seats` is any quantity that is not metered; `modules_*` anything
 * recurring that came or went; `mid_period` is what a change in the middle of a period added or
 * gave back; `other` is what the lines of an invoice do not say.
 */
export type ChangeCause =
  | 'price'
  | 'seats'
  | 'usage'
  | 'proration'
  | 'discount'
  | 'tax'
  | 'modules_added'
  | 'modules_removed'
  | 'one_off'
  | 'mid_period'
  | 'late_usage'
  | 'minimum_spend'
  | 'termination'
  | 'other';

/** A part of the difference, with its line before and after; absent where it came or went. */
export type ChangePart = {
  readonly cause: ChangeCause;
  /** Above zero: the bill is higher by it. Never zero. */
  readonly amount: Money;
  readonly before?: ComparableLine;
  readonly after?: ComparableLine;
};

type Pair = { readonly before?: ComparableLine; readonly after?: ComparableLine };
type Both = { readonly before: ComparableLine; readonly after: ComparableLine };
type Effect = { readonly cause: ChangeCause; readonly amount: Money };

/** What a line is by its rule alone, whatever its numbers; absent: a regular line. */
const CAUSES_BY_RULE: Partial<Record<LineRule, ChangeCause>> = {
  change_charge: 'mid_period',
  change_credit: 'mid_period',
  usage_correction: 'late_usage',
  minimum_spend: 'minimum_spend',
  commitment: 'minimum_spend',
  instalment: 'one_off',
  termination: 'termination',
  late_fee: 'one_off',
  top_up: 'one_off',
};

/**
 * Why `after` is not `before`: parts that add up to the difference of the totals, to the fen, for
 * any two invoices of one currency.
 *
 * A regular line that is in both is taken apart in a fixed order, each step with the earlier ones
 * already new: price (old quantity and days), quantity or usage (new price, old days), proration
 * (new days), discount, and last the tax on top, where prices are net. What rounding or a tiered
 * model leaves goes to the last of price, quantity and days that changed. Lines that are in one
 * invoice only, and lines of a rule of their own, are one part each. Where an invoice's total is
 * not the sum of its lines, the rest is `other`.
 */
export function compareInvoices(
  before: ComparableInvoice,
  after: ComparableInvoice,
): readonly ChangePart[] {
  invariant(before.total.currency === after.total.currency, 'invoices of one currency compare');
  const { currency } = after.total;
  const parts = pairLines(before.lines, after.lines).flatMap((pair) =>
    effectsOf(pair, currency)
      .filter(({ amount }) => amount.minor !== 0n)
      .map((effect): ChangePart => ({ ...effect, ...pair })),
  );
  const said = parts.map(({ amount }) => amount);
  const rest = subtract(subtract(after.total, before.total), sum(said, currency));
  return rest.minor === 0n ? parts : [...parts, { cause: 'other', amount: rest }];
}

/**
 * The same thing on both invoices: same subscription, beneficiary and price, the same sort of rule,
 * the n-th with the n-th. The order is that of `after`; lines that are gone come last.
 */
function pairLines(
  before: readonly ComparableLine[],
  after: readonly ComparableLine[],
): readonly Pair[] {
  const waiting = Map.groupBy(before, keyOf);
  const pairs = after.map((line): Pair => {
    const partner = waiting.get(keyOf(line))?.shift();
    return partner === undefined ? { after: line } : { before: partner, after: line };
  });
  const gone = [...waiting.values()].flat().map((line): Pair => ({ before: line }));
  return [...pairs, ...gone];
}

function keyOf(line: ComparableLine): string {
  const { subscriptionId = '', beneficiaryId = '', priceCode, kind, rule } = line;
  const sort = CAUSES_BY_RULE[rule] === undefined ? 'regular' : rule;
  return JSON.stringify([subscriptionId, beneficiaryId, priceCode, kind, sort]);
}

function effectsOf(pair: Pair, currency: Currency): readonly Effect[] {
  const { before, after } = pair;
  if (before !== undefined && after !== undefined && isTakenApart(after)) {
    return takeApart({ before, after });
  }
  const nothing = money(0n, currency);
  const amount = add(after?.amount ?? nothing, negate(before?.amount ?? nothing));
  return [{ cause: wholeCause(pair), amount }];
}

function isTakenApart(line: ComparableLine): boolean {
  return CAUSES_BY_RULE[line.rule] === undefined && line.kind !== 'one_off';
}

/** The cause of a line that is one part. */
function wholeCause({ before, after }: Pair): ChangeCause {
  const line = after ?? before;
  if (line === undefined) return 'other';
  const byRule = CAUSES_BY_RULE[line.rule];
  if (byRule !== undefined) return byRule;
  if (line.kind === 'one_off') return 'one_off';
  if (line.kind === 'metered') return 'usage';
  return after === undefined ? 'modules_removed' : 'modules_added';
}

function takeApart(both: Both): readonly Effect[] {
  const { before, after } = both;
  return [
    ...subtotalEffects(both),
    { cause: 'discount', amount: subtract(before.discount, after.discount) },
    { cause: 'tax', amount: subtract(taxOnTop(after), taxOnTop(before)) },
  ];
}

/** What tax adds to the price: nothing where prices include it. */
function taxOnTop({ amount, subtotal, discount }: ComparableLine): Money {
  return add(subtract(amount, subtotal), discount);
}

/** The difference before discount and tax, split into price, quantity and days. */
function subtotalEffects(both: Both): readonly Effect[] {
  const { before, after } = both;
  const difference = subtract(after.subtotal, before.subtotal);
  const steps = stepsOf(both);
  const last = steps.findLastIndex(({ isChanged }) => isChanged);
  if (last === -1) {
    // Nothing that the lines show has changed, so the price's own model has: tiers, a minimum.
    return [{ cause: 'price', amount: difference }];
  }
  const effects = steps.slice(0, last).map(({ cause, amount }) => ({ cause, amount }));
  const said = effects.map(({ amount }) => amount);
  const rest = subtract(difference, sum(said, difference.currency));
  return [...effects, { cause: steps[last]?.cause ?? 'other', amount: rest }];
}

type Step = Effect & { readonly isChanged: boolean };

/** Price, quantity and days in their order: what each changed, with the earlier ones new. */
function stepsOf({ before, after }: Both): readonly Step[] {
  const { currency } = after.subtotal;
  const cause: ChangeCause = after.kind === 'metered' ? 'usage' : 'seats';
  const wasDays = daysShare(before);
  const isDaysChanged = compareRatio(wasDays, daysShare(after)) !== 0;
  const isQuantityChanged =
    compareRatio(before.quantity, after.quantity) !== 0 || packsDiffer(before, after);
  const was = before.unitAmount;
  const is = after.unitAmount;
  const nothing = money(0n, currency);
  const days: Step = { cause: 'proration', amount: nothing, isChanged: isDaysChanged };
  if (was === undefined || is === undefined) {
    // Without a unit price the days come off the new subtotal, and what is left is the quantity's,
    // or the price's where the quantity stayed; one unit of it is rounding and goes to the days.
    const atOldDays = isDaysChanged ? scaleDays(after, wasDays) : after.subtotal;
    const rest = subtract(atOldDays, before.subtotal);
    const isRounding = !isQuantityChanged && rest.minor >= -1n && rest.minor <= 1n;
    const amount = isRounding ? nothing : rest;
    const own = isQuantityChanged ? cause : 'price';
    return [{ cause: own, amount, isChanged: isQuantityChanged }, days];
  }
  const value = (unit: Ratio, quantity: Ratio) =>
    toMoney(multiplyRatio(multiplyRatio(unit, quantity), wasDays), currency);
  const atOldPrice = value(was, before.quantity);
  const atNewPrice = value(is, before.quantity);
  const atNewQuantity = value(is, after.quantity);
  return [
    {
      cause: 'price',
      amount: subtract(atNewPrice, atOldPrice),
      isChanged: compareRatio(was, is) !== 0,
    },
    { cause, amount: subtract(atNewQuantity, atNewPrice), isChanged: isQuantityChanged },
    days,
  ];
}

/** Whether resource packs covered another number of units. */
export function packsDiffer(before: ComparableLine, after: ComparableLine): boolean {
  return compareRatio(packUnitsOf(before), packUnitsOf(after)) !== 0;
}

/** Units that resource packs covered; zero without packs. */
export function packUnitsOf({ why }: ComparableLine): Ratio {
  return why?.packUnits ?? RATIO_ZERO;
}

/** The subtotal of `line` as it would be for the days of `share` of its period. */
function scaleDays(line: ComparableLine, share: Ratio): Money {
  if (line.serviceDays === 0) return line.subtotal;
  const scale = multiplyRatio(share, ratio(BigInt(line.periodDays), BigInt(line.serviceDays)));
  const minor = { numerator: line.subtotal.minor, denominator: 1n };
  return money(roundRatio(multiplyRatio(minor, scale), 0), line.subtotal.currency);
}

function daysShare({ serviceDays, periodDays }: ComparableLine): Ratio {
  return ratio(BigInt(serviceDays), BigInt(periodDays === 0 ? 1 : periodDays));
}
