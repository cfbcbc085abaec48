import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { AmountSchema } from '../money/amount.ts';
import { exampleOf } from '../result/example.ts';
import { LateFeeWaiverSchema } from './late-fee.ts';

const NAME = { minLength: 1, maxLength: 100 };
const BySchema = Type.Optional(
  Type.String({ ...NAME, description: 'Who it is; the label of the API key when left out.' }),
);
const ReasonSchema = Type.String({ minLength: 1, maxLength: 500 });

/** What `GET /v1/invoices/{id}/late-fee` may be asked. */
export const LateFeeQuerySchema = Type.Object(
  { on: Type.Optional(DateSchema) },
  { additionalProperties: false },
);

/** What `POST /v1/invoices/{id}/late-fee/waive` takes. */
export const WaiveLateFeeSchema = Type.Object(
  { amount: Type.Optional(AmountSchema), reason: ReasonSchema, by: BySchema },
  {
    title: 'WaiveLateFee',
    additionalProperties: false,
    description: 'Without an amount: all of it, and of what may still accrue.',
    examples: [{ amount: { amount: 200, currency: 'CNY' }, reason: 'the bank was closed' }],
  },
);

/** The answer to a waiver that was asked for. */
export const LateFeeWaivedSchema = Type.Object(
  { dry_run: Type.Boolean(), waiver: LateFeeWaiverSchema },
  {
    title: 'LateFeeWaived',
    additionalProperties: false,
    examples: [{ dry_run: false, waiver: exampleOf(LateFeeWaiverSchema) }],
  },
);

/** What `POST /v1/late-fee-waivers/{id}/approve` takes. */
export const ApproveWaiverSchema = Type.Object(
  {
    approval_hash: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'As the waiver shows it: the approval holds for this amount and reason only.',
    }),
    by: BySchema,
  },
  {
    title: 'ApproveWaiver',
    additionalProperties: false,
    examples: [{ approval_hash: 'a'.repeat(64), by: 'Bao' }],
  },
);

/** What rejecting a waiver and resuming a late fee take. */
export const DecideLateFeeSchema = Type.Object(
  { by: BySchema },
  { title: 'DecideLateFee', additionalProperties: false, examples: [{ by: 'Bao' }] },
);

/** What `POST /v1/invoices/{id}/late-fee/stop` takes. */
export const StopLateFeeSchema = Type.Object(
  { from: Type.Optional(DateSchema), reason: ReasonSchema, by: BySchema },
  {
    title: 'StopLateFee',
    additionalProperties: false,
    description: 'Days from `from` (today when left out) do not count until it is resumed.',
    examples: [{ reason: 'the amount is disputed', by: 'Bao' }],
  },
);

export type WaiveLateFeeBody = Type.Static<typeof WaiveLateFeeSchema>;
export type ApproveWaiverBody = Type.Static<typeof ApproveWaiverSchema>;
export type DecideLateFeeBody = Type.Static<typeof DecideLateFeeSchema>;
export type StopLateFeeBody = Type.Static<typeof StopLateFeeSchema>;
