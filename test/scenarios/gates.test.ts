import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';
import { noticed } from '../kit/story.ts';

const ANNOUNCED = '11-29 10:00 notice.delivered rail rail';

onStage('a debit that must not leave', (newPlay) => {
  test('the notice bounces: held back, told once, never sent', async () => {
    const play = await newPlay();
    const mail = 'bounce-1@example.test';
    await play.subscribe([{ reference: 'A-1', by: 'alipay', charge: '29.85', mail }]);
    await play.advanceTo('2026-12-01 09:00');
    assert.deepEqual(await play.eventsOf('A-1'), [
      ...noticed('alipay').slice(0, -1),
      '11-26 09:00 notice.failed mail renewal ¥29.85 on 12-01',
      '11-26 09:00 notice.undelivered renewal 1',
      '11-26 09:00 task.opened notice_undelivered support open',
      '12-01 07:30 debit.blocked notice_failed',
    ]);
    await play.end();
  });

  test('the bounced notice’s day is over: a later date, and that notice bounces too', async () => {
    const play = await newPlay();
    const mail = 'bounce-2@example.test';
    await play.subscribe([{ reference: 'A-2', by: 'alipay', charge: '29.85', mail }]);
    await play.advanceTo('2026-12-02 09:00');
    assert.deepEqual((await play.eventsOf('A-2')).slice(-6), [
      '12-02 00:30 debit.blocked planned_date_moving',
      '12-02 00:30 mandate.plan_moved alipay',
      '12-02 00:30 debit.retry_scheduled alipay ¥29.85 on 12-07',
      // The customer sleeps until eight, which is still five days before.
      '12-02 08:00 notice.sent mail renewal ¥29.85 on 12-07',
      '12-02 08:00 notice.failed mail renewal ¥29.85 on 12-07',
      '12-02 08:00 notice.undelivered renewal 1',
    ]);
    await play.end();
  });

  for (const rail of ['alipay', 'wechat'] as const) {
    const announced = rail === 'wechat' ? [`${ANNOUNCED} ¥29.85`] : [];

    test(`${rail}: ended in the wallet the day before T: no debit`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'E-1', by: rail, charge: '29.85' }]);
      await play.advanceTo('2026-11-30 12:00');
      await play.endInWallet('E-1');
      await play.advanceTo('2026-12-01 08:00');
      assert.deepEqual(await play.eventsOf('E-1'), [
        ...noticed(rail),
        ...announced,
        `11-30 12:00 mandate.ended ${rail}`,
        '12-01 07:30 debit.blocked mandate_not_active',
      ]);
      await play.end();
    });

    test(`${rail}: one fen above the cap that the customer signed: no debit`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'C-1', by: rail, charge: '200.01' }]);
      await play.advanceTo('2026-12-01 08:00');
      assert.deepEqual(await play.eventsOf('C-1'), [
        ...noticed(rail, '¥200.01'),
        ...announced.map(() => `${ANNOUNCED} ¥200.01`),
        '12-01 07:30 debit.blocked mandate_cap_exceeded',
      ]);
      await play.end();
    });

    test(`${rail}: exactly the cap is taken`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'C-2', by: rail, charge: '200.00' }]);
      await play.advanceTo('2026-12-01 08:00');
      assert.equal((await play.debit()).state, 'succeeded');
      await play.end(20_000);
    });
  }

  test('Alipay: down on T, back on T+2: a later date is kept, then a fresh notice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'D-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-30 12:00');
    await play.sleepUntil('2026-12-03 09:00');
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(await play.eventsOf('D-1'), [
      ...noticed('alipay'),
      '12-03 09:00 debit.blocked planned_date_moving',
      '12-03 09:00 mandate.plan_moved alipay',
      '12-03 09:00 debit.retry_scheduled alipay ¥29.85 on 12-04',
      '12-03 09:00 notice.sent mail retry ¥29.85 on 12-04',
      '12-03 09:00 notice.delivered mail retry ¥29.85 on 12-04',
      '12-04 10:00 attempt.submitted #1 ¥29.85',
      '12-04 10:00 payment.received #1 ¥29.85',
      '12-04 10:00 debit.succeeded #1 ¥29.85',
      '12-04 10:00 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('WeChat Pay: down on T, back on T+2: a fresh notice and a fresh window first', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'D-2', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-30 12:00');
    await play.sleepUntil('2026-12-03 09:00');
    await play.advanceTo('2026-12-07 12:00');
    assert.deepEqual(await play.eventsOf('D-2'), [
      ...noticed('wechat'),
      `${ANNOUNCED} ¥29.85`,
      '12-03 09:00 debit.retry_scheduled wechat ¥29.85 on 12-05',
      '12-03 09:00 notice.sent mail retry ¥29.85 on 12-05',
      '12-03 09:00 notice.delivered mail retry ¥29.85 on 12-05',
      // The first window runs until 3 December, and the rail keeps one at a time.
      '12-04 07:00 notice.delivered rail rail ¥29.85',
      '12-05 10:00 debit.blocked outside_rail_window',
      '12-05 22:00 debit.retry_scheduled wechat ¥29.85 on 12-07',
      '12-06 08:00 notice.sent mail retry ¥29.85 on 12-07',
      '12-06 08:00 notice.delivered mail retry ¥29.85 on 12-07',
      '12-07 10:00 attempt.submitted #1 ¥29.85',
      '12-07 10:00 attempt.accepted #1 ¥29.85',
      '12-07 10:00 payment.received #1 ¥29.85',
      '12-07 10:00 debit.succeeded #1 ¥29.85',
      '12-07 10:00 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('WeChat Pay: down from T−6 to T+2: issued late, five days’ notice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'D-3', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-25 12:00');
    await play.sleepUntil('2026-12-03 09:00');
    await play.advanceTo('2026-12-08 09:00');
    assert.deepEqual((await play.eventsOf('D-3')).slice(3), [
      '11-23 08:00 invoice.drafted ¥29.85',
      '12-03 09:00 invoice.issued ¥29.85',
      '12-03 09:00 debit.scheduled wechat ¥29.85 on 12-08',
      '12-03 09:00 notice.sent mail renewal ¥29.85 on 12-08',
      '12-03 09:00 notice.delivered mail renewal ¥29.85 on 12-08',
      '12-06 10:00 notice.delivered rail rail ¥29.85',
      '12-08 07:30 attempt.submitted #1 ¥29.85',
      '12-08 07:30 attempt.accepted #1 ¥29.85',
      '12-08 07:30 payment.received #1 ¥29.85',
      '12-08 07:30 debit.succeeded #1 ¥29.85',
      '12-08 07:30 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });
});
