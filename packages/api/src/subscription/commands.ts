import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf } from '../result/choice.ts';
import { REFERENCE_MAX_LENGTH } from '../result/list.ts';
import { ConsentEvidenceSchema } from './price-change.ts';

const CodeSchema = Type.String({ minLength: 1, maxLength: REFERENCE_MAX_LENGTH });

/** A price model as the catalogue writes it: decimals are texts. Read by the rules of prices. */
const ModelSchema = Type.Unknown({
  description: 'A price model with decimal texts, for example {"type":"flat","amount":"99"}.',
});

const QuantitySchema = Type.Integer({
  maximum: 1_000_000_000,
  description: 'Whole units, more than zero.',
});

const WhenSchema = Type.String({
  pattern: '^(now|period_end|\\d{4}-\\d{2}-\\d{2})$',
  description: 'now, period_end, or a date. The day belongs to the new state.',
});

/** A thing that is taken: a price by its code in the plan, or one of its versions by id. */
export const NewItemSchema = Type.Object(
  {
    price: Type.Optional(CodeSchema),
    price_version_id: Type.Optional(idSchema('prv')),
    quantity: Type.Optional(QuantitySchema),
    agreed_model: Type.Optional(ModelSchema),
  },
  { title: 'NewItem', additionalProperties: false },
);

/** What leaving before the end of the term costs. */
const EarlyTerminationSchema = Type.Object(
  {
    type: choiceOf({
      free: 'nothing is owed',
      share_of_remaining: 'a share of what the remaining term would have cost',
      fixed: 'a fixed amount',
    }),
    basis_points: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    amount: Type.Optional(AmountSchema),
  },
  { additionalProperties: false },
);

/** A committed term (合同). */
export const ContractRequestSchema = Type.Object(
  {
    start: DateSchema,
    end: DateSchema,
    renewal: choiceOf({
      same_term: 'another term of the same length follows',
      open_ended: 'it goes on from period to period',
      ends: 'service ends with the term',
    }),
    early_termination: EarlyTerminationSchema,
    minimum_per_period: Type.Optional(AmountSchema),
    minimum_for_term: Type.Optional(AmountSchema),
  },
  { title: 'ContractRequest', additionalProperties: false },
);

/** What `POST /v1/subscriptions` takes. */
export const StartSubscriptionSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    beneficiary_id: Type.Optional(idSchema('cus')),
    plan: CodeSchema,
    items: Type.Optional(
      Type.Array(NewItemSchema, {
        maxItems: 200,
        description: 'Left out: one of each recurring price of the plan.',
      }),
    ),
    starts_on: Type.Optional(DateSchema),
    backdated: Type.Optional(
      Type.Boolean({ description: 'Allows a start more than one period in the past.' }),
    ),
    trial_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    trial_ends_on: Type.Optional(DateSchema),
    interval: Type.Optional(
      Type.Object(
        {
          unit: Type.Enum(['day', 'week', 'month', 'year'], { type: 'string' }),
          count: Type.Integer({ minimum: 1, maximum: 100 }),
        },
        {
          additionalProperties: false,
          description: 'How often it is billed. Left out: the shortest interval of its prices.',
        },
      ),
    ),
    billing_day: Type.Optional(Type.Integer({ description: '1 to 31, clamped to month ends.' })),
    anchor: Type.Optional(DateSchema),
    calendar_month: Type.Optional(Type.Boolean({ description: 'Billed on the 1st of months.' })),
    expires_on: Type.Optional(DateSchema),
    auto_renew: Type.Optional(Type.Boolean()),
    contract: Type.Optional(ContractRequestSchema),
    collection: Type.Optional(
      choiceOf({ auto_debit: 'through a mandate', by_hand: 'paid by the customer' }),
    ),
    payment_method_label: Type.Optional(CodeSchema),
    coupons: Type.Optional(Type.Array(CodeSchema, { maxItems: 20, uniqueItems: true })),
  },
  {
    title: 'StartSubscription',
    additionalProperties: false,
    examples: [
      {
        customer_id: exampleId('cus'),
        plan: 'team',
        items: [{ price: 'seat', quantity: 2 }],
        trial_days: 14,
      },
    ],
  },
);

export type StartSubscriptionBody = Type.Static<typeof StartSubscriptionSchema>;
export type ContractBody = Type.Static<typeof ContractRequestSchema>;
export type NewItemBody = Type.Static<typeof NewItemSchema>;

/** What `POST /v1/subscriptions/{id}/changes` takes; each type has its own fields. */
export const ChangeSubscriptionSchema = Type.Object(
  {
    type: choiceOf({
      quantity: 'item_id, quantity',
      add_item: 'price or price_version_id, quantity, agreed_model',
      remove_item: 'item_id',
      plan: 'plan, items: upgrade, downgrade or migration',
      prices: 'versions: the same items at other price versions; consent where one costs more',
      pause: 'resumes_on when it is known',
      resume: 'takes service up again',
      end: 'ends service; waive_termination',
      auto_renew: 'on',
      align: 'expires_on: moves the boundaries',
      contract: 'contract',
      unpark: 'bills it again in its turn',
    }),
    item_id: Type.Optional(idSchema('sit')),
    price: Type.Optional(CodeSchema),
    price_version_id: Type.Optional(idSchema('prv')),
    quantity: Type.Optional(QuantitySchema),
    agreed_model: Type.Optional(ModelSchema),
    plan: Type.Optional(CodeSchema),
    items: Type.Optional(Type.Array(NewItemSchema, { maxItems: 200 })),
    versions: Type.Optional(
      Type.Array(
        Type.Object(
          { from: idSchema('prv'), to: idSchema('prv') },
          { additionalProperties: false },
        ),
        { maxItems: 200 },
      ),
    ),
    consent: Type.Optional(ConsentEvidenceSchema),
    when: Type.Optional(WhenSchema),
    resumes_on: Type.Optional(DateSchema),
    waive_termination: Type.Optional(Type.Boolean()),
    on: Type.Optional(Type.Boolean()),
    expires_on: Type.Optional(DateSchema),
    contract: Type.Optional(ContractRequestSchema),
    bill: Type.Optional(
      choiceOf({
        next_invoice: 'the difference is on the next invoice (default)',
        now: 'an invoice is made for it at once, where money is owed',
      }),
    ),
  },
  {
    title: 'ChangeSubscription',
    additionalProperties: false,
    description: 'A change has a type and the fields of that type; any other field is refused.',
    examples: [{ type: 'quantity', item_id: exampleId('sit'), quantity: 5 }],
  },
);

export type ChangeSubscriptionBody = Type.Static<typeof ChangeSubscriptionSchema>;

/** What `POST /v1/customers/{id}/align` takes. */
export const AlignSchema = Type.Object(
  { expires_on: DateSchema },
  { title: 'Align', additionalProperties: false, examples: [{ expires_on: '2026-12-31' }] },
);

/** What `POST /v1/subscriptions/unpark` takes: one or many by their ids, or all of a reason. */
export const UnparkSchema = Type.Object(
  {
    subscription_ids: Type.Optional(Type.Array(idSchema('sub'), { minItems: 1, maxItems: 1000 })),
    reason: Type.Optional(
      choiceOf({
        cannot_be_billed: 'the draft was refused',
        too_many_lines: 'more lines than its days may have',
        amount_beyond_history: 'far above earlier invoices',
        amount_beyond_contract: 'far above the committed minimum',
        by_hand: 'parked by a person',
      }),
    ),
    accept: Type.Optional(
      Type.Boolean({
        description: 'The bills were looked at: they are drafted at once, without the bounds.',
      }),
    ),
  },
  {
    title: 'Unpark',
    additionalProperties: false,
    examples: [{ subscription_ids: [exampleId('sub')] }],
  },
);

/** What `POST /v1/subscriptions/{id}/coupons` takes. */
export const RedeemSchema = Type.Object(
  { code: CodeSchema },
  { title: 'Redeem', additionalProperties: false, examples: [{ code: 'SPRING' }] },
);

/** What `POST /v1/coupons` takes. */
export const NewCouponSchema = Type.Object(
  {
    code: CodeSchema,
    name_zh: CodeSchema,
    name_en: CodeSchema,
    kind: Type.Object(
      {
        type: choiceOf({ percentage: 'a share', fixed: 'an amount' }),
        basis_points: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        amount: Type.Optional(AmountSchema),
      },
      { additionalProperties: false },
    ),
    duration: Type.Object(
      {
        type: choiceOf({
          once: 'one use',
          repeating: 'in each of some periods',
          forever: 'as long as the subscription lasts',
        }),
        periods: Type.Optional(Type.Integer({ minimum: 1, maximum: 1200 })),
      },
      { additionalProperties: false },
    ),
    price_codes: Type.Optional(
      Type.Array(CodeSchema, { minItems: 1, description: 'Left out: all prices.' }),
    ),
    redeem_by: Type.Optional(DateSchema),
    maximum_redemptions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
  },
  {
    title: 'NewCoupon',
    additionalProperties: false,
    examples: [
      {
        code: 'SPRING',
        name_zh: '春季优惠',
        name_en: 'Spring',
        kind: { type: 'percentage', basis_points: 2_000 },
        duration: { type: 'repeating', periods: 3 },
      },
    ],
  },
);

export type NewCouponBody = Type.Static<typeof NewCouponSchema>;

/** What `POST /v1/customers/{id}/credit-grants` takes. */
export const NewGrantSchema = Type.Object(
  {
    kind: choiceOf({ prepaid: "the customer's own money", promotional: 'a gift' }),
    amount: AmountSchema,
    expires_on: Type.Optional(DateSchema),
    name_zh: Type.Optional(CodeSchema),
    name_en: Type.Optional(CodeSchema),
    reference: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: REFERENCE_MAX_LENGTH,
        description:
          'Of prepaid money: the number under which it arrived; of a gift, one of your own. A ' +
          'customer has one grant of a reference: the same request again answers that grant.',
      }),
    ),
  },
  {
    title: 'NewGrant',
    additionalProperties: false,
    examples: [
      { kind: 'promotional', amount: { amount: 5_000, currency: 'CNY' }, expires_on: '2026-12-31' },
    ],
  },
);

export type NewGrantBody = Type.Static<typeof NewGrantSchema>;

/** What `POST /v1/invoices/preview` takes. */
export const PreviewSchema = Type.Object(
  {
    subscription_id: idSchema('sub'),
    change: Type.Optional(ChangeSubscriptionSchema),
    as_of: Type.Optional(DateSchema),
  },
  {
    title: 'Preview',
    additionalProperties: false,
    examples: [
      {
        subscription_id: exampleId('sub'),
        change: { type: 'quantity', item_id: exampleId('sit'), quantity: 5 },
      },
    ],
  },
);

export type PreviewBody = Type.Static<typeof PreviewSchema>;
