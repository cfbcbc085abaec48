import { CHANGE_WHATS, type Entitlement, type EntitlementStatus, REASON_CODES } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { OverrideSchema, toOverrideWire } from './override.ts';

const STATUSES = {
  active: 'Service as sold.',
  limited: 'Paused, not begun yet, or only what was granted by hand.',
  suspended: 'No service, because of arrears. Data can be exported.',
  ended: 'Nothing is used any more.',
} as const satisfies Record<EntitlementStatus, string>;

const QuantitySchema = Type.Object(
  { code: Type.String(), quantity: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);

/** What a customer may use now, on the wire. */
export const EntitlementSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    external_reference: Type.String(),
    payer_id: idSchema('cus'),
    status: choiceOf<EntitlementStatus>(STATUSES),
    modules: Type.Array(
      Type.Object(
        { code: Type.String(), active: Type.Boolean(), until: orNull(DateSchema) },
        { additionalProperties: false },
      ),
      { description: 'Plans by their code, modules by the code of their price.' },
    ),
    seats: Type.Array(QuantitySchema, { description: 'Seats by the code of their price.' }),
    limits: Type.Array(QuantitySchema, { description: 'Limits that were granted by hand.' }),
    reason: Type.Object(
      { code: Type.Enum([...REASON_CODES], { type: 'string' }), sentence: Type.String() },
      { additionalProperties: false, description: 'Why the status is what it is.' },
    ),
    next_change: orNull(
      Type.Object(
        {
          at: InstantSchema,
          what: Type.Enum([...CHANGE_WHATS], { type: 'string' }),
          why: Type.String(),
        },
        { additionalProperties: false, description: 'What changes first if nothing is done.' },
      ),
    ),
    overrides: Type.Array(OverrideSchema, { description: 'In force now.' }),
  },
  {
    title: 'Entitlement',
    additionalProperties: false,
    description:
      'What a customer may use now, and why (权益). Sentences are in the language that ' +
      'Accept-Language asks for. Send the ETag as If-None-Match: 304 says that nothing changed.',
    examples: [
      {
        customer_id: exampleId('cus'),
        external_reference: 'C-0001',
        payer_id: exampleId('cus'),
        status: 'active',
        modules: [{ code: 'professional', active: true, until: null }],
        seats: [{ code: 'seat', quantity: 5 }],
        limits: [],
        reason: { code: 'in_good_standing', sentence: 'No invoice is overdue.' },
        next_change: null,
        overrides: [],
      },
    ],
  },
);

/** The answer to a question about several customers, in the order in which they were named. */
export const EntitlementsSchema = Type.Object(
  { data: Type.Array(EntitlementSchema, { maxItems: 100 }) },
  {
    title: 'Entitlements',
    additionalProperties: false,
    description: 'Customers that are not this merchant’s are left out.',
    examples: [{ data: [exampleOf(EntitlementSchema)] }],
  },
);

/** What `GET /v1/entitlements` may be asked. */
export const EntitlementsQuerySchema = Type.Object(
  {
    customers: Type.String({
      minLength: 1,
      maxLength: 20_000,
      description: 'Up to 100 customers, separated by commas: ids, or references of who pays.',
    }),
  },
  { additionalProperties: false },
);

export type EntitlementWire = Type.Static<typeof EntitlementSchema>;

export function toEntitlementWire(entitlement: Entitlement): EntitlementWire {
  const { nextChange } = entitlement;
  const counted = ({ code, quantity }: { readonly code: string; readonly quantity: bigint }) => ({
    code,
    quantity: toIntegerWire(quantity),
  });
  return {
    customer_id: entitlement.customerId,
    external_reference: entitlement.externalReference,
    payer_id: entitlement.payerId,
    status: entitlement.status,
    modules: entitlement.modules.map(({ code, active, until }) => ({
      code,
      active,
      until: until === undefined ? null : toDateWire(until),
    })),
    seats: entitlement.seats.map(counted),
    limits: entitlement.limits.map(counted),
    reason: entitlement.reason,
    next_change:
      nextChange === undefined
        ? null
        : { at: toInstantWire(nextChange.at), what: nextChange.what, why: nextChange.why },
    overrides: entitlement.overrides.map(toOverrideWire),
  };
}
