import {
  explainLateFee,
  type Invoice,
  type LateFee,
  type LateFeeFigure,
  type LateFeeLine,
  type LateFeePolicy,
  type LateFeeWaiver,
  lateFeeWords,
  type Money,
  type Policy,
} from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

const STATES = {
  watched: 'Looked at every day: the invoice is owed, or something is still to be done.',
  ended: 'Nothing more accrues.',
} as const satisfies Record<LateFee['state'], string>;

const ENDS = {
  paid: 'The invoice is paid.',
  void: 'The invoice was taken back.',
  waived: 'All of it was waived.',
  not_declared: 'No late fee was published for this invoice when it was issued.',
} as const satisfies Record<NonNullable<LateFee['endedFor']>, string>;

const WAIVER_STATES = {
  awaiting_approval: 'Above the limit of the policy: a second person approves it.',
  approved: 'It is not asked for.',
  rejected: 'It is asked for as before.',
} as const satisfies Record<LateFeeWaiver['state'], string>;

export const LateFeeWaiverSchema = Type.Object(
  {
    id: idSchema('apr'),
    amount: orNull(AmountSchema),
    reason: Type.String(),
    state: choiceOf<LateFeeWaiver['state']>(WAIVER_STATES),
    requested_by: Type.String(),
    approval_hash: Type.String({ description: 'What an approval names: this amount and reason.' }),
    decided_by: orNull(Type.String()),
    requested_at: InstantSchema,
    decided_at: orNull(InstantSchema),
  },
  {
    title: 'LateFeeWaiver',
    additionalProperties: false,
    description: 'What is not asked for (减免); without an amount all, and what may still accrue.',
    examples: [
      {
        id: exampleId('apr'),
        amount: null,
        reason: 'the bank was closed',
        state: 'awaiting_approval',
        requested_by: 'An',
        approval_hash: 'a'.repeat(64),
        decided_by: null,
        requested_at: '2026-03-24T02:00:00.000Z',
        decided_at: null,
      },
    ],
  },
);

const CNY = (amount: number) => ({ amount, currency: 'CNY' });

/** The late fee of an invoice as it stands at the end of a day. */
export const LateFeeSchema = Type.Object(
  {
    invoice_id: idSchema('inv'),
    on: DateSchema,
    policy: orNull(
      Type.Object(
        {
          id: idSchema('pol'),
          code: Type.String(),
          version: Type.Integer({ minimum: 1 }),
          rule_zh: Type.String(),
          rule_en: Type.String(),
        },
        { additionalProperties: false, description: 'The version that held at the issue.' },
      ),
    ),
    state: orNull(choiceOf<LateFee['state']>(STATES)),
    ended_for: orNull(choiceOf<NonNullable<LateFee['endedFor']>>(ENDS)),
    in_time_until: orNull(DateSchema),
    first_day: orNull(DateSchema),
    days: Type.Integer({ minimum: 0, description: 'Days that count: after the grace.' }),
    base: AmountSchema,
    cap: AmountSchema,
    capped: Type.Boolean(),
    amount: AmountSchema,
    owed: AmountSchema,
    charged: AmountSchema,
    explanation_zh: Type.String(),
    explanation_en: Type.String(),
    segments: Type.Array(
      Type.Object(
        {
          from: DateSchema,
          until: DateSchema,
          days: Type.Integer({ minimum: 1 }),
          base: AmountSchema,
        },
        { additionalProperties: false },
      ),
      { description: 'Days with the same unpaid base; `until` is not included.' },
    ),
    stops: Type.Array(
      Type.Object(
        {
          from: DateSchema,
          until: orNull(DateSchema),
          reason: Type.String(),
          by: Type.String(),
        },
        { additionalProperties: false },
      ),
      { description: 'Days that do not count.' },
    ),
    lines: Type.Array(
      Type.Object(
        {
          first_day: DateSchema,
          last_day: DateSchema,
          amount: AmountSchema,
          taken_back: AmountSchema,
        },
        { additionalProperties: false },
      ),
      { description: 'What was charged on the customer’s next invoices, each day once.' },
    ),
    waivers: Type.Array(LateFeeWaiverSchema),
    next_look_at: orNull(InstantSchema),
  },
  {
    title: 'LateFee',
    additionalProperties: false,
    description:
      'What an overdue invoice is asked for beside its amount (滞纳金). `amount` is the figure of ' +
      'the day, `owed` what is left of it after waivers, `charged` what stands on invoices.',
    examples: [
      {
        invoice_id: exampleId('inv'),
        on: '2026-03-23',
        policy: {
          id: exampleId('pol'),
          code: 'default',
          version: 1,
          rule_zh: '逾期第 4 天起，每天按未付金额的 0.05% 收取滞纳金，最高不超过未付金额的 30%',
          rule_en:
            'From the 4th day overdue, a late fee of 0.05% of the unpaid amount a day is due, ' +
            'at most 30% of the unpaid amount',
        },
        state: 'watched',
        ended_for: null,
        in_time_until: '2026-03-10',
        first_day: '2026-03-14',
        days: 10,
        base: CNY(100_000),
        cap: CNY(30_000),
        capped: false,
        amount: CNY(500),
        owed: CNY(500),
        charged: CNY(0),
        explanation_zh: '¥5.00（10 天，未付金额 ¥1,000.00；…）',
        explanation_en: '¥5.00 (10 days, ¥1,000.00 unpaid; …)',
        segments: [{ from: '2026-03-14', until: '2026-03-24', days: 10, base: CNY(100_000) }],
        stops: [],
        lines: [],
        waivers: [],
        next_look_at: '2026-03-23T16:00:00.000Z',
      },
    ],
  },
);

export type LateFeeWire = Type.Static<typeof LateFeeSchema>;
export type LateFeeWaiverWire = Type.Static<typeof LateFeeWaiverSchema>;

/** What is known of a late fee, as the engine reads it. */
export type LateFeeFound = {
  readonly invoice: Invoice;
  readonly on: Temporal.PlainDate;
  readonly declared?: { readonly policy: Policy; readonly rule: LateFeePolicy };
  readonly since?: Temporal.PlainDate;
  readonly figure?: LateFeeFigure;
  readonly lateFee?: LateFee;
  readonly charges: readonly LateFeeLine[];
  readonly waivers: readonly LateFeeWaiver[];
  readonly owed: Money;
  readonly charged: Money;
};

export function toLateFeeWire(found: LateFeeFound): LateFeeWire {
  const { invoice, lateFee, since, figure, charges, waivers } = found;
  return {
    invoice_id: invoice.id,
    on: toDateWire(found.on),
    policy: toPolicyPart(found),
    state: lateFee?.state ?? null,
    ended_for: lateFee?.endedFor ?? null,
    in_time_until: since === undefined ? null : toDateWire(since),
    ...toFigureWire(found),
    owed: toAmountWire(found.owed),
    charged: toAmountWire(found.charged),
    explanation_zh: explanationOf(found, 'zh-CN'),
    explanation_en: explanationOf(found, 'en'),
    segments: (figure?.segments ?? []).map(({ period, days, base }) => ({
      from: toDateWire(period.start),
      until: toDateWire(period.end),
      days,
      base: toAmountWire(base),
    })),
    stops: (lateFee?.stops ?? []).map(({ from, until, reason, by }) => ({
      from: toDateWire(from),
      until: until === undefined ? null : toDateWire(until),
      reason,
      by,
    })),
    lines: charges.map(({ firstDay, lastDay, amount, takenBack }) => ({
      first_day: toDateWire(firstDay),
      last_day: toDateWire(lastDay),
      amount: toAmountWire(amount),
      taken_back: toAmountWire(takenBack),
    })),
    waivers: waivers.map(toLateFeeWaiverWire),
    next_look_at: lateFee?.lookAt === undefined ? null : toInstantWire(lateFee.lookAt),
  };
}

function toPolicyPart({ declared, invoice }: LateFeeFound): LateFeeWire['policy'] {
  if (declared === undefined) return null;
  const { policy, rule } = declared;
  const { currency } = invoice.total;
  return {
    id: policy.id,
    code: policy.code,
    version: policy.version,
    rule_zh: lateFeeWords(rule, 'zh-CN', currency),
    rule_en: lateFeeWords(rule, 'en', currency),
  };
}

function toFigureWire({ figure, invoice }: LateFeeFound) {
  const nothing = toAmountWire({ minor: 0n, currency: invoice.total.currency });
  return {
    first_day: figure === undefined ? null : toDateWire(figure.firstDay),
    days: figure?.days ?? 0,
    base: figure === undefined ? nothing : toAmountWire(figure.base),
    cap: figure === undefined ? nothing : toAmountWire(figure.cap),
    capped: figure?.isCapped ?? false,
    amount: figure === undefined ? nothing : toAmountWire(figure.amount),
  };
}

const NONE = {
  'zh-CN': { policy: '开票时没有适用的滞纳金规则', due: '尚未逾期' },
  en: {
    policy: 'No late fee was published for this invoice when it was issued',
    due: 'It is not overdue yet',
  },
} as const;

function explanationOf({ declared, figure }: LateFeeFound, locale: 'zh-CN' | 'en'): string {
  if (declared === undefined) return NONE[locale].policy;
  if (figure === undefined) return NONE[locale].due;
  return explainLateFee(figure, declared.rule, locale);
}

export function toLateFeeWaiverWire(waiver: LateFeeWaiver): LateFeeWaiverWire {
  const { amount, decidedAt } = waiver;
  return {
    id: waiver.id,
    amount: amount === undefined ? null : toAmountWire(amount),
    reason: waiver.reason,
    state: waiver.state,
    requested_by: waiver.requestedBy,
    approval_hash: waiver.approvalHash,
    decided_by: waiver.decidedBy ?? null,
    requested_at: toInstantWire(waiver.requestedAt),
    decided_at: decidedAt === undefined ? null : toInstantWire(decidedAt),
  };
}
