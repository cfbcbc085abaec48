import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { noticed } from '../kit/story.ts';

const RAILS = ['alipay', 'wechat'] as const;
type RailName = (typeof RAILS)[number];

/** The same month on either rail: WeChat Pay adds its announcement. */
function toldOn(rail: RailName): readonly string[] {
  const announced = '11-29 10:00 notice.delivered rail rail ¥29.85';
  return rail === 'wechat' ? [...noticed(rail), announced] : noticed(rail);
}

/** What a success on T is, from the clock `at` on. */
function paid(at: string): readonly string[] {
  return [
    `${at} payment.received #1 ¥29.85`,
    `${at} debit.succeeded #1 ¥29.85`,
    `${at} invoice.paid #1 ¥29.85`,
  ];
}

/** Ways to spoil a reply or a callback whose request was carried out. */
const SPOILED = [
  'http_500',
  'html_error',
  'garbage_body',
  'truncated_body',
  'swapped_amount',
  'swapped_order',
  'wrong_signature',
] as const;

const SUBMIT = { alipay: 'alipay.trade.pay', wechat: 'pappayapply' } as const;

onStage('an answer that is lost, late or repeated', (newPlay, stage) => {
  const subscribed = async (rail: RailName): Promise<Play> => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'U-1', by: rail, charge: '29.85' }]);
    return play;
  };

  for (const rail of RAILS) {
    const accepted = rail === 'wechat' ? ['12-01 07:30 attempt.accepted #1 ¥29.85'] : [];

    test(`${rail}: no answer, and the money was taken: a question settles it, once`, async () => {
      const play = await subscribed(rail);
      await play.fault({ rail, fault: 'lost_callback', operation: 'pay_callback' });
      await play.fault({ rail, fault: 'TIMEOUT_THEN_PAID' });
      await play.advanceTo('2026-12-02 12:00');
      assert.deepEqual(await play.eventsOf('U-1'), [
        ...toldOn(rail),
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        '12-01 07:30 attempt.unknown #1 ¥29.85',
        ...paid('12-01 07:30:30'),
      ]);
      await play.end(2_985);
    });

    test(`${rail}: no answer, and nothing arrived: the same number again, once paid`, async () => {
      const play = await subscribed(rail);
      await play.fault({ rail, fault: 'TIMEOUT_NOT_RECEIVED' });
      await play.advanceTo('2026-12-02 12:00');
      assert.deepEqual(await play.eventsOf('U-1'), [
        ...toldOn(rail),
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        '12-01 07:30 attempt.unknown #1 ¥29.85',
        '12-01 07:32:30 attempt.submitted #1 ¥29.85',
        ...accepted.map((line) => line.replace('07:30', '07:32:30')),
        ...paid('12-01 07:32:30'),
      ]);
      await play.end(2_985);
    });

    test(`${rail}: a damaged or lying answer is not believed; the truth settles`, async () => {
      const play = await newPlay();
      const lines = SPOILED.map((reference) => ({ reference, by: rail, charge: '29.85' }));
      await play.subscribe(lines);
      await play.advanceTo('2026-11-30 12:00');
      for (const fault of SPOILED) {
        const isLie = !fault.includes('_body') && !fault.startsWith('h');
        // WeChat Pay's first message with an amount is its callback.
        const operation = rail === 'wechat' && isLie ? 'pay_callback' : SUBMIT[rail];
        const orderNumber = await play.nextOrderNumber(fault);
        await play.fault({ rail, operation, orderNumber, fault, processed: true });
      }
      await play.advanceTo('2026-12-02 12:00');
      for (const fault of SPOILED) {
        const events = (await play.eventsOf(fault)).slice(toldOn(rail).length);
        const count = (type: string) => events.filter((line) => line.includes(type)).length;
        assert.equal(count('attempt.submitted'), 1, fault);
        assert.equal(count('payment.received'), 1, fault);
        assert.ok(
          events.every((line) => line.includes('#1 ¥29.85')),
          events.join('\n'),
        );
      }
      await play.end(...SPOILED.map(() => 2_985));
    });

    test(`${rail}: the callback overtakes our reply`, async () => {
      const play = await subscribed(rail);
      await play.fault({ rail, operation: SUBMIT[rail], fault: 'slow', ms: 500 });
      await play.advanceTo('2026-12-01 12:00');
      assert.deepEqual(await play.eventsOf('U-1'), [
        ...toldOn(rail),
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        ...paid('12-01 07:30'),
      ]);
      await play.end(2_985);
    });

    test(`${rail}: the callback comes four times`, async () => {
      const play = await subscribed(rail);
      await play.advanceTo('2026-12-01 12:00');
      const story = await play.eventsOf('U-1');
      assert.deepEqual(story, [
        ...toldOn(rail),
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        ...accepted,
        ...paid('12-01 07:30'),
      ]);
      const last = stage().heard(`/callbacks/${rail}/${play.merchant.code}`).at(-1);
      assert.ok(last);
      const answers = await Promise.all([last, last, last].map((heard) => stage().say(heard)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
      assert.deepEqual(await play.eventsOf('U-1'), story);
      await play.end(2_985);
    });
  }

  test('wechat: the callback never comes: a question settles it after 30 seconds', async () => {
    const play = await subscribed('wechat');
    await play.fault({ rail: 'wechat', fault: 'LOST_CALLBACK' });
    await play.advanceTo('2026-12-01 12:00');
    assert.deepEqual(await play.eventsOf('U-1'), [
      ...toldOn('wechat'),
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 attempt.accepted #1 ¥29.85',
      ...paid('12-01 07:30:30'),
    ]);
    await play.end(2_985);
  });
});
