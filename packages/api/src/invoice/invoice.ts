import {
  amountDue,
  type Invoice,
  type InvoiceLine,
  type InvoiceState,
  type LineRule,
} from '@daikou/core';
import { Type } from 'typebox';
import {
  DateSchema,
  InstantSchema,
  PeriodSchema,
  toDateWire,
  toInstantWire,
  toPeriodWire,
} from '../calendar/dates.ts';
import { PriceKindSchema } from '../catalog/catalog.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { DecimalSchema, toDecimalWire } from '../money/decimal.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { CollectionMethodSchema } from '../subscription/subscription.ts';
import { LineWhySchema, toLineWhyWire } from './line-why.ts';

export const InvoiceStateSchema = choiceOf({
  draft: 'Made, and not yet issued to the customer.',
  open: 'Issued and owed.',
  paid: 'Paid in full.',
  void: 'Taken back; nothing is owed.',
} satisfies Record<InvoiceState, string>);

const RULES = {
  list_price: 'The price of the price version.',
  agreed_price: 'A price agreed with this customer.',
  change_charge: 'The rest of a period under what a change brought.',
  change_credit: 'The unused rest of what was billed before a change.',
  usage_correction: 'Usage that arrived after its period was billed.',
  minimum_spend: 'What lacked to the lowest amount of the price.',
  commitment: 'What lacked to the committed amount of the contract.',
  instalment: 'One of several parts of a fee.',
  termination: 'Leaving before the end of the contract.',
  late_fee: 'Paying an invoice late, by the policy that was announced.',
  top_up: 'Prepaid balance, as the customer agreed; granted once it is paid.',
} satisfies Record<LineRule, string>;

export const InvoiceLineSchema = Type.Object(
  {
    position: Type.Integer({ minimum: 1 }),
    kind: PriceKindSchema,
    price_code: Type.String(),
    price_version_id: idSchema('prv'),
    subscription_id: idSchema('sub'),
    item_id: orNull(idSchema('sit')),
    beneficiary_id: orNull(idSchema('cus')),
    period: PeriodSchema,
    service_days: Type.Integer({ minimum: 0, description: 'Days of service that it pays for.' }),
    period_days: Type.Integer({ minimum: 1, description: 'Days of the whole period.' }),
    quantity: DecimalSchema,
    unit_amount: orNull(DecimalSchema),
    subtotal: AmountSchema,
    discount: AmountSchema,
    amount: AmountSchema,
    net: AmountSchema,
    tax: AmountSchema,
    tax_basis_points: Type.Integer({ minimum: 0, description: '600 is 6 %.' }),
    reason: Type.Object(
      {
        rule: choiceOf(RULES),
        name_zh: Type.String(),
        name_en: Type.String(),
        why: LineWhySchema,
      },
      { additionalProperties: false, description: 'Why the line has this amount.' },
    ),
  },
  {
    title: 'InvoiceLine',
    additionalProperties: false,
    description:
      'One line of an invoice: quantity × unit amount (major units) × service days ÷ period days ' +
      'is the subtotal, less the discount. Net and tax add up to amount, which includes tax.',
  },
);

const EXAMPLE_LINE = {
  position: 1,
  kind: 'flat',
  price_code: 'base',
  price_version_id: exampleId('prv'),
  subscription_id: exampleId('sub'),
  item_id: exampleId('sit'),
  beneficiary_id: null,
  period: { start: '2026-03-10', end: '2026-04-10' },
  service_days: 31,
  period_days: 31,
  quantity: '1',
  unit_amount: '1060',
  subtotal: { amount: 106_000, currency: 'CNY' },
  discount: { amount: 0, currency: 'CNY' },
  amount: { amount: 106_000, currency: 'CNY' },
  net: { amount: 100_000, currency: 'CNY' },
  tax: { amount: 6_000, currency: 'CNY' },
  tax_basis_points: 600,
  reason: { rule: 'list_price', name_zh: '基础版', name_en: 'Basic', why: {} },
} as const;

/** What is owed for a period, on the wire (账单; never the tax invoice 发票). */
export const InvoiceSchema = Type.Object(
  {
    id: idSchema('inv'),
    customer_id: idSchema('cus'),
    subscription_id: orNull(idSchema('sub')),
    number: Type.String({ description: 'The number that the customer reads.' }),
    state: InvoiceStateSchema,
    collection: CollectionMethodSchema,
    period: PeriodSchema,
    due_date: DateSchema,
    issue_at: InstantSchema,
    total: AmountSchema,
    net: AmountSchema,
    tax: AmountSchema,
    balance_applied: AmountSchema,
    credited: AmountSchema,
    amount_due: AmountSchema,
    lines: Type.Array(InvoiceLineSchema),
    created_at: InstantSchema,
    issued_at: orNull(InstantSchema),
    paid_at: orNull(InstantSchema),
  },
  {
    title: 'Invoice',
    additionalProperties: false,
    description:
      'What a customer owes for a period (账单). Not the tax invoice (发票). A null ' +
      'subscription_id is a consolidated invoice, whose lines name their subscriptions.',
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
        balance_applied: { amount: 0, currency: 'CNY' },
        credited: { amount: 0, currency: 'CNY' },
        amount_due: EXAMPLE_LINE.amount,
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
  const { rule, nameZh, nameEn, why, unitAmount } = line;
  return {
    position: line.position,
    kind: line.kind,
    price_code: line.priceCode,
    price_version_id: line.priceVersionId,
    subscription_id: line.subscriptionId,
    item_id: line.itemId ?? null,
    beneficiary_id: line.beneficiaryId ?? null,
    period: toPeriodWire(line.period),
    service_days: line.serviceDays,
    period_days: line.periodDays,
    quantity: toDecimalWire(line.quantity),
    unit_amount: unitAmount === undefined ? null : toDecimalWire(unitAmount),
    subtotal: toAmountWire(line.subtotal),
    discount: toAmountWire(line.discount),
    amount: toAmountWire(line.amount),
    net: toAmountWire(line.net),
    tax: toAmountWire(line.tax),
    tax_basis_points: toIntegerWire(line.taxBasisPoints),
    reason: { rule, name_zh: nameZh, name_en: nameEn, why: toLineWhyWire(why) },
  };
}

/** An invoice in its wire form, with its lines. */
export function toInvoiceWire(invoice: Invoice): InvoiceWire {
  const { issuedAt, paidAt } = invoice;
  return {
    id: invoice.id,
    customer_id: invoice.customerId,
    subscription_id: invoice.subscriptionId ?? null,
    number: invoice.number,
    state: invoice.state,
    collection: invoice.collection,
    period: toPeriodWire(invoice.period),
    due_date: toDateWire(invoice.dueDate),
    issue_at: toInstantWire(invoice.issueAt),
    total: toAmountWire(invoice.total),
    net: toAmountWire(invoice.net),
    tax: toAmountWire(invoice.tax),
    balance_applied: toAmountWire(invoice.balanceApplied),
    credited: toAmountWire(invoice.credited),
    amount_due: toAmountWire(amountDue(invoice)),
    lines: invoice.lines.map(toLineWire),
    created_at: toInstantWire(invoice.createdAt),
    issued_at: issuedAt === undefined ? null : toInstantWire(issuedAt),
    paid_at: paidAt === undefined ? null : toInstantWire(paidAt),
  };
}
