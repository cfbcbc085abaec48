import type { CreditGrant, CreditNote, GrantUse } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { CreditDispositionSchema, CreditReasonSchema } from './credit-request.ts';

/** What an issued invoice's lines take back, on the wire (红字账单). */
export const CreditNoteSchema = Type.Object(
  {
    id: idSchema('cdn'),
    customer_id: idSchema('cus'),
    invoice_id: idSchema('inv'),
    number: Type.String(),
    reason: CreditReasonSchema,
    disposition: CreditDispositionSchema,
    grant_id: orNull(idSchema('crg')),
    refund_id: orNull(idSchema('rfd')),
    lines: Type.Array(
      Type.Object(
        {
          position: Type.Integer({ minimum: 1, description: 'The line of the invoice.' }),
          amount: AmountSchema,
          net: AmountSchema,
          tax: AmountSchema,
        },
        { additionalProperties: false },
      ),
    ),
    total: AmountSchema,
    net: AmountSchema,
    tax: AmountSchema,
    issued_at: InstantSchema,
  },
  {
    title: 'CreditNote',
    additionalProperties: false,
    description:
      'What lines of an issued invoice take back (红字账单). Amounts are positive; never more ' +
      'than was billed.',
    examples: [
      {
        id: exampleId('cdn'),
        customer_id: exampleId('cus'),
        invoice_id: exampleId('inv'),
        number: 'C202603-2EWJUXNYHHJGRDVT',
        reason: 'goodwill',
        disposition: 'reduce_due',
        grant_id: null,
        refund_id: null,
        lines: [
          {
            position: 1,
            amount: { amount: 10_600, currency: 'CNY' },
            net: { amount: 10_000, currency: 'CNY' },
            tax: { amount: 600, currency: 'CNY' },
          },
        ],
        total: { amount: 10_600, currency: 'CNY' },
        net: { amount: 10_000, currency: 'CNY' },
        tax: { amount: 600, currency: 'CNY' },
        issued_at: '2026-03-12T02:00:00.000Z',
      },
    ],
  },
);

/** Money or vouchers that a customer may use up on invoices, on the wire. */
export const CreditGrantSchema = Type.Object(
  {
    id: idSchema('crg'),
    customer_id: idSchema('cus'),
    kind: choiceOf({
      prepaid: "The customer's own money.",
      promotional: 'A gift.',
      credit_note: 'Money that is owed back.',
    } satisfies Record<CreditGrant['kind'], string>),
    amount: AmountSchema,
    left: AmountSchema,
    expires_on: orNull(DateSchema),
    name_zh: Type.String(),
    name_en: Type.String(),
    reference: orNull(
      Type.String({ description: 'The number under which it arrived or was given, once.' }),
    ),
    created_at: InstantSchema,
  },
  {
    title: 'CreditGrant',
    additionalProperties: false,
    description: 'Money or vouchers that a customer may use up on invoices (余额, 代金券).',
    examples: [
      {
        id: exampleId('crg'),
        customer_id: exampleId('cus'),
        kind: 'promotional',
        amount: { amount: 5_000, currency: 'CNY' },
        left: { amount: 5_000, currency: 'CNY' },
        expires_on: '2026-12-31',
        name_zh: '代金券',
        name_en: 'Voucher',
        reference: null,
        created_at: '2026-03-09T23:30:00.000Z',
      },
    ],
  },
);

export const GrantUseSchema = Type.Object(
  { grant_id: idSchema('crg'), invoice_id: idSchema('inv'), amount: AmountSchema },
  {
    title: 'GrantUse',
    additionalProperties: false,
    description: 'What an invoice took from a grant.',
  },
);

export type CreditNoteWire = Type.Static<typeof CreditNoteSchema>;
export type CreditGrantWire = Type.Static<typeof CreditGrantSchema>;
export type GrantUseWire = Type.Static<typeof GrantUseSchema>;

export function toCreditNoteWire(note: CreditNote): CreditNoteWire {
  return {
    id: note.id,
    customer_id: note.customerId,
    invoice_id: note.invoiceId,
    number: note.number,
    reason: note.reason,
    disposition: note.disposition,
    grant_id: note.grantId ?? null,
    refund_id: note.refundId ?? null,
    lines: note.lines.map((line) => ({
      position: line.position,
      amount: toAmountWire(line.amount),
      net: toAmountWire(line.net),
      tax: toAmountWire(line.tax),
    })),
    total: toAmountWire(note.total),
    net: toAmountWire(note.net),
    tax: toAmountWire(note.tax),
    issued_at: toInstantWire(note.issuedAt),
  };
}

export function toCreditGrantWire(grant: CreditGrant): CreditGrantWire {
  const { expiresOn } = grant;
  return {
    id: grant.id,
    customer_id: grant.customerId,
    kind: grant.kind,
    amount: toAmountWire(grant.amount),
    left: toAmountWire(grant.left),
    expires_on: expiresOn === undefined ? null : toDateWire(expiresOn),
    name_zh: grant.nameZh,
    name_en: grant.nameEn,
    reference: grant.reference ?? null,
    created_at: toInstantWire(grant.createdAt),
  };
}

export function toGrantUseWire(use: GrantUse): GrantUseWire {
  return { grant_id: use.grantId, invoice_id: use.invoiceId, amount: toAmountWire(use.amount) };
}
