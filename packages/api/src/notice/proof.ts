import type { Notice, RenderedText } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { maskAddress } from '../customer/masking.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { NoticeSchema, toNoticeWire } from './notice.ts';
import { RenderedSchema } from './template.ts';

const HASH = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** One line of the proof of what a customer was told. */
export const ProofLineSchema = Type.Object(
  {
    notice: NoticeSchema,
    sent_to: orNull(Type.String({ description: 'Masked.' })),
    words: orNull(RenderedSchema),
    words_match: orNull(
      Type.Boolean({ description: 'Whether these words have the hash kept at sending.' }),
    ),
    link: HASH,
  },
  {
    title: 'NoticeProofLine',
    additionalProperties: false,
    description:
      'A message, its words, and the SHA-256 over the link before, a line end, and this line as ' +
      'JSON without its link. A line that is taken out or changed shows.',
    examples: [
      {
        notice: exampleOf(NoticeSchema),
        sent_to: 'f****@example.test',
        words: exampleOf(RenderedSchema),
        words_match: true,
        link: '0'.repeat(64),
      },
    ],
  },
);

/** The proof: every message of a customer in the order in which it was made. */
export const NoticeProofSchema = Type.Object(
  { data: Type.Array(ProofLineSchema) },
  {
    title: 'NoticeProof',
    additionalProperties: false,
    examples: [{ data: [exampleOf(ProofLineSchema)] }],
  },
);

export const ProofQuerySchema = Type.Object(
  {
    from: Type.Optional(DateSchema),
    until: Type.Optional(DateSchema),
    format: Type.Optional(choiceOf({ json: 'The default.', csv: 'A table for spreadsheets.' })),
  },
  { additionalProperties: false },
);

/** A line as it is shown and linked, before its link. */
export function toProofWire(line: {
  readonly notice: Notice;
  readonly words: RenderedText | undefined;
  readonly wordsMatch: boolean | undefined;
}) {
  const { notice, words, wordsMatch } = line;
  const { channel, sentTo } = notice;
  return {
    notice: toNoticeWire(notice),
    sent_to: sentTo === undefined || channel === 'rail' ? null : maskAddress(channel, sentTo),
    words: words === undefined ? null : { subject: words.subject, text: words.text },
    words_match: wordsMatch ?? null,
  };
}

/** A message in a customer's inbox. */
export const InboxMessageSchema = Type.Object(
  {
    id: Type.String(),
    purpose: Type.String(),
    subject: orNull(Type.String()),
    text: orNull(Type.String()),
    sent_at: orNull(InstantSchema),
    read_at: orNull(InstantSchema),
  },
  {
    title: 'InboxMessage',
    additionalProperties: false,
    examples: [
      {
        id: 'not_019b7ca98c8871028304050607080b09',
        purpose: 'renewal',
        subject: '¥29.85 on 2026-12-06',
        text: 'Cloud Notes collects ¥29.85.\n',
        sent_at: '2026-12-01T01:00:00.000Z',
        read_at: null,
      },
    ],
  },
);

export const InboxListSchema = listSchema('InboxMessageList', InboxMessageSchema);
export const CustomerNoticesQuerySchema = Type.Object(PAGE_PARAMETERS, {
  additionalProperties: false,
});
export const NoticeListSchema = listSchema('NoticeList', NoticeSchema);

/** A message in the inbox in its wire form. */
export function toInboxWire(message: {
  readonly notice: Notice;
  readonly words: RenderedText | undefined;
}) {
  const { notice, words } = message;
  return {
    id: notice.id,
    purpose: notice.purpose,
    subject: words?.subject ?? null,
    text: words?.text ?? null,
    sent_at: notice.sentAt === undefined ? null : toInstantWire(notice.sentAt),
    read_at: notice.deliveredAt === undefined ? null : toInstantWire(notice.deliveredAt),
  };
}
