import type { Arrears, ArrearsHold, ArrearsPolicy, ArrearsState } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { type ListWire, listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const STATES = {
  clear: 'Nothing counts as overdue.',
  grace: 'Overdue, and nothing happens yet.',
  warned: 'Told that the service will stop.',
  suspended: 'No service until it is paid.',
  retained: 'No service; data are kept and can be exported.',
  deletable: 'No service; the time for which data are kept is over.',
} as const satisfies Record<ArrearsState, string>;

const HOLDS = {
  attempt_unknown: 'A try to collect has no definite end: no service stops meanwhile.',
  payment_waits: 'Money is at a rail and not settled, or a pay link ended without the rail’s word.',
  postponed: 'A person put the suspension off until a date.',
  not_warned: 'The customer was warned only now.',
  days_promised: 'The days that the policy promises are not over.',
} as const satisfies Record<ArrearsHold, string>;

const ChangeSchema = Type.Object(
  { on: DateSchema, at: InstantSchema, state: choiceOf<ArrearsState>(STATES) },
  { additionalProperties: false },
);

/** What unpaid invoices do to the service of one customer, on the wire (欠费). */
export const ArrearsSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    state: choiceOf<ArrearsState>(STATES),
    since: DateSchema,
    held_by: orNull(choiceOf<ArrearsHold>(HOLDS)),
    earliest_unpaid: orNull(DateSchema),
    unpaid_invoices: Type.Integer({ minimum: 0 }),
    unpaid: Type.Array(AmountSchema, { description: 'What is overdue, by currency.' }),
    warned_on: orNull(DateSchema),
    next_change: orNull(ChangeSchema),
    next_look_at: orNull(InstantSchema),
  },
  {
    title: 'Arrears',
    additionalProperties: false,
    description: 'What unpaid invoices do to the service of who pays (欠费, 停服).',
    examples: [
      {
        customer_id: exampleId('cus'),
        state: 'warned',
        since: '2026-03-13',
        held_by: null,
        earliest_unpaid: '2026-03-10',
        unpaid_invoices: 1,
        unpaid: [{ amount: 2_985, currency: 'CNY' }],
        warned_on: '2026-03-13',
        next_change: { on: '2026-03-20', at: '2026-03-20T02:00:00.000Z', state: 'suspended' },
        next_look_at: '2026-03-20T02:00:00.000Z',
      },
    ],
  },
);

export const ArrearsListSchema = listSchema('ArrearsList', ArrearsSchema);

/** What `GET /v1/arrears` may be asked. */
export const ArrearsQuerySchema = Type.Object(
  { ...PAGE_PARAMETERS, state: Type.Optional(choiceOf<ArrearsState>(STATES)) },
  { additionalProperties: false },
);

export type ArrearsWire = Type.Static<typeof ArrearsSchema>;

export function toArrearsWire(arrears: Arrears): ArrearsWire {
  const { nextChange, heldBy, earliestUnpaid, warnedOn, nextLookAt } = arrears;
  return {
    customer_id: arrears.customerId,
    state: arrears.state,
    since: toDateWire(arrears.since),
    held_by: heldBy ?? null,
    earliest_unpaid: earliestUnpaid === undefined ? null : toDateWire(earliestUnpaid),
    unpaid_invoices: arrears.unpaidInvoices,
    unpaid: arrears.unpaid.map(toAmountWire),
    warned_on: warnedOn === undefined ? null : toDateWire(warnedOn),
    next_change:
      nextChange === undefined
        ? null
        : {
            on: toDateWire(nextChange.on),
            at: toInstantWire(nextChange.at),
            state: nextChange.state,
          },
    next_look_at: nextLookAt === undefined ? null : toInstantWire(nextLookAt),
  };
}

/** A page of customers in arrears; its cursor is the last customer. */
export function toArrearsListWire(rows: readonly Arrears[], limit: number): ListWire<ArrearsWire> {
  const data = rows.slice(0, limit).map(toArrearsWire);
  const hasMore = rows.length > limit;
  return {
    data,
    has_more: hasMore,
    next_cursor: hasMore ? (data.at(-1)?.customer_id ?? null) : null,
  };
}

/** The states of a policy, the mildest first, with the days of unpaid age where age decides. */
export function toArrearsStepsWire({ states }: ArrearsPolicy): ArrearsStepWire[] {
  return states
    .map(({ state, when }) => ({ state, days: when.daysSinceEarliestUnpaid ?? null }))
    .reverse();
}

const StepSchema = Type.Object(
  { state: choiceOf<ArrearsState>(STATES), days: orNull(Type.Integer({ minimum: 0 })) },
  { additionalProperties: false },
);
type ArrearsStepWire = Type.Static<typeof StepSchema>;

/** The answer of `GET /v1/customers/{id}/arrears`. */
export const CustomerArrearsSchema = Type.Object(
  {
    customer_id: Type.Unsafe<`cus_${string}`>({
      ...idSchema('cus'),
      description: 'Who pays: for a department or member, its organisation.',
    }),
    arrears: orNull(ArrearsSchema),
    steps: Type.Array(StepSchema, {
      description: 'The policy that holds for this customer: states by days since the due date.',
    }),
  },
  {
    title: 'CustomerArrears',
    additionalProperties: false,
    description: 'Arrears null: nothing of this customer was ever overdue.',
    examples: [
      {
        customer_id: exampleId('cus'),
        arrears: null,
        steps: [
          { state: 'grace', days: 0 },
          { state: 'warned', days: 3 },
          { state: 'suspended', days: 10 },
        ],
      },
    ],
  },
);
export type CustomerArrearsWire = Type.Static<typeof CustomerArrearsSchema>;
