import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';

onStage('a debit that succeeds', (newPlay) => {
  test('on Alipay: the reply is final', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'A-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await play.eventsOf('A-1'), []);
    assert.deepEqual(await play.books(), {});
    await play.end();
  });
  test('on WeChat Pay: accepted first, the callback settles', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await play.eventsOf('W-1'), []);
    await play.end();
  });
});
