import { Type } from 'typebox';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';

/** What `GET /v1/invoices/{id}/comparison` may be asked. */
export const ComparisonQuerySchema = Type.Object(
  { with: Type.Optional(idSchema('inv')) },
  { additionalProperties: false },
);

/** Why one bill is not what another was. */
export const ComparisonSchema = Type.Object(
  {
    invoice_id: idSchema('inv'),
    with: idSchema('inv'),
    before: AmountSchema,
    after: AmountSchema,
    difference: AmountSchema,
    parts: Type.Array(
      Type.Object(
        {
          cause: Type.String({ description: 'price, seats, usage, modules_added, discount, …' }),
          amount: AmountSchema,
          price_code: orNull(Type.String()),
          sentence: Type.String(),
        },
        { additionalProperties: false },
      ),
      { description: 'They add up to the difference, to the smallest unit.' },
    ),
  },
  {
    title: 'Comparison',
    additionalProperties: false,
    description: 'Why an invoice is not what the one before it, or the one named, was.',
    examples: [
      {
        invoice_id: exampleId('inv'),
        with: exampleId('inv'),
        before: { amount: 6_200, currency: 'CNY' },
        after: { amount: 9_300, currency: 'CNY' },
        difference: { amount: 3_100, currency: 'CNY' },
        parts: [
          {
            cause: 'seats',
            amount: { amount: 3_100, currency: 'CNY' },
            price_code: 'seat',
            sentence: 'Seat: 3 instead of 2: +¥31.00',
          },
        ],
      },
    ],
  },
);

export type ComparisonWire = Type.Static<typeof ComparisonSchema>;
