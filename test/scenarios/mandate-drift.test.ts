import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endMandatesDue, sweepMandates, sweepOncePerDay } from '../../packages/engine/src/index.ts';
import { mandatesOf } from '../kit/methods.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const NO_SLEEP = async () => undefined;

function driftsOf(play: Play) {
  return play.engine.store.transact(play.merchant.id, (tx) => tx.listDrifts({ limit: 10 }));
}

onStage('the daily comparison of mandates with the rails', (newPlay) => {
  for (const rail of ['alipay', 'wechat'] as const) {
    test(`${rail}: ended here and signed there: ended at the rail, with proof`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'S-2', by: rail, charge: '29.85' }]);
      const [mandate] = await mandatesOf(play, 'S-2');
      assert.ok(mandate);
      const { now } = { now: play.merchant.testClock };
      assert.ok(now);
      await play.engine.store.transact(play.merchant.id, (tx) =>
        tx.save({ mandates: [{ ...mandate, state: 'ended', endedAt: now, endedBy: 'merchant' }] }),
      );
      const found = await sweepMandates(play.job(), NO_SLEEP);
      assert.equal(found.toEndAtRail, 1);
      assert.equal((await endMandatesDue(play.job())).ended, 1);
      const [drift] = await driftsOf(play);
      assert.deepEqual([drift?.kind, drift?.state], ['ended_here_signed_there', 'resolved']);
      const end = await play.engine.store.transact(play.merchant.id, (tx) =>
        tx.findMandateEnd(mandate.id),
      );
      assert.equal(end?.askedBy, 'drift');
      assert.match(end.answer ?? '', /^ended by /);
      const report = await play.engine.rails.get(rail)?.queryMandate(mandate);
      assert.notEqual(report?.kind, 'active');
      assert.equal((await sweepMandates(play.job(), NO_SLEEP)).toEndAtRail, 0);
      await play.stop();
    });
  }

  test('signed for a month without a subscription: kept for a person, not ended', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'S-3', by: 'wechat', charge: '29.85' }]);
    await play.engine.store.transact(play.merchant.id, async (tx) => {
      const found = await tx.listSubscriptions({ limit: 5 });
      await tx.save({ subscriptions: found.map((one) => ({ ...one, state: 'ended' as const })) });
    });
    assert.equal((await sweepMandates(play.job(), NO_SLEEP)).forPerson, 0);
    await play.sleepUntil('2026-12-21 09:00');
    assert.equal((await sweepMandates(play.job(), NO_SLEEP)).forPerson, 1);
    assert.equal((await sweepMandates(play.job(), NO_SLEEP)).forPerson, 0);
    const [mandate] = await mandatesOf(play, 'S-3');
    assert.equal(mandate?.state, 'active');
    const [drift] = await driftsOf(play);
    assert.deepEqual([drift?.action, drift?.state], ['ask_person', 'open']);
    await play.stop();
  });

  test('a rail that gives no answer changes nothing; one sweep a day is enough', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'S-4', by: 'alipay', charge: '29.85' }]);
    const rail = play.engine.rails.get('alipay');
    assert.ok(rail);
    Object.assign(rail, { queryMandate: () => Promise.reject(new Error('down')) });
    const first = await sweepOncePerDay(play.job(), NO_SLEEP);
    assert.deepEqual([first?.compared, first?.unknown], [1, 1]);
    assert.deepEqual(await driftsOf(play), []);
    assert.equal(await sweepOncePerDay(play.job(), NO_SLEEP), undefined);
    await play.stop();
  });
});

onStage('callbacks that never arrive', (newPlay, stage) => {
  for (const rail of ['alipay', 'wechat'] as const) {
    test(`${rail}: ended in the wallet and never told: it ends here, by whom`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'S-1', by: rail, charge: '29.85' }]);
      // From here on the simulators’ callbacks are lost.
      stage().goDeaf();
      // Who has just signed is given an hour: the rail's books may not have heard of it everywhere.
      await play.sleepUntil('2026-11-26 09:00');
      await play.endInWallet('S-1');
      const [before] = await mandatesOf(play, 'S-1');
      assert.equal(before?.state, 'active');
      const counts = await sweepMandates(play.job(), NO_SLEEP);
      assert.deepEqual([counts.compared, counts.endedHere, counts.unknown], [1, 1, 0]);
      const [mandate] = await mandatesOf(play, 'S-1');
      assert.equal(mandate?.state, 'ended');
      const [drift] = await driftsOf(play);
      assert.deepEqual(
        [drift?.kind, drift?.action, drift?.state],
        ['active_here_ended_there', 'ended_here', 'resolved'],
      );
      const again = await sweepMandates(play.job(), NO_SLEEP);
      assert.equal(again.endedHere, 0);
      await play.advanceTo('2026-12-02 12:00');
      await play.end();
    });
  }
});
