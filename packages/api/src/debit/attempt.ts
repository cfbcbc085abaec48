import type { Attempt, AttemptState, RefusalClass } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

const STATES = {
  submitting: 'Its number is fixed; the rail may or may not have seen it.',
  accepted: 'The rail took it and answers later.',
  unknown: 'The rail has not said what became of it. We ask; we do not send again.',
  succeeded: 'The money was taken.',
  refused: 'The rail refused it.',
  closed: 'Closed at the rail without payment.',
  never_sent: 'It is proved that it never reached the rail.',
  late_success: 'The money was taken after the attempt had ended.',
} satisfies Record<AttemptState, string>;

export const AttemptStateSchema = choiceOf(STATES);

const REFUSAL_CLASSES = {
  funds: 'Not enough money.',
  limit: 'Above a limit of the payer or the rail.',
  technical: 'A fault at the rail or a bank.',
  account: "Something is wrong with the payer's account.",
  mandate: 'The permission is gone.',
  risk: 'Stopped by risk control.',
  reschedule: 'The rail wants another day.',
  merchant_fault: 'Our request or our contract with the rail is wrong.',
} satisfies Record<RefusalClass, string>;

/** One try at the rail, on the wire. */
export const AttemptSchema = Type.Object(
  {
    id: idSchema('att'),
    debit_id: idSchema('dbt'),
    rail: Type.String({ description: 'The name of the payment rail.' }),
    ordinal: Type.Integer({ minimum: 1 }),
    order_number: Type.String({ description: 'The number that the rail knows it by.' }),
    state: AttemptStateSchema,
    amount: AmountSchema,
    submitted_at: InstantSchema,
    ask_at: orNull(InstantSchema),
    ask_count: Type.Integer({ minimum: 0, description: 'How often the rail was asked.' }),
    rail_reference: orNull(Type.String({ description: "The rail's own number." })),
    refusal: orNull(
      Type.Object(
        {
          class: choiceOf(REFUSAL_CLASSES),
          code: Type.String({ description: "The rail's own code." }),
          message: Type.String({ description: "The rail's own words." }),
        },
        { additionalProperties: false },
      ),
    ),
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'Attempt',
    additionalProperties: false,
    description: 'One try at the rail (扣款尝试).',
    examples: [
      {
        id: exampleId('att'),
        debit_id: exampleId('dbt'),
        rail: 'example_rail',
        ordinal: 1,
        order_number: 'D03FBSOFP3B1DLOEXG5287V3M1N1',
        state: 'refused',
        amount: { amount: 106_000, currency: 'CNY' },
        submitted_at: '2026-03-09T23:30:01.000Z',
        ask_at: null,
        ask_count: 0,
        rail_reference: null,
        refusal: { class: 'funds', code: 'NOTENOUGH', message: '余额不足' },
        ended_at: '2026-03-09T23:30:03.000Z',
      },
    ],
  },
);

export type AttemptWire = Type.Static<typeof AttemptSchema>;

/** An attempt in its wire form. */
export function toAttemptWire(attempt: Attempt): AttemptWire {
  const { refusal, askAt, endedAt } = attempt;
  return {
    id: attempt.id,
    debit_id: attempt.debitId,
    rail: attempt.rail,
    ordinal: attempt.ordinal,
    order_number: attempt.orderNumber,
    state: attempt.state,
    amount: toAmountWire(attempt.amount),
    submitted_at: toInstantWire(attempt.submittedAt),
    ask_at: askAt === undefined ? null : toInstantWire(askAt),
    ask_count: attempt.askCount,
    rail_reference: attempt.railReference ?? null,
    refusal:
      refusal === undefined
        ? null
        : { class: refusal.class, code: refusal.code, message: refusal.message },
    ended_at: endedAt === undefined ? null : toInstantWire(endedAt),
  };
}
