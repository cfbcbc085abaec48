import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invoice } from '../../packages/core/src/index.ts';
import { voidInvoice } from '../../packages/engine/src/index.ts';
import { mandatesOf } from '../kit/methods.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

async function invoiceDueOn(play: Play, date: string): Promise<Invoice> {
  const found = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ limit: 10 }),
  );
  const invoice = found.find(({ dueDate }) => dueDate.toString() === date);
  assert.ok(invoice, `an invoice due on ${date}`);
  return invoice;
}

onStage('a rail that keeps a date for the next debit', (newPlay) => {
  test('three months in a row: its date moves with every success, nothing is asked', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'P-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2027-02-02 12:00');
    const [mandate] = await mandatesOf(play, 'P-1');
    assert.equal(mandate?.plannedDate?.toString(), '2027-03-03');
    const story = await play.eventsOf('P-1');
    assert.equal(story.filter((line) => line.includes('payment.received')).length, 3);
    assert.equal(story.filter((line) => line.includes('plan_moved')).length, 0);
    await play.end(2_985, 2_985, 2_985);
  });

  test('the second month is voided: the date is moved first, and the third is taken', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'P-2', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-28 12:00');
    const second = await invoiceDueOn(play, '2027-01-01');
    const voided = await voidInvoice(play.job(), second.id);
    assert.ok(voided.ok);
    await play.advanceTo('2027-02-02 12:00');
    const story = await play.eventsOf('P-2');
    const from = story.findIndex((line) => line.startsWith('01-27 09:00 debit.blocked'));
    assert.deepEqual(
      story.slice(from).filter((line) => !line.includes('invoice.drafted')),
      [
        '01-27 09:00 debit.blocked planned_date_moving',
        '01-27 09:00 mandate.plan_moved alipay',
        '01-27 09:00 debit.scheduled alipay ¥29.85 on 02-01',
        '01-27 09:00 notice.sent mail renewal ¥29.85 on 02-01',
        '01-27 09:00 notice.delivered mail renewal ¥29.85 on 02-01',
        '02-01 07:30 attempt.submitted #1 ¥29.85',
        '02-01 07:30 payment.received #1 ¥29.85',
        '02-01 07:30 debit.succeeded #1 ¥29.85',
        '02-01 07:30 invoice.paid #1 ¥29.85',
      ],
      story.join('\n'),
    );
    await play.end(2_985, 2_985);
  });

  test('the rail refuses to move it: held back, and nobody is told a date', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'P-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-28 12:00');
    const second = await invoiceDueOn(play, '2027-01-01');
    assert.ok((await voidInvoice(play.job(), second.id)).ok);
    const rail = play.engine.rails.get('alipay');
    assert.ok(rail);
    Object.assign(rail, {
      movePlannedDate: async () => ({
        kind: 'refused',
        code: 'ILLEGAL_EXECUTION_TIME',
        message: '',
      }),
    });
    await play.advanceTo('2027-01-27 12:00');
    const story = await play.eventsOf('P-3');
    const blocked = story.filter((line) => line.includes('debit.blocked'));
    assert.deepEqual(blocked, [
      '01-27 09:00 debit.blocked planned_date_moving',
      '01-27 09:00 debit.blocked outside_planned_date',
    ]);
    const named = (line: string) => line.includes('notice.') && line.includes('on 02-');
    assert.ok(!story.some(named));
    await play.end(2_985);
  });
});
