import type { RatedStep, RatedStepKind } from '../catalog/rate.ts';
import type { Locale } from '../customer/customer.ts';
import type { PriceVersionId } from '../ids/ids.ts';
import { formatRatio, multiplyRatio, type Ratio, ratio } from '../money/ratio.ts';
import { formatMoney, formatUnitPrice } from '../money/text.ts';
import type { InvoiceLine, LineRule, WaitingLine } from './invoice.ts';

type Change = NonNullable<InvoiceLine['why']['change']>;

/** The words of one language about the lines of an invoice. */
type LineWords = {
  readonly name: (line: WaitingLine) => string;
  readonly days: (days: string) => string;
  readonly tax: (tax: string, rate: string) => string;
  readonly used: (units: string) => string;
  readonly packs: (units: string) => string;
  readonly coupon: (code: string, amount: string) => string;
  readonly version: (number: number) => string;
  readonly tier: (number: number) => string;
  readonly steps: Readonly<Record<RatedStepKind, string>>;
  readonly moreSteps: (count: number) => string;
  readonly rules: Readonly<Record<LineRule, string>>;
  readonly change: (what: string, on: string) => string;
  readonly changes: Readonly<Record<string, string>>;
  readonly instalment: (number: number, of: number) => string;
  readonly lateFee: (facts: LateFeeFigures) => string;
  readonly between: string;
};

/** The figures of a late fee, written out. */
type LateFeeFigures = {
  readonly days: number;
  readonly base: string;
  readonly cap: string;
  readonly rate: string | undefined;
};

const CHINESE: LineWords = {
  name: ({ nameZh }) => nameZh,
  days: (days) => `${days} 天`,
  tax: (tax, rate) => `含税 ${tax}（${rate}）`,
  used: (units) => `用量 ${units}`,
  packs: (units) => `资源包抵扣 ${units}`,
  coupon: (code, amount) => `优惠券 ${code} 减 ${amount}`,
  version: (number) => `价格第 ${number} 版`,
  tier: (number) => `第 ${number} 档`,
  steps: {
    flat: '固定金额',
    tier_flat: '档位固定费',
    units: '用量',
    packages: '资源组',
    blocks: '计费块',
    free_units: '免费额度',
    free_events: '免费笔数',
    free_amount: '免费金额',
    share: '按比例',
    fixed_per_event: '每笔固定',
    event_minimum: '单笔最低补足',
    event_maximum: '单笔封顶减免',
    carried: '事件自带金额',
    already_rated: '本期已计',
  },
  moreSteps: (count) => `另有 ${count} 步`,
  rules: {
    list_price: '按标价',
    agreed_price: '按约定价',
    change_charge: '补收变更后剩余天数',
    change_credit: '退回变更后未使用天数',
    usage_correction: '补计迟到的用量',
    minimum_spend: '补足最低消费',
    commitment: '补足合同承诺',
    instalment: '一次性费用',
    termination: '提前终止，按合同约定',
    late_fee: '逾期未付，按公示规则',
    top_up: '自动充值，按客户同意的金额',
  },
  change: (what, on) => `自 ${on} 起${what}`,
  changes: {
    quantity: '数量变更',
    add_item: '新增项目',
    remove_item: '移除项目',
    plan: '更换套餐',
    prices: '更换价格版本',
    pause: '暂停',
    resume: '恢复',
    end: '终止',
    auto_renew: '自动续费变更',
    align: '统一到期日',
    contract: '合同变更',
    transfer: '更换付款方',
  },
  instalment: (number, of) => `分期第 ${number}/${of} 期`,
  lateFee: ({ days, base, cap, rate }) =>
    `${days} 天${rate === undefined ? '' : ` × 每天 ${rate}`}，未付金额 ${base}，上限 ${cap}`,
  between: '；',
};

const ENGLISH: LineWords = {
  name: ({ nameEn }) => nameEn,
  days: (days) => `${days} days`,
  tax: (tax, rate) => `tax ${tax} included (${rate})`,
  used: (units) => `used ${units}`,
  packs: (units) => `${units} covered by packs`,
  coupon: (code, amount) => `coupon ${code} takes off ${amount}`,
  version: (number) => `price version ${number}`,
  tier: (number) => `tier ${number}`,
  steps: {
    flat: 'flat amount',
    tier_flat: 'flat amount of the tier',
    units: 'units',
    packages: 'packages',
    blocks: 'blocks',
    free_units: 'free units',
    free_events: 'free events',
    free_amount: 'free amount',
    share: 'share',
    fixed_per_event: 'fixed per event',
    event_minimum: 'up to the minimum per event',
    event_maximum: 'down to the maximum per event',
    carried: 'amounts of the events',
    already_rated: 'billed before in the period',
  },
  moreSteps: (count) => `${count} more steps`,
  rules: {
    list_price: 'at the list price',
    agreed_price: 'at the agreed price',
    change_charge: 'for the days that are left after a change',
    change_credit: 'back for the days that were not used after a change',
    usage_correction: 'usage that was reported late',
    minimum_spend: 'up to the minimum spend',
    commitment: 'up to what the contract commits to',
    instalment: 'billed once',
    termination: 'ended early, as the contract says',
    late_fee: 'paid late, by the rule that was announced',
    top_up: 'automatic top-up, as the customer agreed',
  },
  change: (what, on) => `${what} from ${on}`,
  changes: {
    quantity: 'another quantity',
    add_item: 'added',
    remove_item: 'removed',
    plan: 'another plan',
    prices: 'another price version',
    pause: 'paused',
    resume: 'resumed',
    end: 'ended',
    auto_renew: 'auto-renewal changed',
    align: 'one expiry day for all',
    contract: 'contract changed',
    transfer: 'another payer',
  },
  instalment: (number, of) => `instalment ${number} of ${of}`,
  lateFee: ({ days, base, cap, rate }) =>
    `${days} days${rate === undefined ? '' : ` × ${rate} a day`}, ${base} unpaid, at most ${cap}`,
  between: '; ',
};

const WORDS: Readonly<Record<Locale, LineWords>> = { 'zh-CN': CHINESE, en: ENGLISH };

/** Steps of a rating that a sentence shows; a tiered price of a hundred tiers has a hundred. */
const SHOWN_STEPS = 12;

/**
 * A line in one sentence: what, for which days, quantity × unit price × days, its tax, the steps of
 * its rating, packs and coupons, the price version, and the rule and change that made it.
 */
export function explainLine(
  line: WaitingLine,
  locale: Locale,
  versions?: ReadonlyMap<PriceVersionId, number>,
): string {
  const words = WORDS[locale];
  const { start, end } = line.period;
  const version = versions?.get(line.priceVersionId);
  const colon = locale === 'zh-CN' ? '：' : ': ';
  return [
    `${words.name(line)} ${start} – ${end.subtract({ days: 1 })}${colon}${figuresOf(line, words)}`,
    ...stepsOf(line, words),
    ...usageOf(line, words),
    ...(line.why.discounts ?? []).map(({ couponCode, amount }) =>
      words.coupon(couponCode, formatMoney(amount)),
    ),
    words.tax(formatMoney(line.tax), rateOf(line)),
    ...(version === undefined ? [] : [words.version(version)]),
    reasonOf(line, words),
  ].join(words.between);
}

/** Only why a line is there, for lines that are not simply a price for a period. */
export function explainReason(line: WaitingLine, locale: Locale): string | undefined {
  const isPlain = line.rule === 'list_price' || line.rule === 'agreed_price';
  return isPlain ? undefined : reasonOf(line, WORDS[locale]);
}

function figuresOf(line: WaitingLine, words: LineWords): string {
  const { currency } = line.subtotal;
  const unit =
    line.unitAmount === undefined ? '' : ` × ${formatUnitPrice(line.unitAmount, currency)}`;
  const isAmount = line.rule === 'minimum_spend' || line.rule === 'commitment';
  const isShared = line.kind !== 'metered' && !isAmount;
  const isPart = isShared && line.serviceDays !== line.periodDays;
  const days = isPart ? ` × ${words.days(`${line.serviceDays}/${line.periodDays}`)}` : '';
  const discount = line.discount.minor === 0n ? '' : ` − ${formatMoney(line.discount)}`;
  return `${formatRatio(line.quantity)}${unit}${days}${discount} = ${formatMoney(line.amount)}`;
}

function stepsOf(line: WaitingLine, words: LineWords): readonly string[] {
  const { steps } = line.why;
  if (steps === undefined || steps.length === 0) return [];
  const shown = steps.slice(0, SHOWN_STEPS).map((step) => stepText(step, line, words));
  const left = steps.length - shown.length;
  return left === 0 ? shown : [...shown, words.moreSteps(left)];
}

function stepText(step: RatedStep, line: WaitingLine, words: LineWords): string {
  const tier = step.tier === undefined ? '' : `${words.tier(step.tier.number)} `;
  const price = step.price === undefined ? '' : ` × ${formatRatio(step.price)}`;
  const name = `${tier}${words.steps[step.kind]}`;
  const { currency } = line.subtotal;
  const amount = formatUnitPrice(step.amount, currency);
  return `${name} ${formatRatio(step.quantity)}${price} = ${amount}`;
}

function usageOf({ why }: WaitingLine, words: LineWords): readonly string[] {
  const { usedUnits, packUnits } = why;
  return [
    ...(usedUnits === undefined ? [] : [words.used(formatRatio(usedUnits))]),
    ...(packUnits === undefined ? [] : [words.packs(formatRatio(packUnits))]),
  ];
}

function reasonOf({ rule, why }: WaitingLine, words: LineWords): string {
  const { change, instalment, lateFee } = why;
  if (instalment !== undefined) return words.instalment(instalment.number, instalment.of);
  const reason = words.rules[rule];
  if (lateFee !== undefined) return `${reason}${words.between}${lateFeeText(lateFee, words)}`;
  return change === undefined ? reason : `${reason}${words.between}${changeText(change, words)}`;
}

function lateFeeText(
  { days, base, cap, dailyBasisPoints: daily }: NonNullable<InvoiceLine['why']['lateFee']>,
  words: LineWords,
): string {
  const rate = daily === undefined ? undefined : percentOf(daily);
  return words.lateFee({ days, base: formatMoney(base), cap: formatMoney(cap), rate });
}

function changeText({ type, on }: Change, words: LineWords): string {
  return words.change(words.changes[type] ?? type, on.toString());
}

function rateOf({ taxBasisPoints }: WaitingLine): string {
  return percentOf(ratio(taxBasisPoints));
}

function percentOf(basisPoints: Ratio): string {
  return `${formatRatio(multiplyRatio(basisPoints, ratio(1n, 100n)))}%`;
}
