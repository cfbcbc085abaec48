import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventType } from '../../packages/core/src/index.ts';
import { submitDebits } from '../../packages/engine/src/index.ts';
import { pumpAll } from '../../packages/server/src/worker/pump.ts';
import { withWorkers } from '../kit/several-workers.ts';

const CUSTOMERS = 40;
const OVERTAKEN: readonly EventType[] = ['notice.sent', 'attempt.accepted'];

withWorkers('several workers on one PostgreSQL', 3, ({ stage, jobs }) => {
  const subscribers = (by: 'alipay' | 'wechat') =>
    Array.from({ length: CUSTOMERS }, (_, index) => ({
      reference: `${by}-${index + 1}`,
      by,
      charge: '29.85',
    }));

  test('due debits claimed by all at once: one attempt and one payment each', async () => {
    const play = await stage().newPlay();
    await play.subscribe([...subscribers('alipay'), ...subscribers('wechat')]);
    await play.advanceTo('2026-11-30 12:00');
    await play.sleepUntil('2026-12-01 07:30');
    const counts = await Promise.all(jobs(play).map((job) => submitDebits(job, sleep)));
    const sent = counts.map((count) => count.sent);
    assert.equal(
      sent.reduce((total, one) => total + one, 0),
      2 * CUSTOMERS,
    );
    await play.admin.idle();
    const attempts = await stage().store.rawSql(
      'select state, count(*)::int, count(distinct debit_id)::int from attempts group by state',
    );
    assert.deepEqual(attempts.rows, [['succeeded', 2 * CUSTOMERS, 2 * CUSTOMERS]]);
    await play.end(...Array.from({ length: 2 * CUSTOMERS }, () => 2_985));
  });

  test('the whole month by three workers at once: each step is done once', async () => {
    const play = await stage().newPlay();
    await play.subscribe(subscribers('wechat'));
    for (const instant of [
      '2026-11-23 08:00',
      '2026-11-26 09:00',
      '2026-11-29 10:00',
      '2026-12-01 07:30',
    ]) {
      await play.sleepUntil(instant);
      await Promise.all(jobs(play).map((job) => pumpAll(job)));
      await play.admin.idle();
    }
    const steps: readonly EventType[] = [
      'customer.imported',
      'mandate.signing',
      'mandate.active',
      'invoice.drafted',
      'invoice.issued',
      'debit.scheduled',
      'notice.sent',
      'notice.delivered',
      'notice.delivered',
      'attempt.submitted',
      'attempt.accepted',
      'payment.received',
      'debit.succeeded',
      'invoice.paid',
    ];
    for (const { reference } of subscribers('wechat')) {
      const events = (await play.rawEventsOf(reference)).map(({ type }) => type);
      // News may overtake the reply that it is about; then the reply is no news any more.
      const told = steps.filter((step) => !OVERTAKEN.includes(step) || events.includes(step));
      assert.deepEqual(events, told, reference);
    }
    await play.end(...Array.from({ length: CUSTOMERS }, () => 2_985));
  });
});

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
