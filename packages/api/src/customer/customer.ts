import type { ContactChannel, Customer, CustomerKind, Locale } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS, REFERENCE_MAX_LENGTH } from '../result/list.ts';
import { maskMail, maskPhone } from './masking.ts';

export const LocaleSchema = choiceOf({
  'zh-CN': 'Chinese.',
  en: 'English.',
} satisfies Record<Locale, string>);

export const CONTACT_CHANNELS = {
  mail: 'By e-mail.',
  sms: 'By text message.',
  official_account: 'By a template message of the official account.',
  dingtalk: 'By a DingTalk robot.',
  wecom: 'By a WeCom robot.',
  inbox: 'In the inbox that we keep for the customer.',
  webhook: "To the customer's own system.",
} satisfies Record<ContactChannel, string>;

const KINDS = {
  person: 'Pays for itself.',
  organisation: 'Pays for itself, its departments and members.',
  department: 'A part of an organisation, which pays.',
  member: 'A person in an organisation, which pays.',
} satisfies Record<CustomerKind, string>;

/** The payer on the wire. Phone and mail are masked on our side, always. */
export const CustomerSchema = Type.Object(
  {
    id: idSchema('cus'),
    kind: choiceOf(KINDS),
    payer_id: orNull(idSchema('cus')),
    consolidated_billing: Type.Boolean({ description: 'One invoice for all due on a day.' }),
    moved_from: orNull(idSchema('cus')),
    moved_to: orNull(idSchema('cus')),
    external_reference: Type.String({
      description: "The merchant's own number; unique among those who pay, and within each payer.",
    }),
    name: Type.String(),
    locale: LocaleSchema,
    mail: orNull(Type.String({ description: 'Masked: the first letter and the domain.' })),
    phone: orNull(Type.String({ description: 'Masked: three digits, four stars, four digits.' })),
    preferred_channel: choiceOf(CONTACT_CHANNELS),
    created_at: InstantSchema,
  },
  {
    title: 'Customer',
    additionalProperties: false,
    description: 'The payer, a person or an organisation (客户).',
    examples: [
      {
        id: exampleId('cus'),
        kind: 'organisation',
        payer_id: null,
        consolidated_billing: true,
        moved_from: null,
        moved_to: null,
        external_reference: 'C-0001',
        name: '示例科技有限公司',
        locale: 'zh-CN',
        mail: 'f****@example.test',
        phone: '+121****0123',
        preferred_channel: 'mail',
        created_at: '2026-03-01T02:00:00.000Z',
      },
    ],
  },
);

export const CustomerListSchema = listSchema('CustomerList', CustomerSchema);

/** What `GET /v1/customers` may be asked. */
export const CustomerQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    external_reference: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: REFERENCE_MAX_LENGTH,
        description: "Only the customer with this number of the merchant's own.",
      }),
    ),
  },
  { additionalProperties: false },
);

export type CustomerWire = Type.Static<typeof CustomerSchema>;
export type CustomerQuery = Type.Static<typeof CustomerQuerySchema>;

/** A customer in its wire form, with phone and mail masked. */
export function toCustomerWire(customer: Customer): CustomerWire {
  return {
    id: customer.id,
    kind: customer.kind,
    payer_id: customer.payerId ?? null,
    consolidated_billing: customer.consolidatedBilling ?? false,
    moved_from: customer.movedFrom ?? null,
    moved_to: customer.movedTo ?? null,
    external_reference: customer.externalReference,
    name: customer.name,
    locale: customer.locale,
    mail: customer.mail === undefined ? null : maskMail(customer.mail),
    phone: customer.phone === undefined ? null : maskPhone(customer.phone),
    preferred_channel: customer.preferredChannel,
    created_at: toInstantWire(customer.createdAt),
  };
}
