import { explainLine, type Invoice, type PendingLine } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, toDateWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { SubscriptionChangeSchema } from '../subscription/outcomes.ts';
import { SubscriptionSchema } from '../subscription/subscription.ts';
import { ResourcePackSchema } from '../usage/resource-pack.ts';
import { InvoiceSchema, type InvoiceWire, toInvoiceWire } from './invoice.ts';

const { id: _id, number: _number, ...COMING } = InvoiceSchema.properties;
const {
  id: _exampleId,
  number: _exampleNumber,
  ...EXAMPLE_COMING
} = exampleOf(InvoiceSchema) as InvoiceWire;

/** An invoice that does not exist yet: it has neither an id nor a number. */
export const ComingInvoiceSchema = Type.Object(COMING, {
  title: 'ComingInvoice',
  additionalProperties: false,
  description: 'An invoice as it would be made: it has neither an id nor a number.',
  examples: [EXAMPLE_COMING],
});

export type ComingInvoiceWire = Omit<InvoiceWire, 'id' | 'number'>;

/** An invoice that does not exist yet in its wire form; null where nothing is to come. */
export function toComingInvoiceWire(invoice: Invoice | undefined): ComingInvoiceWire | null {
  if (invoice === undefined) return null;
  const { id: _unmade, number: _unnumbered, ...wire } = toInvoiceWire(invoice);
  return wire;
}

/** A line that waits for an invoice, with a sentence in both languages. */
export const WaitingLineSchema = Type.Object(
  {
    id: idSchema('pli'),
    not_before: DateSchema,
    price_code: Type.String(),
    rule: Type.String({ description: 'What made it: list_price, instalment, added, …' }),
    amount: AmountSchema,
    sentence_zh: Type.String(),
    sentence_en: Type.String(),
  },
  {
    title: 'WaitingLine',
    additionalProperties: false,
    description: 'A line that waits for an invoice; below zero it takes something off.',
    examples: [
      {
        id: exampleId('pli'),
        not_before: '2026-03-10',
        price_code: 'tokens-1m',
        rule: 'list_price',
        amount: { amount: 9_900, currency: 'CNY' },
        sentence_zh: '资源包：¥99.00',
        sentence_en: 'Resource pack: ¥99.00',
      },
    ],
  },
);

export type WaitingLineWire = Type.Static<typeof WaitingLineSchema>;

export function toWaitingLineWire({ id, notBefore, line }: PendingLine): WaitingLineWire {
  return {
    id,
    not_before: toDateWire(notBefore),
    price_code: line.priceCode,
    rule: line.rule,
    amount: toAmountWire(line.amount),
    sentence_zh: explainLine(line, 'zh-CN'),
    sentence_en: explainLine(line, 'en'),
  };
}

/** The answer to a start. */
export const StartedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    subscription: SubscriptionSchema,
    first_charge: Type.Object(
      {
        charged_from: DateSchema,
        due_date: orNull(DateSchema),
        amount: orNull(AmountSchema),
      },
      { additionalProperties: false, description: 'Null where nothing is to come.' },
    ),
    first_invoice: orNull(ComingInvoiceSchema),
  },
  {
    title: 'Started',
    additionalProperties: false,
    description: 'The subscription, and its first invoice as the draft that follows makes it.',
    examples: [
      {
        dry_run: false,
        subscription: exampleOf(SubscriptionSchema),
        first_charge: {
          charged_from: '2026-03-10',
          due_date: '2026-03-10',
          amount: { amount: 106_000, currency: 'CNY' },
        },
        first_invoice: EXAMPLE_COMING,
      },
    ],
  },
);

export type StartedWire = Type.Static<typeof StartedSchema>;

/** The answer to a change. */
export const ChangeOutcomeSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    subscription: SubscriptionSchema,
    change: SubscriptionChangeSchema,
    lines: Type.Array(WaitingLineSchema),
    redrafted: orNull(InvoiceSchema),
    billed: orNull(InvoiceSchema),
    next_invoice: orNull(ComingInvoiceSchema),
  },
  {
    title: 'ChangeOutcome',
    additionalProperties: false,
    description:
      'What a change did. lines wait for the next invoice, or are on billed, which was made at ' +
      'once; redrafted is the draft of the coming period, made again.',
    examples: [
      {
        dry_run: false,
        subscription: exampleOf(SubscriptionSchema),
        change: exampleOf(SubscriptionChangeSchema),
        lines: [exampleOf(WaitingLineSchema)],
        redrafted: null,
        billed: null,
        next_invoice: EXAMPLE_COMING,
      },
    ],
  },
);

export type ChangeOutcomeWire = Type.Static<typeof ChangeOutcomeSchema>;

/** The answer to a preview. */
export const PreviewedSchema = Type.Object(
  {
    locale: Type.Enum(['zh-CN', 'en'], { type: 'string', description: 'Of the sentences.' }),
    invoice: orNull(ComingInvoiceSchema),
    sentences: Type.Array(Type.String(), { description: 'One for each line, in order.' }),
  },
  {
    title: 'Previewed',
    additionalProperties: false,
    description: 'The next invoice, explained; nothing was saved. Null: nothing is to come.',
    examples: [
      {
        locale: 'en',
        invoice: EXAMPLE_COMING,
        sentences: [
          'Basic 2026-03-10 – 2026-04-09: 1 × ¥1060.00 = ¥1060.00; tax 6% (¥60.00); ' +
            'version 1; at the list price',
        ],
      },
    ],
  },
);

export type PreviewedWire = Type.Static<typeof PreviewedSchema>;

/** The answer to a new resource pack. */
export const AddedPackSchema = Type.Object(
  {
    resource_pack: ResourcePackSchema,
    lines: Type.Array(WaitingLineSchema),
    billed: orNull(InvoiceSchema),
  },
  {
    title: 'AddedPack',
    additionalProperties: false,
    description: 'A resource pack. Where it was sold: its lines, and the invoice made at once.',
    examples: [
      {
        resource_pack: exampleOf(ResourcePackSchema),
        lines: [exampleOf(WaitingLineSchema)],
        billed: null,
      },
    ],
  },
);

export type AddedPackWire = Type.Static<typeof AddedPackSchema>;
