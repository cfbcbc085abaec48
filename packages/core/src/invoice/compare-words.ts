import type { Locale } from '../customer/customer.ts';
import {
  compareRatio,
  formatRatio,
  fromBasisPoints,
  multiplyRatio,
  ratio,
} from '../money/ratio.ts';
import { formatMoney, formatUnitPrice } from '../money/text.ts';
import {
  type ChangeCause,
  type ChangePart,
  type ComparableLine,
  packsDiffer,
  packUnitsOf,
} from './compare.ts';

/** The words of one language: what every cause is called, and how numbers stand in a sentence. */
type CompareWords = {
  readonly nameOf: (line: ComparableLine) => string;
  readonly more: (amount: string) => string;
  readonly less: (amount: string) => string;
  readonly unitPrice: (price: string) => string;
  readonly quantity: (quantity: string) => string;
  readonly priceMoved: string;
  readonly used: string;
  readonly packs: string;
  readonly days: string;
  readonly discount: string;
  readonly taxRate: string;
  readonly taxFollows: string;
  readonly added: (name: string) => string;
  readonly removed: (name: string) => string;
  /** What is said of a line that is one part, by its cause. */
  readonly whole: Readonly<Partial<Record<ChangeCause, string>>>;
  /** The same of a line that only the earlier bill had. */
  readonly gone: (phrase: string) => string;
  readonly other: string;
  readonly between: string;
};

const CHINESE: CompareWords = {
  nameOf: ({ nameZh }) => nameZh,
  more: (amount) => `多 ${amount}`,
  less: (amount) => `少 ${amount}`,
  unitPrice: (price) => `单价 ${price}`,
  quantity: (quantity) => `数量 ${quantity}`,
  priceMoved: '单价',
  used: '用量',
  packs: '资源包抵扣',
  days: '服务天数',
  discount: '优惠',
  taxRate: '税率',
  taxFollows: '税额随金额变化',
  added: (name) => `新增 ${name}`,
  removed: (name) => `不再有 ${name}`,
  whole: {
    one_off: '一次性费用',
    mid_period: '周期中变更',
    late_usage: '补计迟到的用量',
    minimum_spend: '最低消费补足',
    termination: '提前终止',
    usage: '用量',
  },
  gone: (phrase) => `${phrase}（上一账单）`,
  other: '其他',
  between: '，',
};

const ENGLISH: CompareWords = {
  nameOf: ({ nameEn }) => nameEn,
  more: (amount) => `${amount} more`,
  less: (amount) => `${amount} less`,
  unitPrice: (price) => `at ${price} each`,
  quantity: (quantity) => `quantity ${quantity}`,
  priceMoved: 'unit price',
  used: 'usage',
  packs: 'covered by packs',
  days: 'days of service',
  discount: 'discount',
  taxRate: 'tax rate',
  taxFollows: 'tax follows the amount',
  added: (name) => `New: ${name}`,
  removed: (name) => `No longer: ${name}`,
  whole: {
    one_off: 'one-off amount',
    mid_period: 'change in mid-period',
    late_usage: 'usage that was reported late',
    minimum_spend: 'top-up to the minimum spend',
    termination: 'early termination',
    usage: 'usage',
  },
  gone: (phrase) => `${phrase} (on the earlier bill)`,
  other: 'Other',
  between: ', ',
};

const WORDS: Readonly<Record<Locale, CompareWords>> = { 'zh-CN': CHINESE, en: ENGLISH };

/**
 * A sentence per part, in the order of the parts, for the customer: "席位 10 → 12，单价 ¥30.00，多
 * ¥60.00". Every sentence ends with how much more or less the bill is by it.
 */
export function explainChange(parts: readonly ChangePart[], locale: Locale): readonly string[] {
  return parts.map((part) => explainPart(part, WORDS[locale]));
}

function explainPart(part: ChangePart, words: CompareWords): string {
  const { amount } = part;
  const effect =
    amount.minor >= 0n
      ? words.more(formatMoney(amount))
      : words.less(formatMoney({ ...amount, minor: -amount.minor }));
  return [...phrasesOf(part, words), effect].join(words.between);
}

/** What changed, without how much money it is. */
function phrasesOf(part: ChangePart, words: CompareWords): readonly string[] {
  const { cause, before, after } = part;
  if (before !== undefined && after !== undefined) {
    return phrasesOfBoth(cause, { before, after }, words);
  }
  const line = after ?? before;
  if (line === undefined) return [words.other];
  const name = words.nameOf(line);
  if (cause === 'modules_added') return [words.added(name), ...figuresOf(line, words)];
  if (cause === 'modules_removed') return [words.removed(name), ...figuresOf(line, words)];
  const phrase = named(name, words.whole[cause] ?? words.other);
  const figures = cause === 'usage' ? figuresOf(line, words) : [];
  return [after === undefined ? words.gone(phrase) : phrase, ...figures];
}

function phrasesOfBoth(
  cause: ChangeCause,
  { before, after }: { readonly before: ComparableLine; readonly after: ComparableLine },
  words: CompareWords,
): readonly string[] {
  const name = words.nameOf(after);
  const moved = (was: string, is: string) => (was === is ? is : `${was} → ${is}`);
  const quantities = moved(formatRatio(before.quantity), formatRatio(after.quantity));
  switch (cause) {
    case 'price':
      return [...priceMoves(before, after, words), words.quantity(formatRatio(before.quantity))];
    case 'seats':
      return [named(name, quantities), ...unitOf(after, words)];
    case 'usage':
      return [
        named(named(name, words.used), quantities),
        ...packMoves(before, after, words),
        ...unitOf(after, words),
      ];
    case 'proration':
      return [named(named(name, words.days), moved(daysOf(before), daysOf(after)))];
    case 'discount':
      return [named(named(name, words.discount), discounts(before, after))];
    case 'tax':
      return [named(name, taxMoves(before, after, words))];
    default:
      return [named(name, words.whole[cause] ?? words.other)];
  }
}

function priceMoves(before: ComparableLine, after: ComparableLine, words: CompareWords) {
  const name = named(words.nameOf(after), words.priceMoved);
  const { currency } = after.subtotal;
  if (before.unitAmount === undefined || after.unitAmount === undefined) return [name];
  if (compareRatio(before.unitAmount, after.unitAmount) === 0) return [name];
  const was = formatUnitPrice(before.unitAmount, currency);
  return [named(name, `${was} → ${formatUnitPrice(after.unitAmount, currency)}`)];
}

function packMoves(before: ComparableLine, after: ComparableLine, words: CompareWords) {
  if (!packsDiffer(before, after)) return [];
  const [was, is] = [before, after].map((line) => formatRatio(packUnitsOf(line)));
  return [named(words.packs, `${was} → ${is}`)];
}

function discounts(before: ComparableLine, after: ComparableLine): string {
  return `${formatMoney(before.discount)} → ${formatMoney(after.discount)}`;
}

function taxMoves(before: ComparableLine, after: ComparableLine, words: CompareWords): string {
  if (before.taxBasisPoints === after.taxBasisPoints) return words.taxFollows;
  return `${words.taxRate} ${percentText(before)} → ${percentText(after)}`;
}

function percentText({ taxBasisPoints }: ComparableLine): string {
  return `${formatRatio(multiplyRatio(fromBasisPoints(taxBasisPoints), ratio(100n)))}%`;
}

function figuresOf(line: ComparableLine, words: CompareWords): readonly string[] {
  return [words.quantity(formatRatio(line.quantity)), ...unitOf(line, words)];
}

function unitOf(line: ComparableLine, words: CompareWords): readonly string[] {
  if (line.unitAmount === undefined) return [];
  return [words.unitPrice(formatUnitPrice(line.unitAmount, line.subtotal.currency))];
}

function daysOf({ serviceDays, periodDays }: ComparableLine): string {
  return `${serviceDays}/${periodDays}`;
}

function named(name: string, what: string): string {
  return `${name} ${what}`;
}
