import type { Notice, NoticePurpose, NoticeState } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { CONTACT_CHANNELS, LocaleSchema } from '../customer/customer.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

const STATES = {
  planned: 'Waits for its time.',
  sending: 'A sender has it in hand.',
  sent: 'The provider took it; delivery is not proved.',
  delivered: 'Delivered, with proof.',
  failed: 'Not delivered, and will not be.',
} satisfies Record<NoticeState, string>;

const PURPOSES = {
  renewal: 'The notice that the law wants before a debit.',
  retry: 'The notice before another try.',
  rail: "The rail's own announcement to the payer.",
  overdue: 'What is not paid yet.',
  service: 'What arrears do to the service.',
  balance: 'Prepaid money that runs low.',
  checkup: 'What a check before a debit found.',
} satisfies Record<NoticePurpose, string>;

const CHANNELS = {
  ...CONTACT_CHANNELS,
  rail: 'By the rail.',
} satisfies Record<Notice['channel'], string>;

/** The message before a debit, on the wire. Where it went is not sent; the customer has that. */
export const NoticeSchema = Type.Object(
  {
    id: idSchema('not'),
    customer_id: idSchema('cus'),
    debit_id: orNull(idSchema('dbt')),
    purpose: choiceOf(PURPOSES),
    channel: choiceOf(CHANNELS),
    locale: LocaleSchema,
    state: choiceOf(STATES),
    amount: orNull(AmountSchema),
    collect_date: orNull(DateSchema),
    due_at: InstantSchema,
    sent_at: orNull(InstantSchema),
    delivered_at: orNull(InstantSchema),
    voided_at: orNull(
      Type.String({ format: 'date-time', description: 'When its address turned out wrong.' }),
    ),
    provider_reference: orNull(Type.String({ description: "The provider's number of it." })),
    failure_code: orNull(Type.String()),
    follows_id: orNull(idSchema('not')),
    subject_id: orNull(Type.String({ description: 'What other messages are about.' })),
    template_key: orNull(Type.String({ description: 'Known once it was sent.' })),
    template_version: orNull(Type.String({ description: '`daikou/1` or `own/3`.' })),
    text_hash: orNull(Type.String({ description: 'SHA-256 of what was sent.' })),
    window_from: orNull(DateSchema),
    window_until: orNull(DateSchema),
    created_at: InstantSchema,
  },
  {
    title: 'Notice',
    additionalProperties: false,
    description: 'The message that must be delivered before a debit (扣费前通知).',
    examples: [
      {
        id: exampleId('not'),
        customer_id: exampleId('cus'),
        debit_id: exampleId('dbt'),
        purpose: 'renewal',
        channel: 'mail',
        locale: 'zh-CN',
        state: 'delivered',
        amount: { amount: 106_000, currency: 'CNY' },
        collect_date: '2026-03-10',
        due_at: '2026-03-05T01:00:00.000Z',
        sent_at: '2026-03-05T01:00:02.000Z',
        delivered_at: '2026-03-05T01:00:09.000Z',
        voided_at: null,
        provider_reference: null,
        failure_code: null,
        follows_id: null,
        subject_id: null,
        template_key: 'renewal',
        template_version: 'daikou/1',
        text_hash: null,
        window_from: null,
        window_until: null,
        created_at: '2026-03-04T16:00:03.000Z',
      },
    ],
  },
);

export type NoticeWire = Type.Static<typeof NoticeSchema>;

/** A notice in its wire form, without the address. */
export function toNoticeWire(notice: Notice): NoticeWire {
  const { sentAt, deliveredAt, voidedAt, windowFrom, windowUntil } = notice;
  return {
    id: notice.id,
    customer_id: notice.customerId,
    debit_id: notice.debitId ?? null,
    purpose: notice.purpose,
    channel: notice.channel,
    locale: notice.locale,
    state: notice.state,
    amount: notice.amount === undefined ? null : toAmountWire(notice.amount),
    collect_date: notice.collectDate === undefined ? null : toDateWire(notice.collectDate),
    due_at: toInstantWire(notice.dueAt),
    sent_at: sentAt === undefined ? null : toInstantWire(sentAt),
    delivered_at: deliveredAt === undefined ? null : toInstantWire(deliveredAt),
    voided_at: voidedAt === undefined ? null : toInstantWire(voidedAt),
    provider_reference: notice.providerReference ?? null,
    failure_code: notice.failureCode ?? null,
    follows_id: notice.followsId ?? null,
    subject_id: notice.subjectId ?? null,
    template_key: notice.templateKey ?? null,
    template_version: notice.templateVersion ?? null,
    text_hash: notice.textHash ?? null,
    window_from: windowFrom === undefined ? null : toDateWire(windowFrom),
    window_until: windowUntil === undefined ? null : toDateWire(windowUntil),
    created_at: toInstantWire(notice.createdAt),
  };
}
