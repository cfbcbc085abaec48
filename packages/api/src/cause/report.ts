import type { CauseGroup, CauseShare } from '@daikou/core';
import { Type } from 'typebox';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { CAUSE_MEANINGS } from './cause.ts';

const GROUPS = {
  rail: 'By the rail that collects; empty where the customer pays by hand.',
  plan: 'By the code of the plan.',
  segment: 'By the kind of customer: person or organisation.',
} as const satisfies Record<CauseGroup, string>;

const MonthSchema = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
  description: 'The month of the due dates, YYYY-MM.',
  examples: ['2026-03'],
});

/** What `GET /v1/insights/arrears-causes` may be asked. */
export const CauseReportQuerySchema = Type.Object(
  {
    month: Type.Optional(MonthSchema),
    by: Type.Optional(choiceOf(GROUPS)),
    format: Type.Optional(choiceOf({ json: 'The default.', csv: 'A table for spreadsheets.' })),
  },
  { additionalProperties: false },
);

/** The shares of the causes of a month's arrears. */
export const CauseReportSchema = Type.Object(
  {
    month: MonthSchema,
    by: orNull(choiceOf(GROUPS)),
    data: Type.Array(
      Type.Object(
        {
          group: Type.String(),
          cause: choiceOf(CAUSE_MEANINGS),
          invoices: Type.Integer({ description: 'With this as their primary cause.' }),
          count_basis_points: Type.Integer(),
          amount: AmountSchema,
          amount_basis_points: Type.Integer(),
        },
        { additionalProperties: false },
      ),
      { description: 'Every cause of every group; the basis points of a group are 10,000.' },
    ),
  },
  {
    title: 'ArrearsCauseReport',
    additionalProperties: false,
    description: 'Why the invoices of a month were overdue; each counts once, by its last finding.',
    examples: [
      {
        month: '2026-03',
        by: null,
        data: [
          {
            group: '',
            cause: 'growth',
            invoices: 2,
            count_basis_points: 10_000,
            amount: { amount: 18_600, currency: 'CNY' },
            amount_basis_points: 10_000,
          },
        ],
      },
    ],
  },
);

export type CauseReportWire = Type.Static<typeof CauseReportSchema>;

export function toCauseReportWire(report: {
  readonly month: Temporal.PlainYearMonth;
  readonly by?: CauseGroup;
  readonly rows: readonly CauseShare[];
}): CauseReportWire {
  return {
    month: report.month.toString({ calendarName: 'never' }),
    by: report.by ?? null,
    data: report.rows.map(({ group, cause, invoices, shareOfCount, amount, shareOfAmount }) => ({
      group,
      cause,
      invoices,
      count_basis_points: Number(shareOfCount),
      amount: toAmountWire(amount),
      amount_basis_points: Number(shareOfAmount),
    })),
  };
}
