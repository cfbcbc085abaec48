import type { Id } from '../ids/ids.ts';
import type { InvoiceLine } from '../invoice/invoice.ts';
import type { DriftKind } from '../mandate/drift.ts';
import type { Money } from '../money/money.ts';
import { formatMoney } from '../money/text.ts';
import type {
  FindingAction,
  FindingCode,
  FindingOwner,
  FindingSeverity,
  FoundFinding,
} from './finding.ts';

type Names = { readonly zh: string; readonly en: string };
type At = { readonly amount: Money; readonly on: Temporal.PlainDate };

/** What a sentence is made of: the numbers and names of one finding. */
export type Says =
  | ({ readonly code: 'no_method' } & At)
  | ({ readonly code: 'method_dead'; readonly rail: Names } & At)
  | ({ readonly code: 'method_refused'; readonly rail: Names; readonly refusal: string } & At)
  | ({
      readonly code: 'card_over' | 'card_ending';
      readonly rail: Names;
      readonly last: Temporal.PlainDate;
    } & At)
  | ({ readonly code: 'cap_below_amount'; readonly cap: Money } & At)
  | { readonly code: 'mandate_drift'; readonly kind: DriftKind }
  | ({ readonly code: 'amount_unlike_contract'; readonly line: InvoiceLine } & At)
  | ({ readonly code: 'amount_unlike_history'; readonly usual: Money; readonly count: number } & At)
  | { readonly code: 'duplicate_subscription'; readonly plan: Names; readonly other: Names }
  | { readonly code: 'unused_service'; readonly plan: Names; readonly periods: number }
  | ({ readonly code: 'no_contact' | 'all_failed' } & At)
  | {
      readonly code: 'price_change_pending';
      readonly before: Money;
      readonly after: Money;
      readonly from: Temporal.PlainDate;
    }
  | ({ readonly code: 'trial_converting'; readonly plan: Names } & At)
  | { readonly code: 'approver_missing'; readonly count: number };

/** A finding before its sentences are made. */
export type Found = {
  readonly about: Id;
  readonly action: FindingAction;
  readonly says: Says;
  readonly evidence: readonly Id[];
};

type Usual = { readonly severity: FindingSeverity; readonly owner: FindingOwner };

/** How grave each finding is and whose it is, before the merchant's rules say what blocks. */
const USUAL: Readonly<Record<FindingCode, Usual>> = {
  method_dead: { severity: 'warn', owner: 'payer' },
  method_refused: { severity: 'warn', owner: 'payer' },
  method_expiring: { severity: 'warn', owner: 'payer' },
  cap_below_amount: { severity: 'warn', owner: 'payer' },
  mandate_drift: { severity: 'warn', owner: 'support' },
  amount_unlike_contract: { severity: 'warn', owner: 'finance' },
  amount_unlike_history: { severity: 'warn', owner: 'finance' },
  duplicate_subscription: { severity: 'warn', owner: 'payer' },
  unused_service: { severity: 'warn', owner: 'payer' },
  notice_unreachable: { severity: 'warn', owner: 'support' },
  price_change_pending: { severity: 'info', owner: 'payer' },
  trial_converting: { severity: 'info', owner: 'payer' },
  approver_missing: { severity: 'info', owner: 'admin' },
};

/** The finding with its words and its usual severity and owner. */
export function found(code: FindingCode, { about, action, says, evidence }: Found): FoundFinding {
  const { severity, owner } = USUAL[code];
  const [sentenceZh, sentenceEn] = sentencesOf(says);
  return { code, about, severity, owner, sentenceZh, sentenceEn, action, evidence };
}

/** Chinese, then English. */
function sentencesOf(says: Says): readonly [string, string] {
  switch (says.code) {
    case 'no_method':
    case 'method_dead':
    case 'method_refused':
    case 'card_over':
    case 'card_ending':
    case 'cap_below_amount':
    case 'mandate_drift':
      return methodSentences(says);
    case 'amount_unlike_contract':
    case 'amount_unlike_history':
      return amountSentences(says);
    default:
      return otherSentences(says);
  }
}

type SaysOf<Code extends Says['code']> = Extract<Says, { readonly code: Code }>;

function methodSentences(says: Exclude<Says, AmountSays | OtherSays>): readonly [string, string] {
  switch (says.code) {
    case 'no_method':
      return [
        `没有有效的代扣协议，${says.on} 应扣的 ${formatMoney(says.amount)} 无法自动扣款。`,
        `There is no mandate in force, so ${formatMoney(says.amount)} cannot be collected ` +
          `on ${says.on}.`,
      ];
    case 'method_dead':
      return [
        `${says.rail.zh}的代扣协议已失效，${says.on} 应扣的 ${formatMoney(says.amount)} 无法扣款。`,
        `The mandate on ${says.rail.en} is not in force, so ${formatMoney(says.amount)} ` +
          `cannot be collected on ${says.on}.`,
      ];
    case 'method_refused':
      return [
        `${says.rail.zh}上次因账户原因拒绝扣款（${says.refusal}），` +
          `${says.on} 的 ${formatMoney(says.amount)} 很可能再次失败。`,
        `${says.rail.en} refused the last debit because of the account (${says.refusal}); ` +
          `${formatMoney(says.amount)} on ${says.on} will likely be refused again.`,
      ];
    case 'card_over':
      return [
        `${says.rail.zh}的卡有效期至 ${says.last}，早于扣款日 ${says.on}，` +
          `${formatMoney(says.amount)} 无法扣款。`,
        `The card on ${says.rail.en} is valid until ${says.last}, before the debit of ` +
          `${formatMoney(says.amount)} on ${says.on}.`,
      ];
    case 'card_ending':
      return [
        `${says.rail.zh}的卡有效期至 ${says.last}：${says.on} 的 ${formatMoney(says.amount)} ` +
          '可以扣款，之后需要换卡。',
        `The card on ${says.rail.en} is valid until ${says.last}: ${formatMoney(says.amount)} on ` +
          `${says.on} can be collected, later ones need another card.`,
      ];
    case 'cap_below_amount':
      return [
        `${says.on} 应扣 ${formatMoney(says.amount)}，超过协议单笔上限 ${formatMoney(says.cap)}。`,
        `${formatMoney(says.amount)} falls due on ${says.on}, above the cap of ` +
          `${formatMoney(says.cap)} for one debit.`,
      ];
    case 'mandate_drift':
      return [
        `协议状态与通道不一致（${says.kind}），尚未处理。`,
        `The mandate and the rail’s word about it differ (${says.kind}); nobody has settled it.`,
      ];
  }
}

type AmountSays = SaysOf<'amount_unlike_contract' | 'amount_unlike_history'>;

function amountSentences(says: AmountSays): readonly [string, string] {
  if (says.code === 'amount_unlike_contract') {
    const { line } = says;
    const [from, amount] = [line.period.start, formatMoney(line.amount)];
    return [
      `「${line.nameZh}」自 ${from} 起的 ${amount} 与约定价格或合同期限不符。`,
      `“${line.nameEn}” from ${from}, ${amount}, is not at the agreed price or in the contract.`,
    ];
  }
  const [amount, usual] = [formatMoney(says.amount), formatMoney(says.usual)];
  return [
    `${says.on} 应扣 ${amount}，远高于最近 ${says.count} 次扣款的中位数 ${usual}。`,
    `${amount} on ${says.on} is far above ${usual}, the median of the last ${says.count} debits.`,
  ];
}

type OtherSays = SaysOf<
  | 'duplicate_subscription'
  | 'unused_service'
  | 'no_contact'
  | 'all_failed'
  | 'price_change_pending'
  | 'trial_converting'
  | 'approver_missing'
>;

function otherSentences(says: OtherSays): readonly [string, string] {
  switch (says.code) {
    case 'duplicate_subscription':
      return [
        `「${says.plan.zh}」与「${says.other.zh}」为同一使用者重复订阅，服务期重叠。`,
        `“${says.plan.en}” and “${says.other.en}” cover the same thing for the same user at once.`,
      ];
    case 'unused_service':
      return [
        `「${says.plan.zh}」连续 ${says.periods} 个账期没有任何用量，仍在计费。`,
        `“${says.plan.en}” was not used in ${says.periods} whole periods and is still billed.`,
      ];
    case 'no_contact':
      return [
        `没有可用的联系方式，${says.on} 扣款 ${formatMoney(says.amount)} 前无法通知付款人。`,
        `No way to reach the payer is known, so nobody can be told of ` +
          `${formatMoney(says.amount)} ` +
          `on ${says.on}.`,
      ];
    case 'all_failed':
      return [
        `${says.on} 扣款 ${formatMoney(says.amount)} 的通知在所有渠道均未送达。`,
        `The notice of ${formatMoney(says.amount)} on ${says.on} failed on every channel.`,
      ];
    case 'price_change_pending':
      return [
        `价格将自 ${says.from} 起由 ${formatMoney(says.before)} 调整为 ` +
          `${formatMoney(says.after)}，尚未收到答复。`,
        `From ${says.from} the price goes from ${formatMoney(says.before)} to ` +
          `${formatMoney(says.after)}; there is no answer yet.`,
      ];
    case 'trial_converting':
      return [
        `「${says.plan.zh}」试用结束，将于 ${says.on} 首次扣款 ${formatMoney(says.amount)}。`,
        `The trial of “${says.plan.en}” ends; the first debit is ${formatMoney(says.amount)} ` +
          `on ${says.on}.`,
      ];
    case 'approver_missing':
      return [
        `本账单有 ${says.count} 个订阅没有审批人记录。`,
        `Of ${says.count} subscriptions on this invoice nobody is recorded as having approved.`,
      ];
  }
}
