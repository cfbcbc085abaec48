import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  type FirstTry,
  type Invoice,
  type LateFee,
  type LateFeeLine,
  type LateFeeWaiver,
  makeId,
  money,
  type PendingLine,
  type Policy,
  present,
} from '@daikou/core';
import { type Life, NOW } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

function idFor<P extends Parameters<typeof makeId>[0]>(prefix: P, life: Life) {
  return makeId(prefix, {
    epochMilliseconds: NOW.epochMilliseconds,
    random: crypto.getRandomValues(new Uint8Array(10)),
    bucket: bucketOf(life.customer.id),
  });
}

function aPolicy(life: Life, publishedAt: Temporal.Instant): Policy {
  return {
    id: idFor('pol', life),
    merchantId: life.customer.merchantId,
    kind: 'late_fee',
    code: 'default',
    version: 1,
    body: {},
    publishedBy: 'An',
    publishedAt,
  };
}

/** A late fee of the invoice with a line that waits and a waiver. */
function rowsOf(life: Life, policy: Policy) {
  const { invoice } = life;
  const owner = { merchantId: invoice.merchantId, customerId: invoice.customerId };
  const lateFee: LateFee = {
    ...owner,
    id: idFor('ltf', life),
    invoiceId: invoice.id,
    policyId: policy.id,
    state: 'watched',
    lookAt: NOW,
    stops: [
      { from: day('2026-12-06'), until: day('2026-12-08'), reason: 'dispute', by: 'An' },
      { from: day('2026-12-10'), reason: 'promise', by: 'Bao' },
    ],
    chargedThrough: day('2026-12-05'),
    createdAt: NOW,
  };
  const { position: _position, ...line } = present(invoice.lines[0], 'a line');
  const pending: PendingLine = {
    ...owner,
    id: idFor('pli', life),
    subscriptionId: line.subscriptionId,
    state: 'pending',
    notBefore: day('2026-12-06'),
    line: {
      ...line,
      rule: 'late_fee',
      why: {
        lateFee: {
          invoiceId: invoice.id,
          days: 2,
          base: money(1_000n, 'CNY'),
          cap: money(300n, 'CNY'),
          dailyBasisPoints: { numerator: 5n, denominator: 1n },
        },
      },
    },
    createdAt: NOW,
  };
  const charge: LateFeeLine = {
    lateFeeId: lateFee.id,
    firstDay: day('2026-12-04'),
    lastDay: day('2026-12-05'),
    part: 1,
    pendingLineId: pending.id,
    amount: line.amount,
    takenBack: money(0n, 'CNY'),
  };
  const waiver: LateFeeWaiver = {
    ...owner,
    id: idFor('apr', life),
    lateFeeId: lateFee.id,
    amount: money(10n, 'CNY'),
    reason: 'the bank was closed',
    state: 'approved',
    requestedBy: 'An',
    approvalHash: 'a'.repeat(64),
    decidedBy: 'Bao',
    requestedAt: NOW,
    decidedAt: NOW,
  };
  return { lateFee, pending, charge, waiver };
}

const open = (life: Life, changes: Partial<Invoice>): Invoice => ({
  ...life.invoice,
  state: 'open',
  ...changes,
});

for (const backend of BACKENDS) {
  describe(`late fees on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;

    test('come back as they were saved, are claimed when due, and charge a day once', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const policy = aPolicy(life, NOW);
      const { lateFee, pending, charge, waiver } = rowsOf(life, policy);
      const saved = await within<boolean>(world, async (tx) => {
        const added = await tx.addPolicy(policy);
        await tx.save({
          pendingLines: [pending],
          lateFees: [lateFee],
          newLateFeeLines: [charge],
          lateFeeWaivers: [waiver],
        });
        return added;
      });
      assert.ok(saved);
      await within(world, async (tx) => {
        assert.deepEqual(await tx.loadLateFees([lateFee.invoiceId]), [lateFee]);
        assert.deepEqual(await tx.findLateFeeById(lateFee.id), lateFee);
        const parts = await tx.loadLateFeeParts([lateFee.id]);
        assert.deepEqual(parts, { charges: [charge], waivers: [waiver], lines: [pending] });
        assert.deepEqual(await tx.loadWaivers([waiver.id]), [waiver]);
        const since = NOW.subtract({ hours: 1 });
        assert.deepEqual(await tx.loadLateFeesSince([life.customer.id], since), [lateFee]);
        const buckets = { from: 0, until: 1024 };
        const claim = { buckets, dueBy: NOW, limit: 10 };
        assert.deepEqual(await tx.claimLateFeesToLook(claim), [lateFee]);
        const early = { ...claim, dueBy: NOW.subtract({ seconds: 1 }) };
        assert.deepEqual(await tx.claimLateFeesToLook(early), []);
        const due = { buckets, dueBy: NOW, expiredBy: day('2026-12-10') };
        assert.equal((await tx.countDue(due)).lateFeesToLook, 1);
      });
      const again = within(world, (tx) => tx.save({ newLateFeeLines: [charge] }));
      await assert.rejects(again, /late_fee_lines_pkey|duplicate key/);
      const back = { ...charge, takenBack: money(5n, 'CNY') };
      await within(world, (tx) => tx.save({ lateFeeLines: [back] }));
      await within(world, async (tx) => {
        assert.deepEqual((await tx.loadLateFeeParts([lateFee.id])).charges, [back]);
        await tx.addLateFees([{ ...lateFee, id: idFor('ltf', life) }]);
        assert.deepEqual(await tx.loadLateFees([lateFee.invoiceId]), [lateFee]);
      });
    });

    test('count no day where our first try took the money, but once it went back', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const tries = () =>
        within<readonly FirstTry[]>(world, (tx) => tx.loadFirstTries([life.invoice.id]));
      assert.deepEqual(await tries(), [{ invoiceId: life.invoice.id, isWaiting: true }]);
      const returned = { ...life.debit, returnedAt: NOW };
      await within(world, (tx) => tx.save({ debits: [returned] }));
      assert.deepEqual(await tries(), [
        { invoiceId: life.invoice.id, firstRefusedAt: NOW, isWaiting: false },
      ]);
    });

    test('are looked for among open invoices that were issued since the first one', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const issuedAt = present(life.invoice.issuedAt, 'when it was issued');
      const on = life.invoice.dueDate.add({ days: 1 });
      const { paidAt: _paidAt, ...unpaid } = open(life, {});
      const unwatched = (date: Temporal.PlainDate) =>
        within<readonly string[]>(world, (tx) =>
          tx.findUnwatchedOverdue({ buckets: { from: 0, until: 1024 }, on: date, limit: 10 }),
        );
      await within(world, (tx) => tx.save({ invoices: [unpaid] }));
      assert.deepEqual(await unwatched(on), [], 'nothing was published');
      const later = aPolicy(life, issuedAt.add({ seconds: 1 }));
      await within(world, (tx) => tx.addPolicy(later));
      assert.deepEqual(await unwatched(on), [], 'it was published after the issue');
      const before = { ...aPolicy(life, issuedAt), code: 'other' };
      await within(world, (tx) => tx.addPolicy(before));
      assert.deepEqual(await unwatched(life.invoice.dueDate), [], 'it is not overdue');
      assert.deepEqual(await unwatched(on), [life.invoice.id]);
      const tries = await within<readonly object[]>(world, (tx) =>
        tx.loadFirstTries([life.invoice.id]),
      );
      assert.equal(tries.length, 1);
      const { lateFee } = rowsOf(life, before);
      await within(world, (tx) => tx.addLateFees([lateFee]));
      assert.deepEqual(await unwatched(on), [], 'it is watched');
      const { lookAt: _lookAt, ...rest } = lateFee;
      const ended = { ...rest, state: 'ended' } as const;
      await within(world, (tx) => tx.save({ lateFees: [{ ...ended, endedFor: 'waived' }] }));
      assert.deepEqual(await unwatched(on), [], 'it was waived');
      await within(world, (tx) => tx.save({ lateFees: [{ ...ended, endedFor: 'paid' }] }));
      assert.deepEqual(await unwatched(on), [life.invoice.id], 'its payment was taken back');
    });
  });
}
