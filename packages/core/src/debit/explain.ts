import { businessDate } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import { amountDue, type Invoice, type InvoiceLine } from '../invoice/invoice.ts';
import { explainReason } from '../invoice/line-words.ts';
import { type Money, money } from '../money/money.ts';
import { compareRatio, formatRatio, fromMoney, type Ratio, toMoney } from '../money/ratio.ts';
import { formatMoney } from '../money/text.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { Attempt } from './attempt.ts';
import { ENGLISH } from './explain-en.ts';
import type { ExplainWords, Story } from './explain-words.ts';
import { CHINESE } from './explain-zh.ts';
import type { DebitFacts } from './submit.ts';

/** One debit in human words: a sentence, then the arithmetic, then the evidence (I20). */
export type Explanation = {
  readonly sentence: string;
  readonly arithmetic: readonly string[];
  readonly evidence: readonly string[];
};

/** What the words need that the rows do not hold. */
export type ExplainNames = {
  readonly locale: Locale;
  readonly zone: string;
  readonly merchantName: string;
  readonly planName: string;
  readonly railName: string;
};

const WORDS: Readonly<Record<Locale, ExplainWords>> = { 'zh-CN': CHINESE, en: ENGLISH };

/**
 * Explains a debit to the person who paid it. Answers: did money move, how much, for what, who
 * agreed, which notice, which number at the rail. Money that was taken beyond what was owed is said
 * first of all. Names no address, phone or payer account.
 */
export function explainDebit(facts: DebitFacts, names: ExplainNames): Explanation {
  const words = WORDS[names.locale];
  return {
    sentence: sentenceOf(facts, names, words),
    arithmetic: facts.invoices.flatMap((invoice) => arithmeticOf(invoice, names.locale)),
    evidence: [
      mandateLine(facts, names, words),
      ...facts.notices.map((notice) => noticeLine(notice, names, words)),
      ...facts.attempts.map((attempt) => attemptLine(attempt, names, words)),
    ],
  };
}

/** Explains an invoice that no debit collects: what it is for, and that nothing is taken for it. */
export function explainInvoice(
  invoice: Invoice,
  names: Omit<ExplainNames, 'railName'>,
): Explanation {
  const words = WORDS[names.locale];
  const story: Story = {
    amount: formatMoney(amountDue(invoice)),
    on: invoice.dueDate,
    rail: '',
    merchant: names.merchantName,
    plan: names.planName,
  };
  return {
    sentence: words.byHand(story, invoice.state),
    arithmetic: arithmeticOf(invoice, names.locale),
    evidence: [],
  };
}

function sentenceOf(facts: DebitFacts, names: ExplainNames, words: ExplainWords): string {
  const { debit } = facts;
  const paid = facts.attempts.filter(isPaid);
  const first = paid.find(({ state }) => state === 'succeeded') ?? paid[0];
  const paidOn = first?.endedAt === undefined ? undefined : dateOf(first.endedAt, names);
  const story: Story = {
    amount: formatMoney(debit.amount),
    on: paidOn ?? debit.collectDate,
    rail: names.railName,
    merchant: names.merchantName,
    plan: names.planName,
  };
  switch (debit.state) {
    case 'succeeded': {
      const surplus = paid.filter((attempt) => attempt !== first);
      if (surplus.length === 0) return words.succeeded(story);
      return words.takenAgain(story, formatMoney(totalOf(surplus, debit.amount)));
    }
    case 'in_flight':
      return first === undefined ? words.inFlight(story) : words.takenWhileOpen(story);
    case 'scheduled':
      return first === undefined ? words.scheduled(story) : words.takenForNothing(story);
    case 'failed':
      return first === undefined ? words.failed(story) : words.takenForNothing(story);
    case 'canceled':
      return first === undefined ? words.canceled(story) : words.takenForNothing(story);
  }
}

function totalOf(attempts: readonly Attempt[], unit: Money): Money {
  const minor = attempts.reduce((total, { amount }) => total + amount.minor, 0n);
  return money(minor, unit.currency);
}

/** An invoice, line by line, as it adds up. */
function arithmeticOf(invoice: Invoice, locale: Locale): readonly string[] {
  const words = WORDS[locale];
  const { start, end } = invoice.period;
  const lines = invoice.lines.map((line) => {
    const agreed = line.rule === 'agreed_price' ? words.agreedPrice : '';
    const reason = explainReason(line, locale);
    const why = reason === undefined ? '' : locale === 'zh-CN' ? `（${reason}）` : ` (${reason})`;
    return `${words.lineName(line)}${agreed}: ${calculationOf(line)}${why}`;
  });
  return [
    words.invoice(invoice.number, `${start} – ${end.subtract({ days: 1 })}`),
    ...lines,
    words.total(formatMoney(invoice.total), formatMoney(invoice.tax)),
  ];
}

/** Quantity × unit price × days − discount = amount, without the parts that change nothing. */
function calculationOf(line: InvoiceLine): string {
  const unit = line.unitAmount === undefined ? '' : ` × ${formatUnit(line.unitAmount, line)}`;
  const isPart =
    line.serviceDays > 0 && line.serviceDays !== line.periodDays && line.kind !== 'metered';
  const days = isPart ? ` × ${line.serviceDays}/${line.periodDays}` : '';
  const discount = line.discount.minor === 0n ? '' : ` − ${formatMoney(line.discount)}`;
  const amount = formatMoney(line.amount);
  return `${formatRatio(line.quantity)}${unit}${days}${discount} = ${amount}`;
}

/** A unit price as money, or with all its decimals where it is finer than the currency. */
function formatUnit(unitAmount: Ratio, { subtotal }: InvoiceLine): string {
  const rounded = toMoney(unitAmount, subtotal.currency);
  const isExact = compareRatio(fromMoney(rounded), unitAmount) === 0;
  return isExact ? formatMoney(rounded) : `${formatRatio(unitAmount)} ${subtotal.currency}`;
}

function mandateLine(facts: DebitFacts, names: ExplainNames, words: ExplainWords): string {
  const { signedAt, contractCode } = facts.mandate;
  if (signedAt === undefined) return words.notSigned;
  return words.signed(contractCode, { rail: names.railName, on: dateOf(signedAt, names) });
}

function noticeLine(notice: DebitNotice, names: ExplainNames, words: ExplainWords): string {
  const { deliveredAt } = notice;
  return words.notice({
    channel: notice.channel,
    amount: formatMoney(notice.amount),
    collectDate: notice.collectDate,
    hasFailed: notice.state === 'failed',
    deliveredOn: deliveredAt === undefined ? undefined : dateOf(deliveredAt, names),
  });
}

function attemptLine(attempt: Attempt, names: ExplainNames, words: ExplainWords): string {
  return words.attempt({
    ordinal: attempt.ordinal,
    on: dateOf(attempt.submittedAt, names),
    state: attempt.state,
    code: attempt.refusal?.code ?? '',
    orderNumber: attempt.orderNumber,
    railReference: attempt.railReference,
  });
}

function isPaid(attempt: Attempt): boolean {
  return attempt.state === 'succeeded' || attempt.state === 'late_success';
}

function dateOf(instant: Temporal.Instant, names: ExplainNames): Temporal.PlainDate {
  return businessDate(instant, names.zone);
}
