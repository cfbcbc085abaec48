import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';

const CodeSchema = Type.String({ description: 'A code of the catalogue.' });

/** The answer to a published catalogue. */
export const PublishedSchema = Type.Object(
  {
    dry_run: Type.Boolean({ description: 'True: nothing was changed.' }),
    added: Type.Object(
      {
        products: Type.Array(CodeSchema),
        plans: Type.Array(CodeSchema),
        prices: Type.Array(
          Type.String({ description: 'The code of the plan, “/”, of the price.' }),
        ),
        versions: Type.Array(
          Type.Object(
            {
              id: idSchema('prv'),
              plan: CodeSchema,
              price: CodeSchema,
              version: Type.Integer({ minimum: 1 }),
              effective_from: DateSchema,
            },
            { additionalProperties: false },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    unchanged: Type.Integer({
      minimum: 0,
      description: 'Entries that are published already in the same words.',
    }),
  },
  {
    title: 'Published',
    additionalProperties: false,
    description: 'What publishing a catalogue added, or would add.',
    examples: [
      {
        dry_run: false,
        added: {
          products: ['crm'],
          plans: ['team'],
          prices: ['team/seat'],
          versions: [
            {
              id: exampleId('prv'),
              plan: 'team',
              price: 'seat',
              version: 1,
              effective_from: '2026-03-01',
            },
          ],
        },
        unchanged: 0,
      },
    ],
  },
);

export type PublishedWire = Type.Static<typeof PublishedSchema>;
