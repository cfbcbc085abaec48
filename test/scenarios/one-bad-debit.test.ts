import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttemptOutcome, present, type Rail } from '../../packages/core/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

async function isPaid(play: Play, reference: string): Promise<boolean> {
  const events = await play.eventsOf(reference);
  return events.some((line) => line.includes(' invoice.paid '));
}

onStage('one debit at fault holds nobody else up (I10)', (newPlay) => {
  test('a rail that is not connected on the day: the others are debited, it follows', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'I-1', by: 'wechat', charge: '29.85' },
      { reference: 'I-2', by: 'alipay', charge: '29.85' },
    ]);
    await play.advanceTo('2026-12-01 07:00');
    const rails = play.engine.rails as Map<string, Rail>;
    const wechat = present(rails.get('wechat'), 'the rail');
    rails.delete('wechat');
    await play.advanceTo('2026-12-01 09:00');
    assert.equal(await isPaid(play, 'I-2'), true);
    assert.equal(await isPaid(play, 'I-1'), false);
    rails.set('wechat', wechat);
    await play.advanceTo('2026-12-01 12:00');
    assert.equal(await isPaid(play, 'I-1'), true);
    await play.end(2_985, 2_985);
  });

  test('a rail that is not connected when it is to announce: the others are debited', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'I-3', by: 'wechat', charge: '29.85' },
      { reference: 'I-4', by: 'alipay', charge: '29.85' },
    ]);
    await play.advanceTo('2026-11-27 12:00');
    const rails = play.engine.rails as Map<string, Rail>;
    rails.delete('wechat');
    await play.advanceTo('2026-12-01 12:00');
    assert.equal(await isPaid(play, 'I-4'), true);
    assert.equal(await isPaid(play, 'I-3'), false);
    await play.end(2_985);
  });

  test('an answer that cannot be saved: the others are settled, it is asked about', async () => {
    const play = await newPlay();
    const references = ['J-1', 'J-2', 'J-3', 'J-4'];
    await play.subscribe(
      references.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })),
    );
    const rails = play.engine.rails as Map<string, Rail>;
    const rail = present(rails.get('alipay'), 'the rail');
    let damaged = 0;
    const submit: Rail['submit'] = async (request) => {
      const outcome = await rail.submit(request);
      if (outcome.kind !== 'succeeded' || damaged > 0) return outcome;
      damaged += 1;
      // Beyond what our own types allow, as a bug of an adapter would be.
      return { ...outcome, railReference: undefined } as unknown as AttemptOutcome;
    };
    rails.set('alipay', { ...rail, submit });
    await play.advanceTo('2026-12-01 07:30');
    const paid = await Promise.all(references.map((reference) => isPaid(play, reference)));
    assert.equal(damaged, 1);
    assert.ok(paid.filter(Boolean).length >= 3, `${paid}`);
    await play.advanceTo('2026-12-02 12:00');
    await play.end(2_985, 2_985, 2_985, 2_985);
  });
});
