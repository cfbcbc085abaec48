import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  allocateInvoice,
  type Customer,
  formatMoney,
  type SubscriptionId,
} from '../../packages/core/src/index.ts';
import {
  createChildren,
  createPayer,
  draftInvoices,
  moveChild,
  transferSubscriptions,
} from '../../packages/engine/src/index.ts';
import { day } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  paidFor,
  publishCard,
  saveCopy,
  stateOf,
  subscribeTo,
  versionOf,
} from '../kit/rate-card.ts';
import { granted, invoicesOf } from '../kit/shop.ts';
import { type Play, Stage } from '../kit/stage.ts';
import { postgresDatabases } from '../kit/stores.ts';

const CARD = { base: { '2026-01-01': '310' }, seat: { '2026-01-01': '30' } };

async function newOrganisation(play: Play, reference: string): Promise<Customer> {
  const made = granted(
    await createPayer(play.job(), {
      kind: 'organisation',
      externalReference: reference,
      name: reference,
      mail: `${reference}@example.test`,
      consolidatedBilling: true,
    }),
  );
  return made.customer;
}

async function newDepartments(
  play: Play,
  payer: Customer,
  ...references: readonly string[]
): Promise<readonly Customer[]> {
  const children = references.map((reference) => ({
    kind: 'department' as const,
    externalReference: reference,
    name: reference,
  }));
  const made = granted(await createChildren(play.job(), payer.id, children));
  return made.map(({ customer }) => customer);
}

async function transfersOf(play: Play, id: SubscriptionId): Promise<readonly string[]> {
  const found = await play.engine.store.transact(play.merchant.id, (tx) => tx.loadTransfers([id]));
  return found.map(({ direction, otherCustomerId, onDate }) =>
    [direction, otherCustomerId, onDate].join(' '),
  );
}

onStage('an organisation pays', (newPlay) => {
  const opened = async (start = '2026-03-01 09:00') => {
    const play = await newPlay(start);
    await publishCard(play, CARD);
    return play;
  };

  test('one invoice for its departments, and what each of them costs', async () => {
    const play = await opened();
    const payer = await newOrganisation(play, 'acme');
    const [sales, lab] = await newDepartments(play, payer, 'sales', 'lab');
    assert.ok(sales && lab);
    const startsOn = '2026-04-01';
    await subscribeTo(play, payer, { startsOn, items: { base: 1n } });
    await subscribeTo(play, payer, { startsOn, items: { seat: 3n }, beneficiary: sales });
    await subscribeTo(play, payer, { startsOn, items: { base: 1n, seat: 1n }, beneficiary: lab });
    await play.advanceTo('2026-03-25 09:00');
    const [invoice, ...others] = await invoicesOf(play, payer);
    assert.ok(invoice && others.length === 0);
    const parts = allocateInvoice(invoice).map(({ beneficiaryId, amount }) => [
      beneficiaryId,
      formatMoney(amount),
    ]);
    assert.deepEqual(
      new Map(parts as [string | undefined, string][]),
      new Map([
        [undefined, '¥310.00'],
        [sales.id, '¥90.00'],
        [lab.id, '¥340.00'],
      ]),
    );
    await play.end();
  });

  test('the same departments sent again are there once', async () => {
    const play = await opened();
    const payer = await newOrganisation(play, 'acme');
    const first = await newDepartments(play, payer, 'sales', 'lab');
    const again = await newDepartments(play, payer, 'sales', 'lab');
    assert.deepEqual(
      again.map(({ id }) => id),
      first.map(({ id }) => id),
    );
    const member = { kind: 'member', externalReference: 'lab', name: 'lab' } as const;
    const refused = await createChildren(play.job(), payer.id, [member]);
    assert.ok(!refused.ok && refused.refusal.code === 'reference_taken');
    const unknown = await createChildren(play.job(), (first[0] ?? payer).id, [member]);
    assert.ok(!unknown.ok && unknown.refusal.code === 'not_an_organisation');
    await play.end();
  });

  test('another payer takes over in the middle of a month that is paid', async () => {
    const play = await opened();
    const [from, to] = [await newOrganisation(play, 'acme'), await newOrganisation(play, 'beta')];
    const subscription = await subscribeTo(play, from, {
      startsOn: '2026-03-01',
      items: { base: 1n },
    });
    await play.advanceTo('2026-03-10 09:00');
    const order = { to: to.id, onDate: day('2026-03-16'), keepPaid: false };
    const [moved] = granted(await transferSubscriptions(play.job(), [subscription.id], order));
    assert.ok(moved);
    await play.advanceTo('2026-05-25 09:00');
    // 31 days of March at 10 yuan: 15 for the old payer, 16 for the new one.
    assert.deepEqual((await paidFor(play, to)).slice(0, 3), [
      '03-16 ¥160.00',
      '04-01 ¥310.00',
      '05-01 ¥310.00',
    ]);
    const waiting = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.loadPendingLines([subscription.id]),
    );
    const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.lockCreditGrants([from.id]),
    );
    // The bill was not paid yet, so what is given back comes off what it asks for.
    const billed = (await invoicesOf(play, from)).reduce(
      (sum, { total, credited }) => sum + total.minor - credited.minor,
      0n,
    );
    const owedBack =
      waiting.reduce((sum, { line }) => sum + line.amount.minor, 0n) -
      grants.reduce((sum, { left }) => sum + left.minor, 0n);
    assert.equal(billed + owedBack, 15_000n, 'the old payer pays 15 days and not one more');
    assert.match(await stateOf(play, subscription.id), /2026-03-16$/);
    assert.deepEqual(await transfersOf(play, subscription.id), [`to ${to.id} 2026-03-16`]);
    assert.deepEqual(await transfersOf(play, moved.next.id), [`from ${from.id} 2026-03-16`]);
    await play.end();
  });

  test('what is paid may be kept: the new payer starts with the next period', async () => {
    const play = await opened();
    const [from, to] = [await newOrganisation(play, 'acme'), await newOrganisation(play, 'beta')];
    const { id } = await subscribeTo(play, from, { startsOn: '2026-03-01', items: { base: 1n } });
    await play.advanceTo('2026-03-10 09:00');
    const order = { to: to.id, onDate: day('2026-03-16'), keepPaid: true };
    granted(await transferSubscriptions(play.job(), [id], order));
    await play.advanceTo('2026-04-24 09:00');
    assert.deepEqual(await paidFor(play, from), ['03-01 ¥310.00']);
    assert.deepEqual(await paidFor(play, to), ['04-01 ¥310.00', '05-01 ¥310.00']);
    assert.equal(await stateOf(play, id), 'ended 2026-04-01');
    await play.end();
  });

  test('a draft of the coming month is made for the new payer instead', async () => {
    const play = await opened();
    const [from, to] = [await newOrganisation(play, 'acme'), await newOrganisation(play, 'beta')];
    const { id } = await subscribeTo(play, from, { startsOn: '2026-03-01', items: { base: 1n } });
    await play.advanceTo('2026-03-25 09:00');
    assert.deepEqual(await paidFor(play, from), ['03-01 ¥310.00', '04-01 ¥310.00']);
    const order = { to: to.id, onDate: day('2026-04-01'), keepPaid: false };
    granted(await transferSubscriptions(play.job(), [id], order));
    await play.advanceTo('2026-04-10 09:00');
    assert.deepEqual(await paidFor(play, from), ['03-01 ¥310.00']);
    assert.deepEqual(await paidFor(play, to), ['04-01 ¥310.00']);
    await play.end();
  });

  test('a department goes to another organisation with what is paid for it', async () => {
    const play = await opened();
    const [from, to] = [await newOrganisation(play, 'acme'), await newOrganisation(play, 'beta')];
    const [lab, sales] = await newDepartments(play, from, 'lab', 'sales');
    assert.ok(lab && sales);
    const startsOn = '2026-04-01';
    const own = await subscribeTo(play, from, { startsOn, items: { seat: 1n }, beneficiary: lab });
    const kept = await subscribeTo(play, from, {
      startsOn,
      items: { base: 1n },
      beneficiary: sales,
    });
    await play.advanceTo('2026-04-02 09:00');
    const order = { to: to.id, onDate: day('2026-05-01'), keepPaid: true };
    const moved = granted(await moveChild(play.job(), lab.id, order));
    assert.deepEqual(
      [moved.before.movedTo, moved.after.movedFrom, moved.after.payerId],
      [moved.after.id, lab.id, to.id],
    );
    assert.deepEqual(
      moved.transfers.map(({ next }) => [next.customerId, next.beneficiaryId]),
      [[to.id, moved.after.id]],
    );
    await play.advanceTo('2026-04-26 09:00');
    assert.deepEqual(await paidFor(play, to), ['05-01 ¥30.00']);
    assert.equal(await stateOf(play, kept.id), 'active');
    assert.match(await stateOf(play, own.id), /2026-05-01$/);
    const again = await moveChild(play.job(), lab.id, order);
    assert.ok(!again.ok && again.refusal.code === 'moved_already');
    await play.end();
  });

  test('one refused subscription keeps all of an order where they were', async () => {
    const play = await opened();
    const [from, to] = [await newOrganisation(play, 'acme'), await newOrganisation(play, 'beta')];
    const startsOn = '2026-03-01';
    const good = await subscribeTo(play, from, { startsOn, items: { base: 1n } });
    const over = await subscribeTo(play, from, {
      startsOn,
      items: { base: 1n },
      changes: { state: 'ended', endsOn: day('2026-03-02') },
    });
    const order = { to: to.id, onDate: day('2026-03-16'), keepPaid: false };
    const moved = await transferSubscriptions(play.job(), [good.id, over.id], order);
    assert.ok(!moved.ok && moved.refusal.code === 'subscription_ended');
    assert.equal(await stateOf(play, good.id), 'active');
    assert.deepEqual(await transfersOf(play, good.id), []);
    await play.end();
  });
});

describe('a thousand departments at once on PostgreSQL', () => {
  const databases = postgresDatabases();

  test('none goes missing, and each is on the one invoice', async () => {
    const store = await databases.fresh();
    const stage = await Stage.open(store);
    try {
      const play = await stage.newPlay('2026-03-24 09:00');
      await publishCard(play, CARD);
      const payer = await newOrganisation(play, 'acme');
      const { id: priceVersionId } = await versionOf(play, 'seat');
      const template = await subscribeTo(play, payer, {
        startsOn: '2026-04-01',
        items: { seat: 1n },
      });
      const names = Array.from({ length: 1_000 }, (_, n) => `d-${n}`);
      await Promise.all(
        names.map(async (name) => {
          const [department] = await newDepartments(play, payer, name);
          assert.ok(department);
          const beneficiary = { beneficiaryId: department.id };
          await saveCopy(play, { ...template, ...beneficiary });
        }),
      );
      await draftInvoices(play.job());
      const [invoice, ...others] = await invoicesOf(play, payer);
      assert.ok(invoice && others.length === 0);
      const parts = allocateInvoice(invoice);
      assert.equal(parts.length, 1_001, 'the organisation itself and every department');
      assert.ok(invoice.lines.every((line) => line.priceVersionId === priceVersionId));
      assert.equal(formatMoney(invoice.total), '¥30,030.00');
      assert.deepEqual(await store.findViolations(5), []);
    } finally {
      await stage.close();
    }
  });
});
