import {
  type Contact,
  type ContactChannel,
  type NoticePreferences,
  OPTIONAL_MESSAGES,
  type OptionalMessage,
} from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { CONTACT_CHANNELS } from '../customer/customer.ts';
import { maskAddress } from '../customer/masking.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { NoticeSchema } from './notice.ts';

const TIME = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['21:00'] });
const OPTIONAL = Type.Enum([...OPTIONAL_MESSAGES], { type: 'string' });

/** One way to reach a customer. The address is masked, always. */
export const ContactSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    channel: choiceOf(CONTACT_CHANNELS),
    address: Type.String({ description: 'Masked.' }),
    rank: Type.Integer({ minimum: 0, description: 'Lower is tried first.' }),
    enabled: Type.Boolean(),
    opted_out_at: orNull(InstantSchema),
    verified_at: orNull(InstantSchema),
    changed_at: InstantSchema,
  },
  {
    title: 'Contact',
    additionalProperties: false,
    description: 'One way to reach a customer; one for each channel.',
    examples: [
      {
        customer_id: exampleId('cus'),
        channel: 'mail',
        address: 'f****@example.test',
        rank: 0,
        enabled: true,
        opted_out_at: null,
        verified_at: null,
        changed_at: '2026-03-09T16:00:00.000Z',
      },
    ],
  },
);

export type ContactWire = Type.Static<typeof ContactSchema>;

/** A contact in its wire form, its address masked. */
export function toContactWire(contact: Contact): ContactWire {
  const { optedOutAt, verifiedAt } = contact;
  return {
    customer_id: contact.customerId,
    channel: contact.channel,
    address: maskAddress(contact.channel, contact.address),
    rank: contact.rank,
    enabled: contact.enabled,
    opted_out_at: optedOutAt === undefined ? null : toInstantWire(optedOutAt),
    verified_at: verifiedAt === undefined ? null : toInstantWire(verifiedAt),
    changed_at: toInstantWire(contact.changedAt),
  };
}

/** What `POST /v1/customers/{id}/contacts` takes; what is left out stays as it was. */
export const ChangeContactSchema = Type.Object(
  {
    channel: choiceOf(CONTACT_CHANNELS),
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    rank: Type.Optional(Type.Integer({ minimum: 0, maximum: 99 })),
    enabled: Type.Optional(Type.Boolean()),
    opted_out: Type.Optional(Type.Boolean()),
    verified: Type.Optional(Type.Boolean()),
    wrong: Type.Optional(
      Type.Boolean({
        description:
          'The address of before was never the customer’s: what was delivered there counts no ' +
          'more for debits that have not left.',
      }),
    ),
  },
  {
    title: 'ChangeContact',
    additionalProperties: false,
    examples: [{ channel: 'sms', address: '+12125550123' }],
  },
);

export type ChangeContactBody = Type.Static<typeof ChangeContactSchema>;

/** A customer's wishes about notices, whole: what is left out is as the rules say. */
export const NoticePreferencesSchema = Type.Object(
  {
    order: Type.Optional(Type.Array(choiceOf(CONTACT_CHANNELS), { maxItems: 10 })),
    quiet_from: Type.Optional(TIME),
    quiet_until: Type.Optional(TIME),
    zone: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    extra_days: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
    declined: Type.Optional(Type.Array(OPTIONAL, { maxItems: 10 })),
  },
  {
    title: 'NoticePreferences',
    additionalProperties: false,
    description: 'How a customer wants to be told. Notices before a debit cannot be declined.',
    examples: [{ order: ['sms', 'mail'], quiet_from: '22:00', quiet_until: '09:00' }],
  },
);

export type NoticePreferencesBody = Type.Static<typeof NoticePreferencesSchema>;

/** Preferences in their wire form. */
export function toNoticePreferencesWire(preferences: NoticePreferences): NoticePreferencesBody {
  const { order, quietFrom, quietUntil, zone, extraDays, declined } = preferences;
  const time = (at: Temporal.PlainTime): string => at.toString({ smallestUnit: 'minute' });
  return {
    ...(order === undefined ? {} : { order: [...order] as ContactChannel[] }),
    ...(quietFrom === undefined ? {} : { quiet_from: time(quietFrom) }),
    ...(quietUntil === undefined ? {} : { quiet_until: time(quietUntil) }),
    ...(zone === undefined ? {} : { zone }),
    ...(extraDays === undefined ? {} : { extra_days: extraDays }),
    ...(declined === undefined ? {} : { declined: [...declined] as OptionalMessage[] }),
  };
}

/** Preferences as core reads them. */
export function fromNoticePreferencesBody(body: NoticePreferencesBody): NoticePreferences {
  const { quiet_from: from, quiet_until: until, extra_days: extraDays } = body;
  return {
    ...(body.order === undefined ? {} : { order: body.order as readonly ContactChannel[] }),
    ...(from === undefined ? {} : { quietFrom: Temporal.PlainTime.from(from) }),
    ...(until === undefined ? {} : { quietUntil: Temporal.PlainTime.from(until) }),
    ...(body.zone === undefined ? {} : { zone: body.zone }),
    ...(extraDays === undefined ? {} : { extraDays }),
    ...(body.declined === undefined
      ? {}
      : { declined: body.declined as readonly OptionalMessage[] }),
  };
}

/** How a customer is reached. */
export const ReachSchema = Type.Object(
  {
    contacts: Type.Array(ContactSchema),
    order: Type.Array(choiceOf(CONTACT_CHANNELS), { description: 'Channels in turn.' }),
    preferences: NoticePreferencesSchema,
    resent: Type.Array(NoticeSchema, { description: 'Messages that go again because of it.' }),
  },
  {
    title: 'Reach',
    additionalProperties: false,
    description: 'The ways to reach a customer and the order in which they are tried.',
    examples: [
      {
        contacts: [exampleOf(ContactSchema)],
        order: ['mail'],
        preferences: exampleOf(NoticePreferencesSchema),
        resent: [],
      },
    ],
  },
);
