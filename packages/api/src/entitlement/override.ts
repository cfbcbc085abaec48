import { type EntitlementOverride, OVERRIDE_MAX_DAYS, type OverrideKind } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const KINDS = {
  module: 'A module beside those of the subscriptions.',
  seats: 'Seats beside those of the subscriptions.',
  limit: 'A limit that the merchant’s software keeps.',
  no_suspension: 'Arrears do not stop the service (延期免停).',
  disputed_invoice: 'One invoice does not count as overdue, is not debited and grows no late fee.',
  control_tag: 'A mark that the arrears policy can ask about.',
} as const satisfies Record<OverrideKind, string>;

const NAME = { minLength: 1, maxLength: 100 };
const QUANTITY = { minimum: 1, maximum: 1_000_000_000 };

/** Something granted to one customer until a date, on the wire. */
export const OverrideSchema = Type.Object(
  {
    id: idSchema('ovr'),
    customer_id: idSchema('cus'),
    kind: choiceOf<OverrideKind>(KINDS),
    code: orNull(Type.String({ description: 'The module, seat, limit or tag.' })),
    quantity: orNull(Type.Integer(QUANTITY)),
    invoice_id: orNull(idSchema('inv')),
    until: DateSchema,
    by: Type.String(),
    why: Type.String(),
    created_at: InstantSchema,
    withdrawn_at: orNull(InstantSchema),
    withdrawn_by: orNull(Type.String()),
  },
  {
    title: 'EntitlementOverride',
    additionalProperties: false,
    description: 'Granted by a person until a date; `until` is the first day without it.',
    examples: [
      {
        id: exampleId('ovr'),
        customer_id: exampleId('cus'),
        kind: 'no_suspension',
        code: null,
        quantity: null,
        invoice_id: null,
        until: '2026-04-01',
        by: 'Anna',
        why: '对公付款在途',
        created_at: '2026-03-12T02:00:00.000Z',
        withdrawn_at: null,
        withdrawn_by: null,
      },
    ],
  },
);

export const OverrideListSchema = listSchema('EntitlementOverrideList', OverrideSchema);

/** What the list of a customer's overrides may be asked. */
export const OverrideQuerySchema = Type.Object(PAGE_PARAMETERS, { additionalProperties: false });

const BySchema = Type.Optional(
  Type.String({ ...NAME, description: 'Who it is; the label of the API key when left out.' }),
);

/** What `POST /v1/customers/{id}/entitlement-overrides` takes. */
export const NewOverrideSchema = Type.Object(
  {
    kind: choiceOf<OverrideKind>(KINDS),
    code: Type.Optional(Type.String({ ...NAME, description: 'Of a module, seat, limit or tag.' })),
    quantity: Type.Optional(Type.Integer({ ...QUANTITY, description: 'Of seats or a limit.' })),
    invoice_id: Type.Optional(idSchema('inv')),
    until: Type.String({
      format: 'date',
      description: `The first day without it, at most ${OVERRIDE_MAX_DAYS} days from today.`,
    }),
    why: Type.String({ minLength: 1, maxLength: 500 }),
    by: BySchema,
  },
  {
    title: 'NewEntitlementOverride',
    additionalProperties: false,
    examples: [{ kind: 'no_suspension', until: '2026-04-01', why: '对公付款在途', by: 'Anna' }],
  },
);

/** What `POST /v1/entitlement-overrides/{id}/withdraw` takes. */
export const WithdrawOverrideSchema = Type.Object(
  { by: BySchema },
  { title: 'WithdrawEntitlementOverride', additionalProperties: false, examples: [{ by: 'Bao' }] },
);

export type OverrideWire = Type.Static<typeof OverrideSchema>;
export type NewOverrideBody = Type.Static<typeof NewOverrideSchema>;
export type WithdrawOverrideBody = Type.Static<typeof WithdrawOverrideSchema>;

export function toOverrideWire(override: EntitlementOverride): OverrideWire {
  const { quantity, withdrawn } = override;
  return {
    id: override.id,
    customer_id: override.customerId,
    kind: override.kind,
    code: override.code ?? null,
    quantity: quantity === undefined ? null : toIntegerWire(quantity),
    invoice_id: override.invoiceId ?? null,
    until: toDateWire(override.until),
    by: override.by,
    why: override.why,
    created_at: toInstantWire(override.createdAt),
    withdrawn_at: withdrawn === undefined ? null : toInstantWire(withdrawn.at),
    withdrawn_by: withdrawn?.by ?? null,
  };
}
