import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CustomerId, type PriceChangeId, present } from '../../packages/core/src/index.ts';
import {
  createPriceChange,
  publishPriceChange,
  recordPriceAnswer,
  recordPriceNotice,
} from '../../packages/engine/src/index.ts';
import { day } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import { publishCard, subscribeTo, versionOf } from '../kit/rate-card.ts';
import { granted, newPayer, signMandate } from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';
import { noticed, storyOf } from '../kit/story.ts';

// The timetable of a renewal (DESIGN §9), told whole: every event of a month, in order, for each
// way that a month can go. Due on 1 December (T).

const NEAR_END = '2026-12-22 20:00';

/** Every event of a customer, also of the looks before the debit. */
async function wholeStoryOf(play: Play, reference: string): Promise<readonly string[]> {
  return storyOf(await play.rawEventsOf(reference), { whole: true });
}

/** Taken by the rail and paid, as the `n`-th number. */
const paid = (when: string, n: number, amount: string) => [
  `${when} attempt.submitted #${n} ${amount}`,
  `${when} attempt.accepted #${n} ${amount}`,
  `${when} payment.received #${n} ${amount}`,
  `${when} debit.succeeded #${n} ${amount}`,
  `${when} invoice.paid #${n} ${amount}`,
];

const ANNOUNCED = '11-29 10:00 notice.delivered rail rail ¥29.85';

/** A message that is sent and arrives. */
const told = (when: string, what: string) => [
  `${when} notice.sent mail ${what}`,
  `${when} notice.delivered mail ${what}`,
];

/** The self-audit of the first working day, with its counts. */
const audited = (when: string, counts: string) => [
  `${when} checkup.audited ${counts}`,
  ...told(when, 'checkup self_audit'),
];
const AUDITED = audited('12-01 10:00', '0 1 0 1');

/** What follows when nobody pays and no rail can be asked: the default campaign and policy. */
const NOT_PAID = [
  '12-02 10:00 dunning.stepped pay_link',
  ...told('12-02 10:00', 'overdue pay_link'),
  '12-04 10:00 service.warned grace warned 2985 suspended 2026-12-11 2026-12-01 1',
  ...told('12-04 10:00', 'service service_warned'),
  '12-05 09:00 dunning.stepped pay_link_open skipped',
  '12-09 10:00 dunning.stepped firm message',
  ...told('12-09 10:00', 'overdue overdue_firm'),
  '12-11 10:00 service.suspended warned suspended 2985 retained 2026-12-16 2026-12-01 1',
  ...told('12-11 10:00', 'service service_suspended'),
  '12-12 09:00 dunning.stepped no_method skipped',
  '12-16 10:00 service.retained suspended retained 2985 deletable 2027-03-01 2026-12-01 1',
  '12-16 10:00 dunning.stepped pay_link',
  '12-16 10:00 notice.sent mail service service_deletion_due',
  '12-16 10:00 notice.sent mail overdue pay_link',
  '12-16 10:00 notice.delivered mail service service_deletion_due',
  '12-16 10:00 notice.delivered mail overdue pay_link',
  '12-19 09:00 dunning.stepped call_task',
  '12-19 09:00 task.opened call support open',
];

onStage('the timetable of a month', (newPlay) => {
  test('it goes well', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'M-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo(NEAR_END);
    assert.deepEqual(await wholeStoryOf(play, 'M-1'), [
      ...noticed('wechat'),
      ANNOUNCED,
      ...paid('12-01 07:30', 1, '¥29.85'),
      ...AUDITED,
    ]);
    await play.end(2_985);
  });

  test('too little money on the day: told again, and paid', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'M-2', by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH' });
    await play.advanceTo(NEAR_END);
    assert.deepEqual(await wholeStoryOf(play, 'M-2'), [
      ...noticed('wechat'),
      ANNOUNCED,
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 NOTENOUGH',
      '12-01 07:30 debit.retry_scheduled wechat ¥29.85 on 12-02',
      ...told('12-01 08:00', 'retry ¥29.85 on 12-02'),
      ...AUDITED,
      ...paid('12-02 10:00', 2, '¥29.85'),
    ]);
    await play.end(2_985);
  });

  test('the account is closed: no second try, then the service stops', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'M-3', by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'USER_ACCOUNT_ABNORMAL', times: 9 });
    await play.advanceTo(NEAR_END);
    assert.deepEqual(await wholeStoryOf(play, 'M-3'), [
      ...noticed('wechat'),
      ANNOUNCED,
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      '12-01 07:30 attempt.refused #1 ¥29.85 USER_ACCOUNT_ABNORMAL',
      '12-01 07:30 debit.failed #1 ¥29.85',
      ...AUDITED,
      '12-02 00:00 dunning.started ¥29.85 1',
      ...NOT_PAID,
    ]);
    await play.end();
  });

  test('the notice bounces: the next channel in time, and paid', async () => {
    const play = await newPlay();
    const [mail, phone] = ['m-4@example.test', '+12125550123'];
    await play.subscribe([{ reference: 'M-4', by: 'wechat', charge: '29.85', mail, phone }]);
    await play.admin.configure({ sms: { failBp: 10_000 } });
    await play.advanceTo(NEAR_END);
    assert.deepEqual(await wholeStoryOf(play, 'M-4'), [
      ...noticed('wechat').slice(0, -2),
      '11-26 09:00 notice.sent sms renewal ¥29.85 on 12-01',
      '11-26 09:00 notice.failed sms renewal ¥29.85 on 12-01',
      ...told('11-26 09:00', 'renewal ¥29.85 on 12-01'),
      ANNOUNCED,
      ...paid('12-01 07:30', 1, '¥29.85'),
      AUDITED[0],
      '12-01 10:00 notice.sent sms checkup self_audit',
      '12-01 10:00 notice.failed sms checkup self_audit',
      ...AUDITED.slice(1),
    ]);
    await play.end(2_985);
  });

  test('a price rise is refused: billed at the old price to the end, and over', async () => {
    const play = await newPlay('2026-10-15 09:00');
    await publishCard(play, { base: { '2026-01-01': '100', '2026-12-01': '120' } });
    const customer = await newPayer(play, 'M-5');
    await signMandate(play, customer, 'wechat');
    await subscribeTo(play, customer, {
      startsOn: '2026-11-01',
      items: { base: 1n },
      changes: { collection: 'auto_debit', paymentMethodLabel: 'wechat' },
    });
    const change = await refuseTheRise(play, customer.id);
    await play.advanceTo(NEAR_END);
    const events = await wholeStoryOf(play, 'M-5');
    assert.deepEqual(
      events.map((line) => line.replace(change, 'the rise').replace(/ [0-9a-f]{64}$/, '')),
      [
        '10-15 09:00 mandate.signing wechat',
        '10-15 09:00 mandate.active wechat',
        '10-15 09:00 price_change.noticed mail 2026-10-15T01:00:00Z the rise',
        '10-15 09:00 price_change.objected portal 2026-10-15T01:00:00Z the rise',
        '10-24 08:00 invoice.drafted ¥100.00',
        '10-27 09:00 invoice.issued ¥100.00',
        '10-27 09:00 debit.scheduled wechat ¥100.00 on 11-01',
        ...told('10-27 09:00', 'renewal ¥100.00 on 11-01'),
        '10-30 10:00 notice.delivered rail rail ¥100.00',
        ...paid('11-01 07:30', 1, '¥100.00'),
        ...audited('11-02 10:00', '0 1 0 1'),
        '11-23 08:00 subscription.changed end 2026-12-01',
        '11-23 08:00 price_change.decided objected left 2026-12-01 the rise',
        '12-01 08:00 subscription.ended 2026-12-01',
      ],
    );
    await play.end(10_000);
  });

  test('the payer ends the mandate in the wallet after the notice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'M-6', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-28 12:00');
    await play.endInWallet('M-6');
    await play.advanceTo(NEAR_END);
    assert.deepEqual(await wholeStoryOf(play, 'M-6'), [
      ...noticed('wechat'),
      '11-28 12:00 mandate.ended wechat',
      '11-28 12:00 checkup.found method_dead blocked',
      ...told('11-28 12:00', 'checkup checkup'),
      '11-29 10:00 debit.blocked mandate_not_active',
      ...audited('12-01 10:00', '1 0 0 1'),
      '12-02 00:00 dunning.started ¥29.85 1',
      '12-02 10:00 debit.failed pay_link_open',
      ...NOT_PAID,
    ]);
    await play.end();
  });

  test('three subscriptions and one mandate: one notice, one debit', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'M-7', by: 'wechat', charge: '29.85' }]);
    await play.subscribeAgain('M-7', 1_000n);
    await play.subscribeAgain('M-7', 500n);
    await play.advanceTo(NEAR_END);
    const events = await wholeStoryOf(play, 'M-7');
    assert.deepEqual(
      [...events.slice(0, 3), ...events.slice(3, 15).toSorted(), ...events.slice(15)],
      [
        ...noticed('wechat').slice(0, 3),
        '11-23 08:00 checkup.found duplicate_subscription findings',
        '11-23 08:00 checkup.found duplicate_subscription findings',
        '11-23 08:00 invoice.drafted ¥10.00',
        '11-23 08:00 invoice.drafted ¥29.85',
        '11-23 08:00 invoice.drafted ¥5.00',
        '11-23 08:00 notice.delivered mail checkup checkup',
        '11-23 08:00 notice.delivered mail checkup checkup',
        '11-23 08:00 notice.sent mail checkup checkup',
        '11-23 08:00 notice.sent mail checkup checkup',
        '11-26 09:00 invoice.issued ¥10.00',
        '11-26 09:00 invoice.issued ¥29.85',
        '11-26 09:00 invoice.issued ¥5.00',
        '11-26 09:00 debit.scheduled wechat ¥44.85 on 12-01',
        ...told('11-26 09:00', 'renewal ¥44.85 on 12-01'),
        '11-29 10:00 notice.delivered rail rail ¥44.85',
        ...paid('12-01 07:30', 1, '¥44.85'),
        '12-01 07:30 invoice.paid #1 ¥44.85',
        '12-01 07:30 invoice.paid #1 ¥44.85',
        ...audited('12-01 10:00', '0 1 0 3'),
      ],
    );
    await play.end(4_485);
  });
});

/** The merchant raises the price from 1 December; the customer says no. Gives the rise's id. */
async function refuseTheRise(play: Play, customerId: CustomerId): Promise<PriceChangeId> {
  const [from, to] = [await versionOf(play, 'base'), await versionOf(play, 'base', 2)];
  const change = granted(
    await createPriceChange(play.job(), {
      steps: [{ from: from.id, to: to.id }],
      effectiveOn: day('2026-12-01'),
      audience: 'business',
      fallback: { type: 'leave_without_penalty' },
      reason: '上游成本上涨',
    }),
  );
  granted(await publishPriceChange(play.job(), change.id));
  const at = present(play.merchant.testClock, 'the clock of a story');
  granted(await recordPriceNotice(play.job(), change.id, { customerId, at, channel: 'mail' }));
  granted(
    await recordPriceAnswer(play.job(), change.id, {
      customerId,
      answer: 'objected',
      at,
      channel: 'portal',
      evidenceHash: createHash('sha256').update(customerId).digest('hex'),
    }),
  );
  return change.id;
}
