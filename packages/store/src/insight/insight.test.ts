import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Debit, DebitNotice, Run } from '@daikou/core';
import { bucketOf } from '@daikou/core';
import { type Life, NOW, newId, openAttempt } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1024 };

const inFlight = (life: Life): Debit => ({ ...life.debit, state: 'in_flight' });

/** A renewal that stopped before any money moved. */
async function saveUnpaid(world: World, change: (life: Life) => Partial<Life>): Promise<Life> {
  const life = await saveLife(world);
  const changed = { ...life, ...change(life) };
  await world.store.transact(world.merchant.id, (tx) =>
    tx.save({ debits: [changed.debit], notices: [changed.notice] }),
  );
  return changed;
}

for (const backend of BACKENDS) {
  describe(`insight on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('an empty merchant has a summary of zeros', async () => {
      const { store, merchant } = await newWorld();
      const summary = await store.transact(merchant.id, (tx) => tx.loadSummary());
      assert.equal(summary.customers, 0);
      assert.deepEqual(summary.byMethod, []);
      assert.deepEqual(summary.ledger, { balanced: true, journals: 0 });
      assert.equal(summary.debits.succeededMinor, 0n);
    });

    test('the summary counts every debit once by what became of it', async () => {
      const world = await newWorld();
      const paid = await saveLife(world);
      await saveUnpaid(world, ({ debit }) => ({ debit: { ...debit, state: 'failed' } }));
      await saveUnpaid(world, ({ debit }) => ({
        debit: { ...debit, state: 'scheduled', blockedBy: 'notice_not_delivered' },
      }));
      const open = await saveUnpaid(world, (life) => ({ debit: inFlight(life) }));
      await world.store.transact(world.merchant.id, (tx) =>
        tx.save({ attempts: [openAttempt(open.debit, 2)] }),
      );
      const summary = await world.store.transact(world.merchant.id, (tx) => tx.loadSummary());
      assert.deepEqual(summary.debits, {
        scheduled: 1,
        succeeded: 1,
        refused: 1,
        unknown: 1,
        blocked: 1,
        succeededMinor: paid.debit.amount.minor,
      });
      const total = paid.invoice.total.minor * 4n;
      assert.equal(summary.customers, 4);
      assert.equal(summary.invoices, 4);
      assert.equal(summary.invoicedMinor, total);
      assert.deepEqual(summary.byMethod, [{ method: '自动扣款', count: 4, minor: total }]);
      assert.deepEqual(summary.ledger, { balanced: true, journals: 8 });
    });

    test('the summary counts notices by how far they got', async () => {
      const world = await newWorld();
      const { notice: made } = await saveLife(world);
      const { sentAt: _sent, deliveredAt: _delivered, ...planned } = made;
      const states: readonly Partial<DebitNotice>[] = [
        { state: 'planned' },
        { state: 'sent', sentAt: NOW },
        { state: 'failed', sentAt: NOW },
        { state: 'failed' },
        { purpose: 'rail', channel: 'rail', state: 'delivered', deliveredAt: NOW },
        { purpose: 'rail', channel: 'rail', state: 'failed' },
      ];
      const notices = states.map((state) => ({
        ...planned,
        id: newId('not', bucketOf(made.id)),
        ...state,
      }));
      await world.store.transact(world.merchant.id, (tx) => tx.save({ notices }));
      const summary = await world.store.transact(world.merchant.id, (tx) => tx.loadSummary());
      assert.deepEqual(summary.notices, {
        planned: 5,
        sent: 3,
        delivered: 1,
        failed: 2,
        announced: 1,
      });
    });

    test('the next due row is the earliest of all kinds; nothing due is undefined', async () => {
      const world = await newWorld();
      const nextDue = () => world.store.transact(world.merchant.id, (tx) => tx.findNextDue());
      assert.equal(await nextDue(), undefined);
      const life = await saveLife(world);
      // Whoever has a subscription is due to learn the date of its self-audit: here it knows.
      const { merchantId, id: customerId } = life.customer;
      await world.store.transact(world.merchant.id, (tx) =>
        tx.save({ selfAudits: [{ merchantId, customerId }] }),
      );
      assert.equal((await nextDue())?.toString(), life.subscription.nextBillAt.toString());
      const collectAt = NOW.add({ hours: 30 });
      const announceAt = NOW.add({ hours: 20 });
      await world.store.transact(world.merchant.id, (tx) =>
        tx.save({ debits: [{ ...life.debit, state: 'scheduled', collectAt, announceAt }] }),
      );
      assert.equal((await nextDue())?.toString(), announceAt.toString());
      const askAt = NOW.add({ hours: 10 });
      await world.store.transact(world.merchant.id, (tx) =>
        tx.save({ attempts: [{ ...openAttempt(life.debit, 2), askAt }] }),
      );
      assert.equal((await nextDue())?.toString(), askAt.toString());
    });

    test('due rows are counted by kind, up to the moment asked for', async () => {
      const world = await newWorld();
      const life = await saveUnpaid(
        world,
        ({ debit, notice: { deliveredAt: _at, ...notice } }) => ({
          debit: { ...debit, state: 'scheduled', announceAt: NOW },
          notice: { ...notice, state: 'sent', sentAt: NOW },
        }),
      );
      const count = (dueBy: Temporal.Instant) =>
        world.store.transact(world.merchant.id, (tx) =>
          tx.countDue({ buckets: ALL, dueBy, expiredBy: Temporal.PlainDate.from('2026-12-01') }),
        );
      const none = {
        quarantines: 0,
        usageToFold: 0,
        priceChanges: 0,
        subscriptionsToBill: 0,
        creditsToExpire: 0,
        invoicesToIssue: 0,
        noticesToSend: 0,
        noticesToFollow: 0,
        noticesSent: 1,
        debitsToAnnounce: 1,
        debitsToSubmit: 1,
        debitsToReplan: 0,
        attemptsToAsk: 0,
        payLinksToAsk: 0,
        mandateEndsToTry: 0,
        refundsToExpire: 0,
        exceptionsToAct: 0,
        refundsToSubmit: 0,
        refundsToAsk: 0,
        webhooksToSend: 0,
        mandatesToSign: 0,
        checkupsToLook: 0,
        selfAuditsToSend: 1,
        arrearsToExplain: 0,
        lateFeesToWatch: 0,
        lateFeesToLook: 0,
        topUpsToEnd: 0,
        topUpsToLook: 0,
        arrearsToLook: 0,
        arrearsToWatch: 0,
        balancesToLook: 0,
        dunningCasesToLook: 0,
        overdueToSee: 0,
        arrearsEnded: 0,
      };
      assert.deepEqual(await count(NOW), none);
      const later = await count(life.subscription.nextBillAt);
      // The provider of the notice has said nothing for weeks, and is asked no more.
      assert.deepEqual(later, { ...none, subscriptionsToBill: 1, noticesSent: 0 });
    });

    test('the trial balance adds up by account', async () => {
      const world = await newWorld();
      const { invoice, payment } = await saveLife(world);
      const balances = await world.store.transact(world.merchant.id, (tx) => tx.loadTrialBalance());
      assert.deepEqual(balances, [
        { account: '1012.09', debitMinor: payment.amount.minor, creditMinor: 0n },
        { account: '1122', debitMinor: invoice.total.minor, creditMinor: payment.amount.minor },
        { account: '2205', debitMinor: 0n, creditMinor: invoice.net.minor },
        { account: '2221.01', debitMinor: 0n, creditMinor: invoice.tax.minor },
      ]);
    });

    test('a run is one per kind and key, and is taken up where it stood', async () => {
      const { store, merchant } = await newWorld();
      const run: Run = {
        id: newId('run'),
        merchantId: merchant.id,
        kind: 'import',
        key: 'a-hash',
        state: 'running',
        progress: { row: 1, done: false, name: '"a"' },
        startedAt: NOW,
      };
      const done: Run = { ...run, state: 'done', progress: { row: 2 }, finishedAt: NOW };
      const found = await store.transact(merchant.id, async (tx) => {
        await tx.saveRun(run);
        const first = await tx.findRun('import', 'a-hash');
        await tx.saveRun(done);
        return [first, await tx.findRun('import', 'a-hash'), await tx.findRun('import', 'other')];
      });
      assert.deepEqual(plain(found), plain([run, done, undefined]));
      const second = store.transact(merchant.id, (tx) => tx.saveRun({ ...run, id: newId('run') }));
      await assert.rejects(second, /runs_one_per_kind_and_key/);
    });
  });
}
