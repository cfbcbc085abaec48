import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDeliveryReports, askDeliveries, countDueNow } from '@daikou/engine';
import { onStage } from '../kit/on-stage.ts';

onStage('a provider that never says what became of a message', (newPlay) => {
  test('is asked while an answer can come, then no more; a late receipt counts', async () => {
    const play = await newPlay();
    await play.fault({ rail: 'sms', operation: 'deliver', fault: 'never_delivered' });
    const phone = '+12125550145';
    await play.subscribe([{ reference: 'S-1', by: 'alipay', charge: '29.85', mail: '', phone }]);
    const { id } = await play.customer('S-1');
    const asking = async () => {
      const { noticesSent } = await countDueNow(play.job());
      return [noticesSent, (await askDeliveries(play.job())).asked];
    };

    // The channel's patience is two hours; a phone that is off has the message when it is on again.
    await play.advanceTo('2026-11-28 12:00');
    assert.deepEqual(await asking(), [1, 1]);
    await play.advanceTo('2026-11-29 08:30');
    assert.deepEqual(await asking(), [1, 1]);
    await play.advanceTo('2026-11-29 09:30');
    assert.deepEqual(await asking(), [0, 0]);

    const [notice] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listNotices({ customerId: id, limit: 1 }),
    );
    assert.ok(notice?.state === 'sent' && notice.providerReference !== undefined);
    const { providerReference, dueAt } = notice;
    const outcome = { kind: 'delivered', at: dueAt } as const;
    const late = { noticeId: notice.id, providerReference, outcome };
    assert.deepEqual(await applyDeliveryReports(play.job(), [late]), { applied: 1, ignored: 0 });
    await play.stop();
  });
});
