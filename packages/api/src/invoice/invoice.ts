import type { Invoice, InvoiceLine, InvoiceState, LineReason } from '@daikou/core';
import { Type } from 'typebox';
import {
  DateSchema,
  InstantSchema,
  PeriodSchema,
  toDateWire,
  toInstantWire,
  toPeriodWire,
} from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { CollectionMethodSchema, PriceKindSchema } from '../subscription/subscription.ts';

export const InvoiceStateSchema = choiceOf({
  draft: 'Made, and not yet issued to the customer.',
  open: 'Issued and owed.',
  paid: 'Paid in full.',
  void: 'Taken back; nothing is owed.',
} satisfies Record<InvoiceState, string>);

const RULES = {
  list_price: 'The price of the price version.',
  agreed_price: 'A price agreed with this customer.',
} satisfies Record<LineReason['rule'], string>;

export const InvoiceLineSchema = Type.Object(
  {
    position: Type.Integer({ minimum: 1 }),
    kind: PriceKindSchema,
    price_version_id: idSchema('prv'),
    period: PeriodSchema,
    quantity: Type.Integer({ minimum: 0 }),
    unit_amount: AmountSchema,
    amount: AmountSchema,
    net: AmountSchema,
    tax: AmountSchema,
    tax_basis_points: Type.Integer({ minimum: 0, description: '600 is 6 %.' }),
    reason: Type.Object(
      { rule: choiceOf(RULES), name_zh: Type.String(), name_en: Type.String() },
      { additionalProperties: false, description: 'Why the line has this amount.' },
    ),
  },
  {
    title: 'InvoiceLine',
    additionalProperties: false,
    description: 'One line of an invoice. Amounts include tax; net and tax add up to amount.',
  },
);

const EXAMPLE_LINE = {
  position: 1,
  kind: 'flat',
  price_version_id: exampleId('prv'),
  period: { start: '2026-03-10', end: '2026-04-10' },
  quantity: 1,
  unit_amount: { amount: 106_000, currency: 'CNY' },
  amount: { amount: 106_000, currency: 'CNY' },
  net: { amount: 100_000, currency: 'CNY' },
  tax: { amount: 6_000, currency: 'CNY' },
  tax_basis_points: 600,
  reason: { rule: 'list_price', name_zh: '基础版', name_en: 'Basic' },
} as const;

/** What is owed for a period, on the wire (账单; never the tax invoice 发票). */
export const InvoiceSchema = Type.Object(
  {
    id: idSchema('inv'),
    customer_id: idSchema('cus'),
    subscription_id: idSchema('sub'),
    number: Type.String({ description: 'The number that the customer reads.' }),
    state: InvoiceStateSchema,
    collection: CollectionMethodSchema,
    period: PeriodSchema,
    due_date: DateSchema,
    issue_at: InstantSchema,
    total: AmountSchema,
    net: AmountSchema,
    tax: AmountSchema,
    lines: Type.Array(InvoiceLineSchema),
    created_at: InstantSchema,
    issued_at: orNull(InstantSchema),
    paid_at: orNull(InstantSchema),
  },
  {
    title: 'Invoice',
    additionalProperties: false,
    description: 'What a customer owes for a period (账单). Not the tax invoice (发票).',
    examples: [
      {
        id: exampleId('inv'),
        customer_id: exampleId('cus'),
        subscription_id: exampleId('sub'),
        number: 'B202603-2EWJUXNYHHJGRDVT',
        state: 'open',
        collection: 'auto_debit',
        period: { start: '2026-03-10', end: '2026-04-10' },
        due_date: '2026-03-10',
        issue_at: '2026-03-04T16:00:00.000Z',
        total: EXAMPLE_LINE.amount,
        net: EXAMPLE_LINE.net,
        tax: EXAMPLE_LINE.tax,
        lines: [EXAMPLE_LINE],
        created_at: '2026-03-01T16:00:00.000Z',
        issued_at: '2026-03-04T16:00:03.000Z',
        paid_at: null,
      },
    ],
  },
);

export const InvoiceListSchema = listSchema('InvoiceList', InvoiceSchema);

/** What `GET /v1/invoices` may be asked. */
export const InvoiceQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(InvoiceStateSchema),
  },
  { additionalProperties: false },
);

export type InvoiceWire = Type.Static<typeof InvoiceSchema>;
export type InvoiceLineWire = Type.Static<typeof InvoiceLineSchema>;
export type InvoiceQuery = Type.Static<typeof InvoiceQuerySchema>;

function toLineWire(line: InvoiceLine): InvoiceLineWire {
  const { rule, nameZh, nameEn } = line.reason;
  return {
    position: line.position,
    kind: line.kind,
    price_version_id: line.priceVersionId,
    period: toPeriodWire(line.period),
    quantity: toIntegerWire(line.quantity),
    unit_amount: toAmountWire(line.unitAmount),
    amount: toAmountWire(line.amount),
    net: toAmountWire(line.net),
    tax: toAmountWire(line.tax),
    tax_basis_points: toIntegerWire(line.taxBasisPoints),
    reason: { rule, name_zh: nameZh, name_en: nameEn },
  };
}

/** An invoice in its wire form, with its lines. */
export function toInvoiceWire(invoice: Invoice): InvoiceWire {
  const { issuedAt, paidAt } = invoice;
  return {
    id: invoice.id,
    customer_id: invoice.customerId,
    subscription_id: invoice.subscriptionId,
    number: invoice.number,
    state: invoice.state,
    collection: invoice.collection,
    period: toPeriodWire(invoice.period),
    due_date: toDateWire(invoice.dueDate),
    issue_at: toInstantWire(invoice.issueAt),
    total: toAmountWire(invoice.total),
    net: toAmountWire(invoice.net),
    tax: toAmountWire(invoice.tax),
    lines: invoice.lines.map(toLineWire),
    created_at: toInstantWire(invoice.createdAt),
    issued_at: issuedAt === undefined ? null : toInstantWire(issuedAt),
    paid_at: paidAt === undefined ? null : toInstantWire(paidAt),
  };
}
