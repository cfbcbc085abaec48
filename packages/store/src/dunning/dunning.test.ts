import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  DEFAULT_CAMPAIGN,
  DEFAULT_CAMPAIGN_BODY,
  type DunningCase,
  type EntitlementOverride,
  type Invoice,
  money,
  type SeenOverdue,
  startCase,
  type Try,
} from '@daikou/core';
import { type Life, NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1024 };

/** A renewal whose debit has failed: its invoice is open and due a day ago. */
function unpaid(life: Life): Partial<Life> {
  const { paidAt: _paidAt, ...invoice } = life.invoice;
  return {
    invoice: { ...invoice, state: 'open', dueDate: TODAY.subtract({ days: 1 }) },
    debit: { ...life.debit, state: 'failed' },
  };
}

function caseOf({ customer, invoice }: Life, changes: Partial<DunningCase> = {}): DunningCase {
  const ids = <P extends Parameters<typeof newId>[0]>(prefix: P, bucket: number) =>
    newId(prefix, bucket);
  const about = { customer, currency: 'CNY' as const, overdue: [invoice] };
  const named = { campaign: DEFAULT_CAMPAIGN, name: 'default', body: DEFAULT_CAMPAIGN_BODY };
  const context = { now: NOW, zone: 'Asia/Shanghai', ids };
  return { ...startCase({ ...about, ...named }, context).dunning, ...changes };
}

const seenBy = ({ invoice }: Life, dunning: DunningCase): SeenOverdue => ({
  invoiceId: invoice.id,
  merchantId: invoice.merchantId,
  customerId: invoice.customerId,
  caseId: dunning.id,
  isLive: true,
  seenAt: NOW,
});

for (const backend of BACKENDS) {
  describe(`dunning on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;

    test('a case comes back as it was written, with its promise, plan and timeline', async () => {
      const world = await newWorld();
      const life = await saveLife(world, unpaid);
      const owed = money(2_985n, 'CNY');
      const invoiceIds = [life.invoice.id];
      const dunning = caseOf(life, {
        state: 'paused',
        pause: { by: 'Anna', reason: "it's “so”", until: TODAY },
        waitsFor: 'paused',
        promise: { date: TODAY, amount: owed, by: 'Anna', madeAt: NOW, owed, invoiceIds },
        promiseCount: 1,
        plan: {
          by: 'Anna',
          madeAt: NOW,
          owed,
          invoiceIds,
          parts: [{ date: TODAY, amount: owed, invoiceIds: [], state: 'waiting' }],
        },
        timeline: [
          { at: NOW, what: 'message', day: 0, why: 'friendly', subjectId: life.notice.id },
        ],
      });
      await within(world, (tx) => tx.save({ dunningCases: [dunning] }));
      const loaded = await within(world, (tx) => tx.loadDunningCases([dunning.id]));
      assert.deepEqual(loaded, [dunning]);
      const other = await newWorld();
      assert.deepEqual(await within(other, (tx) => tx.listDunningCases({ limit: 10 })), []);
    });

    test('one is open for a customer and currency, and an end is final', async () => {
      const world = await newWorld();
      const life = await saveLife(world, unpaid);
      const first = caseOf(life);
      await within(world, (tx) => tx.save({ dunningCases: [first] }));
      await assert.rejects(within(world, (tx) => tx.save({ dunningCases: [caseOf(life)] })));
      const { nextStepAt: _next, ...rest } = first;
      const ended: DunningCase = { ...rest, state: 'ended', endedAs: 'disputed', endedAt: NOW };
      await within(world, (tx) => tx.save({ dunningCases: [ended, caseOf(life)] }));
      await assert.rejects(within(world, (tx) => tx.save({ dunningCases: [first] })));
    });

    test('each overdue invoice is found once, and not while a debit may collect it', async () => {
      const world = await newWorld();
      const life = await saveLife(world, unpaid);
      const waiting = await saveLife(world, (made) => {
        return { ...unpaid(made), debit: { ...made.debit, state: 'scheduled' } };
      });
      const stuck = await saveLife(world, (made) => {
        const debit = { ...made.debit, state: 'scheduled' as const };
        return { ...unpaid(made), debit: { ...debit, blockedBy: 'mandate_not_active' } };
      });
      const find = (today = TODAY) =>
        within<readonly { readonly invoiceId: Invoice['id'] }[]>(world, (tx) =>
          tx.findNewlyOverdue({ buckets: ALL, today, limit: 10 }),
        ).then((found) => found.map(({ invoiceId }) => invoiceId).toSorted());
      assert.deepEqual(await find(), [life.invoice.id, stuck.invoice.id].toSorted());
      assert.ok(!(await find()).includes(waiting.invoice.id));
      assert.deepEqual(await find(TODAY.subtract({ days: 1 })), []);
      const dunning = caseOf(life);
      const seenOverdue = [seenBy(life, dunning)];
      await within(world, (tx) => tx.save({ dunningCases: [dunning], seenOverdue }));
      assert.deepEqual(await find(), [stuck.invoice.id]);
      const chased = await within(world, (tx) =>
        tx.findChasedInvoices([life.invoice.id, stuck.invoice.id]),
      );
      assert.deepEqual(chased, [life.invoice.id]);
    });

    test('a payment wakes its case in the same commit, and a claim puts it off', async () => {
      const world = await newWorld();
      const life = await saveLife(world, unpaid);
      const dunning = caseOf(life, { nextStepAt: NOW.add({ hours: 48 }) });
      await within(world, (tx) =>
        tx.save({ dunningCases: [dunning], seenOverdue: [seenBy(life, dunning)] }),
      );
      const lookAgainAt = NOW.add({ hours: 1 });
      const claim = () =>
        within(world, (tx) =>
          tx.claimDunningCases({ buckets: ALL, dueBy: NOW, limit: 10, lookAgainAt }),
        );
      assert.deepEqual(await claim(), []);
      const paid: Invoice = { ...life.invoice, state: 'paid', paidAt: NOW };
      await within(world, (tx) => tx.save({ invoices: [paid] }));
      assert.deepEqual(await claim(), [dunning.id]);
      assert.deepEqual(await claim(), []);
    });

    test('an attempt without an outcome is money that moves; a refusal is none', async () => {
      const world = await newWorld();
      const refused = await saveLife(world, (made) => {
        const { railReference: _named, ...attempt } = made.attempt;
        const refusal = { class: 'funds' as const, code: 'NO', message: '余额不足' };
        return { ...unpaid(made), attempt: { ...attempt, state: 'refused', refusal } };
      });
      const unknown = await saveLife(world, (made) => {
        const { endedAt: _ended, railReference: _named, ...attempt } = made.attempt;
        const debit = { ...made.debit, state: 'in_flight' as const };
        return { ...unpaid(made), debit, attempt: { ...attempt, state: 'unknown' } };
      });
      const moving = ({ customer, invoice }: Life) => {
        const about = { invoices: [invoice.id], now: NOW };
        return within(world, (tx) => tx.findMovingMoney(customer.id, about));
      };
      assert.equal(await moving(refused), undefined);
      assert.equal(await moving(unknown), 'attempt_open');
      const disputed = await saveLife(world, unpaid);
      const override: EntitlementOverride = {
        id: newId('ovr', bucketOf(disputed.customer.id)),
        merchantId: disputed.customer.merchantId,
        customerId: disputed.customer.id,
        kind: 'disputed_invoice',
        invoiceId: disputed.invoice.id,
        until: TODAY.add({ days: 1 }),
        by: 'Anna',
        why: 'contests it',
        createdAt: NOW,
      };
      await within(world, (tx) => tx.save({ overrides: [override] }));
      assert.equal(await moving(disputed), 'invoice_disputed');
      const over = { ...override, withdrawn: { by: 'Anna', at: NOW } };
      await within(world, (tx) => tx.save({ overrides: [over] }));
      assert.equal(await moving(disputed), undefined);
      const tries = await within<readonly Try[]>(world, (tx) =>
        tx.loadTriesOfInvoices([refused.invoice.id]),
      );
      assert.deepEqual(
        tries.map(({ state, refusalClass, mandateId }) => [state, refusalClass, mandateId]),
        [['refused', 'funds', refused.mandate.id]],
      );
    });
  });
}
