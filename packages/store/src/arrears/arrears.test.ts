import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Arrears,
  type BalanceAlert,
  bucketOf,
  type CreditGrant,
  type EntitlementOverride,
  money,
  toUuid,
} from '@daikou/core';
import { type Life, NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1024 };
const LATER = NOW.add({ hours: 24 * 30 });
const OVERDUE_ON = TODAY.add({ days: 4 });

/** A renewal whose invoice is open again. */
async function saveUnpaid(world: World): Promise<Life> {
  const life = await saveLife(world);
  await world.store.superSql(
    `update invoices set state = 'open', paid_at = null where id = '${toUuid(life.invoice.id)}'`,
  );
  return life;
}

function suspended({ customer }: Life): Arrears {
  return {
    merchantId: customer.merchantId,
    customerId: customer.id,
    state: 'suspended',
    since: TODAY,
    changedAt: NOW,
    warnedOn: TODAY.subtract({ days: 7 }),
    heldBy: 'days_promised',
    earliestUnpaid: TODAY.subtract({ days: 10 }),
    unpaidInvoices: 2,
    unpaid: [money(2_985n, 'CNY'), money(100n, 'EUR')],
    nextChange: { on: TODAY.add({ days: 5 }), at: LATER, state: 'retained' },
    nextLookAt: LATER,
  };
}

function anOverride(
  { customer }: Life,
  changes: Partial<EntitlementOverride> = {},
): EntitlementOverride {
  return {
    id: newId('ovr', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    kind: 'seats',
    code: 'seat',
    quantity: 3n,
    until: TODAY.add({ days: 30 }),
    by: 'Anna',
    why: '试用席位',
    createdAt: NOW,
    ...changes,
  };
}

for (const backend of BACKENDS) {
  describe(`arrears on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;
    const due = { buckets: ALL, dueBy: NOW, limit: 10 };

    test('arrears and overrides come back as they were saved', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const arrears = suspended(life);
      const granted = anOverride(life);
      const withdrawn = { ...granted, withdrawn: { at: NOW, by: 'Bao' } };
      const found = await within(world, async (tx) => {
        await tx.save({ arrears: [arrears], overrides: [granted] });
        await tx.save({ overrides: [withdrawn] });
        const page = { limit: 10, customerId: life.customer.id };
        return [await tx.loadArrears([life.customer.id]), await tx.listOverrides(page)];
      });
      assert.deepEqual(plain(found), plain([[arrears], [withdrawn]]));
    });

    test('an overdue invoice is watched once, with what decides about it', async () => {
      const world = await newWorld();
      const life = await saveUnpaid(world);
      const watch = { buckets: ALL, before: OVERDUE_ON, limit: 10 };
      const [first, second, claimed, facts] = await within<readonly unknown[]>(
        world,
        async (tx) => [
          await tx.watchOverdue(watch),
          await tx.watchOverdue(watch),
          (await tx.claimArrearsToLook(due)).map(({ customerId }) => customerId),
          await tx.loadArrearsFacts([life.customer.id], {
            before: OVERDUE_ON,
            now: NOW,
            zone: 'Asia/Shanghai',
          }),
        ],
      );
      assert.deepEqual([first, second, claimed], [1, 0, [life.customer.id]]);
      const balance = life.invoice.total;
      const { id, dueDate } = life.invoice;
      assert.deepEqual(
        plain(facts),
        plain([
          {
            customerId: life.customer.id,
            overdue: [{ id, dueDate, balance, isDisputed: false, isUnasked: false }],
            overrides: [],
          },
        ]),
      );
    });

    test('an invoice that is due today is not overdue', async () => {
      const world = await newWorld();
      const life = await saveUnpaid(world);
      const before = life.invoice.dueDate;
      const watched = await within(world, (tx) =>
        tx.watchOverdue({ buckets: ALL, before, limit: 10 }),
      );
      assert.equal(watched, 0);
    });

    test('whether a stop is wrong is asked of the moment that the doctor is given', async () => {
      const world = await newWorld();
      const life = await saveUnpaid(world);
      await within(world, (tx) => tx.save({ arrears: [suspended(life)] }));
      const stopsWrongAt = async (at: Temporal.Instant) =>
        (await world.store.findViolations(100, at)).filter(
          ({ invariant, id }) => invariant === 'I3 who paid is restored' && id === life.customer.id,
        ).length;
      const dayAfterDue = NOW.add({ hours: 24 });
      // The invoice is not overdue yet on its own day, so that nothing explains the stop.
      assert.deepEqual([await stopsWrongAt(NOW), await stopsWrongAt(dayAfterDue)], [1, 0]);
    });

    test('a payment makes the look due in the same commit, and nothing else does', async () => {
      const world = await newWorld();
      const life = await saveUnpaid(world);
      const other = await saveUnpaid(world);
      await within(world, (tx) => tx.save({ arrears: [suspended(life), suspended(other)] }));
      const dueCustomers = async () =>
        within<readonly Arrears[]>(world, (tx) => tx.claimArrearsToLook(due));
      await within(world, async (tx) => {
        const [same] = await tx.loadInvoices([life.invoice.id]);
        assert.ok(same);
        await tx.save({ invoices: [{ ...same, issueAt: NOW.add({ hours: 1 }) }] });
      });
      assert.deepEqual(await dueCustomers(), []);
      await assert.rejects(
        within(world, async (tx) => {
          await tx.save({ invoices: [life.invoice] });
          throw new Error('rolled back');
        }),
        /rolled back/,
      );
      assert.deepEqual(await dueCustomers(), []);
      await within(world, (tx) => tx.save({ invoices: [life.invoice] }));
      assert.deepEqual(
        (await dueCustomers()).map(({ customerId }) => customerId),
        [life.customer.id],
      );
    });

    const refusals: readonly (readonly [string, (life: Life) => object])[] = [
      ['arrears_states_stop_is_warned', (life) => without(suspended(life), 'warnedOn')],
      ['arrears_states_owed_is_watched', (life) => without(suspended(life), 'nextLookAt')],
    ];
    for (const [constraint, rowOf] of refusals) {
      test(`the database alone refuses: ${constraint}`, async () => {
        const world = await newWorld();
        const life = await saveLife(world);
        await assert.rejects(
          within(world, (tx) => tx.save({ arrears: [rowOf(life) as Arrears] })),
          (error: { readonly constraint?: string }) => error.constraint === constraint,
        );
      });
    }

    test('what was granted never changes, and has an end', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const granted = anOverride(life);
      await within(world, (tx) => tx.save({ overrides: [granted] }));
      const refused = async (override: EntitlementOverride, constraint: string) =>
        assert.rejects(
          within(world, (tx) => tx.save({ overrides: [override] })),
          (error: { readonly constraint?: string }) => error.constraint === constraint,
        );
      await refused({ ...granted, quantity: 9n }, 'entitlement_overrides_are_final');
      const endless = anOverride(life, { until: TODAY.add({ years: 9 }) });
      await refused(endless, 'entitlement_overrides_have_an_end');
    });

    test('a change of a grant makes the look at its balance due, in its own currency', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const { id: customerId, merchantId } = life.customer;
      const alert: BalanceAlert = {
        merchantId,
        customerId,
        low: money(10_000n, 'CNY'),
        lowDays: 7,
        isLow: true,
        toldAt: NOW,
        setBy: 'Anna',
        setAt: NOW,
      };
      const other = { ...alert, low: money(0n, 'EUR') };
      const amount = money(5_000n, 'CNY');
      const grant: CreditGrant = {
        id: newId('crg', bucketOf(customerId)),
        merchantId,
        customerId,
        kind: 'promotional',
        amount,
        left: amount,
        nameZh: '代金券',
        nameEn: 'Voucher',
        createdAt: NOW,
      };
      const about = { currency: 'CNY', since: TODAY, on: TODAY } as const;
      const [saved, before, after, use] = await within<readonly unknown[]>(world, async (tx) => {
        await tx.save({ balanceAlerts: [alert, other] });
        const all = await tx.listBalanceAlerts(customerId);
        const none = await tx.claimBalanceAlerts(due);
        await tx.addCreditGrants([grant]);
        const claimed = await tx.claimBalanceAlerts(due);
        return [
          all,
          none,
          claimed.map(({ low }) => low.currency),
          await tx.loadBalanceUse(customerId, about),
        ];
      });
      assert.deepEqual(plain([saved, before, after]), plain([[alert, other], [], ['CNY']]));
      assert.deepEqual(plain(use), plain({ left: amount, used: money(0n, 'CNY') }));
      const removed = await within(world, (tx) => tx.removeBalanceAlert(customerId, 'EUR'));
      assert.equal(removed, true);
    });

    test('an entitlement is found by id and by reference, with its payer’s arrears', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const arrears = suspended(life);
      await within(world, (tx) => tx.save({ arrears: [arrears], overrides: [anOverride(life)] }));
      const { id, externalReference } = life.customer;
      const [byId, byReference, many] = await within<readonly (readonly unknown[])[]>(
        world,
        async (tx) => [
          await tx.loadEntitlementFacts({ ids: [id] }),
          await tx.loadEntitlementFacts({ references: [externalReference, 'nobody'] }),
          await tx.loadEntitlementFacts({ ids: [id, newId('cus')] }),
        ],
      );
      const { subscription } = life;
      const expected = {
        customerId: id,
        externalReference,
        payerId: id,
        subscriptions: [
          {
            id: subscription.id,
            planCode: 'basic',
            state: 'active',
            startsOn: subscription.startsOn,
            pauses: [],
            autoRenew: true,
            billedThrough: subscription.billedThrough,
            items: [{ kind: 'flat', code: 'base', quantity: 1n, from: subscription.startsOn }],
          },
        ],
        arrears,
        overrides: [anOverride(life)].map(({ id: _id, ...rest }) => rest),
      };
      const comparable = (found: readonly unknown[] | undefined) =>
        (found ?? []).map((one) => {
          const facts = one as { readonly overrides: readonly EntitlementOverride[] };
          return {
            ...facts,
            overrides: facts.overrides.map(({ id: _id, ...rest }) => rest),
          };
        });
      for (const found of [byId, byReference, many]) {
        assert.deepEqual(plain(comparable(found)), plain([expected]));
      }
    });
  });
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _left, ...rest } = value;
  return rest;
}
