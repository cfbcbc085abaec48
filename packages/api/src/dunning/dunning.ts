import type { DunningCase, DunningEntry, EndedAs, PlanPart } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const STATES = {
  running: 'Its campaign goes on.',
  paused: 'A person has stopped the steps.',
  ended: 'Nothing more is sent.',
} as const satisfies Record<DunningCase['state'], string>;

const ENDS = {
  paid: 'Nothing is overdue any more.',
  written_off: 'A person gave it up.',
  canceled: 'It is not owed any more.',
  exhausted: 'The campaign is over, and money is still owed.',
  disputed: 'The customer contests it.',
} as const satisfies Record<EndedAs, string>;

const WHAT = {
  started: 'The case began.',
  joined: 'Another invoice became overdue.',
  message: 'A message was planned.',
  collect: 'A debit with its notice was planned.',
  pay_link: 'A pay link was made.',
  call_task: 'A call was asked for.',
  skipped: 'A step was passed over.',
  paused: 'A person stopped the steps.',
  resumed: 'The steps go on.',
  promised: 'The customer promised to pay.',
  promise_kept: 'The promise was kept.',
  promise_broken: 'The promise was not kept.',
  plan_made: 'An instalment plan was made.',
  plan_part: 'The debit of a part was planned.',
  plan_broken: 'The plan was not kept.',
  ended: 'The case ended.',
} as const satisfies Record<DunningEntry['what'], string>;

const PART_STATES = {
  waiting: 'Its day has not come.',
  planned: 'Its debit is planned, or the customer pays it by hand.',
  kept: 'Paid.',
} as const satisfies Record<PlanPart['state'], string>;

/** One dated part of an instalment plan, on the wire. */
export const PlanPartSchema = Type.Object(
  {
    date: DateSchema,
    amount: AmountSchema,
    invoice_ids: Type.Array(idSchema('inv'), {
      description: 'Whole invoices that a debit collects; none: the customer pays by hand.',
    }),
    state: choiceOf<PlanPart['state']>(PART_STATES),
  },
  {
    title: 'PlanPart',
    additionalProperties: false,
    examples: [
      {
        date: '2026-04-01',
        amount: { amount: 2_985, currency: 'CNY' },
        invoice_ids: [exampleId('inv')],
        state: 'waiting',
      },
    ],
  },
);

const PromiseSchema = Type.Object(
  { date: DateSchema, amount: AmountSchema, by: Type.String(), made_at: InstantSchema },
  { title: 'PaymentPromise', additionalProperties: false },
);

const EntrySchema = Type.Object(
  {
    at: InstantSchema,
    what: choiceOf<DunningEntry['what']>(WHAT),
    day: orNull(Type.Integer({ description: 'The campaign’s day of the step.' })),
    why: orNull(Type.String()),
    subject_id: orNull(Type.String({ description: 'What was made: a notice, debit, link, task.' })),
  },
  { title: 'DunningEntry', additionalProperties: false },
);

/** The chase after one customer's arrears in one currency, on the wire (催缴). */
export const DunningCaseSchema = Type.Object(
  {
    id: idSchema('dun'),
    customer_id: idSchema('cus'),
    currency: Type.String({ minLength: 3, maxLength: 3 }),
    state: choiceOf<DunningCase['state']>(STATES),
    campaign: Type.String({ description: 'Code and version of the campaign that it began with.' }),
    started_on: DateSchema,
    next_step: Type.Integer({ minimum: 0, description: 'Of the campaign, counted from 0.' }),
    next_step_at: orNull(InstantSchema),
    waits_for: orNull(Type.String({ description: 'Why the last look did nothing.' })),
    invoice_ids: Type.Array(idSchema('inv')),
    promise: orNull(PromiseSchema),
    plan: orNull(Type.Array(PlanPartSchema)),
    timeline: Type.Array(EntrySchema, { description: 'What happened, oldest first.' }),
    ended_as: orNull(choiceOf<EndedAs>(ENDS)),
    ended_at: orNull(InstantSchema),
    created_at: InstantSchema,
  },
  {
    title: 'DunningCase',
    additionalProperties: false,
    description: 'How the arrears of one customer in one currency are chased.',
    examples: [
      {
        id: exampleId('dun'),
        customer_id: exampleId('cus'),
        currency: 'CNY',
        state: 'running',
        campaign: 'default',
        started_on: '2026-03-11',
        next_step: 1,
        next_step_at: '2026-03-14T01:00:00.000Z',
        waits_for: null,
        invoice_ids: [exampleId('inv')],
        promise: null,
        plan: null,
        timeline: [
          {
            at: '2026-03-10T16:00:00.000Z',
            what: 'started',
            day: null,
            why: null,
            subject_id: null,
          },
          {
            at: '2026-03-11T02:00:00.000Z',
            what: 'message',
            day: 0,
            why: 'friendly',
            subject_id: exampleId('not'),
          },
        ],
        ended_as: null,
        ended_at: null,
        created_at: '2026-03-10T16:00:00.000Z',
      },
    ],
  },
);

export const DunningCaseListSchema = listSchema('DunningCaseList', DunningCaseSchema);

/** What `GET /v1/dunning-cases` may be asked. */
export const DunningCaseQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(Type.Unsafe<`cus_${string}`>(idSchema('cus'))),
    state: Type.Optional(choiceOf<DunningCase['state']>(STATES)),
  },
  { additionalProperties: false },
);

/** The answer to a request for an instalment plan. */
export const PlanMadeSchema = Type.Object(
  { dry_run: Type.Boolean(), parts: Type.Array(PlanPartSchema) },
  {
    title: 'InstalmentPlan',
    additionalProperties: false,
    examples: [{ dry_run: true, parts: [exampleOf(PlanPartSchema)] }],
  },
);

export type DunningCaseWire = Type.Static<typeof DunningCaseSchema>;
export type PlanPartWire = Type.Static<typeof PlanPartSchema>;

/** A case in its wire form. */
export function toDunningCaseWire(dunning: DunningCase): DunningCaseWire {
  const { nextStepAt, promise, plan, endedAt } = dunning;
  return {
    id: dunning.id,
    customer_id: dunning.customerId,
    currency: dunning.currency,
    state: dunning.state,
    campaign: dunning.campaignName,
    started_on: toDateWire(dunning.startedOn),
    next_step: dunning.nextStep,
    next_step_at: nextStepAt === undefined ? null : toInstantWire(nextStepAt),
    waits_for: dunning.waitsFor ?? null,
    invoice_ids: [...dunning.invoiceIds],
    promise:
      promise === undefined
        ? null
        : {
            date: toDateWire(promise.date),
            amount: toAmountWire(promise.amount),
            by: promise.by,
            made_at: toInstantWire(promise.madeAt),
          },
    plan: plan === undefined ? null : plan.parts.map(toPlanPartWire),
    timeline: dunning.timeline.map((entry) => ({
      at: toInstantWire(entry.at),
      what: entry.what,
      day: entry.day ?? null,
      why: entry.why ?? null,
      subject_id: entry.subjectId ?? null,
    })),
    ended_as: dunning.endedAs ?? null,
    ended_at: endedAt === undefined ? null : toInstantWire(endedAt),
    created_at: toInstantWire(dunning.createdAt),
  };
}

export function toPlanPartWire(part: PlanPart): PlanPartWire {
  return {
    date: toDateWire(part.date),
    amount: toAmountWire(part.amount),
    invoice_ids: [...part.invoiceIds],
    state: part.state,
  };
}
