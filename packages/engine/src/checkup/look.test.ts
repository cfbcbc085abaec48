import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { makeBillWorld } from '../../../../test/kit/bill-world.ts';
import { openCountedStore, StatementCounter } from '../../../../test/kit/counted-store.ts';
import { type Life, NOW, newEvent, newLife, TODAY } from '../../../../test/kit/life.ts';
import { newTenant, type World } from '../../../../test/kit/world.ts';
import type { Job } from '../job.ts';
import { acceptFinding } from './accept.ts';
import { lookAtDebits } from './look.ts';
import { findCheckup, listCheckups } from './read.ts';
import { readSelfAudit, sendSelfAudits } from './self-audit.ts';

/** The moment of the looks: 10:30 on 25 February in Shanghai, four days before the debit. */
const LOOK = Temporal.Instant.from('2026-02-25T02:30:00Z');
const LEARNT = Temporal.Instant.from('2026-03-10T02:30:00Z');
const FIRST = Temporal.Instant.from('2026-04-01T02:00:00Z');

describe('looks at invoices before their debits', () => {
  const counter = new StatementCounter();
  const opened = openCountedStore(counter);
  after(async () => (await opened).close());

  const newWorld = async (): Promise<{ readonly world: World; readonly job: Job }> => {
    const store = Object.assign(await opened, { superSql: async () => undefined });
    const world = await newTenant(store);
    return { world, job: (await makeBillWorld(world)).jobAfter(TODAY.subtract({ days: 5 })) };
  };

  /** A customer with an issued invoice and its waiting debit; `change` may alter any part. */
  const waiting = async (world: World, change: (life: Life) => Partial<Life> = () => ({})) => {
    const made = newLife(world.merchant.id, { catalog: world.catalog, lines: 1 });
    const { paidAt: _paid, ...invoice } = { ...made.invoice, state: 'open' as const };
    const debit = { ...made.debit, state: 'scheduled' as const, attemptCount: 0 };
    const life = { ...made, invoice, debit };
    const all = { ...life, ...change(life) };
    await world.store.transact(world.merchant.id, async (tx) => {
      await tx.insertNewCustomers([all.customer]);
      await tx.save({
        subscriptions: [all.subscription],
        mandates: [all.mandate],
        invoices: [all.invoice],
        debits: [all.debit],
        notices: [all.notice],
        journals: [all.invoiceJournal],
      });
    });
    return all;
  };

  const capped = ({ mandate }: Life): Partial<Life> => ({
    mandate: { ...mandate, singleCap: { minor: 2_000n, currency: 'CNY' } },
  });

  const news = async (world: World, life: Life) =>
    world.store.transact(world.merchant.id, (tx) =>
      tx.save({
        events: [{ ...newEvent(life.customer, 'mandate.active', life.mandate.id), at: LOOK }],
      }),
    );

  test('an invoice is looked at once, and again when something happens to its payer', async () => {
    const { world, job } = await newWorld();
    const life = await waiting(world);
    assert.deepEqual(await lookAtDebits(job), { looked: 1, blocked: 0, told: 0 });
    assert.deepEqual(await lookAtDebits(job), { looked: 0, blocked: 0, told: 0 });
    const first = await findCheckup(job, life.invoice.id);
    assert.equal(first?.checkup.verdict, 'ok');
    await news(world, life);
    assert.deepEqual(await lookAtDebits(job), { looked: 1, blocked: 0, told: 0 });
    assert.deepEqual(await findCheckup(job, life.invoice.id), first);
  });

  test('what is found holds the debit, is told once, and is cured by itself', async () => {
    const { world, job } = await newWorld();
    const life = await waiting(world, capped);
    assert.deepEqual(await lookAtDebits(job), { looked: 1, blocked: 1, told: 1 });
    const first = await findCheckup(job, life.invoice.id);
    assert.deepEqual(
      first?.findings.map(({ code, state }) => [code, state]),
      [['cap_below_amount', 'open']],
    );
    await news(world, life);
    assert.deepEqual(await lookAtDebits(job), { looked: 1, blocked: 1, told: 0 });
    assert.deepEqual(await findCheckup(job, life.invoice.id), first);
    const holds = await world.store.transact(world.merchant.id, (tx) =>
      tx.loadCheckupHolds([life.invoice.id]),
    );
    assert.deepEqual(holds, [
      { invoiceId: life.invoice.id, open: ['cap_below_amount'], isAmountAccepted: false },
    ]);
    const { mandate } = life;
    const raised = { ...mandate, singleCap: life.invoice.total };
    await world.store.transact(world.merchant.id, (tx) => tx.save({ mandates: [raised] }));
    await news(world, life);
    assert.deepEqual(await lookAtDebits(job), { looked: 1, blocked: 0, told: 0 });
    const cured = await findCheckup(job, life.invoice.id);
    assert.deepEqual([cured?.checkup.verdict, cured?.findings[0]?.state], ['ok', 'cured']);
  });

  test('a person accepts: the task is done and the debit that was held goes on', async () => {
    const { world, job } = await newWorld();
    const mute = ({ customer }: Life): Partial<Life> => {
      const { mail: _mail, phone: _phone, ...rest } = customer;
      return { customer: rest };
    };
    const life = await waiting(world, (made) => ({
      ...mute(made),
      debit: { ...made.debit, blockedBy: 'checkup_finding_open' },
    }));
    const { id } = await addBlockingPolicy(world);
    assert.ok(id.startsWith('pol_'));
    assert.equal((await lookAtDebits(job)).blocked, 1);
    const found = (await findCheckup(job, life.invoice.id))?.findings[0];
    assert.ok(found);
    assert.deepEqual([found.code, found.severity], ['notice_unreachable', 'blocks']);
    const tasks = await openTasks(world, found.id);
    assert.deepEqual(
      tasks.map(({ kind, owner }) => [kind, owner]),
      [['checkup_finding', 'support']],
    );
    const nobody = await acceptFinding(job, found.id, { by: ' ' });
    assert.equal(nobody.ok ? 'accepted' : nobody.refusal.code, 'person_missing');
    const accepted = await acceptFinding(job, found.id, { by: 'Anna', remark: 'called' });
    assert.equal(accepted.ok && accepted.value.acceptedBy, 'Anna');
    assert.deepEqual(await openTasks(world, found.id), []);
    const [debit] = await world.store.transact(world.merchant.id, (tx) =>
      tx.findDebitsOfInvoices([life.invoice.id]),
    );
    assert.deepEqual([debit?.blockedBy, debit?.released], [undefined, undefined]);
    const read = await findCheckup(job, life.invoice.id);
    assert.deepEqual(read?.findings, [accepted.ok ? accepted.value : undefined]);
    const listed = await listCheckups(job, { limit: 5, verdict: 'ok', date: TODAY });
    assert.deepEqual(listed, [read]);
  });

  test('a batch takes as many statements as one, whatever is found', async () => {
    const { world, job } = await newWorld();
    await waiting(world, capped);
    counter.take();
    await lookAtDebits(job);
    const one = counter.take();
    for (let index = 0; index < 12; index += 1) await waiting(world, capped);
    counter.take();
    assert.equal((await lookAtDebits(job)).looked, 12);
    assert.equal(counter.take(), one);
  });

  test('the self-audit: its date is learnt, its message sent once, its facts read', async () => {
    const { world, job } = await newWorld();
    const life = await waiting(world);
    const inMarch = { ...job, merchant: { ...job.merchant, testClock: LEARNT } };
    assert.equal(await sendSelfAudits(inMarch), 0);
    const onFirst = { ...job, merchant: { ...job.merchant, testClock: FIRST } };
    assert.equal(await sendSelfAudits(onFirst), 1);
    assert.equal(await sendSelfAudits(onFirst), 0);
    const audit = await readSelfAudit(onFirst, life.customer.id);
    assert.deepEqual(
      audit?.subscriptions.map(({ id, lastAmount }) => [id, lastAmount]),
      [[life.subscription.id, life.invoice.total]],
    );
    assert.deepEqual(
      audit?.mandates.map(({ id }) => id),
      [life.mandate.id],
    );
  });
});

async function openTasks(world: World, subject: `cfd_${string}`) {
  return await world.store.transact(world.merchant.id, (tx) => tx.findOpenTasks([subject]));
}

async function addBlockingPolicy(world: World) {
  const policy = {
    id: `pol_${'0'.repeat(31)}1` as const,
    merchantId: world.merchant.id,
    kind: 'checkup' as const,
    code: 'default',
    version: 1,
    body: { blocks: ['notice_unreachable'] },
    publishedBy: 'Anna',
    publishedAt: NOW,
  };
  await world.store.transact(world.merchant.id, (tx) => tx.addPolicy(policy));
  return policy;
}
