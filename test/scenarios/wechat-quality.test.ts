import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcileDay } from '../../packages/engine/src/index.ts';
import { callbackUrl, composeEngine } from '../../packages/server/src/compose.ts';
import { reconcileDue } from '../../packages/server/src/worker/loop.ts';
import { openBillProxy } from '../kit/bill-proxy.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Heard, Play } from '../kit/stage.ts';

/**
 * The points of WeChat Pay's quality list for 委托代扣 (rails.md appendix B) that live in the engine
 * and the server; the others are in the rail's own quality.test.ts.
 */
onStage('WeChat Pay’s quality list, from the callback to the books', (newPlay, stage) => {
  const subscribed = async (): Promise<Play> => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'Q-1', by: 'wechat', charge: '29.85' }]);
    return play;
  };

  const linesOf = async (play: Play, type: string): Promise<readonly string[]> =>
    (await play.eventsOf('Q-1')).filter((line) => line.includes(type));

  /** The callbacks of this play that hold the text, oldest first. */
  const heard = (play: Play, text: string): readonly Heard[] =>
    stage()
      .heard(`/callbacks/wechat/${play.merchant.code}`)
      .filter((one) => Buffer.from(one.body).toString('utf8').includes(text));

  test('3 de-duplication and lock: one callback five times at once is one payment', async () => {
    const play = await subscribed();
    await play.advanceTo('2026-12-01 07:30');
    const [callback] = heard(play, '<trade_state>');
    assert.ok(callback);
    const story = await play.eventsOf('Q-1');
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => stage().say(callback)));
    assert.ok(answers.every((answer) => answer.status === 200));
    await play.settle();
    assert.deepEqual(await play.eventsOf('Q-1'), story);
    assert.equal((await linesOf(play, 'payment.received')).length, 1);
    await play.end(2_985);
  });

  test('10 order number: new after a definite end only, the same while unknown', async () => {
    const play = await subscribed();
    await play.advanceTo('2026-11-30 12:00');
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH' });
    await play.advanceTo('2026-12-01 12:00');
    assert.deepEqual(await linesOf(play, 'attempt.submitted'), [
      '12-01 07:30 attempt.submitted #1 ¥29.85',
    ]);
    // The second number is lost on the way: it goes out again as it is.
    await play.fault({ rail: 'wechat', fault: 'TIMEOUT_NOT_RECEIVED' });
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await linesOf(play, 'attempt.submitted'), [
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-02 10:00 attempt.submitted #2 ¥29.85',
      '12-02 10:02:30 attempt.submitted #2 ¥29.85',
    ]);
    assert.equal((await linesOf(play, 'payment.received #2')).length, 1);
    await play.end(2_985);
  });

  test('13 sign callback idempotent: the same contract_code twice is one mandate', async () => {
    const play = await subscribed();
    const [callback] = heard(play, 'ADD');
    assert.ok(callback);
    for (let time = 0; time < 3; time += 1) {
      assert.equal((await stage().say(callback)).status, 200);
    }
    await play.settle();
    assert.equal((await linesOf(play, 'mandate.active')).length, 1);
    const { id } = await play.customer('Q-1');
    const mandates = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listMandates({ customerId: id, limit: 10 }),
    );
    assert.deepEqual(
      mandates.map(({ state }) => state),
      ['active'],
    );
    await play.end();
  });

  test('14 amount compared: a callback of another amount books nothing', async () => {
    const play = await subscribed();
    await play.advanceTo('2026-11-30 12:00');
    const fault = { rail: 'wechat', operation: 'pay_callback', fault: 'swapped_amount' };
    await play.fault(fault);
    await play.advanceTo('2026-12-01 07:30');
    assert.equal(heard(play, '<total_fee><![CDATA[3085]]>').length, 1);
    assert.deepEqual(await linesOf(play, 'payment.received'), []);
    await play.advanceTo('2026-12-01 08:00');
    assert.deepEqual(await linesOf(play, 'payment.received'), [
      '12-01 07:30:30 payment.received #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('25 daily reconciliation: after 10:00, every order, each difference a break', async () => {
    const play = await subscribed();
    await play.advanceTo('2026-12-01 12:00');
    await play.sleepUntil('2026-12-02 09:59');
    await reconcileDue(play.job());
    const bills = async (): Promise<readonly string[]> => {
      const id = play.merchant.id.slice(4);
      const { rows } = await stage().store.rawSql(
        `select state, row_count, matched_count, break_count from rail_bills
          where replace(merchant_id::text, '-', '') = '${id}' and rail = 'wechat'
            and business_date = '2026-12-01'`,
      );
      return rows.map((row) => row.join(' '));
    };
    assert.deepEqual(await bills(), []);
    await play.sleepUntil('2026-12-02 10:00');

    const { wechat } = await play.admin.connections('unused-report-token');
    assert.ok(wechat);
    const proxy = await openBillProxy(wechat.baseUrl ?? '');
    try {
      proxy.change({ kind: 'amount', order: await play.nextOrderNumber('Q-1'), yuan: '30.85' });
      const engine = composeEngine({
        store: play.engine.store,
        log: play.engine.log,
        connections: { wechat: { ...wechat, baseUrl: proxy.url } },
        baseUrl: callbackUrl(play.url, 'unused', 'unused'),
        merchantCode: play.merchant.code,
      });
      const job = { ...play.job(), engine };
      const businessDate = Temporal.PlainDate.from('2026-12-01');
      assert.equal((await reconcileDay(job, { rail: 'wechat', businessDate })).kind, 'matched');
    } finally {
      await proxy.close();
    }
    assert.deepEqual(await bills(), ['matched 1 0 1']);
    await play.end(2_985);
  });
});
