import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endMandate, orderMandates } from '../../packages/engine/src/index.ts';
import { mandatesOf, signAnother } from '../kit/methods.ts';
import { onStage } from '../kit/on-stage.ts';
import { untilDunning } from '../kit/story.ts';

onStage('a customer with two methods', (newPlay) => {
  test('the first refuses for its balance: a notice, and the second takes it, once', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-1', by: 'wechat', charge: '29.85' }]);
    await signAnother(play, 'R-1', 'alipay');
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH' });
    await play.advanceTo('2026-12-03 12:00');
    const story = await play.eventsOf('R-1');
    assert.deepEqual(story.slice(story.indexOf('12-01 07:30 attempt.submitted #1 ¥29.85')), [
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 NOTENOUGH',
      '12-01 07:30 debit.moved moved_to_other_mandate',
      '12-01 07:30 debit.scheduled alipay ¥29.85 on 12-02',
      '12-01 08:00 notice.sent mail retry ¥29.85 on 12-02',
      '12-01 08:00 notice.delivered mail retry ¥29.85 on 12-02',
      '12-02 10:00 attempt.submitted #1 ¥29.85',
      '12-02 10:00 payment.received #1 ¥29.85',
      '12-02 10:00 debit.succeeded #1 ¥29.85',
      '12-02 10:00 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('no answer from the first: it is asked, the second is never tried beside it', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-2', by: 'alipay', charge: '29.85' }]);
    await signAnother(play, 'R-2', 'wechat');
    await play.fault({ rail: 'alipay', fault: 'TIMEOUT_THEN_PAID' });
    await play.advanceTo('2026-12-04 12:00');
    const story = await play.eventsOf('R-2');
    assert.equal(story.filter((line) => line.includes('debit.moved')).length, 0);
    assert.equal(story.filter((line) => line.includes('payment.received')).length, 1);
    await play.end(2_985);
  });

  test('the first was ended in the wallet: the second takes over, with its notice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-3', by: 'wechat', charge: '29.85' }]);
    await signAnother(play, 'R-3', 'alipay');
    await play.advanceTo('2026-11-30 12:00');
    await play.endInWallet('R-3');
    await play.advanceTo('2026-12-03 12:00');
    const story = await play.eventsOf('R-3');
    assert.ok(story.includes('12-01 07:30 debit.moved moved_to_other_mandate'), story.join('\n'));
    assert.ok(story.includes('12-02 10:00 payment.received #1 ¥29.85'));
    await play.end(2_985);
  });

  test('both refuse, and the second rail’s dates leave no third day: given up', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-4', by: 'wechat', charge: '29.85' }]);
    await signAnother(play, 'R-4', 'alipay');
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH', times: 9 });
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', times: 9 });
    await play.advanceTo('2026-12-10 12:00');
    const story = untilDunning(await play.eventsOf('R-4'));
    assert.equal(story.filter((line) => line.includes('attempt.refused')).length, 2);
    assert.equal(story.filter((line) => line.includes('debit.moved')).length, 1);
    assert.equal(story.filter((line) => line.includes('debit.failed')).length, 1);
    await play.end();
  });

  test('the customer’s own order decides where the next invoice is collected', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-5', by: 'wechat', charge: '29.85' }]);
    const second = await signAnother(play, 'R-5', 'alipay');
    const [first] = await mandatesOf(play, 'R-5');
    assert.ok(first);
    const { id: customerId } = await play.customer('R-5');
    const partial = await orderMandates(play.job(), customerId, [second.id]);
    assert.equal(partial.ok ? 'taken' : partial.refusal.code, 'mandate_order_incomplete');
    const ordered = await orderMandates(play.job(), customerId, [second.id, first.id]);
    assert.ok(ordered.ok);
    await play.advanceTo('2026-12-01 09:00');
    const debit = await play.debit();
    assert.deepEqual([debit.rail, debit.state], ['alipay', 'succeeded']);
    await play.end(2_985);
  });

  test('ended by the customer through us: no debit from then on, the proof is kept', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-6', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-30 12:00');
    const [mandate] = await mandatesOf(play, 'R-6');
    assert.ok(mandate);
    const wish = { by: 'customer', remark: '用户申请解约' } as const;
    const ended = await endMandate(play.job(), mandate.id, wish);
    assert.ok(ended.ok);
    assert.deepEqual(
      [ended.value.mandate.state, ended.value.mandate.endedBy],
      ['ended', 'customer'],
    );
    const { end } = ended.value;
    assert.deepEqual([end?.askedBy, end?.remark, end?.tries], ['customer', '用户申请解约', 1]);
    assert.match(end?.answer ?? '', /^ended by /);
    await play.advanceTo('2026-12-02 12:00');
    const story = await play.eventsOf('R-6');
    assert.ok(story.includes('11-30 12:00 mandate.ending wechat customer'), story.join('\n'));
    assert.equal(story.filter((line) => line.includes('attempt.')).length, 0);
    const again = await endMandate(play.job(), mandate.id, wish);
    assert.equal(again.ok && again.value.mandate.state, 'ended');
    await play.end();
  });

  test('the rail is down when asked: revoke_failed, no debit, ended by the worker', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'R-7', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-01 07:00');
    const [mandate] = await mandatesOf(play, 'R-7');
    assert.ok(mandate);
    const rail = play.engine.rails.get('alipay');
    assert.ok(rail);
    const down = { ...rail, endMandate: () => Promise.reject(new Error('down')) };
    const rails = new Map([...play.engine.rails, ['alipay', down] as const]);
    const job = { ...play.job(), engine: { ...play.engine, rails } };
    const asked = await endMandate(job, mandate.id, { by: 'merchant', remark: '停止服务' });
    assert.equal(asked.ok && asked.value.mandate.state, 'revoke_failed');
    await play.advanceTo('2026-12-01 09:00');
    const [now] = await mandatesOf(play, 'R-7');
    assert.deepEqual([now?.state, now?.endedBy], ['ended', 'merchant']);
    const story = await play.eventsOf('R-7');
    assert.equal(story.filter((line) => line.includes('attempt.')).length, 0);
    await play.end();
  });
});
