import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeContact } from '@daikou/engine';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const OLD = 'somebody-else@example.test';

async function correct(play: Play, reference: string, change: object) {
  const { id } = await play.customer(reference);
  const address = `${reference.toLowerCase()}@example.test`;
  const corrected = await changeContact(play.job(), id, { channel: 'mail', address, ...change });
  assert.ok(corrected.ok);
  return corrected.value;
}

async function noticesOf(play: Play, reference: string) {
  const { id } = await play.customer(reference);
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listNotices({ customerId: id, limit: 50 }),
  );
}

async function told(play: Play, reference: string): Promise<readonly string[]> {
  const lines = await play.eventsOf(reference);
  return lines.filter((line) =>
    /notice.delivered|debit\.|attempt.submitted|payment.received/.test(line),
  );
}

onStage('a corrected address', (newPlay) => {
  test('a wrong one told nobody: the debit waits for a notice to the right one', async () => {
    const play = await newPlay();
    const one = { by: 'alipay', charge: '29.85', mail: OLD } as const;
    await play.subscribe([
      { reference: 'W-1', ...one },
      { reference: 'W-2', ...one },
      { reference: 'W-3', ...one },
    ]);
    await play.advanceTo('2026-11-28 10:00');
    const corrected = await correct(play, 'W-1', { isWrong: true });
    assert.equal(corrected.resent.length, 1);
    // Who moved on had the message at the address of that day.
    await correct(play, 'W-2', {});
    await play.advanceTo('2026-11-28 11:00');
    const sent = (await noticesOf(play, 'W-1')).map(({ sentTo, state, voidedAt }) => [
      sentTo,
      state,
      voidedAt !== undefined,
    ]);
    assert.deepEqual(sent, [
      [OLD, 'delivered', true],
      ['w-1@example.test', 'delivered', false],
    ]);

    // After the debit has left, a correction is for the next one only.
    await play.advanceTo('2026-12-02 10:00');
    assert.deepEqual((await correct(play, 'W-3', { isWrong: true })).resent, []);
    await play.advanceTo('2026-12-03 10:00');
    const events = (await told(play, 'W-1')).map((line) => line.replace(/ dbt_[0-9a-f]{32}/, ''));
    assert.deepEqual(events, [
      '11-26 09:00 debit.scheduled alipay ¥29.85 on 12-01',
      '11-26 09:00 notice.delivered mail renewal ¥29.85 on 12-01',
      '11-28 10:00 debit.blocked notice_failed',
      '11-28 10:00 debit.retry_scheduled alipay ¥29.85 on 12-03',
      '11-28 10:00 notice.delivered mail renewal ¥29.85 on 12-03',
      '12-03 07:30 attempt.submitted #1 ¥29.85',
      '12-03 07:30 payment.received #1 ¥29.85',
      '12-03 07:30 debit.succeeded #1 ¥29.85',
    ]);
    for (const reference of ['W-2', 'W-3']) {
      const taken = (await told(play, reference)).filter((line) => /attempt/.test(line));
      assert.deepEqual(taken, ['12-01 07:30 attempt.submitted #1 ¥29.85']);
    }
    await play.end(2_985, 2_985, 2_985);
  });

  test('a warning that told somebody else suspends nobody', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-4', by: 'transfer', charge: '29.85', mail: OLD }]);
    await play.advanceTo('2026-12-08 12:00');
    await correct(play, 'W-4', { isWrong: true });
    await play.advanceTo('2026-12-12 12:00');
    const { id } = await play.customer('W-4');
    const [arrears] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.loadArrears([id]),
    );
    assert.deepEqual(
      [arrears?.state, arrears?.nextChange?.on.toString()],
      ['warned', '2026-12-15'],
    );
    const warnings = (await noticesOf(play, 'W-4')).filter(
      ({ templateKey }) => templateKey === 'service_warned',
    );
    assert.deepEqual(
      warnings.map(({ sentTo, voidedAt, variables }) => [
        sentTo,
        voidedAt !== undefined,
        variables?.['suspendDate'],
      ]),
      [
        [OLD, true, '2026-12-11'],
        ['w-4@example.test', false, '2026-12-15'],
      ],
    );
    await play.stop();
  });
});
