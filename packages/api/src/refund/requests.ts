import { EXCEPTION_OWNER_MAX_LENGTH } from '@daikou/core';
import { Type } from 'typebox';
import { exampleId, idSchema } from '../ids/id.ts';
import { CreditReasonSchema } from '../invoice/credit-request.ts';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { MoneyExceptionSchema, RefundSchema, ROUTES } from './refund.ts';

const NAME = { minLength: 1, maxLength: 100 };

const BySchema = Type.Optional(
  Type.String({ ...NAME, description: 'Who it is; the label of the API key when left out.' }),
);

/** What `POST /v1/refunds` takes: a payment (or what it paid), or a customer's balance. */
export const NewRefundSchema = Type.Object(
  {
    payment_id: Type.Optional(
      Type.Union([idSchema('pay'), idSchema('dbt'), idSchema('inv')], {
        description: 'A payment, or the debit or invoice that it paid.',
      }),
    ),
    customer_id: Type.Optional(
      Type.Unsafe<`cus_${string}`>({
        ...idSchema('cus'),
        description: 'Pays this customer’s own balance out.',
      }),
    ),
    amount: Type.Optional(AmountSchema),
    reason: CreditReasonSchema,
    route: Type.Optional(choiceOf(ROUTES)),
    remark: Type.Optional(Type.String({ maxLength: 500 })),
    by: BySchema,
  },
  {
    title: 'NewRefund',
    additionalProperties: false,
    description: 'Exactly one of payment_id and customer_id; without an amount all that is left.',
    examples: [
      {
        payment_id: exampleId('pay'),
        amount: { amount: 10_600, currency: 'CNY' },
        reason: 'service_not_delivered',
      },
    ],
  },
);

/** The answer to a request for a refund. */
export const RefundsRequestedSchema = Type.Object(
  { dry_run: Type.Boolean(), refunds: Type.Array(RefundSchema) },
  {
    title: 'RefundsRequested',
    additionalProperties: false,
    description: 'One refund; of a balance one for each order that gives some of it back.',
    examples: [{ dry_run: false, refunds: [exampleOf(RefundSchema)] }],
  },
);

/** What `POST /v1/refunds/{id}/approve` takes. */
export const ApproveRefundSchema = Type.Object(
  {
    approval_hash: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'As the refund shows it: the approval holds for this amount and target only.',
    }),
    by: BySchema,
  },
  {
    title: 'ApproveRefund',
    additionalProperties: false,
    examples: [{ approval_hash: 'a'.repeat(64), by: 'Bao' }],
  },
);

/** What withdrawing and retrying take. */
export const DecideRefundSchema = Type.Object(
  { by: BySchema },
  { title: 'DecideRefund', additionalProperties: false, examples: [{ by: 'Bao' }] },
);

/** What `POST /v1/refunds/{id}/resolve` takes: the proof of a bank transfer. */
export const ResolveRefundSchema = Type.Object(
  {
    reference: Type.String({ ...NAME, description: 'The bank’s number of the transfer.' }),
    by: BySchema,
  },
  {
    title: 'ResolveRefund',
    additionalProperties: false,
    examples: [{ reference: 'B20260312001', by: 'Bao' }],
  },
);

/** What `POST /v1/exceptions/{id}/resolve` takes. */
export const ResolveExceptionSchema = Type.Object(
  {
    action: choiceOf({
      refund: 'It goes back to the payer.',
      credit: 'It becomes the customer’s balance.',
      book: 'It has no owner: the books take it.',
    }),
    route: Type.Optional(choiceOf(ROUTES)),
    by: BySchema,
  },
  {
    title: 'ResolveException',
    additionalProperties: false,
    examples: [{ action: 'refund', by: 'Bao' }],
  },
);

/** What `POST /v1/exceptions/{id}/assign` takes. */
export const AssignExceptionSchema = Type.Object(
  {
    owner: Type.String({
      minLength: 1,
      maxLength: EXCEPTION_OWNER_MAX_LENGTH,
      description: 'A role or a person.',
    }),
  },
  { title: 'AssignException', additionalProperties: false, examples: [{ owner: 'Anna' }] },
);

/** The answer to a decision about an exception. */
export const ExceptionResolvedSchema = Type.Object(
  { exception: MoneyExceptionSchema, refund: orNull(RefundSchema) },
  {
    title: 'ExceptionResolved',
    additionalProperties: false,
    examples: [{ exception: exampleOf(MoneyExceptionSchema), refund: null }],
  },
);

export type NewRefundBody = Type.Static<typeof NewRefundSchema>;
export type RefundsRequestedWire = Type.Static<typeof RefundsRequestedSchema>;
export type ApproveRefundBody = Type.Static<typeof ApproveRefundSchema>;
export type DecideRefundBody = Type.Static<typeof DecideRefundSchema>;
export type ResolveRefundBody = Type.Static<typeof ResolveRefundSchema>;
export type ResolveExceptionBody = Type.Static<typeof ResolveExceptionSchema>;
export type AssignExceptionBody = Type.Static<typeof AssignExceptionSchema>;
export type ExceptionResolvedWire = Type.Static<typeof ExceptionResolvedSchema>;
