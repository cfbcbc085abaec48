import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, makeId, toContractCode } from '../../packages/core/src/index.ts';
import { endMandatesDue, sweepMandates, sweepOncePerDay } from '../../packages/engine/src/index.ts';
import { relearnMandates } from '../../packages/engine/src/reconciliation/relearn-mandates.ts';
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

onStage('a rail that does not find its mandates', (newPlay) => {
  const REFERENCES = ['B-1', 'B-2', 'B-3', 'B-4'];

  test('all at once are a wrong key: nobody is ended before a person confirms', async () => {
    const play = await newPlay();
    await play.subscribe(
      REFERENCES.map((reference) => ({ reference, by: 'wechat' as const, charge: '29.85' })),
    );
    await play.sleepUntil('2026-11-26 09:00');
    const rail = play.engine.rails.get('wechat');
    assert.ok(rail);
    const { queryMandate } = rail;
    let missing = REFERENCES.length;
    const contracts = new Set<string>();
    Object.assign(rail, {
      queryMandate: (handle: Parameters<typeof queryMandate>[0]) => {
        contracts.add(handle.contractCode);
        const isMissing = [...contracts].indexOf(handle.contractCode) < missing;
        const { contractCode } = handle;
        return isMissing
          ? Promise.resolve({ kind: 'not_found', contractCode })
          : queryMandate.call(rail, handle);
      },
    });
    const states = async () =>
      Promise.all(REFERENCES.map(async (one) => (await mandatesOf(play, one))[0]?.state));
    const brakes = () => play.engine.store.transact(play.merchant.id, (tx) => tx.findOpenBrakes());
    // After a restore the same questions are asked, and the same answers are not believed.
    const { asked, ended } = await relearnMandates(play.job(), NO_SLEEP);
    assert.deepEqual([asked, ended], [4, []]);
    assert.equal((await brakes()).length, 1);
    const held = await sweepMandates(play.job(), NO_SLEEP);
    assert.deepEqual([held.compared, held.heldBack, held.endedHere], [4, 4, 0]);
    assert.deepEqual(await driftsOf(play), []);
    await sweepMandates(play.job(), NO_SLEEP);
    const [brake, ...others] = await brakes();
    assert.deepEqual(others, []);
    assert.deepEqual([brake?.rail, brake?.compared, brake?.notFound], ['wechat', 4, 4]);
    assert.equal(await play.engine.store.countOpenBrakes(), 1);
    // The right key: the brake is off by itself, and the one who is really gone ends.
    missing = 1;
    const found = await sweepMandates(play.job(), NO_SLEEP);
    assert.deepEqual([found.heldBack, found.endedHere], [0, 1]);
    assert.deepEqual(await brakes(), []);
    assert.equal((await states()).filter((state) => state === 'active').length, 3);
    // All gone, and a person knows it.
    missing = REFERENCES.length;
    assert.equal((await sweepMandates(play.job(), NO_SLEEP)).heldBack, 3);
    const other = { rail: 'alipay', by: 'Anna' };
    assert.equal((await sweepMandates(play.job(), NO_SLEEP, other)).heldBack, 3);
    const confirmed = { rail: 'wechat', by: 'Anna' };
    assert.equal((await sweepMandates(play.job(), NO_SLEEP, confirmed)).endedHere, 3);
    assert.deepEqual(await brakes(), []);
    assert.ok((await states()).every((state) => state === 'ended'));
    // Whoever was missing has ended otherwise: nothing is left for a person, so the brake is off.
    assert.ok(brake);
    await play.engine.store.transact(play.merchant.id, (tx) => tx.saveBrakes([brake]));
    await sweepMandates(play.job(), NO_SLEEP);
    assert.deepEqual(await brakes(), []);
    await play.stop();
  });

  test('a number that the customer signed again is not ended for the old mandate', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'B-9', by: 'wechat', charge: '29.85' }]);
    const [active] = await mandatesOf(play, 'B-9');
    assert.ok(active);
    const { store } = play.engine;
    const id = makeId('man', {
      epochMilliseconds: 1_764_000_000_000,
      random: new Uint8Array(10),
      bucket: bucketOf(active.customerId),
    });
    // The same card, signed before: the rail gave both the same number (UnionPay).
    const old = { ...active, id, contractCode: toContractCode(id) };
    const { signedAt: askedAt } = active;
    assert.ok(askedAt);
    await store.transact(play.merchant.id, async (tx) => {
      await tx.save({ mandates: [{ ...old, state: 'revoke_failed', endedBy: 'customer' }] });
      const { merchantId, customerId } = old;
      const end = { mandateId: id, merchantId, customerId, askedBy: 'customer' } as const;
      await tx.saveMandateEnds([
        { ...end, remark: '用户申请解约', askedAt, tries: 1, nextTryAt: askedAt },
      ]);
    });
    const ended: string[] = [];
    const rail = play.engine.rails.get('wechat');
    assert.ok(rail);
    Object.assign(rail, {
      endMandate: (handle: { readonly railReference?: string }) => {
        ended.push(handle.railReference ?? 'without a number');
        return Promise.resolve({ kind: 'unknown', detail: 'x' });
      },
    });
    assert.deepEqual(await endMandatesDue(play.job()), { tried: 1, ended: 1 });
    assert.deepEqual(ended, [], 'the new mandate would have ended');
    const now = await mandatesOf(play, 'B-9');
    assert.deepEqual(now.map((one) => [one.id === id, one.state]).toSorted(), [
      [false, 'active'],
      [true, 'ended'],
    ]);
    const end = await store.transact(play.merchant.id, (tx) => tx.findMandateEnd(id));
    assert.match(end?.answer ?? '', /^signed again as man_/);
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
