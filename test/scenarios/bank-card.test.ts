import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeUnionpayRail } from '../../packages/adapters/src/index.ts';
import { type AttemptOutcome, present, type Rail } from '../../packages/core/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import { noticed } from '../kit/story.ts';

onStage('a bank card', (newPlay, stage) => {
  test('taken, then paid and told; the file of the next day agrees', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'U-1', by: 'unionpay', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await play.eventsOf('U-1'), [
      ...noticed('unionpay'),
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 payment.received #1 ¥29.85',
      '12-01 07:30 debit.succeeded #1 ¥29.85',
      '12-01 07:30 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('the order has the time of its sending, by which the question finds it', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'U-2', by: 'unionpay', charge: '29.85' }]);
    await play.fault({ rail: 'unionpay', operation: 'consume', fault: 'TIMEOUT_THEN_PAID' });
    await play.fault({ rail: 'unionpay', operation: 'pay_callback', fault: 'lost_callback' });
    await play.advanceTo('2026-12-01 12:00');
    const id = play.merchant.id.slice(4);
    const { rows } = await stage().store.rawSql(
      `select order_number from attempts where replace(merchant_id::text, '-', '') = '${id}'`,
    );
    const number = String(rows[0]?.[0]);
    const { unionpay } = await play.admin.connections('unused-report-token');
    assert.ok(unionpay);
    const now = () => Temporal.Now.instant();
    const unaware = makeUnionpayRail({ ...unionpay, now, notifyUrl: play.url });
    // By the time within the number, which was made days before, the rail does not know it.
    assert.deepEqual(await unaware.ask(number), { kind: 'not_found' });
    const asked = await play.engine.rails.get('unionpay')?.ask(number);
    assert.equal(asked?.kind, 'succeeded');
    const events = await play.eventsOf('U-2');
    assert.ok(events.includes('12-01 07:30 attempt.unknown #1 ¥29.85'), events.join('\n'));
    assert.ok(events.some((line) => line.endsWith('invoice.paid #1 ¥29.85')));
    await play.end(2_985);
  });

  test('a request that was only late and the same number again are one order', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'U-4', by: 'unionpay', charge: '29.85' }]);
    const rails = play.engine.rails as Map<string, Rail>;
    const rail = present(rails.get('unionpay'), 'the rail');
    const { unionpay } = await play.admin.connections('unused-report-token');
    assert.ok(unionpay);
    let late: (() => Promise<AttemptOutcome>) | undefined;
    const submit: Rail['submit'] = async (request) => {
      if (late !== undefined) return await rail.submit(request);
      // As it left: with the time of its intent. It reaches the rail only after the second.
      const [sent] = await play.engine.store.transact(play.merchant.id, (tx) =>
        tx.findAttemptsByOrderNumber([request.orderNumber]),
      );
      const committedAt = async () => sent?.attempt.submittedAt;
      const now = () => Temporal.Now.instant();
      const slow = makeUnionpayRail({ ...unionpay, now, notifyUrl: play.url, committedAt });
      late = () => slow.submit(request);
      return { kind: 'unknown', detail: 'time-out' };
    };
    rails.set('unionpay', { ...rail, submit });
    await play.advanceTo('2026-12-01 12:00');
    const events = await play.eventsOf('U-4');
    assert.ok(
      events.some((line) => line.endsWith('invoice.paid #1 ¥29.85')),
      events.join('\n'),
    );
    await present(late, 'the request that is late')();
    await play.advanceTo('2026-12-02 12:00');
    await play.end(2_985);
  });

  test('not enough on the card: refused at the question, tried again, paid', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'U-3', by: 'unionpay', charge: '29.85' }]);
    await play.fault({ rail: 'unionpay', operation: 'consume', fault: '64' });
    await play.advanceTo('2026-12-10 12:00');
    const events = await play.eventsOf('U-3');
    assert.ok(
      events.some((line) => line.includes('attempt.refused #1')),
      events.join('\n'),
    );
    assert.ok(
      events.some((line) => line.endsWith('invoice.paid #2 ¥29.85')),
      events.join('\n'),
    );
    await play.end(2_985);
  });
});
