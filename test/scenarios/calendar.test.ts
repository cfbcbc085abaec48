import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_AMOUNT_GUARD } from '../../packages/core/src/index.ts';
import { planDay, releaseDebit, resolveAttempt } from '../../packages/engine/src/index.ts';
import { day } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

function openAttempts(play: Play) {
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listAttempts({ limit: 10, needsPerson: true }),
  );
}

onStage('a day of debits before it runs, and what a person decides', (newPlay) => {
  test('the plan of T: by rail and hour, with who was not told; then it runs', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'K-1', by: 'alipay', charge: '29.85' },
      { reference: 'K-2', by: 'wechat', charge: '10.00' },
      { reference: 'K-3', by: 'wechat', charge: '20.00' },
      { reference: 'K-4', by: 'wechat', charge: '30.00', mail: 'bounce-9@example.test' },
    ]);
    await play.advanceTo('2026-11-29 12:00');
    const { rails } = await planDay(play.job(), day('2026-12-01'));
    const told = rails.map(({ rail, count, totals, hours, blocked }) => ({
      rail,
      count,
      minor: totals.map(({ minor }) => minor),
      hours,
      blocked,
    }));
    assert.deepEqual(told, [
      { rail: 'alipay', count: 1, minor: [2_985n], hours: [{ hour: 7, count: 1 }], blocked: [] },
      {
        rail: 'wechat',
        count: 2,
        minor: [3_000n],
        hours: [{ hour: 7, count: 2 }],
        blocked: [{ reason: 'notice_not_delivered', count: 1 }],
      },
    ]);
    assert.deepEqual((await planDay(play.job(), day('2026-12-02'))).rails, []);
    await play.advanceTo('2026-12-01 08:00');
    await play.end(1_000, 2_000, 2_985);
  });

  test('an amount far above the usual: held back, released by a person, then taken', async () => {
    const play = await newPlay();
    const guarded = { ...play.engine, amountGuard: { ...DEFAULT_AMOUNT_GUARD, atLeast: 1 } };
    Object.assign(play.engine, guarded);
    await play.subscribe([{ reference: 'G-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 12:00');
    await play.subscribeAgain('G-1', 15_000n);
    await play.advanceTo('2027-01-01 07:45');
    const held = (await play.eventsOf('G-1')).at(-1);
    assert.equal(held, '01-01 07:30 debit.blocked amount_unlike_history');
    const [debit] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listDebitsBlockedBy('amount_unlike_history', { limit: 5 }),
    );
    assert.ok(debit);
    const released = await releaseDebit(play.job(), debit.id, 'finance-1');
    assert.equal(released.ok && released.value.released?.by, 'finance-1');
    await play.advanceTo('2027-01-01 12:00');
    const story = await play.eventsOf('G-1');
    assert.ok(story.some((line) => line.startsWith('01-01 07:45 payment.received')));
    await play.end(2_985, 17_985);
  });

  for (const outcome of ['paid', 'unpaid'] as const) {
    test(`no word from the rail for a week: a person answers ${outcome}`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'U-1', by: 'alipay', charge: '29.85' }]);
      const rail = play.engine.rails.get('alipay');
      assert.ok(rail);
      const silent = async () => ({ kind: 'unknown', detail: 'time-out' }) as const;
      Object.assign(rail, { submit: silent, ask: silent, close: silent });
      await play.advanceTo('2026-12-10 12:00');
      const [attempt, ...others] = await openAttempts(play);
      assert.ok(attempt !== undefined && others.length === 0);
      const story = await play.eventsOf('U-1');
      assert.equal(story.filter((line) => line.includes('attempt.needs_person')).length, 1);
      assert.equal(story.filter((line) => line.includes('attempt.submitted')).length, 1);
      const answer = { outcome, evidence: '通道工单：已核实', by: 'support-1' } as const;
      if (outcome === 'paid') {
        const bare = await resolveAttempt(play.job(), attempt.id, answer);
        assert.equal(bare.ok ? 'taken' : bare.refusal.code, 'rail_reference_missing');
      }
      const whole = outcome === 'paid' ? { ...answer, railReference: 'T-1' } : answer;
      const resolved = await resolveAttempt(play.job(), attempt.id, whole);
      assert.equal(
        resolved.ok && resolved.value.state,
        outcome === 'paid' ? 'succeeded' : 'closed',
      );
      const twice = await resolveAttempt(play.job(), attempt.id, whole);
      assert.equal(twice.ok ? 'taken' : twice.refusal.code, 'attempt_has_ended');
      assert.deepEqual(await openAttempts(play), []);
      await play.stop();
    });
  }
});
