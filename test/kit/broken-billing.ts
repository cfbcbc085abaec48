import assert from 'node:assert/strict';
import { type Changes, type Coupon, type Invoice, toUuid } from '../../packages/core/src/index.ts';
import {
  aCoupon,
  cny,
  consolidatedOf,
  grantOf,
  noteOf,
  pendingOf,
  redemptionOf,
} from './credits.ts';
import { type Life, newId, newInvoice } from './life.ts';
import type { World } from './world.ts';

// Rows of billing that break what the schema forbids, for the doctor to find.

/** A row that breaks an invariant, and how it is made. */
export type Broken = {
  readonly invariant: string;
  /** Whole rows that are saved before; what they break by themselves is not counted. */
  readonly save?: (life: Life, world: World) => Changes;
  /** The statements that break it; triggers and foreign keys are off while they run. */
  readonly sql: (life: Life, world: World) => string;
  /** The row that the doctor must name. */
  readonly id: (life: Life, world: World) => string;
  /** Other checks that the same change breaks as well. */
  readonly also?: readonly string[];
};

/** A second row like this one, with another id and some columns changed. */
export function copyRow(
  table: string,
  row: { id: string },
  changes: Readonly<Record<string, string>>,
): string {
  const set = Object.entries(changes).map(([name, value]) => `${name} = ${value}`);
  return `create temporary table copied as select * from ${table} where id = '${row.id}';
    update copied set ${set.join(', ')};
    insert into ${table} select * from copied; drop table copied;`;
}

export const uuid = (
  life: { readonly id: Life['debit']['id'] } | { readonly id: `${string}_${string}` },
) => toUuid(life.id as Life['debit']['id']);

export const change = (table: string, row: { readonly id: `${string}_${string}` }, set: string) =>
  `update ${table} set ${set} where id = '${uuid(row)}';`;

export const another = (bucketOf: { readonly id: `${string}_${string}` }) =>
  `'${toUuid(newId('att', Number.parseInt(bucketOf.id.slice(-3), 16) & 1023))}'`;

/** Makes a thing once for a life or a world, so that a case can name the row that it saved. */
function once<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, { readonly value: T }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}

export const couponOf = once((_world: World): Coupon => aCoupon());
const grantFor = once((life: Life) => grantOf(life));
const pendingFor = once((life: Life) =>
  pendingOf(life, { state: 'billed', invoiceId: life.invoice.id }),
);
const redemptions = once((life: Life) => redemptionOf(life, aCoupon()));
const redemptionFor = (life: Life, world: World) => ({
  ...redemptions(life),
  coupon: couponOf(world),
});
const halfNoteOf = once((life: Life) => {
  const [line] = noteOf(life).lines;
  assert.ok(line !== undefined);
  const half = { ...line, amount: cny(10n), net: cny(10n), tax: cny(0n) };
  return noteOf(life, { lines: [half], total: cny(10n), net: cny(10n), tax: cny(0n) });
});
/** A draft that was taken back after it had used the grant. */
const voided = once((life: Life): Invoice => {
  const { paidAt: _paid, issuedAt: _issued, ...invoice } = life.invoice;
  const id = newId('inv', Number.parseInt(life.customer.id.slice(-3), 16) & 1023);
  const lines = invoice.lines.map(({ itemId: _item, ...line }) => line);
  return { ...invoice, id, number: id.slice(-12), billingKey: 'void', state: 'void', lines };
});
const useOf = (life: Life) => ({
  grantId: grantFor(life).id,
  invoiceId: voided(life).id,
  amount: cny(10n),
});

/** The invoice with 10 fen taken back; what was paid of it stays. */
function creditedBy({ invoice }: Life): Invoice {
  return { ...invoice, credited: cny(10n) };
}

/** A draft of the period after the life's, with its item. */
function laterInvoice({ subscription, invoice }: Life, { catalog }: World): Invoice {
  const {
    paidAt: _paid,
    issuedAt: _issued,
    ...made
  } = newInvoice(subscription, {
    lines: 1,
    catalog,
  });
  const period = { start: invoice.period.end, end: invoice.period.end.add({ months: 1 }) };
  const lines = made.lines.map((line) => ({ ...line, period }));
  return { ...made, state: 'draft', billingKey: 'later', period, lines };
}

/** One case for each check of what an invoice bills and of what is taken from it. */
export const BROKEN_BILLING: readonly Broken[] = [
  {
    invariant: 'I9 one consolidated invoice per period',
    save: (life, world) => ({
      invoices: ['payer:1', 'payer:2'].map((key) => {
        const draft = consolidatedOf(life, world, key);
        return { ...draft, lines: draft.lines.map(({ itemId: _item, ...line }) => line) };
      }),
    }),
    sql: ({ customer }) =>
      `update invoices set billing_key = 'payer:1'
        where customer_id = '${uuid(customer)}' and subscription_id is null;`,
    id: ({ customer }) => customer.id,
  },
  {
    invariant: 'I9 item is billed once for a day',
    save: (life, world) => ({ invoices: [laterInvoice(life, world)] }),
    sql: ({ subscription }) =>
      `update invoice_lines l set period_start = l.period_start - 1 from invoices i
        where i.id = l.invoice_id and i.subscription_id = '${uuid(subscription)}'
          and i.billing_key = 'later';`,
    id: ({ subscription: { items } }) => items[0]?.id ?? '',
  },
  {
    invariant: 'I9 discount comes off the line',
    sql: ({ invoice }) =>
      `update invoice_lines set discount_minor = 1
         where invoice_id = '${uuid(invoice)}' and position = 1;`,
    id: ({ invoice }) => invoice.id,
  },
  {
    invariant: 'I9 waiting line is billed once',
    save: (life) => ({
      pendingLines: [pendingFor(life)],
    }),
    sql: ({ invoice }) =>
      `update pending_lines set subtotal_minor = 1 where invoice_id = '${uuid(invoice)}';`,
    id: (life) => pendingFor(life).id,
  },
  {
    invariant: 'I10 credit is within its line',
    save: (life) => ({ creditNotes: [halfNoteOf(life)], invoices: [creditedBy(life)] }),
    sql: ({ invoice }) =>
      `update credit_note_lines set amount_minor = 9999, net_minor = 9999
        where invoice_id = '${uuid(invoice)}';`,
    id: ({ invoice }) => invoice.id,
    also: ['I10 credit note is the sum of its lines'],
  },
  {
    invariant: 'I10 credit note is the sum of its lines',
    save: (life) => ({ creditNotes: [halfNoteOf(life)], invoices: [creditedBy(life)] }),
    sql: ({ invoice }) => `delete from credit_note_lines where invoice_id = '${uuid(invoice)}';`,
    id: (life) => halfNoteOf(life).id,
  },
  {
    invariant: 'I10 credited is what credit notes take off',
    save: (life) => ({
      creditGrants: [grantFor(life)],
      creditNotes: [
        { ...halfNoteOf(life), disposition: 'to_balance' as const, grantId: grantFor(life).id },
      ],
    }),
    sql: (life) =>
      `update credit_notes set disposition = 'reduce_due', grant_id = null
        where id = '${uuid(halfNoteOf(life))}';`,
    id: ({ invoice }) => invoice.id,
  },
  {
    invariant: 'I10 grant is what was used and what is left',
    save: (life) => ({ creditGrants: [grantFor(life)] }),
    sql: (life) => change('credit_grants', grantFor(life), 'left_minor = 999'),
    id: (life) => grantFor(life).id,
  },
  {
    invariant: 'I10 balance applied is what grants gave',
    save: (life) => ({
      creditGrants: [{ ...grantFor(life), left: cny(990n) }],
      grantUses: [useOf(life)],
      invoices: [voided(life)],
    }),
    sql: (life) => `update invoices set state = 'draft', issued_at = null
        where id = '${uuid(voided(life))}';`,
    id: (life) => voided(life).id,
  },
  {
    invariant: 'I10 coupon is redeemed within its limit',
    save: (life, world) => ({ redemptions: [redemptionOf(life, couponOf(world))] }),
    sql: (_life, world) => change('coupons', couponOf(world), 'maximum_redemptions = 0'),
    id: (_life, world) => couponOf(world).id,
  },
  {
    invariant: 'I10 redemption is used within its coupon',
    save: (life, world) => ({ redemptions: [redemptionFor(life, world)] }),
    sql: (life, world) =>
      change('redemptions', redemptionFor(life, world), "used_minor = 501, used_currency = 'CNY'"),
    id: (life, world) => redemptionFor(life, world).id,
  },
];
