import type { AccountLabel, Mandate, MandateEnder, MandateState } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

export const MandateStateSchema = choiceOf({
  draft: 'Prepared; the customer was not asked yet.',
  signing: "The customer is on the rail's page, or may still come back from it.",
  active: 'Signed; debits may be made.',
  ending: 'We asked the rail to end it; no debit is made any more.',
  revoke_failed: 'The rail has not confirmed the end; it is asked again. No debit is made.',
  ended: 'Ended; no debit will be made again.',
  sign_failed: 'The customer did not sign.',
} satisfies Record<MandateState, string>);

/** What may be shown of the account behind a mandate: never a whole number. */
const AccountLabelSchema = Type.Object(
  {
    kind: choiceOf({ card: 'A bank card.', bank_account: 'A bank account.' }),
    issuer: orNull(Type.String({ description: 'The bank, where its directory names it.' })),
    bin: orNull(Type.String({ description: 'The first six digits of a card.' })),
    last_four: Type.String({ description: 'The last four digits.' }),
    expires_on: orNull(DateSchema),
    card_type: orNull(
      choiceOf({
        debit: '借记卡',
        credit: '贷记卡',
        prepaid: '预付费卡',
        quasi_credit: '准贷记卡',
      }),
    ),
  },
  { title: 'AccountLabel', additionalProperties: false },
);

const ENDERS = {
  customer: 'The customer, at the rail or through us.',
  merchant: 'The merchant.',
  rail: 'The rail.',
  expired: 'Its time ran out.',
  unknown: 'The rail did not say who.',
} satisfies Record<MandateEnder, string>;

/**
 * The permission to debit on the wire. The payer's identity at the rail (openid, user id) is never
 * sent: no caller needs it, and it is personal data.
 */
export const MandateSchema = Type.Object(
  {
    id: idSchema('man'),
    customer_id: idSchema('cus'),
    rail: Type.String({ description: 'The name of the payment rail.' }),
    state: MandateStateSchema,
    contract_code: Type.String({ description: 'Our number of the contract at the rail.' }),
    display_account: Type.String({ description: "What the payer sees on the rail's page." }),
    rail_reference: orNull(Type.String({ description: "The rail's number of the contract." })),
    account: orNull(AccountLabelSchema),
    single_cap: AmountSchema,
    first_planned_date: orNull(DateSchema),
    planned_date: orNull(DateSchema),
    preference: orNull(
      Type.Integer({ minimum: 1, description: "The place in the customer's own order." }),
    ),
    signed_at: orNull(InstantSchema),
    ended_at: orNull(InstantSchema),
    ended_by: orNull(choiceOf(ENDERS)),
    created_at: InstantSchema,
  },
  {
    title: 'Mandate',
    additionalProperties: false,
    description: "The customer's permission to debit (代扣协议).",
    examples: [
      {
        id: exampleId('man'),
        customer_id: exampleId('cus'),
        rail: 'example_rail',
        state: 'active',
        contract_code: 'C03FBSOFP3B1DLOEXG5287V3M1',
        display_account: 'C-0001',
        rail_reference: '202603010000000001',
        account: null,
        single_cap: { amount: 100_000, currency: 'CNY' },
        first_planned_date: null,
        planned_date: null,
        preference: null,
        signed_at: '2026-03-01T02:05:00.000Z',
        ended_at: null,
        ended_by: null,
        created_at: '2026-03-01T02:00:00.000Z',
      },
    ],
  },
);

export const MandateListSchema = listSchema('MandateList', MandateSchema);

/** What `GET /v1/mandates` may be asked. */
export const MandateQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(MandateStateSchema),
  },
  { additionalProperties: false },
);

export type MandateWire = Type.Static<typeof MandateSchema>;
export type MandateQuery = Type.Static<typeof MandateQuerySchema>;

/** A mandate in its wire form, without the payer's identity at the rail. */
export function toMandateWire(mandate: Mandate): MandateWire {
  const { firstPlannedDate, plannedDate, signedAt, endedAt } = mandate;
  return {
    id: mandate.id,
    customer_id: mandate.customerId,
    rail: mandate.rail,
    state: mandate.state,
    contract_code: mandate.contractCode,
    display_account: mandate.displayAccount,
    rail_reference: mandate.railReference ?? null,
    account: toAccountWire(mandate.account),
    single_cap: toAmountWire(mandate.singleCap),
    first_planned_date: firstPlannedDate === undefined ? null : toDateWire(firstPlannedDate),
    planned_date: plannedDate === undefined ? null : toDateWire(plannedDate),
    preference: mandate.preference ?? null,
    signed_at: signedAt === undefined ? null : toInstantWire(signedAt),
    ended_at: endedAt === undefined ? null : toInstantWire(endedAt),
    ended_by: mandate.endedBy ?? null,
    created_at: toInstantWire(mandate.createdAt),
  };
}

function toAccountWire(label: AccountLabel | undefined): MandateWire['account'] {
  if (label === undefined) return null;
  return {
    kind: label.kind,
    issuer: label.issuer ?? null,
    bin: label.bin ?? null,
    last_four: label.lastFour,
    expires_on: label.expiresOn === undefined ? null : toDateWire(label.expiresOn),
    card_type: label.cardType ?? null,
  };
}
