import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { DebitSchema } from '../debit/debit.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';

const BySchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 80,
    description: 'Who it is; the label of the API key when left out.',
  }),
);

const ReasonSchema = Type.String({ minLength: 1, maxLength: 200, description: 'Why.' });

/** What `POST /v1/dunning-cases/{id}/pause` takes. */
export const PauseCaseSchema = Type.Object(
  { reason: ReasonSchema, until: Type.Optional(DateSchema), by: BySchema },
  {
    title: 'PauseDunningCase',
    additionalProperties: false,
    description: 'The steps go on by themselves on `until`, 90 days ahead when it is left out.',
    examples: [{ reason: 'asks for a copy of the invoice', until: '2026-03-20', by: 'Anna' }],
  },
);

/** What `POST /v1/dunning-cases/{id}/resume` takes. */
export const ResumeCaseSchema = Type.Object(
  { by: BySchema },
  { title: 'ResumeDunningCase', additionalProperties: false, examples: [{ by: 'Anna' }] },
);

/** What `POST /v1/dunning-cases/{id}/end` takes. */
export const EndCaseSchema = Type.Object(
  {
    as: choiceOf({
      written_off: 'It is given up.',
      disputed: 'The customer contests it.',
      canceled: 'It is not owed any more.',
    }),
    reason: ReasonSchema,
    by: BySchema,
  },
  {
    title: 'EndDunningCase',
    additionalProperties: false,
    examples: [{ as: 'disputed', reason: 'the line was down all month', by: 'Anna' }],
  },
);

/** What `POST /v1/dunning-cases/{id}/promises` takes. */
export const NewPromiseSchema = Type.Object(
  { date: DateSchema, amount: Type.Optional(AmountSchema), by: BySchema },
  {
    title: 'NewPromise',
    additionalProperties: false,
    description: 'Without an amount all that is overdue is promised.',
    examples: [{ date: '2026-03-20', by: 'Anna' }],
  },
);

/** What `POST /v1/dunning-cases/{id}/instalment-plan` takes. */
export const NewPlanSchema = Type.Object(
  {
    parts: Type.Integer({ minimum: 2, maximum: 12 }),
    first_date: DateSchema,
    by: BySchema,
  },
  {
    title: 'NewInstalmentPlan',
    additionalProperties: false,
    description: 'One part a month. A debit takes whole invoices; one invoice is paid by hand.',
    examples: [{ parts: 3, first_date: '2026-04-01', by: 'Anna' }],
  },
);

/** What `POST /v1/customers/{id}/collect-arrears` takes. */
export const CollectArrearsSchema = Type.Object(
  {
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'CNY when it is left out.' }),
    ),
    by: BySchema,
  },
  { title: 'CollectArrears', additionalProperties: false, examples: [{ by: 'Anna' }] },
);

/** The answer to it: one debit with one notice that names the sum. */
export const ArrearsCollectedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    debit: DebitSchema,
    collected: Type.Array(idSchema('inv')),
    left: Type.Array(idSchema('inv'), {
      description: 'Overdue ones that it does not take: above the cap, or out of tries.',
    }),
  },
  {
    title: 'ArrearsCollected',
    additionalProperties: false,
    examples: [
      {
        dry_run: true,
        debit: exampleOf(DebitSchema),
        collected: [exampleId('inv')],
        left: [],
      },
    ],
  },
);

export type PauseCaseBody = Type.Static<typeof PauseCaseSchema>;
export type ResumeCaseBody = Type.Static<typeof ResumeCaseSchema>;
export type EndCaseBody = Type.Static<typeof EndCaseSchema>;
export type NewPromiseBody = Type.Static<typeof NewPromiseSchema>;
export type NewPlanBody = Type.Static<typeof NewPlanSchema>;
export type CollectArrearsBody = Type.Static<typeof CollectArrearsSchema>;
