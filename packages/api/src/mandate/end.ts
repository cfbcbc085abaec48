import type { MandateDrift, MandateEnd } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { MandateSchema, type MandateWire } from './mandate.ts';

/** `POST /v1/mandates/{id}/end`. */
export const EndMandateSchema = Type.Object(
  {
    by: choiceOf({ customer: 'The customer asked for it.', merchant: 'The merchant wants it.' }),
    remark: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Why; a rail may show it to the payer.',
    }),
  },
  {
    title: 'EndMandate',
    additionalProperties: false,
    examples: [{ by: 'customer', remark: '用户申请解约' }],
  },
);

/** A mandate with the proof of its end. */
export const MandateEndSchema = Type.Object(
  {
    mandate: MandateSchema,
    asked_by: orNull(
      choiceOf({
        customer: 'The customer.',
        merchant: 'The merchant.',
        drift: 'The daily comparison with the rail.',
      }),
    ),
    remark: orNull(Type.String()),
    asked_at: orNull(InstantSchema),
    tries: Type.Integer({ minimum: 0, description: 'How often the rail was asked.' }),
    next_try_at: orNull(InstantSchema),
    answer: orNull(Type.String({ description: 'What the rail said last.' })),
    answered_at: orNull(InstantSchema),
  },
  {
    title: 'MandateEnd',
    additionalProperties: false,
    description: 'From the request on no debit leaves by the mandate, whatever the rail answers.',
    examples: [
      {
        mandate: exampleOf(MandateSchema),
        asked_by: 'customer',
        remark: '用户申请解约',
        asked_at: '2026-03-05T02:00:00.000Z',
        tries: 1,
        next_try_at: null,
        answer: 'ended by merchant at 2026-03-05T02:00:01Z',
        answered_at: '2026-03-05T02:00:01.000Z',
      },
    ],
  },
);

/** A difference between our mandate and the rail's word. */
export const MandateDriftSchema = Type.Object(
  {
    id: idSchema('drf'),
    mandate_id: idSchema('man'),
    customer_id: idSchema('cus'),
    kind: choiceOf({
      ended_here_signed_there: 'It ended here and the rail still has it signed.',
      active_here_ended_there: 'It was active here and the rail had ended it.',
      signed_without_subscription: 'Nothing is collected by it.',
    } satisfies Record<MandateDrift['kind'], string>),
    action: choiceOf({
      end_at_rail: 'The rail is asked to end it until it confirms.',
      ended_here: 'It was ended here.',
      ask_person: 'A person decides.',
    } satisfies Record<MandateDrift['action'], string>),
    state: choiceOf({ open: 'Not settled yet.', resolved: 'Both agree again.' }),
    evidence: Type.String({ description: 'What was compared.' }),
    found_at: InstantSchema,
    resolved_at: orNull(InstantSchema),
  },
  {
    title: 'MandateDrift',
    additionalProperties: false,
    description: 'A difference that the daily comparison of mandates found (协议漂移).',
    examples: [
      {
        id: exampleId('drf'),
        mandate_id: exampleId('man'),
        customer_id: exampleId('cus'),
        kind: 'active_here_ended_there',
        action: 'ended_here',
        state: 'resolved',
        evidence: 'active here, ended there, by customer at 2026-03-05T02:00:00Z',
        found_at: '2026-03-06T01:00:00.000Z',
        resolved_at: '2026-03-06T01:00:00.000Z',
      },
    ],
  },
);

export const MandateDriftListSchema = listSchema('MandateDriftList', MandateDriftSchema);

/** What `GET /v1/mandates/drift` may be asked. */
export const MandateDriftQuerySchema = Type.Object(
  { ...PAGE_PARAMETERS, state: Type.Optional(choiceOf({ open: 'Open.', resolved: 'Settled.' })) },
  { additionalProperties: false },
);

export type EndMandateBody = Type.Static<typeof EndMandateSchema>;
export type MandateEndWire = Type.Static<typeof MandateEndSchema>;
export type MandateDriftWire = Type.Static<typeof MandateDriftSchema>;

/** A mandate and the proof of its end in their wire form. */
export function toMandateEndWire(
  mandate: MandateWire,
  end: MandateEnd | undefined,
): MandateEndWire {
  return {
    mandate,
    asked_by: end?.askedBy ?? null,
    remark: end?.remark ?? null,
    asked_at: end === undefined ? null : toInstantWire(end.askedAt),
    tries: end?.tries ?? 0,
    next_try_at: end?.nextTryAt === undefined ? null : toInstantWire(end.nextTryAt),
    answer: end?.answer ?? null,
    answered_at: end?.answeredAt === undefined ? null : toInstantWire(end.answeredAt),
  };
}

export function toMandateDriftWire(drift: MandateDrift): MandateDriftWire {
  return {
    id: drift.id,
    mandate_id: drift.mandateId,
    customer_id: drift.customerId,
    kind: drift.kind,
    action: drift.action,
    state: drift.state,
    evidence: drift.evidence,
    found_at: toInstantWire(drift.foundAt),
    resolved_at: drift.resolvedAt === undefined ? null : toInstantWire(drift.resolvedAt),
  };
}
