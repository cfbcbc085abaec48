import type { DayState, ReconciliationDay } from '@daikou/core';
import { type Static, Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const STATES = {
  expected: 'The bill has not come.',
  loading: 'The bill is being compared.',
  matched: 'The bill is compared; the account statement is still to come.',
  balanced: 'All files agree with our books.',
  exceptions: 'Breaks are not resolved.',
  closed: 'Signed.',
} as const satisfies Record<DayState, string>;

const BILLS = {
  expected: 'It has not come.',
  loaded: 'It is compared.',
  empty: 'The rail said that nothing was traded.',
} as const satisfies Record<ReconciliationDay['bill'], string>;

const STATEMENTS = {
  none: 'The rail has none apart from the bill.',
  expected: 'It has not come.',
  loaded: 'It is compared with the bill.',
  empty: 'The rail said that nothing moved.',
} as const satisfies Record<ReconciliationDay['statement'], string>;

/** One date of one rail, on the wire. */
export const ReconciliationDaySchema = Type.Object(
  {
    rail: Type.String(),
    business_date: DateSchema,
    state: choiceOf<DayState>(STATES),
    bill: choiceOf<ReconciliationDay['bill']>(BILLS),
    bill_id: orNull(idSchema('bil')),
    statement: choiceOf<ReconciliationDay['statement']>(STATEMENTS),
    posted_fee: orNull(AmountSchema),
    problem: orNull(Type.String({ description: 'Why the day is not further, in words.' })),
    asked_at: InstantSchema,
    closed_by: orNull(Type.String()),
    closed_at: orNull(InstantSchema),
  },
  {
    title: 'ReconciliationDay',
    additionalProperties: false,
    description: 'One date of one rail: which files came, and what the comparison says.',
    examples: [
      {
        rail: 'example_rail',
        business_date: '2026-03-10',
        state: 'balanced',
        bill: 'loaded',
        bill_id: exampleId('bil'),
        statement: 'none',
        posted_fee: { amount: 636, currency: 'CNY' },
        problem: null,
        asked_at: '2026-03-11T02:00:00.000Z',
        closed_by: null,
        closed_at: null,
      },
    ],
  },
);

export type ReconciliationDayWire = Static<typeof ReconciliationDaySchema>;

export const ReconciliationDayListSchema = listSchema(
  'ReconciliationDayList',
  ReconciliationDaySchema,
);

export function toReconciliationDayWire(day: ReconciliationDay): ReconciliationDayWire {
  return {
    rail: day.rail,
    business_date: toDateWire(day.businessDate),
    state: day.state,
    bill: day.bill,
    bill_id: day.billId ?? null,
    statement: day.statement,
    posted_fee: day.postedFee === undefined ? null : toAmountWire(day.postedFee),
    problem: day.problem ?? null,
    asked_at: toInstantWire(day.askedAt),
    closed_by: day.closed?.by ?? null,
    closed_at: day.closed === undefined ? null : toInstantWire(day.closed.at),
  };
}

const RAIL = Type.String({ minLength: 1, maxLength: 40 });

/** What `GET /v1/reconciliation/days` may be asked. A cursor is the page's last date and rail. */
export const ReconciliationDayQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    rail: Type.Optional(RAIL),
    state: Type.Optional(choiceOf<DayState>(STATES)),
  },
  { additionalProperties: false },
);

export type ReconciliationDayQuery = Static<typeof ReconciliationDayQuerySchema>;

const BY = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Who signs; the label of the key when left out.',
  }),
);

export const CloseDaySchema = Type.Object(
  { rail: RAIL, business_date: DateSchema, by: BY },
  {
    title: 'CloseDay',
    additionalProperties: false,
    examples: [{ rail: 'example_rail', business_date: '2026-03-10', by: 'Anna' }],
  },
);

export type CloseDayBody = Static<typeof CloseDaySchema>;

export const ReopenDaySchema = Type.Object(
  {
    rail: RAIL,
    business_date: DateSchema,
    by: BY,
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  {
    title: 'ReopenDay',
    additionalProperties: false,
    examples: [
      {
        rail: 'example_rail',
        business_date: '2026-03-10',
        by: 'Anna',
        reason: 'The rail corrected its fee.',
      },
    ],
  },
);

export type ReopenDayBody = Static<typeof ReopenDaySchema>;
