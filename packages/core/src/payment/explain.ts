import { businessDate } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { type Money, money, subtract } from '../money/money.ts';
import { formatMoney } from '../money/text.ts';
import type { HandMethod, HandPayment } from './hand-payment.ts';

/** What paid invoices beside debits: money by the payer's own hand, and the balance. */
export type HandMoney = {
  readonly invoices: readonly Invoice[];
  /** Those that gave something to one of the invoices and were not reversed. */
  readonly payments: readonly HandPayment[];
};

export type HandMoneyNames = {
  readonly locale: Locale;
  readonly zone: string;
  readonly railName: (rail: string) => string;
};

type Words = {
  readonly methods: Readonly<Record<HandMethod, string>>;
  readonly claimed: string;
  readonly paid: (part: { amount: string; how: string; on: Temporal.PlainDate }) => string;
  readonly kept: (amount: string) => string;
  readonly balance: (amount: string) => string;
  readonly evidence: (part: { amount: string; how: string; reference: string }) => string;
  readonly parts: Readonly<Record<'credited' | 'balance' | 'hand' | 'debit' | 'due', string>>;
  readonly sum: (invoice: string, total: string, parts: string) => string;
};

const ENGLISH: Words = {
  methods: { bank_transfer: 'bank transfer', pay_link: 'pay link', cash: 'cash' },
  claimed: 'bank transfer, claimed from the statement',
  paid: ({ amount, how, on }) => `${amount} was paid by ${how} on ${on}.`,
  kept: (amount) => `${amount} of it is the customer’s balance.`,
  balance: (amount) => `${amount} was paid from the balance.`,
  evidence: ({ amount, how, reference }) => `Payment of ${amount} by ${how}, number ${reference}`,
  parts: {
    credited: 'taken back',
    balance: 'balance',
    hand: 'by hand',
    debit: 'debit',
    due: 'still due',
  },
  sum: (invoice, total, parts) => `Invoice ${invoice}: ${total} = ${parts}`,
};

const CHINESE: Words = {
  methods: { bank_transfer: '银行转账', pay_link: '收款链接', cash: '现金' },
  claimed: '银行转账（流水认领）',
  paid: ({ amount, how, on }) => `已于 ${on} 通过${how}支付 ${amount}。`,
  kept: (amount) => `其中 ${amount} 转入客户余额。`,
  balance: (amount) => `余额抵扣 ${amount}。`,
  evidence: ({ amount, how, reference }) => `${how} ${amount}，流水号 ${reference}`,
  parts: { credited: '冲减', balance: '余额', hand: '自行支付', debit: '扣款', due: '待付' },
  sum: (invoice, total, parts) => `账单 ${invoice}：${total} = ${parts}`,
};

/**
 * What paid these invoices beside their debit, in sentences with the numbers that prove it, and an
 * equation for each invoice that more than a debit paid: its total is its parts, to the last unit.
 * Empty where nothing but a debit paid or is to pay.
 */
export function explainHandMoney(
  { invoices, payments }: HandMoney,
  names: HandMoneyNames,
): {
  readonly sentences: readonly string[];
  readonly arithmetic: readonly string[];
  readonly evidence: readonly string[];
} {
  const words = names.locale === 'zh-CN' ? CHINESE : ENGLISH;
  const ids = new Set(invoices.map(({ id }) => id));
  const named = payments.filter(({ state }) => state === 'booked');
  return {
    sentences: [
      ...invoices
        .filter(({ balanceApplied }) => balanceApplied.minor > 0n)
        .map(({ balanceApplied }) => words.balance(formatMoney(balanceApplied))),
      ...named.flatMap((payment) => {
        const how = howOf(payment, { words, names });
        const on = businessDate(payment.receivedAt, names.zone);
        const given = payment.allocations.filter(({ invoiceId }) => ids.has(invoiceId));
        const paid = given.map(({ amount }) =>
          words.paid({ amount: formatMoney(amount), how, on }),
        );
        const { toBalance } = payment;
        return toBalance.minor > 0n ? [...paid, words.kept(formatMoney(toBalance))] : paid;
      }),
    ],
    arithmetic: invoices.flatMap((invoice) => sumOf(invoice, named, words) ?? []),
    evidence: named.map((payment) =>
      words.evidence({
        amount: formatMoney(payment.amount),
        how: howOf(payment, { words, names }),
        reference: payment.reference,
      }),
    ),
  };
}

function howOf(
  { method, rail, bankLineId }: HandPayment,
  { words, names }: { readonly words: Words; readonly names: HandMoneyNames },
): string {
  if (bankLineId !== undefined) return words.claimed;
  const how = words.methods[method];
  if (rail === undefined) return how;
  return names.locale === 'zh-CN'
    ? `${names.railName(rail)}${how}`
    : `${names.railName(rail)} ${how}`;
}

/** The total as what was taken back, the balance, the hand's money, the debit's and what is due. */
function sumOf(
  invoice: Invoice,
  payments: readonly HandPayment[],
  words: Words,
): string | undefined {
  const { total, credited, balanceApplied, state, number } = invoice;
  const byHand = payments
    .flatMap(({ allocations }) => allocations)
    .filter(({ invoiceId }) => invoiceId === invoice.id)
    .reduce((sum, { amount }) => sum + amount.minor, 0n);
  const isPlain = credited.minor === 0n && balanceApplied.minor === 0n && byHand === 0n;
  if (isPlain || state === 'draft' || state === 'void') return undefined;
  const left = subtract(amountDue(invoice), money(byHand, total.currency));
  const isPaid = state === 'paid';
  const parts: readonly (readonly [Money, string])[] = [
    [credited, words.parts.credited],
    [balanceApplied, words.parts.balance],
    [money(byHand, total.currency), words.parts.hand],
    [left, isPaid ? words.parts.debit : words.parts.due],
  ];
  const shown = parts
    .filter(([amount]) => amount.minor !== 0n)
    .map(([amount, word]) => `${formatMoney(amount)} ${word}`);
  return words.sum(number, formatMoney(total), shown.join(' + '));
}
