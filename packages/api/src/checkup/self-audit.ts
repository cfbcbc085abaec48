import type { SelfAudit } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';
import { CheckupFindingSchema, toCheckupFindingWire } from './checkup.ts';

const closed = { additionalProperties: false };

const MandateSchema = Type.Object(
  {
    id: idSchema('man'),
    rail_zh: Type.String(),
    rail_en: Type.String(),
    single_cap: AmountSchema,
    last_four: orNull(Type.String()),
    signed_at: orNull(InstantSchema),
    end: Type.Object({ method: Type.String(), path: Type.String() }, closed),
  },
  closed,
);

const SubscriptionSchema = Type.Object(
  {
    id: idSchema('sub'),
    name_zh: Type.String(),
    name_en: Type.String(),
    state: Type.String(),
    next_date: DateSchema,
    next_amount: orNull(AmountSchema),
    last_amount: orNull(AmountSchema),
    is_unused: Type.Boolean({ description: 'Not used for whole periods, where a meter counts.' }),
    approved_by: orNull(Type.String()),
    approved_at: orNull(InstantSchema),
    end: Type.Object({ method: Type.String(), path: Type.String() }, closed),
  },
  closed,
);

const PriceChangeSchema = Type.Object(
  {
    id: idSchema('pch'),
    subscription_id: idSchema('sub'),
    before: AmountSchema,
    after: AmountSchema,
    effective_on: DateSchema,
  },
  closed,
);

/** Everything that is debited from one customer, on the wire (每月自查). */
export const SelfAuditSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    mandates: Type.Array(MandateSchema, { description: 'Those in force, and how to end each.' }),
    subscriptions: Type.Array(SubscriptionSchema, { description: 'Those that have not ended.' }),
    findings: Type.Array(CheckupFindingSchema, { description: 'Open ones.' }),
    price_changes: Type.Array(PriceChangeSchema, { description: 'Those without an answer.' }),
  },
  {
    title: 'SelfAudit',
    additionalProperties: false,
    description: 'Everything that is debited from one customer, and how to stop it.',
    examples: [
      {
        customer_id: exampleId('cus'),
        mandates: [
          {
            id: exampleId('man'),
            rail_zh: '示例支付',
            rail_en: 'Example Pay',
            single_cap: { amount: 50_000, currency: 'CNY' },
            last_four: null,
            signed_at: '2026-02-01T04:00:00.000Z',
            end: { method: 'POST', path: `/v1/mandates/${exampleId('man')}/end` },
          },
        ],
        subscriptions: [
          {
            id: exampleId('sub'),
            name_zh: '专业版',
            name_en: 'Professional',
            state: 'active',
            next_date: '2026-04-10',
            next_amount: null,
            last_amount: { amount: 2_985, currency: 'CNY' },
            is_unused: false,
            approved_by: null,
            approved_at: null,
            end: { method: 'POST', path: `/v1/subscriptions/${exampleId('sub')}/changes` },
          },
        ],
        findings: [],
        price_changes: [],
      },
    ],
  },
);

export type SelfAuditWire = Type.Static<typeof SelfAuditSchema>;

/** A self-audit in its wire form. */
export function toSelfAuditWire(audit: SelfAudit): SelfAuditWire {
  return {
    customer_id: audit.customerId,
    mandates: audit.mandates.map((mandate) => ({
      id: mandate.id,
      rail_zh: mandate.railZh,
      rail_en: mandate.railEn,
      single_cap: toAmountWire(mandate.singleCap),
      last_four: mandate.lastFour ?? null,
      signed_at: mandate.signedAt === undefined ? null : toInstantWire(mandate.signedAt),
      end: { method: 'POST', path: `/v1/mandates/${mandate.id}/end` },
    })),
    subscriptions: audit.subscriptions.map((one) => ({
      id: one.id,
      name_zh: one.nameZh,
      name_en: one.nameEn,
      state: one.state,
      next_date: toDateWire(one.nextDate),
      next_amount: one.nextAmount === undefined ? null : toAmountWire(one.nextAmount),
      last_amount: one.lastAmount === undefined ? null : toAmountWire(one.lastAmount),
      is_unused: one.isUnused,
      approved_by: one.approvedBy ?? null,
      approved_at: one.approvedAt === undefined ? null : toInstantWire(one.approvedAt),
      end: { method: 'POST', path: `/v1/subscriptions/${one.id}/changes` },
    })),
    findings: audit.findings.map(toCheckupFindingWire),
    price_changes: audit.priceChanges.map(({ consent, effectiveOn }) => ({
      id: consent.priceChangeId,
      subscription_id: consent.subscriptionId,
      before: toAmountWire(consent.before),
      after: toAmountWire(consent.after),
      effective_on: toDateWire(effectiveOn),
    })),
  };
}
