import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { PAGE_PARAMETERS, REFERENCE_MAX_LENGTH } from '../result/list.ts';
import { CustomerSchema, LocaleSchema, type toCustomerWire } from './customer.ts';

const DETAILS = {
  external_reference: Type.String({ minLength: 1, maxLength: REFERENCE_MAX_LENGTH }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  locale: Type.Optional(LocaleSchema),
  mail: Type.Optional(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 })),
  phone: Type.Optional(
    Type.String({ pattern: '^\\+[1-9]\\d{5,14}$', description: 'E.164 with the plus sign.' }),
  ),
  preferred_channel: Type.Optional(choiceOf({ mail: 'By e-mail.', sms: 'By text message.' })),
} as const;

/** What `POST /v1/customers` takes. */
export const NewCustomerSchema = Type.Object(
  {
    kind: choiceOf({
      person: 'Pays for itself; the law of consumers holds.',
      organisation: 'Pays for itself, its departments and members.',
    }),
    consolidated_billing: Type.Optional(
      Type.Boolean({ description: 'Organisations: one invoice for all that is due on a day.' }),
    ),
    ...DETAILS,
  },
  {
    title: 'NewCustomer',
    additionalProperties: false,
    examples: [
      {
        kind: 'organisation',
        external_reference: 'C-0001',
        name: '示例科技',
        mail: 'billing@example.test',
        consolidated_billing: true,
      },
    ],
  },
);

/** What `PATCH /v1/customers/{id}` takes. */
export const ChangeCustomerSchema = Type.Object(
  {
    kind: Type.Optional(
      choiceOf({ organisation: 'A person that turns out to be a company. There is no way back.' }),
    ),
    consolidated_billing: Type.Optional(Type.Boolean()),
  },
  {
    title: 'ChangeCustomer',
    additionalProperties: false,
    examples: [{ consolidated_billing: true }],
  },
);

/** What `POST /v1/customers/{id}/children` takes: all are made, or none. */
export const NewChildrenSchema = Type.Object(
  {
    children: Type.Array(
      Type.Object(
        {
          kind: choiceOf({
            department: 'A part of the organisation.',
            member: 'A person in the organisation.',
          }),
          ...DETAILS,
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
  },
  {
    title: 'NewChildren',
    additionalProperties: false,
    examples: [{ children: [{ kind: 'department', external_reference: 'D-01', name: '研发部' }] }],
  },
);

/** What `POST /v1/customers/{id}/move` takes. */
export const MoveChildSchema = Type.Object(
  {
    to: idSchema('cus'),
    on_date: DateSchema,
    keep_paid: Type.Optional(
      Type.Boolean({ description: 'The old payer keeps what it paid; the new one starts after.' }),
    ),
  },
  {
    title: 'MoveChild',
    additionalProperties: false,
    examples: [{ to: exampleId('cus'), on_date: '2026-04-01' }],
  },
);

/** What `POST /v1/subscriptions/transfer` takes: all are moved, or none. */
export const TransferSchema = Type.Object(
  {
    subscription_ids: Type.Array(idSchema('sub'), { minItems: 1, maxItems: 500 }),
    beneficiary_id: Type.Optional(idSchema('cus')),
    ...MoveChildSchema.properties,
  },
  {
    title: 'Transfer',
    additionalProperties: false,
    examples: [
      { subscription_ids: [exampleId('sub')], to: exampleId('cus'), on_date: '2026-04-01' },
    ],
  },
);

/** What `GET /v1/customers/{id}/children` may be asked. */
export const ChildrenQuerySchema = Type.Object(PAGE_PARAMETERS, { additionalProperties: false });

/** The answer to a creation: the customer as it is, and whether this request made it. */
export const MadeCustomerSchema = Type.Object(
  { created: Type.Boolean(), customer: CustomerSchema },
  {
    title: 'MadeCustomer',
    additionalProperties: false,
    description: 'created is false where the customer was there already.',
    examples: [{ created: true, customer: exampleOf(CustomerSchema) }],
  },
);

export type NewCustomerBody = Type.Static<typeof NewCustomerSchema>;
export type ChangeCustomerBody = Type.Static<typeof ChangeCustomerSchema>;
export type NewChildrenBody = Type.Static<typeof NewChildrenSchema>;
export type MoveChildBody = Type.Static<typeof MoveChildSchema>;
export type TransferBody = Type.Static<typeof TransferSchema>;
export type MadeCustomerWire = {
  readonly created: boolean;
  readonly customer: ReturnType<typeof toCustomerWire>;
};
