import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CustomerId, money, type Store, type Tx } from '../../packages/core/src/index.ts';
import {
  agreeTopUp,
  type Job,
  lookAtArrears,
  lookAtBalances,
  lookAtLateFees,
  lookAtTopUps,
  publishPolicy,
  setBalanceAlert,
  watchLateFees,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

/** The worker's job over a store in which one statement fails for what `isBad` names. */
function withFault(play: Play, replace: (tx: Tx) => Partial<Tx>): Job {
  const job = play.job();
  const { store } = job.engine;
  const transact: Store['transact'] = (merchant, work) =>
    store.transact(merchant, (tx) => work({ ...tx, ...replace(tx) }));
  const broken: Store = Object.create(store, { transact: { value: transact } });
  return { ...job, engine: { ...job.engine, store: broken } };
}

/** Whatever is told of this customer cannot be written, as where a row of it holds nonsense. */
function tellsNothingOf(play: Play, bad: CustomerId): Job {
  return withFault(play, (tx) => ({
    save: async (changes) => {
      if (changes.events?.some(({ customerId }) => customerId === bad) === true) {
        throw new TypeError('a row that nobody expected');
      }
      await tx.save(changes);
    },
  }));
}

const NAMES = ['R-1', 'R-2', 'R-3', 'R-4', 'R-5'];

async function customersOf(play: Play): Promise<readonly CustomerId[]> {
  const known = await Promise.all(NAMES.map((reference) => play.customer(reference)));
  return known.map(({ id }) => id);
}

/** Whose events include one of this type. */
async function toldOf(play: Play, type: string): Promise<readonly string[]> {
  const told = await Promise.all(
    NAMES.map(async (name) =>
      (await play.eventsOf(name)).some((line) => line.includes(type)) ? [name] : [],
    ),
  );
  return told.flat();
}

const BAD = 'R-3';
const OTHERS = NAMES.filter((name) => name !== BAD);

async function open(newPlay: () => Promise<Play>, by: 'transfer' | 'alipay'): Promise<Play> {
  const play = await newPlay();
  await play.subscribe(NAMES.map((reference) => ({ reference, by, charge: '1000.00' })));
  return play;
}

onStage('one customer at fault holds nobody else up (I10)', (newPlay) => {
  test('arrears: the others are warned, and it is once it can be', async () => {
    const play = await open(newPlay, 'transfer');
    await play.advanceTo('2026-12-04 09:59');
    await play.sleepUntil('2026-12-04 10:00');
    const bad = (await play.customer(BAD)).id;
    const counts = await lookAtArrears(tellsNothingOf(play, bad));
    assert.equal(counts.looked, OTHERS.length);
    assert.deepEqual(await toldOf(play, 'service.warned'), OTHERS);
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(await toldOf(play, 'service.warned'), NAMES);
    await play.end();
  });

  test('balances and top-ups: the others are told and topped up, and it is later', async () => {
    const play = await open(newPlay, 'alipay');
    const low = money(2_500n, 'CNY');
    const at = Temporal.Instant.from('2026-11-20T00:30:00Z');
    for (const id of await customersOf(play)) {
      assert.ok((await setBalanceAlert(play.job(), id, { low, by: 'Anna' })).ok);
      const consent = { at, channel: 'portal', evidenceHash: 'a'.repeat(64) } as const;
      const amounts = { low, amount: money(5_000n, 'CNY'), monthlyCap: money(6_000n, 'CNY') };
      const agreed = await agreeTopUp(play.job(), id, { ...amounts, consent, by: 'Anna' });
      assert.ok(agreed.ok, agreed.ok ? '' : agreed.refusal.sentence);
    }
    const bad = (await play.customer(BAD)).id;
    assert.equal(await lookAtBalances(tellsNothingOf(play, bad)), OTHERS.length);
    assert.deepEqual(await toldOf(play, 'balance.low'), OTHERS);
    assert.equal(await lookAtTopUps(tellsNothingOf(play, bad)), OTHERS.length);
    assert.deepEqual(await toldOf(play, 'top_up.requested'), OTHERS);
    await play.advanceTo('2026-11-20 11:00');
    assert.deepEqual(await toldOf(play, 'balance.low'), NAMES);
    assert.deepEqual(await toldOf(play, 'top_up.requested'), NAMES);
    await play.end();
  });

  test('late fees: the others are looked at, and it is in an hour', async () => {
    const play = await newPlay();
    const body = {
      rate: { per: 'day', basis_points: '5' },
      grace_days: 3,
      cap: { basis_points: 3000 },
      customers: ['person'],
      from: '2026-11-20',
    };
    const policy = { kind: 'late_fee', code: 'default', body, by: 'Anna' } as const;
    assert.ok((await publishPolicy(play.job(), policy, { dryRun: false })).ok);
    await play.subscribe(
      NAMES.map((reference) => ({ reference, by: 'transfer', charge: '1000.00' })),
    );
    await play.advanceTo('2026-12-01 23:59');
    await play.sleepUntil('2026-12-02 00:00');
    await watchLateFees(play.job());
    const { id } = await play.customer(BAD);
    const invoices = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listInvoices({ customerId: id, limit: 10 }),
    );
    const theirs = new Set(invoices.map((one) => one.id));
    const job = withFault(play, (tx) => ({
      loadFirstTries: async (ids) => {
        if (ids.some((one) => theirs.has(one))) throw new TypeError('nonsense');
        return tx.loadFirstTries(ids);
      },
    }));
    assert.equal(await lookAtLateFees(job), OTHERS.length);
    assert.equal(await lookAtLateFees(play.job()), 0, 'it waits for its hour');
    await play.sleepUntil('2026-12-02 01:00');
    assert.equal(await lookAtLateFees(play.job()), 1);
    await play.end();
  });
});
