import type { DayPlan, RailDay } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';

const Count = Type.Integer({ minimum: 0 });

/** What one rail is to do on the day, on the wire. */
const RailDaySchema = Type.Object(
  {
    rail: Type.String({ description: 'The name of the payment rail.' }),
    count: Type.Integer({ minimum: 0, description: 'Debits that leave if nothing changes.' }),
    totals: Type.Array(AmountSchema),
    hours: Type.Array(
      Type.Object(
        { hour: Type.Integer({ minimum: 0, maximum: 23 }), count: Count },
        { additionalProperties: false },
      ),
      { description: 'By the clock of the rail.' },
    ),
    first_at: orNull(InstantSchema),
    last_at: orNull(InstantSchema),
    window_from: orNull(InstantSchema),
    window_until: orNull(InstantSchema),
    submit_per_second: Type.Number({ minimum: 0 }),
    budgets: Type.Object(
      {
        attempts_per_day: orNull(Count),
        successes_per_cycle: orNull(Count),
        daily_cap: orNull(AmountSchema),
      },
      { additionalProperties: false, description: 'What the rail counts for one mandate.' },
    ),
    blocked: Type.Array(
      Type.Object({ reason: Type.String(), count: Count }, { additionalProperties: false }),
      { description: 'Debits that do not leave as things are, by reason.' },
    ),
    over_capacity: Type.Integer({
      minimum: 0,
      description: "Debits for which the rail's hours are too short.",
    }),
    next_date: DateSchema,
    is_bank_holiday: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** A day of debits before it runs. */
export const DebitPlanSchema = Type.Object(
  { date: DateSchema, rails: Type.Array(RailDaySchema) },
  {
    title: 'DebitPlan',
    additionalProperties: false,
    description: 'What a day of debits will be if nothing changes (扣款日历). Reads only.',
    examples: [
      {
        date: '2026-12-01',
        rails: [
          {
            rail: 'example_rail',
            count: 1_200,
            totals: [{ amount: 3_582_000, currency: 'CNY' }],
            hours: [{ hour: 7, count: 1_200 }],
            first_at: '2026-11-30T23:30:00.000Z',
            last_at: '2026-11-30T23:30:07.000Z',
            window_from: '2026-11-30T23:00:00.000Z',
            window_until: '2026-12-01T14:00:00.000Z',
            submit_per_second: 150,
            budgets: { attempts_per_day: null, successes_per_cycle: null, daily_cap: null },
            blocked: [{ reason: 'notice_not_delivered', count: 3 }],
            over_capacity: 0,
            next_date: '2026-12-02',
            is_bank_holiday: false,
          },
        ],
      },
    ],
  },
);

/** What `GET /v1/debits/plan` may be asked. */
export const DebitPlanQuerySchema = Type.Object(
  { date: DateSchema },
  { additionalProperties: false },
);

export type DebitPlanWire = Type.Static<typeof DebitPlanSchema>;

export function toDebitPlanWire(plan: DayPlan): DebitPlanWire {
  return { date: toDateWire(plan.date), rails: plan.rails.map(toRailDayWire) };
}

function toRailDayWire(day: RailDay): DebitPlanWire['rails'][number] {
  const { firstAt, lastAt, window, budgets } = day;
  return {
    rail: day.rail,
    count: day.count,
    totals: day.totals.map(toAmountWire),
    hours: day.hours.map((hour) => ({ ...hour })),
    first_at: firstAt === undefined ? null : toInstantWire(firstAt),
    last_at: lastAt === undefined ? null : toInstantWire(lastAt),
    window_from: window === undefined ? null : toInstantWire(window.from),
    window_until: window === undefined ? null : toInstantWire(window.until),
    submit_per_second: day.submitPerSecond,
    budgets: {
      attempts_per_day: budgets?.attemptsPerDay ?? null,
      successes_per_cycle: budgets?.successesPerCycle ?? null,
      daily_cap: budgets?.dailyCap === undefined ? null : toAmountWire(budgets.dailyCap),
    },
    blocked: day.blocked.map((one) => ({ ...one })),
    over_capacity: day.overCapacity.length,
    next_date: toDateWire(day.nextDate),
    is_bank_holiday: day.isBankHoliday,
  };
}
