import type { Locale, OwnTemplate, RenderedText, TemplateText } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { LocaleSchema } from '../customer/customer.ts';
import { exampleOf } from '../result/example.ts';

const TEXT = {
  subject: Type.String({ minLength: 1, maxLength: 500 }),
  paragraphs: Type.Array(Type.String({ minLength: 1, maxLength: 4_096 }), {
    minItems: 1,
    maxItems: 20,
  }),
};
const KEY = Type.String({ pattern: '^[a-z][a-z_]{0,62}$', examples: ['renewal'] });
const EXAMPLE = {
  key: 'renewal',
  locale: 'en',
  subject: '{amount} on {collectDate}',
  paragraphs: ['{merchantName} collects {amount} on {collectDate}. {howToCancel}'],
};

/** A wording to preview or publish. */
export const WordingSchema = Type.Object(
  { key: KEY, locale: LocaleSchema, ...TEXT },
  { title: 'Wording', additionalProperties: false, examples: [EXAMPLE] },
);

export type WordingBody = Type.Static<typeof WordingSchema>;

/** A wording to publish, and who publishes it. */
export const NewTemplateSchema = Type.Object(
  {
    key: KEY,
    locale: LocaleSchema,
    ...TEXT,
    by: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { title: 'NewNoticeTemplate', additionalProperties: false, examples: [EXAMPLE] },
);

export type NewTemplateBody = Type.Static<typeof NewTemplateSchema>;

/** How a message reads. */
export const RenderedSchema = Type.Object(
  { subject: Type.String(), text: Type.String() },
  {
    title: 'RenderedMessage',
    additionalProperties: false,
    examples: [{ subject: '¥29.85 on 2026-12-06', text: 'Cloud Notes collects ¥29.85.\n' }],
  },
);

export function toRenderedWire({ subject, text }: RenderedText): RenderedText {
  return { subject, text };
}

/** A merchant's own wording in one version. */
export const OwnTemplateSchema = Type.Object(
  {
    key: KEY,
    locale: LocaleSchema,
    version: Type.Integer({ minimum: 1 }),
    ...TEXT,
    published_by: Type.String(),
    published_at: InstantSchema,
  },
  {
    title: 'NoticeTemplate',
    additionalProperties: false,
    description: 'A wording of a message. Versions are never edited.',
    examples: [
      {
        ...EXAMPLE,
        version: 1,
        published_by: 'Anna',
        published_at: '2026-03-09T16:00:00.000Z',
      },
    ],
  },
);

export type OwnTemplateWire = Type.Static<typeof OwnTemplateSchema>;

/** A merchant's wording in its wire form. */
export function toOwnTemplateWire(template: OwnTemplate): OwnTemplateWire {
  const { key, locale, version, subject, paragraphs, publishedBy, publishedAt } = template;
  const published = { published_by: publishedBy, published_at: toInstantWire(publishedAt) };
  return { key, locale, version, subject, paragraphs: [...paragraphs], ...published };
}

const WordsSchema = Type.Object({ locale: LocaleSchema, ...TEXT }, { additionalProperties: false });

/** Every message: its variables, our words, and the merchant's own. */
export const TemplateListSchema = Type.Object(
  {
    data: Type.Array(
      Type.Object(
        {
          key: KEY,
          variables: Type.Array(Type.String()),
          required: Type.Array(Type.String()),
          version: Type.Integer({ description: 'Of our words.' }),
          ours: Type.Array(WordsSchema),
          own: Type.Array(OwnTemplateSchema),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'NoticeTemplateList',
    additionalProperties: false,
    examples: [
      {
        data: [
          {
            key: 'renewal',
            variables: ['amount', 'collectDate', 'howToCancel'],
            required: ['amount', 'collectDate', 'howToCancel'],
            version: 1,
            ours: [{ locale: 'en', subject: EXAMPLE.subject, paragraphs: EXAMPLE.paragraphs }],
            own: [exampleOf(OwnTemplateSchema)],
          },
        ],
      },
    ],
  },
);

/** Our words in each language, in their wire form. */
export function toWordsWire(texts: Readonly<Record<Locale, TemplateText>>) {
  return Object.entries(texts).map(([locale, { subject, paragraphs }]) => ({
    locale: locale as Locale,
    subject,
    paragraphs: [...paragraphs],
  }));
}
