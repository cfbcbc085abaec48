import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';
import { noticed } from '../kit/story.ts';

onStage('a month that goes well', (newPlay, stage) => {
  test('Alipay: the reply is final', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'A-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await play.eventsOf('A-1'), [
      '11-20 09:00 customer.imported',
      '11-20 09:00 mandate.signing alipay',
      '11-20 09:00 mandate.active alipay',
      '11-23 08:00 invoice.drafted ¥29.85',
      '11-26 09:00 invoice.issued ¥29.85',
      '11-26 09:00 debit.scheduled alipay ¥29.85 on 12-01',
      '11-26 09:00 notice.sent mail renewal ¥29.85 on 12-01',
      '11-26 09:00 notice.delivered mail renewal ¥29.85 on 12-01',
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 payment.received #1 ¥29.85',
      '12-01 07:30 debit.succeeded #1 ¥29.85',
      '12-01 07:30 invoice.paid #1 ¥29.85',
    ]);
    // 29.85 with 6 % inside is 28.16 and 1.69; the rail keeps 0.60 %, which is 0.18, and has sent
    // the rest on to the bank, whose statement has not come yet.
    assert.deepEqual(await play.books(), {
      '1012.02': 0n,
      '1012.09': 2_967n,
      '1122': 0n,
      '2205': -2_816n,
      '2221.01': -169n,
      '6603': 18n,
    });
    await play.end(2_985);
  });

  test('WeChat Pay: announced, accepted, and settled by the callback', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await play.eventsOf('W-1'), [
      ...noticed('wechat'),
      '11-29 10:00 notice.delivered rail rail ¥29.85',
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 payment.received #1 ¥29.85',
      '12-01 07:30 debit.succeeded #1 ¥29.85',
      '12-01 07:30 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('by SMS: the same, told by telephone', async () => {
    const play = await newPlay();
    const phone = '+12125550123';
    await play.subscribe([{ reference: 'A-2', by: 'alipay', charge: '29.85', phone }]);
    await play.advanceTo('2026-12-01 12:00');
    assert.deepEqual(await play.eventsOf('A-2'), [
      ...noticed('alipay').map((line) => line.replace(' mail ', ' sms ')),
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 payment.received #1 ¥29.85',
      '12-01 07:30 debit.succeeded #1 ¥29.85',
      '12-01 07:30 invoice.paid #1 ¥29.85',
    ]);
    await play.end(2_985);
  });

  test('two invoices of one customer due on one day: one debit takes both', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-2', by: 'wechat', charge: '29.85' }]);
    await play.subscribeAgain('W-2', 1_000n);
    await play.advanceTo('2026-12-02 12:00');
    const events = await play.eventsOf('W-2');
    assert.deepEqual(
      [...events.slice(0, 3), ...events.slice(3, 7).toSorted(), ...events.slice(7)],
      [
        '11-20 09:00 customer.imported',
        '11-20 09:00 mandate.signing wechat',
        '11-20 09:00 mandate.active wechat',
        '11-23 08:00 invoice.drafted ¥10.00',
        '11-23 08:00 invoice.drafted ¥29.85',
        '11-26 09:00 invoice.issued ¥10.00',
        '11-26 09:00 invoice.issued ¥29.85',
        '11-26 09:00 debit.scheduled wechat ¥39.85 on 12-01',
        '11-26 09:00 notice.sent mail renewal ¥39.85 on 12-01',
        '11-26 09:00 notice.delivered mail renewal ¥39.85 on 12-01',
        '11-29 10:00 notice.delivered rail rail ¥39.85',
        '12-01 07:30 attempt.submitted #1 ¥39.85',
        '12-01 07:30 attempt.accepted #1 ¥39.85',
        '12-01 07:30 payment.received #1 ¥39.85',
        '12-01 07:30 debit.succeeded #1 ¥39.85',
        '12-01 07:30 invoice.paid #1 ¥39.85',
        '12-01 07:30 invoice.paid #1 ¥39.85',
      ],
    );
    await play.end(3_985);
  });

  test('an invoice of zero is paid when it is issued; nobody is notified or debited', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'A-3', by: 'alipay', charge: '0.00' }]);
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await play.eventsOf('A-3'), [
      '11-20 09:00 customer.imported',
      '11-20 09:00 mandate.signing alipay',
      '11-20 09:00 mandate.active alipay',
      '11-23 08:00 invoice.drafted ¥0.00',
      '11-26 09:00 invoice.issued ¥0.00',
      '11-26 09:00 invoice.paid ¥0.00',
    ]);
    assert.deepEqual(await play.books(), {});
    await play.end();
  });

  test('who pays by hand gets an invoice and no debit', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'T-1', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-12-01 12:00');
    assert.deepEqual(await play.eventsOf('T-1'), [
      '11-20 09:00 customer.imported',
      '11-23 08:00 invoice.drafted ¥29.85',
      '11-26 09:00 invoice.issued ¥29.85',
    ]);
    await play.end();
  });

  test('nothing of all this was worth a warning', () => {
    assert.deepEqual(stage().warnings, []);
  });
});
