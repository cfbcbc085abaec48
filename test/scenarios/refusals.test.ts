import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';
import { noticed, untilDunning } from '../kit/story.ts';

onStage('a debit that the rail refuses', (newPlay) => {
  test('Alipay, balance too low: a retry notice, and paid on T+1', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'A-1', by: 'alipay', charge: '29.85' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH' });
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await play.eventsOf('A-1'), [
      ...noticed('alipay'),
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 ACQ.BUYER_BALANCE_NOT_ENOUGH',
      '12-01 07:30 debit.retry_scheduled alipay ¥29.85 on 12-02',
      '12-01 08:00 notice.sent mail retry ¥29.85 on 12-02',
      '12-01 08:00 notice.delivered mail retry ¥29.85 on 12-02',
      '12-02 10:00 attempt.submitted #2 ¥29.85',
      '12-02 10:00 payment.received #2 ¥29.85',
      '12-02 10:00 debit.succeeded #2 ¥29.85',
      '12-02 10:00 invoice.paid #2 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('WeChat Pay, balance too low: the announced window still holds on T+1', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-1', by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH' });
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await play.eventsOf('W-1'), [
      ...noticed('wechat'),
      '11-29 10:00 notice.delivered rail rail ¥29.85',
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 NOTENOUGH',
      '12-01 07:30 debit.retry_scheduled wechat ¥29.85 on 12-02',
      '12-01 08:00 notice.sent mail retry ¥29.85 on 12-02',
      '12-01 08:00 notice.delivered mail retry ¥29.85 on 12-02',
      '12-02 10:00 attempt.submitted #2 ¥29.85',
      '12-02 10:00 attempt.accepted #2 ¥29.85',
      '12-02 10:00 payment.received #2 ¥29.85',
      '12-02 10:00 debit.succeeded #2 ¥29.85',
      '12-02 10:00 invoice.paid #2 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('balance too low twice: failed, and the invoice stays open', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'A-2', by: 'alipay', charge: '29.85' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', times: 9 });
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(untilDunning(await play.eventsOf('A-2')), [
      ...noticed('alipay'),
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 ACQ.BUYER_BALANCE_NOT_ENOUGH',
      '12-01 07:30 debit.retry_scheduled alipay ¥29.85 on 12-02',
      '12-01 08:00 notice.sent mail retry ¥29.85 on 12-02',
      '12-01 08:00 notice.delivered mail retry ¥29.85 on 12-02',
      '12-02 10:00 attempt.submitted #2 ¥29.85',
      '12-02 10:00 attempt.refused #2 ¥29.85 ACQ.BUYER_BALANCE_NOT_ENOUGH',
      '12-02 10:00 debit.failed #2 ¥29.85',
    ]);
    assert.equal((await play.books())['1122'], 2_985n);
    await play.end();
  });

  const HARD = [
    { rail: 'alipay', code: 'ACQ.BUYER_ENABLE_STATUS_FORBID', before: [], accepted: [] },
    {
      rail: 'wechat',
      code: 'USER_ACCOUNT_ABNORMAL',
      before: ['11-29 10:00 notice.delivered rail rail ¥29.85'],
      accepted: ['12-01 07:30 attempt.accepted #1 ¥29.85'],
    },
  ] as const;
  for (const { rail, code, before, accepted } of HARD) {
    test(`${code} (${rail}): failed at once, nothing more is sent`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'H-1', by: rail, charge: '29.85' }]);
      await play.fault({ rail, fault: code, times: 9 });
      await play.advanceTo('2026-12-10 12:00');
      const story = await play.eventsOf('H-1');
      assert.deepEqual(untilDunning(story), [
        ...noticed(rail),
        ...before,
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        ...accepted,
        `12-01 07:30 attempt.refused #1 ¥29.85 ${code}`,
        '12-01 07:30 debit.failed #1 ¥29.85',
      ]);
      assert.equal(story.filter((line) => line.includes('attempt.submitted')).length, 1);
      assert.equal((await play.debit()).attemptCount, 1);
      await play.end();
    });
  }
});
