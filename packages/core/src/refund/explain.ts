import { businessDate } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import { formatMoney } from '../money/text.ts';
import { isUnpaidRefund, type MoneyException, sideOf } from './money-exception.ts';
import type { Refund, RefundState } from './refund.ts';
import type { PaymentReturn } from './return.ts';

/** Money of one debit that went back, is on its way, or waits for somebody. */
export type MoneyBack = {
  readonly refunds: readonly Refund[];
  readonly returns: readonly PaymentReturn[];
  readonly exceptions: readonly MoneyException[];
};

type Where = { readonly locale: Locale; readonly zone: string };
type Story = { readonly amount: string; readonly on: Temporal.PlainDate };
type Words = {
  readonly refund: (state: RefundState, story: Story) => string | undefined;
  readonly returned: (story: Story) => string;
  readonly parked: (story: Story) => string;
  readonly credited: (story: Story) => string;
  readonly missing: (story: Story) => string;
  /** Money of a refund that did not reach the payer. */
  readonly unpaid: (state: MoneyException['state'], story: Story) => string | undefined;
  readonly evidence: (refund: Refund, amount: string) => string;
};

const ENGLISH: Words = {
  refund: (state, { amount, on }) => {
    if (state === 'succeeded') return `${amount} was returned on ${on}.`;
    if (state === 'withdrawn') return undefined;
    if (state === 'awaiting_approval') return `A refund of ${amount} waits for its approval.`;
    return `${amount} is on its way back.`;
  },
  returned: ({ amount, on }) =>
    `The payer’s bank took ${amount} back on ${on}; the invoice is owed again.`,
  parked: ({ amount }) => `${amount} beyond what was owed waits to be returned or credited.`,
  credited: ({ amount }) => `${amount} beyond what was owed is the customer’s balance.`,
  missing: ({ amount }) => `${amount} left without a known reason; somebody looks into it.`,
  unpaid: (state, { amount, on }) => {
    if (state === 'credited') {
      return `${amount} of it did not arrive (${on}) and is the customer’s balance.`;
    }
    const where = `${amount} of it did not arrive (${on})`;
    return state === 'open' ? `${where} and waits to be sent another way.` : `${where}.`;
  },
  evidence: ({ refundNumber, railReference, transferReference }, amount) => {
    const proof = railReference ?? transferReference;
    const trade = proof === undefined ? '' : `, its number there ${proof}`;
    return `Refund of ${amount}, refund number ${refundNumber}${trade}`;
  },
};

const CHINESE: Words = {
  refund: (state, { amount, on }) => {
    if (state === 'succeeded') return `已于 ${on} 退还 ${amount}。`;
    if (state === 'withdrawn') return undefined;
    if (state === 'awaiting_approval') return `退款 ${amount} 待复核。`;
    return `${amount} 正在退还。`;
  },
  returned: ({ amount, on }) => `付款银行已于 ${on} 退回 ${amount}，账单重新待付。`,
  parked: ({ amount }) => `多收的 ${amount} 待退还或转入余额。`,
  credited: ({ amount }) => `多收的 ${amount} 已转入客户余额。`,
  missing: ({ amount }) => `${amount} 支出原因不明，正在核查。`,
  unpaid: (state, { amount, on }) => {
    if (state === 'credited') return `其中 ${amount} 未到账（${on}），已转入客户余额。`;
    return `其中 ${amount} 未到账（${on}）${state === 'open' ? '，待另行退还' : ''}。`;
  },
  evidence: ({ refundNumber, railReference, transferReference }, amount) => {
    const proof = railReference ?? transferReference;
    const trade = proof === undefined ? '' : `，对方流水号 ${proof}`;
    return `退款 ${amount}，退款单号 ${refundNumber}${trade}`;
  },
};

/**
 * What of a debit's money went back, in sentences to follow the debit's own, with the numbers that
 * prove it. Empty where nothing did.
 */
export function explainMoneyBack(
  back: MoneyBack,
  { locale, zone }: Where,
): { readonly sentences: readonly string[]; readonly evidence: readonly string[] } {
  const words = locale === 'zh-CN' ? CHINESE : ENGLISH;
  const of = (amount: Refund['amount'], at: Temporal.Instant): Story => ({
    amount: formatMoney(amount),
    on: businessDate(at, zone),
  });
  const sentences = [
    ...back.returns.map((one) => words.returned(of(one.amount, one.returnedAt))),
    ...back.exceptions
      .filter(({ kind }) => !isUnpaidRefund(kind))
      .flatMap((one) => exceptionSentence(one, words, of) ?? []),
    ...back.refunds.flatMap(
      (one) => words.refund(one.state, of(one.amount, one.refundedAt ?? one.createdAt)) ?? [],
    ),
    ...back.exceptions
      .filter(({ kind }) => isUnpaidRefund(kind))
      .flatMap((one) => words.unpaid(one.state, of(one.amount, one.happenedAt)) ?? []),
  ];
  const sent = back.refunds.filter(({ state }) => state !== 'withdrawn');
  return {
    sentences,
    evidence: sent.map((refund) => words.evidence(refund, formatMoney(refund.amount))),
  };
}

/** What its refund says already is not said again. */
function exceptionSentence(
  { kind, state, amount, happenedAt }: MoneyException,
  words: Words,
  of: (amount: Refund['amount'], at: Temporal.Instant) => Story,
): string | undefined {
  if (sideOf(kind) === 'receivable')
    return state === 'open' ? words.missing(of(amount, happenedAt)) : undefined;
  if (state === 'open') return words.parked(of(amount, happenedAt));
  return state === 'credited' ? words.credited(of(amount, happenedAt)) : undefined;
}
