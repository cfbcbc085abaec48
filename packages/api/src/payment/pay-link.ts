import type { PayLink } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const STATES = {
  open: 'It can be paid, or the rail has not said what became of it.',
  paid: 'Money came by it.',
  closed: 'Closed before its end, unpaid.',
  expired: 'Over, unpaid.',
} as const satisfies Record<PayLink['state'], string>;

/** A page of a rail on which a payer pays invoices by hand, on the wire (收款链接). */
export const PayLinkSchema = Type.Object(
  {
    id: idSchema('plk'),
    customer_id: idSchema('cus'),
    invoice_ids: Type.Array(idSchema('inv')),
    rail: Type.String(),
    order_number: Type.String({ description: 'Our number at the rail.' }),
    amount: AmountSchema,
    state: choiceOf<PayLink['state']>(STATES),
    url: orNull(Type.String({ description: 'Null: the rail has not answered yet.' })),
    close_wanted: Type.Boolean(),
    expires_at: InstantSchema,
    created_by: Type.String(),
    created_at: InstantSchema,
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'PayLink',
    additionalProperties: false,
    description: 'A page of a rail on which a payer pays invoices. Only the rail’s word ends it.',
    examples: [
      {
        id: exampleId('plk'),
        customer_id: exampleId('cus'),
        invoice_ids: [exampleId('inv')],
        rail: 'example_rail',
        order_number: 'P0K2M3N4P5Q6R7S8T9U0V1W2X3',
        amount: { amount: 10_600, currency: 'CNY' },
        state: 'open',
        url: 'https://pay.example.test/p/0K2M3N',
        close_wanted: false,
        expires_at: '2026-03-13T02:00:00.000Z',
        created_by: 'Anna',
        created_at: '2026-03-12T02:00:00.000Z',
        ended_at: null,
      },
    ],
  },
);

export const PayLinkListSchema = listSchema('PayLinkList', PayLinkSchema);

/** What `GET /v1/pay-links` may be asked. */
export const PayLinkQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(choiceOf<PayLink['state']>(STATES)),
  },
  { additionalProperties: false },
);

/** What `POST /v1/pay-links` takes. */
export const NewPayLinkSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    rail: Type.String({ minLength: 1, maxLength: 40 }),
    invoice_ids: Type.Optional(Type.Array(idSchema('inv'), { minItems: 1, maxItems: 100 })),
    expires_at: InstantSchema,
    by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 80,
        description: 'Who it is; the label of the API key when left out.',
      }),
    ),
  },
  {
    title: 'NewPayLink',
    additionalProperties: false,
    description: 'Asks for what is open of these invoices, or of all of the customer’s.',
    examples: [
      {
        customer_id: exampleId('cus'),
        rail: 'example_rail',
        expires_at: '2026-03-13T02:00:00.000Z',
      },
    ],
  },
);

export type PayLinkWire = Type.Static<typeof PayLinkSchema>;
export type NewPayLinkBody = Type.Static<typeof NewPayLinkSchema>;

export function toPayLinkWire(link: PayLink): PayLinkWire {
  return {
    id: link.id,
    customer_id: link.customerId,
    invoice_ids: [...link.invoiceIds],
    rail: link.rail,
    order_number: link.orderNumber,
    amount: toAmountWire(link.amount),
    state: link.state,
    url: link.url ?? null,
    close_wanted: link.closeWanted,
    expires_at: toInstantWire(link.expiresAt),
    created_by: link.createdBy,
    created_at: toInstantWire(link.createdAt),
    ended_at: link.endedAt === undefined ? null : toInstantWire(link.endedAt),
  };
}
