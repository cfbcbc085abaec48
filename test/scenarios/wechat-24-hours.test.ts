import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connections } from '../../packages/server/src/compose.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { noticed } from '../kit/story.ts';

/** The template of the simulators under which WeChat Pay itself gives notice (通知后24小时扣费). */
const PLAN_OF_24_HOURS = '120002';

function by24Hours(connections: Connections): Connections {
  const { wechat } = connections;
  assert.ok(wechat);
  return {
    ...connections,
    wechat: { ...wechat, planId: PLAN_OF_24_HOURS, noticeMode: 'notice_24h' },
  };
}

onStage('a month under WeChat Pay’s own notice of 24 hours', (_, stage) => {
  const subscribed = async (): Promise<Play> => {
    const play = await stage().newPlay('2026-11-20 09:00', by24Hours);
    await play.subscribe([{ reference: 'H-1', by: 'wechat', charge: '29.85' }]);
    return play;
  };

  const submitted = [
    ...noticed('wechat'),
    '12-01 07:30 attempt.submitted #1 ¥29.85',
    '12-01 07:30 attempt.accepted #1 ¥29.85',
  ];

  test('no announcement; the order waits its day, is not closed, and is paid', async () => {
    const play = await subscribed();
    await play.advanceTo('2026-12-02 07:29');
    assert.deepEqual(await play.eventsOf('H-1'), submitted);
    await play.advanceTo('2026-12-02 07:30');
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await play.eventsOf('H-1'), [
      ...submitted,
      '12-02 07:30 payment.received #1 ¥29.85',
      '12-02 07:30 debit.succeeded #1 ¥29.85',
      '12-02 07:30 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('when the callback is lost, a question after the day finds the payment', async () => {
    const play = await subscribed();
    await play.fault({ rail: 'wechat', fault: 'LOST_CALLBACK' });
    await play.advanceTo('2026-12-03 12:00');
    const story = await play.eventsOf('H-1');
    assert.deepEqual(story.slice(0, submitted.length), submitted);
    const received = story.filter((line) => line.includes('payment.received'));
    assert.equal(received.length, 1);
    assert.ok(story.every((line) => !line.includes('attempt.closed')));
    await play.end(2_985);
  });
});
