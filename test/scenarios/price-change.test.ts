import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type {
  Customer,
  PriceChange,
  PriceChangeId,
  PriceFallback,
  Subscription,
} from '../../packages/core/src/index.ts';
import {
  applyPriceChanges,
  computeImpactTotals,
  createPriceChange,
  findPriceChange,
  publishPriceChange,
  recordPriceAnswer,
  recordPriceNotice,
  withdrawPriceChange,
} from '../../packages/engine/src/index.ts';
import { at, day } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  paidFor,
  publishCard,
  type RateCard,
  stateOf,
  subscribeTo,
  versionOf,
} from '../kit/rate-card.ts';
import { granted, newPayer } from '../kit/shop.ts';
import { type Play, Stage } from '../kit/stage.ts';
import { postgresDatabases } from '../kit/stores.ts';

const LEAVE: PriceFallback = { type: 'leave_without_penalty' };

type Member = { readonly customer: Customer; readonly subscription: Subscription };

/** A person, or an organisation, on the old price since 10 March. */
async function join(
  play: Play,
  reference: string,
  kind: 'person' | 'organisation' = 'person',
  startsOn = '2026-03-10',
): Promise<Member> {
  const customer = await newPayer(play, reference, { kind });
  const subscription = await subscribeTo(play, customer, { startsOn, items: { base: 1n } });
  return { customer, subscription };
}

/** The base fee goes from 100 to `to` yuan on 1 May; drafted on 10 March, 09:00. */
async function announce(
  play: Play,
  changes: { readonly fallback?: PriceFallback; readonly steps?: PriceChange['steps'] } = {},
): Promise<PriceChangeId> {
  const [from, to] = [await versionOf(play, 'base'), await versionOf(play, 'base', 2)];
  const change = granted(
    await createPriceChange(play.job(), {
      steps: [{ from: from.id, to: to.id }],
      effectiveOn: day('2026-05-01'),
      audience: 'business',
      fallback: LEAVE,
      reason: '上游成本上涨',
      ...changes,
    }),
  );
  granted(await publishPriceChange(play.job(), change.id));
  return change.id;
}

const now = (play: Play) => play.merchant.testClock ?? at('2026-03-10 09:00');

async function tell(play: Play, id: PriceChangeId, ...members: readonly Member[]): Promise<void> {
  for (const { customer } of members) {
    const told = { customerId: customer.id, at: now(play), channel: 'mail' as const };
    granted(await recordPriceNotice(play.job(), id, told));
  }
}

function answer(
  play: Play,
  id: PriceChangeId,
  given: { readonly member: Member; readonly says: 'acknowledged' | 'objected' },
) {
  const { member, says } = given;
  return recordPriceAnswer(play.job(), id, {
    customerId: member.customer.id,
    answer: says,
    at: now(play),
    channel: 'portal',
    evidenceHash: createHash('sha256').update(`${member.customer.id} ${says}`).digest('hex'),
  });
}

const CARD = { base: { '2026-01-01': '100', '2026-05-01': '120' } };
const OLD = ['03-10 ¥100.00', '04-10 ¥100.00'];

/** What was billed since, and where the subscription stands. */
async function fate(play: Play, { customer, subscription }: Member): Promise<string> {
  const bills = (await paidFor(play, customer)).slice(OLD.length);
  return [...bills, await stateOf(play, subscription.id)].join(', ');
}

onStage('a price change', (newPlay) => {
  const opened = async (card: RateCard = CARD) => {
    const play = await newPlay('2026-03-10 09:00');
    await publishCard(play, card);
    return play;
  };

  test('a rise: yes, no and silence of consumers and of businesses', async () => {
    const play = await opened();
    const yes = await join(play, 'yes');
    const no = await join(play, 'no');
    const silent = await join(play, 'silent');
    const firmYes = await join(play, 'firm-yes', 'organisation');
    const firmNo = await join(play, 'firm-no', 'organisation');
    const firmSilent = await join(play, 'firm-silent', 'organisation');
    const all = [yes, no, silent, firmYes, firmNo, firmSilent];
    const id = await announce(play);
    await tell(play, id, ...all);
    await play.advanceTo('2026-03-20 09:00');
    for (const member of [yes, firmYes])
      granted(await answer(play, id, { member, says: 'acknowledged' }));
    for (const member of [no, firmNo])
      granted(await answer(play, id, { member, says: 'objected' }));
    await play.advanceTo('2026-06-01 09:00');
    const left = 'ended 2026-05-10';
    const pays = '05-10 ¥120.00, active';
    assert.deepEqual(await Promise.all(all.map((member) => fate(play, member))), [
      pays,
      left,
      left,
      pays,
      left,
      pays,
    ]);
    const { change, counts } = granted(await findPriceChange(play.job(), id));
    assert.equal(change.state, 'applied');
    assert.deepEqual(
      counts.map((one) => `${one.answer} ${one.outcome} ${one.count}`),
      ['acknowledged applied 2', 'objected left 2', 'silent applied 1', 'silent left 1'],
    );
    await play.end();
  });

  test('the dry run says whom it touches and by how much, and saves nothing', async () => {
    const play = await opened();
    await join(play, 'one');
    await join(play, 'two', 'organisation');
    const steps = [
      { from: (await versionOf(play, 'base')).id, to: (await versionOf(play, 'base', 2)).id },
    ];
    const change = granted(
      await createPriceChange(play.job(), {
        steps,
        effectiveOn: day('2026-05-01'),
        audience: 'consumer',
        fallback: LEAVE,
        reason: '上游成本上涨',
      }),
    );
    const totals = await computeImpactTotals(play.job(), change);
    assert.deepEqual(totals, {
      subscriptions: 2,
      customers: 2,
      rises: 2,
      decreases: 0,
      unchanged: 0,
      unreachable: 0,
      byCurrency: [{ currency: 'CNY', beforeMinor: 20_000n, afterMinor: 24_000n }],
    });
    assert.deepEqual(granted(await findPriceChange(play.job(), change.id)).counts, []);
    await play.end();
  });

  test('a decrease reaches everybody, told or not, and whoever objects', async () => {
    const play = await opened({ base: { '2026-01-01': '100', '2026-05-01': '80' } });
    const [quiet, loud] = [await join(play, 'quiet'), await join(play, 'loud')];
    const id = await announce(play);
    granted(await answer(play, id, { member: loud, says: 'objected' }));
    await play.advanceTo('2026-06-01 09:00');
    for (const member of [quiet, loud]) {
      assert.equal(await fate(play, member), '05-10 ¥80.00, active');
    }
    await play.end();
  });

  test('withdrawn before the day: nothing changes and nobody is asked any more', async () => {
    const play = await opened();
    const member = await join(play, 'one');
    const id = await announce(play);
    await tell(play, id, member);
    granted(await answer(play, id, { member, says: 'acknowledged' }));
    await play.advanceTo('2026-04-20 09:00');
    granted(await withdrawPriceChange(play.job(), id));
    const late = await answer(play, id, { member, says: 'objected' });
    assert.ok(!late.ok && late.refusal.code === 'price_change_not_published');
    await play.advanceTo('2026-06-01 09:00');
    assert.equal(await fate(play, member), '05-10 ¥100.00, active');
    const { counts } = granted(await findPriceChange(play.job(), id));
    assert.deepEqual(counts, [{ answer: 'acknowledged', outcome: 'withdrawn', count: 1 }]);
    await play.end();
  });

  test('once it was carried out for one customer it cannot be withdrawn', async () => {
    const play = await opened();
    const member = await join(play, 'one');
    await join(play, 'still-waiting');
    const id = await announce(play);
    granted(await answer(play, id, { member, says: 'acknowledged' }));
    await play.advanceTo('2026-05-03 09:00');
    const withdrawn = await withdrawPriceChange(play.job(), id);
    assert.ok(!withdrawn.ok && withdrawn.refusal.code === 'price_change_begun');
    await play.end();
  });

  test('who joins on the old price afterwards is asked too, and has all the days', async () => {
    const play = await opened();
    const id = await announce(play);
    await play.advanceTo('2026-04-10 09:00');
    const late = await join(play, 'late', 'person', '2026-04-10');
    await play.advanceTo('2026-04-20 09:00');
    await tell(play, id, late);
    await play.advanceTo('2026-07-01 09:00');
    assert.deepEqual(await paidFor(play, late.customer), ['04-10 ¥100.00', '05-10 ¥100.00']);
    assert.equal(await stateOf(play, late.subscription.id), 'ended 2026-06-10');
    await play.end();
  });

  test('an objection after the notice takes an agreement back', async () => {
    const play = await opened();
    const member = await join(play, 'one');
    const id = await announce(play);
    await tell(play, id, member);
    granted(await answer(play, id, { member, says: 'acknowledged' }));
    await play.advanceTo('2026-05-02 07:59');
    granted(await answer(play, id, { member, says: 'objected' }));
    await play.advanceTo('2026-06-01 09:00');
    assert.equal(await fate(play, member), 'ended 2026-05-10');
    const story = await play.eventsOf('one');
    assert.deepEqual(
      story
        .filter((line) => line.includes('price_change'))
        .map((line) => line.split(' ').slice(0, 3).join(' ')),
      [
        '03-10 09:00 price_change.noticed',
        '03-10 09:00 price_change.acknowledged',
        '05-02 07:59 price_change.objected',
        '05-02 08:00 price_change.decided',
      ],
    );
    const again = await answer(play, id, { member, says: 'acknowledged' });
    assert.ok(!again.ok && again.refusal.code === 'price_change_decided');
    await play.end();
  });

  test('a silent consumer who was never told keeps the old price', async () => {
    const play = await opened();
    const member = await join(play, 'one');
    await announce(play);
    await play.advanceTo('2026-06-05 09:00');
    assert.equal(await fate(play, member), '05-10 ¥100.00, 06-10 ¥100.00, active');
    await play.end();
  });

  test('stay until a day: the old price goes on, then service ends', async () => {
    const play = await opened();
    const [stays, agrees] = [await join(play, 'stays'), await join(play, 'agrees')];
    const id = await announce(play, {
      fallback: { type: 'stay_until', until: day('2026-07-01') },
    });
    await tell(play, id, stays, agrees);
    await play.advanceTo('2026-06-01 07:00');
    granted(await answer(play, id, { member: agrees, says: 'acknowledged' }));
    await play.advanceTo('2026-08-01 09:00');
    assert.equal(await fate(play, stays), '05-10 ¥100.00, 06-10 ¥100.00, ended 2026-07-10');
    assert.match(await fate(play, agrees), /^05-10 ¥100.00, 06-10 ¥120.00, 07-10 ¥120.00/);
    await play.end();
  });

  test('a downgrade is another plan that costs no more', async () => {
    const play = await opened({ ...CARD, small: { '2026-01-01': '50' } });
    const member = await join(play, 'one');
    const [from, to] = [await versionOf(play, 'base'), await versionOf(play, 'small')];
    const id = await announce(play, {
      fallback: {
        type: 'downgrade',
        planId: member.subscription.planId,
        steps: [{ from: from.id, to: to.id }],
      },
    });
    await tell(play, id, member);
    await play.advanceTo('2026-06-01 09:00');
    assert.equal(await fate(play, member), '05-10 ¥50.00, active');
    await play.end();
  });

  test('run twice, and by two workers at once: the price changes once', async () => {
    const play = await opened();
    const member = await join(play, 'one');
    const id = await announce(play);
    granted(await answer(play, id, { member, says: 'acknowledged' }));
    await play.advanceTo('2026-05-01 09:00');
    await play.sleepUntil('2026-05-02 08:00');
    const runs = await Promise.all([applyPriceChanges(play.job()), applyPriceChanges(play.job())]);
    const again = await applyPriceChanges(play.job());
    assert.deepEqual([...runs, again].map(({ decided }) => decided).toSorted(), [0, 0, 1]);
    const changes = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listSubscriptionChanges(member.subscription.id),
    );
    assert.deepEqual(
      changes.map(({ command }) => command.type === 'prices' && command.grounds?.type),
      ['consent'],
    );
    await play.advanceTo('2026-06-01 09:00');
    assert.equal(await fate(play, member), '05-10 ¥120.00, active');
    await play.end();
  });

  test('cut off anywhere and started again: everybody has one outcome', async () => {
    const play = await opened();
    const members = [await join(play, 'a'), await join(play, 'b'), await join(play, 'c')];
    const id = await announce(play);
    await tell(play, id, ...members);
    for (const member of members.slice(1)) {
      granted(await answer(play, id, { member, says: 'acknowledged' }));
    }
    await play.advanceTo('2026-05-01 09:00');
    await play.sleepUntil('2026-05-02 08:00');
    for (let cut = 0; cut < CUTS; cut += 1) {
      await applyPriceChanges(cutOff(play, cut)).catch((error: Error) => {
        assert.equal(error.message, 'cut off');
      });
    }
    await play.advanceTo('2026-06-01 09:00');
    assert.deepEqual(await Promise.all(members.map((member) => fate(play, member))), [
      'ended 2026-05-10',
      '05-10 ¥120.00, active',
      '05-10 ¥120.00, active',
    ]);
    await play.end();
  });
});

describe('a price change on PostgreSQL', () => {
  const databases = postgresDatabases();

  test('four workers at once: each subscription is decided once', async () => {
    const store = await databases.fresh();
    const stage = await Stage.open(store);
    try {
      const play = await stage.newPlay('2026-03-10 09:00');
      await publishCard(play, CARD);
      const names = Array.from({ length: 20 }, (_, n) => `c-${n}`);
      const members = await Promise.all(
        names.map((name) => join(play, name, 'person', '2026-05-10')),
      );
      const id = await announce(play);
      await tell(play, id, ...members);
      await play.sleepUntil('2026-05-02 08:00');
      const workers = Array.from({ length: 4 }, () => applyPriceChanges(play.job()));
      const decided = (await Promise.all(workers)).reduce((sum, one) => sum + one.decided, 0);
      assert.equal(decided, members.length);
      const { counts } = granted(await findPriceChange(play.job(), id));
      assert.deepEqual(counts, [{ answer: 'silent', outcome: 'left', count: members.length }]);
      assert.deepEqual(await store.findViolations(5), []);
    } finally {
      await stage.close();
    }
  });
});

/** More transactions than one run needs. */
const CUTS = 8;

/** The job in a process that dies at the end of its n-th transaction, before the commit. */
function cutOff(play: Play, after: number): ReturnType<Play['job']> {
  const job = play.job();
  let count = 0;
  const transact: typeof job.engine.store.transact = (merchant, work) =>
    job.engine.store.transact(merchant, async (tx) => {
      const result = await work(tx);
      count += 1;
      if (count > after) throw new Error('cut off');
      return result;
    });
  return { ...job, engine: { ...job.engine, store: { ...job.engine.store, transact } } };
}
