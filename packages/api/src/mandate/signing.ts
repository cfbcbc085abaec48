import type { SigningFlow, SigningStarted } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { MandateSchema, type MandateWire } from './mandate.ts';

const FLOWS = {
  wallet_page: "A page in the wallet's own browser.",
  browser_page: 'A page of any browser.',
  app: "Parameters that the seller's app hands to the wallet.",
  mini_program: "Parameters that the seller's mini program hands to the wallet.",
  pay_and_sign: 'The payer pays a first order and agrees in one go.',
  message_code: "A code goes to the payer's phone and comes back to us.",
  paper: 'A signed form that the merchant keeps.',
} satisfies Record<SigningFlow, string>;

/** Long enough for any name or number of an account, and no longer. */
const SHORT = { minLength: 1, maxLength: 140 } as const;

/**
 * The payer's account on its way to a rail: taken in a body only, handed on in memory, and never
 * stored, logged or sent back.
 */
const AccountSchema = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('card'),
        number: Type.String({ pattern: '^[0-9]{12,19}$' }),
        holder_name: Type.String(SHORT),
        identity_number: Type.String({ minLength: 6, maxLength: 20 }),
        phone: Type.String({ minLength: 6, maxLength: 20 }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        kind: Type.Literal('bank_account'),
        iban: Type.String({ minLength: 15, maxLength: 42 }),
        bic: Type.Optional(Type.String({ minLength: 8, maxLength: 11 })),
        holder_name: Type.String(SHORT),
        signed_on: DateSchema,
      },
      { additionalProperties: false },
    ),
  ],
  { description: 'Wanted by message_code and paper. It is not kept.' },
);

/** `POST /v1/mandates`. */
export const NewMandateSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    rail: Type.String({ minLength: 1, maxLength: 40 }),
    flow: Type.Optional(choiceOf(FLOWS)),
    single_cap: Type.Optional(AmountSchema),
    account: Type.Optional(AccountSchema),
  },
  {
    title: 'NewMandate',
    additionalProperties: false,
    description: 'Asks a customer to sign; the payer is present and goes on with the answer.',
    examples: [
      {
        customer_id: exampleId('cus'),
        rail: 'example_rail',
        flow: 'browser_page',
        single_cap: { amount: 100_000, currency: 'CNY' },
      },
    ],
  },
);

/** What the payer does next. */
export const SigningBegunSchema = Type.Object(
  {
    mandate: MandateSchema,
    next: choiceOf({
      open_url: 'The payer opens `url` and agrees there.',
      launch: 'The app or mini program hands `parameters` to the wallet.',
      enter_code: "A code went to the payer's phone; it goes to …/confirm.",
      nothing: 'It is signed.',
      refused: 'The rail refused; `message` says why.',
      wait: 'The rail gave no definite answer; it is asked about.',
    }),
    url: orNull(Type.String()),
    parameters: orNull(Type.Record(Type.String(), Type.String())),
    message: orNull(Type.String()),
  },
  {
    title: 'SigningBegun',
    additionalProperties: false,
    examples: [
      {
        mandate: exampleOf(MandateSchema),
        next: 'open_url',
        url: 'https://rail.example.test/sign?ticket=1',
        parameters: null,
        message: null,
      },
    ],
  },
);

/** `POST /v1/mandates/{id}/confirm`. */
export const ConfirmMandateSchema = Type.Object(
  {
    code: Type.String({ pattern: '^[0-9A-Za-z]{4,10}$' }),
    account: Type.Optional(AccountSchema),
  },
  {
    title: 'ConfirmMandate',
    additionalProperties: false,
    examples: [{ code: '123456' }],
  },
);

/** `POST /v1/customers/{id}/mandates/order`. */
export const MandateOrderSchema = Type.Object(
  {
    mandate_ids: Type.Array(idSchema('man'), { minItems: 1, maxItems: 50 }),
  },
  {
    title: 'MandateOrder',
    additionalProperties: false,
    description: 'Every active mandate of the customer, the one to try first at the front.',
    examples: [{ mandate_ids: [exampleId('man')] }],
  },
);

export type NewMandateBody = Type.Static<typeof NewMandateSchema>;
export type ConfirmMandateBody = Type.Static<typeof ConfirmMandateSchema>;
export type MandateOrderBody = Type.Static<typeof MandateOrderSchema>;
export type SigningBegunWire = Type.Static<typeof SigningBegunSchema>;

/** What the payer does next, from the rail's answer. Nothing of the payer's account is in it. */
export function toSigningBegunWire(
  mandate: MandateWire,
  started: SigningStarted,
): SigningBegunWire {
  const nothing = { mandate, url: null, parameters: null, message: null };
  switch (started.kind) {
    case 'open_url':
      return { ...nothing, next: 'open_url', url: started.url };
    case 'launch':
      return { ...nothing, next: 'launch', parameters: { ...started.parameters } };
    case 'code_sent':
      return { ...nothing, next: 'enter_code' };
    case 'signed':
      return { ...nothing, next: 'nothing' };
    case 'refused':
      return { ...nothing, next: 'refused', message: `${started.code}: ${started.message}` };
    case 'unknown':
      return { ...nothing, next: 'wait' };
  }
}
