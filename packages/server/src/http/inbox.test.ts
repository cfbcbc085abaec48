import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RailEvent, Tx } from '@daikou/core';
import type { Job } from '@daikou/engine';
import { onStage } from '../../../../test/kit/on-stage.ts';
import type { Play } from '../../../../test/kit/stage.ts';
import { Inbox } from './inbox.ts';

const EVENTS = 30;
const BAD = 17;

onStage('the inbox of a merchant', (newPlay) => {
  /** Debits that are open for us, and the news that the rail took each of them. */
  const openDebits = async (play: Play): Promise<readonly RailEvent[]> => {
    const references = Array.from({ length: EVENTS }, (_, index) => `I-${index}`);
    await play.subscribe(
      references.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })),
    );
    await play.advanceTo('2026-11-30 12:00');
    await play.fault({ rail: 'alipay', fault: 'TIMEOUT_NOT_RECEIVED', times: EVENTS });
    await play.sleepUntil('2026-12-01 07:30');
    await play.settle();
    const numbers = await Promise.all(references.map((one) => play.nextOrderNumber(one)));
    return numbers.map((orderNumber, index) => ({
      kind: 'attempt',
      orderNumber,
      outcome: {
        kind: 'succeeded',
        railReference: `T-${index}`,
        paid: { minor: 2_985n, currency: 'CNY' },
        paidAt: Temporal.Instant.from('2026-11-30T23:30:01Z'),
      },
    }));
  };

  test('one bad event among many fails alone; the others are committed', async () => {
    const play = await newPlay();
    const news = await openDebits(play);
    const bad = news[BAD];
    assert.ok(bad?.kind === 'attempt');
    let transactions = 0;
    const inbox = new Inbox(async () => whereOneFails(play.job(), bad, () => (transactions += 1)));
    const added = news.map((event) => inbox.add([{ kind: 'rail', event }]));
    const results = await Promise.allSettled(added);
    const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    assert.deepEqual(failed, [BAD]);
    // Together first, then each alone: no callback waits for more than that.
    assert.equal(transactions, 1 + EVENTS);
    const paid = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listDebits({ state: 'succeeded', limit: 200 }),
    );
    assert.equal(paid.length, EVENTS - 1);
    // Said again once the trouble is over, it is taken: nothing is lost.
    await new Inbox(async () => play.job()).add([{ kind: 'rail', event: bad }]);
    const all = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listDebits({ state: 'succeeded', limit: 200 }),
    );
    assert.equal(all.length, EVENTS);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
    await play.stop();
  });

  test('what comes together is saved together; nothing to save is no transaction', async () => {
    const play = await newPlay();
    let transactions = 0;
    const inbox = new Inbox(async () => counted(play.job(), () => (transactions += 1)));
    await inbox.add([]);
    assert.equal(transactions, 0);
    const strangers = Array.from(
      { length: EVENTS },
      (_, index): RailEvent => ({
        kind: 'attempt',
        orderNumber: `none of ours ${index}`,
        outcome: { kind: 'closed' },
      }),
    );
    await Promise.all(strangers.map((event) => inbox.add([{ kind: 'rail', event }])));
    assert.ok(transactions <= 2, `${transactions} transactions for strangers`);
    await play.stop();
  });

  test('a job that cannot be made fails every callback, and the inbox works again', async () => {
    const play = await newPlay();
    let isGone = true;
    const inbox = new Inbox(async () => {
      if (isGone) throw new Error('the database is away');
      return play.job();
    });
    const event: RailEvent = { kind: 'attempt', orderNumber: 'x', outcome: { kind: 'closed' } };
    const together = [1, 2, 3].map(() => inbox.add([{ kind: 'rail', event }]));
    const results = await Promise.allSettled(together);
    assert.ok(results.every(({ status }) => status === 'rejected'));
    isGone = false;
    await inbox.add([{ kind: 'rail', event }]);
    await play.stop();
  });
});

/** The same job; `tell` hears of every transaction. */
function counted(job: Job, tell: () => void): Job {
  const { store } = job.engine;
  const transact: typeof store.transact = (merchant, work) => {
    tell();
    return store.transact(merchant, work);
  };
  return { ...job, engine: { ...job.engine, store: { ...store, transact } } };
}

/** The same job on a database that refuses to touch one debit, as a damaged row would make it. */
function whereOneFails(job: Job, bad: { readonly orderNumber: string }, tell: () => void): Job {
  const { store } = job.engine;
  const transact: typeof store.transact = (merchant, work) => {
    tell();
    return store.transact(merchant, async (tx) => {
      const lockDebits: Tx['lockDebits'] = async (ids) => {
        const bundles = await tx.lockDebits(ids);
        const isBad = bundles.some(({ attempts }) =>
          attempts.some((attempt) => attempt.orderNumber === bad.orderNumber),
        );
        if (isBad) throw new Error('a damaged row');
        return bundles;
      };
      return await work({ ...tx, lockDebits });
    });
  };
  return { ...job, engine: { ...job.engine, store: { ...store, transact } } };
}
