import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  type Attempt,
  attributeCause,
  bucketOf,
  type Changes,
  type Debit,
  type Invoice,
  type InvoiceId,
  money,
  ratio,
  type Tx,
  toOrderNumber,
} from '@daikou/core';
import { type Life, NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';
import { historyOf, loadArrearsFacts } from './history.ts';

const DUE = TODAY.add({ months: 1 });
const LATER = NOW.add({ hours: 24 * 40 });

/** The bill after the life's own: open, a month later, `quantity` of its first line. */
function nextInvoice(life: Life, quantity: bigint): Invoice {
  const { paidAt: _paid, ...last } = life.invoice;
  const id = newId('inv', bucketOf(last.id));
  const [first, ...others] = last.lines;
  assert.ok(first !== undefined);
  const amount = money(first.amount.minor * quantity, 'CNY');
  const tax = money(first.tax.minor * quantity, 'CNY');
  const net = money(amount.minor - tax.minor, 'CNY');
  const grown = { ...first, quantity: ratio(quantity), subtotal: amount, amount, net, tax };
  const lines = [grown, ...others];
  const sum = (key: 'amount' | 'net' | 'tax') =>
    money(
      lines.reduce((total, line) => total + line[key].minor, 0n),
      'CNY',
    );
  return {
    ...last,
    id,
    number: id,
    billingKey: id,
    state: 'open',
    period: { start: DUE, end: DUE.add({ months: 1 }) },
    dueDate: DUE,
    issuedAt: NOW,
    total: sum('amount'),
    net: sum('net'),
    tax: sum('tax'),
    lines,
  };
}

/** A debit of it that the rail refused for lack of money. */
function refusedDebit(life: Life, invoice: Invoice): Changes {
  const id = newId('dbt', bucketOf(life.debit.id));
  const debit: Debit = {
    ...life.debit,
    id,
    state: 'failed',
    amount: invoice.total,
    invoiceIds: [invoice.id],
  };
  const { railReference: _reference, ...attempt } = life.attempt;
  const refused: Attempt = {
    ...attempt,
    id: newId('att', bucketOf(id)),
    debitId: id,
    orderNumber: toOrderNumber(id, 1),
    amount: invoice.total,
    state: 'refused',
    refusal: { class: 'funds', code: 'NOTENOUGH', message: '余额不足' },
  };
  const notice = { ...life.notice, id: newId('not', bucketOf(id)), debitId: id };
  return { debits: [debit], notices: [{ ...notice, amount: invoice.total }], attempts: [refused] };
}

/** Counts what a transaction is asked. */
function counted(tx: Tx): { readonly tx: Tx; readonly calls: () => number } {
  let calls = 0;
  const proxy = new Proxy(tx, {
    get(target, key) {
      calls += 1;
      return Reflect.get(target, key);
    },
  });
  return { tx: proxy, calls: () => calls };
}

describe('the facts of overdue invoices', () => {
  let world: World;
  const [embedded] = BACKENDS;
  assert.ok(embedded !== undefined);
  const newTenant = tenantsOf(embedded.databases());
  before(async () => {
    world = await newTenant();
  });

  const save = (changes: Changes) =>
    world.store.transact(world.merchant.id, (tx) => tx.save(changes));
  const causesOf = (ids: readonly InvoiceId[]) =>
    world.store.transact(world.merchant.id, async (tx) => {
      const asked = counted(tx);
      const facts = await loadArrearsFacts(asked.tx, ids);
      assert.ok(facts !== undefined);
      const found = ids.map((id) => {
        const invoice = facts.invoices.find((one) => one.id === id);
        assert.ok(invoice !== undefined);
        const history = historyOf(invoice, facts, { zone: world.merchant.zone, now: LATER });
        assert.ok(history !== undefined);
        const { causes } = attributeCause(history);
        return causes.map(({ cause, share }) => `${cause} ${share}`).join(', ');
      });
      return { found, calls: asked.calls() };
    });

  test('grown, short, contested, by hand: each from its own rows, read together', async () => {
    const [grown, short, contested, byHand] = [
      await saveLife(world),
      await saveLife(world),
      await saveLife(world),
      await saveLife(world),
    ];
    const invoices = {
      grown: nextInvoice(grown, 3n),
      short: nextInvoice(short, 1n),
      contested: nextInvoice(contested, 1n),
      byHand: { ...nextInvoice(byHand, 1n), collection: 'by_hand' as const },
    };
    await save({ invoices: Object.values(invoices) });
    await save(refusedDebit(grown, invoices.grown));
    await save(refusedDebit(short, invoices.short));
    await save({
      overrides: [
        {
          id: newId('ovr', bucketOf(contested.customer.id)),
          merchantId: world.merchant.id,
          customerId: contested.customer.id,
          kind: 'disputed_invoice',
          invoiceId: invoices.contested.id,
          until: DUE.add({ days: 30 }),
          by: 'Chen',
          why: 'the customer says that it was agreed otherwise',
          createdAt: NOW,
        },
      ],
    });
    const ids = Object.values(invoices).map(({ id }) => id);
    const all = await causesOf(ids);
    assert.deepEqual(all.found, [
      'growth 9000, insufficient_balance 1000',
      'insufficient_balance 10000',
      'dispute 10000',
      'forgot 10000',
    ]);
    // As many questions for four as for one.
    assert.equal((await causesOf([invoices.grown.id])).calls, all.calls);
  });

  test('tries in an hour of trouble for three customers are the rail’s', async () => {
    const trouble = ({ attempt: { railReference: _reference, ...attempt } }: Life) => {
      const refusal = { class: 'technical', code: 'SYSTEMERROR', message: '' } as const;
      return { attempt: { ...attempt, state: 'refused', refusal } as Attempt };
    };
    const lives = [await saveLife(world, trouble), await saveLife(world, trouble)];
    const life = await saveLife(world);
    const invoice = nextInvoice(life, 1n);
    await save({ invoices: [invoice] });
    const made = refusedDebit(life, invoice);
    const [attempt] = made.attempts ?? [];
    assert.ok(attempt !== undefined && lives.length === 2);
    const refusal = { class: 'technical', code: 'SYSTEMERROR', message: '' } as const;
    await save({ ...made, attempts: [{ ...attempt, refusal }] });
    const { found } = await causesOf([invoice.id]);
    assert.deepEqual(found, ['rail_or_system_fault 10000']);
    const keys = await world.store.transact(world.merchant.id, async (tx) => {
      const facts = await loadArrearsFacts(tx, [invoice.id]);
      assert.ok(facts !== undefined);
      const history = historyOf(invoice, facts, { zone: world.merchant.zone, now: LATER });
      assert.ok(history !== undefined);
      return attributeCause(history).causes.flatMap(({ evidence }) =>
        evidence.map(({ key, facts: said }) => [key, said['customers'] ?? said['code']]),
      );
    });
    assert.deepEqual(keys, [
      ['refused', 'SYSTEMERROR'],
      ['incident', '3'],
    ]);
  });
});
