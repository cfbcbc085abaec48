import assert from 'node:assert/strict';
import {
  bucketOf,
  bucketOfKey,
  type Customer,
  formatMoney,
  formatRatio,
  type Invoice,
  type InvoiceLine,
  type Mandate,
  money,
  ok,
  type Refusal,
  type Result,
  type StartCommand,
  type Subscription,
  type SubscriptionCommand,
  type SubscriptionId,
  toContractCode,
} from '../../packages/core/src/index.ts';
import {
  type CommandReader,
  changeSubscription,
  findPlan,
  type ItemRequest,
  idSource,
  nowOf,
  publishCatalog,
  resolveItems,
  type Started,
  signMandates,
  startSubscription,
} from '../../packages/engine/src/index.ts';
import type { Play } from './stage.ts';
import type { Billing } from './till.ts';

/** The value of a decision that a story takes for granted. */
export function granted<T>(result: Result<T, Refusal>): T {
  if (!result.ok) assert.fail(`${result.refusal.code} ${result.refusal.field}`);
  return result.value;
}

/** A price of a catalogue file, by the month and with 6 % tax inside unless it says otherwise. */
export function priceOf(
  code: string,
  kind: string,
  version: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    code,
    kind,
    name_zh: code,
    name_en: code,
    product: 'crm',
    version: {
      currency: 'CNY',
      interval: { unit: 'month', count: 1 },
      effective_from: '2026-01-01',
      ...version,
    },
  };
}

export function catalogueOf(
  plans: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>,
): Readonly<Record<string, unknown>> {
  return {
    tax_classes: [{ code: 'software', basis_points: 600 }],
    products: [{ code: 'crm', name_zh: '客户管理', name_en: 'CRM', tax_class: 'software' }],
    plans: Object.entries(plans).map(([code, prices]) => ({
      code,
      name_zh: code,
      name_en: code,
      prices,
    })),
  };
}

/** Publishes a catalogue for the merchant of the play. */
export async function publish(play: Billing, json: unknown): Promise<void> {
  granted(await publishCatalog(play.job(), json));
}

/** A new customer of the play, who pays by hand until there is a mandate. */
export async function newPayer(
  play: Billing,
  reference: string,
  changes: Partial<Customer> = {},
): Promise<Customer> {
  const bucket = bucketOfKey(play.merchant.id, reference);
  const customer: Customer = {
    id: idSource(play.engine)('cus', bucket),
    merchantId: play.merchant.id,
    kind: 'person',
    externalReference: reference,
    name: reference,
    locale: 'zh-CN',
    mail: `${reference.toLowerCase()}@example.test`,
    preferredChannel: 'mail',
    createdAt: nowOf(play.engine, play.merchant),
    ...changes,
  };
  await play.engine.store.transact(play.merchant.id, (tx) => tx.insertNewCustomers([customer]));
  return customer;
}

/** Has the customer sign a mandate in the wallet. */
export async function signMandate(play: Play, customer: Customer, rail: string): Promise<void> {
  const id = idSource(play.engine)('man', bucketOf(customer.id));
  const mandate: Mandate = {
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    rail,
    state: 'draft',
    contractCode: toContractCode(id),
    displayAccount: customer.externalReference,
    singleCap: money(1_000_000n, 'CNY'),
    createdAt: customer.createdAt,
  };
  await play.engine.store.transact(play.merchant.id, (tx) => tx.save({ mandates: [mandate] }));
  await signMandates(play.job(), agree);
  await play.admin.idle();
}

async function agree(url: string): Promise<void> {
  const body = new URLSearchParams({ decision: 'agree' });
  await (await fetch(url, { method: 'POST', body })).arrayBuffer();
}

/** The customer's invoices that are not void, oldest first. */
export async function invoicesOf(play: Billing, customer: Customer): Promise<readonly Invoice[]> {
  const all = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: customer.id, limit: 100 }),
  );
  return all
    .filter(({ state }) => state !== 'void')
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** Each invoice as people read it: what for, due when, how much, and its lines. */
export async function billsOf(play: Billing, customer: Customer): Promise<readonly string[]> {
  return (await invoicesOf(play, customer)).flatMap(billOf);
}

export function billOf(invoice: Invoice): readonly string[] {
  const { start, end } = invoice.period;
  return [
    `${start} – ${end} due ${invoice.dueDate} ${invoice.state} ${formatMoney(invoice.total)}`,
    ...invoice.lines.map(lineText),
  ];
}

/** "  seat 2026-03-15 – 2026-04-01 2 × 30 × 17/31 = ¥32.90 change_charge". */
export function lineText(line: Omit<InvoiceLine, 'position'>): string {
  const { start, end } = line.period;
  const unit = line.unitAmount === undefined ? '' : ` × ${formatRatio(line.unitAmount)}`;
  const days =
    line.serviceDays === line.periodDays ? '' : ` × ${line.serviceDays}/${line.periodDays}`;
  const discount = line.discount.minor === 0n ? '' : ` less ${formatMoney(line.discount)}`;
  const rule = line.rule === 'list_price' ? '' : ` ${line.rule}`;
  const figures = `${formatRatio(line.quantity)}${unit}${days}${discount}`;
  return `  ${line.priceCode} ${start} – ${end} ${figures} = ${formatMoney(line.amount)}${rule}`;
}

export async function subscriptionOf(play: Billing, id: SubscriptionId): Promise<Subscription> {
  const [found] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadSubscriptions([id]),
  );
  assert.ok(found);
  return found;
}

/** What a story starts: a plan of the catalogue, and what differs from the plainest start. */
export type Wanted = {
  readonly plan?: string;
  readonly items?: readonly ItemRequest[];
  readonly coupons?: readonly string[];
  readonly changes?: Partial<StartCommand>;
};

/** Starts the team plan for a customer who pays by hand, today unless `changes` say otherwise. */
export async function start(
  play: Billing,
  customer: Customer,
  wanted: Wanted = {},
): Promise<Started> {
  const started = await startSubscription(play.job(), {
    coupons: wanted.coupons ?? [],
    read: ({ catalog, today }) => {
      const plan = granted(findPlan(catalog, wanted.plan ?? 'team'));
      const items = granted(resolveItems(catalog, wanted.items, { plan, day: today }));
      return ok({
        merchantId: play.merchant.id,
        customerId: customer.id,
        planId: plan.id,
        items,
        interval: { unit: 'month', count: 1 },
        startsOn: today,
        boundaries: { at: 'start' },
        autoRenew: true,
        collection: 'by_hand',
        paymentMethodLabel: 'transfer',
        ...wanted.changes,
      });
    },
  });
  return granted(started);
}

/** Carries out a command; a reader may look at the catalogue and the subscription first. */
export function change(
  play: Billing,
  id: SubscriptionId,
  command: SubscriptionCommand | CommandReader,
  bill: 'now' | 'next_invoice' = 'next_invoice',
) {
  const read: CommandReader = typeof command === 'function' ? command : () => ok(command);
  return changeSubscription(play.job(), { subscriptionId: id, bill, read });
}

/** Another number of seats, from now or from the end of the period. */
export function changeSeats(
  play: Billing,
  id: SubscriptionId,
  { quantity, at }: { readonly quantity: bigint; readonly at: 'now' | 'period_end' },
) {
  return change(play, id, ({ subscription }) => {
    const seats = subscription.items.filter(({ kind, until }) => kind === 'seat' && !until);
    const [seat] = seats;
    assert.ok(seat !== undefined && seats.length === 1, 'one item is of seats');
    return ok({ type: 'quantity', itemId: seat.id, quantity, when: { at } });
  });
}
