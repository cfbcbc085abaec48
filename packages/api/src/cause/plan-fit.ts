import type { MisfitReason, Period, PlanAdvice, PlanCost, Subscription } from '@daikou/core';
import { Type } from 'typebox';
import { PeriodSchema, toPeriodWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

const MISFITS = {
  other_currency: 'It is priced in another currency.',
  other_interval: 'It is billed in another rhythm.',
  no_seats: 'It counts no seats, and the use has some.',
  seats_not_counted: 'It is paid by seats, and the use counts none.',
  no_module: 'It lacks a module that is used.',
  no_meter: 'It lacks a meter that is used.',
  too_many_seats: 'It holds fewer seats.',
  too_much_use: 'It holds less use.',
  cannot_be_priced: 'What was kept of the use does not say what its prices look at.',
} as const satisfies Record<MisfitReason, string>;

const PlanCostSchema = Type.Object(
  {
    plan_id: idSchema('pln'),
    code: Type.String(),
    total: AmountSchema,
    saving_per_period: AmountSchema,
  },
  { additionalProperties: false },
);

/** Whether another plan fits a subscription better. */
export const PlanFitSchema = Type.Object(
  {
    subscription_id: idSchema('sub'),
    periods: Type.Array(PeriodSchema, { description: 'Whose use was priced, oldest first.' }),
    current: PlanCostSchema,
    best: orNull(PlanCostSchema),
    fitting: Type.Array(PlanCostSchema, { description: 'Plans that fit, the cheapest first.' }),
    misfits: Type.Array(
      Type.Object(
        { plan_id: idSchema('pln'), code: Type.String(), reason: choiceOf(MISFITS) },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'PlanFit',
    additionalProperties: false,
    description:
      'The use of the last periods priced under every plan of the same product and currency, tax ' +
      'included, without coupons, packs and one-off prices. best is null where none saves.',
    examples: [
      {
        subscription_id: exampleId('sub'),
        periods: [{ start: '2026-02-10', end: '2026-03-10' }],
        current: {
          plan_id: exampleId('pln'),
          code: 'basic',
          total: { amount: 9_300, currency: 'CNY' },
          saving_per_period: { amount: 0, currency: 'CNY' },
        },
        best: null,
        fitting: [],
        misfits: [],
      },
    ],
  },
);

export type PlanFitWire = Type.Static<typeof PlanFitSchema>;

export function toPlanFitWire(fit: {
  readonly subscription: Subscription;
  readonly periods: readonly Period[];
  readonly advice: PlanAdvice;
}): PlanFitWire {
  const { current, best, fitting, misfits } = fit.advice;
  return {
    subscription_id: fit.subscription.id,
    periods: fit.periods.map(toPeriodWire),
    current: toPlanCostWire(current),
    best: best === undefined ? null : toPlanCostWire(best),
    fitting: fitting.map(toPlanCostWire),
    misfits: misfits.map(({ planId, code, reason }) => ({ plan_id: planId, code, reason })),
  };
}

function toPlanCostWire({ planId, code, total, savingPerPeriod }: PlanCost) {
  return {
    plan_id: planId,
    code,
    total: toAmountWire(total),
    saving_per_period: toAmountWire(savingPerPeriod),
  };
}
