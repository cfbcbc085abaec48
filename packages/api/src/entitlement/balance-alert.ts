import { BALANCE_ALERT_MAX_DAYS, type BalanceAlert } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';

const DAYS = { minimum: 1, maximum: BALANCE_ALERT_MAX_DAYS };
const BySchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Who it is; the label of the API key when left out.',
  }),
);

/** When a customer's prepaid balance counts as low, on the wire. */
export const BalanceAlertSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    low: AmountSchema,
    low_days: orNull(Type.Integer(DAYS)),
    is_low: Type.Boolean({ description: 'Low now, and told.' }),
    told_at: orNull(InstantSchema),
    set_by: Type.String(),
    set_at: InstantSchema,
  },
  {
    title: 'BalanceAlert',
    additionalProperties: false,
    description:
      'Low from `low` on, or when what is left lasts `low_days` days at the use of the last 30. ' +
      'A crossing is told once; the next one after the balance was above again.',
    examples: [
      {
        customer_id: exampleId('cus'),
        low: { amount: 10_000, currency: 'CNY' },
        low_days: 7,
        is_low: false,
        told_at: null,
        set_by: 'Anna',
        set_at: '2026-03-12T02:00:00.000Z',
      },
    ],
  },
);

/** What `POST /v1/customers/{id}/balance-alerts` takes. */
export const NewBalanceAlertSchema = Type.Object(
  { low: AmountSchema, low_days: Type.Optional(Type.Integer(DAYS)), by: BySchema },
  {
    title: 'NewBalanceAlert',
    additionalProperties: false,
    description: 'One for each currency; another one of the same currency takes its place.',
    examples: [{ low: { amount: 10_000, currency: 'CNY' }, low_days: 7, by: 'Anna' }],
  },
);

/** What `POST /v1/customers/{id}/balance-alerts/remove` takes. */
export const RemoveBalanceAlertSchema = Type.Object(
  { currency: AmountSchema.properties.currency },
  { title: 'RemoveBalanceAlert', additionalProperties: false, examples: [{ currency: 'CNY' }] },
);

/** The alerts that are left. */
export const BalanceAlertsSchema = Type.Object(
  { data: Type.Array(BalanceAlertSchema) },
  {
    title: 'BalanceAlerts',
    additionalProperties: false,
    examples: [{ data: [] }],
  },
);

export type RemoveBalanceAlertBody = Type.Static<typeof RemoveBalanceAlertSchema>;
export type BalanceAlertWire = Type.Static<typeof BalanceAlertSchema>;
export type NewBalanceAlertBody = Type.Static<typeof NewBalanceAlertSchema>;

export function toBalanceAlertWire(alert: BalanceAlert): BalanceAlertWire {
  return {
    customer_id: alert.customerId,
    low: toAmountWire(alert.low),
    low_days: alert.lowDays ?? null,
    is_low: alert.isLow,
    told_at: alert.toldAt === undefined ? null : toInstantWire(alert.toldAt),
    set_by: alert.setBy,
    set_at: toInstantWire(alert.setAt),
  };
}
