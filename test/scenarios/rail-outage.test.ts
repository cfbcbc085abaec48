import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHINA_CHART, clearingAccountOf, type Rail } from '../../packages/core/src/index.ts';
import { listDays } from '../../packages/engine/src/index.ts';
import { clockOf } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const RAILS = ['wechat', 'alipay'] as const;

/** When an order that was sent at 07:30 on T and found no answer is asked about. */
const QUESTIONS = [
  '12-01 07:30:30',
  '12-01 07:32:30',
  '12-01 07:37:30',
  '12-01 07:52:30',
  '12-01 08:52:30',
  '12-01 14:52:30',
  '12-02 14:52:30',
  '12-03 14:52:30',
];

/** T, the rail and the charge of each customer. */
const CUSTOMERS = [
  { reference: 'O-1', by: 'wechat', charge: '29.85', due: '12-01' },
  { reference: 'O-2', by: 'alipay', charge: '29.85', due: '12-01' },
  { reference: 'O-3', by: 'wechat', charge: '30.85', due: '12-02' },
] as const;

onStage('rails that cannot be reached for three days', (newPlay) => {
  test('nobody pays twice, everybody pays once, and the rails’ accounts end at zero', async () => {
    const play = await newPlay();
    for (const { due, ...line } of CUSTOMERS) await play.subscribe([line], `2026-${due}`);
    const asked = overhear(play);
    const [from, until] = ['2026-12-01T00:00:00+08:00', '2026-12-04T00:00:00+08:00'];
    await play.admin.setOutages(RAILS.map((rail) => ({ rail, from, until })));

    await play.advanceTo('2026-12-03 23:00');
    for (const { reference, due, charge } of CUSTOMERS) {
      const order = await play.nextOrderNumber(reference);
      const told = asked.filter((line) => line.includes(order));
      const questions = QUESTIONS.map((at) => (due === '12-01' ? at : dayLater(at)));
      assert.deepEqual(told, [
        `${due} 07:30 submit ${order}`,
        ...questions.filter((at) => at < '12-03 23:00').map((at) => `${at} ask ${order}`),
      ]);
      // Nobody is told anything of our troubles, and nothing else is tried meanwhile.
      assert.deepEqual(
        (await play.eventsOf(reference)).filter((line) => line >= '12-01'),
        [
          `${due} 07:30 attempt.submitted #1 ¥${charge}`,
          `${due} 07:30 attempt.unknown #1 ¥${charge}`,
        ],
      );
    }
    const missing = await daysOf(play, ['12-01', '12-02']);
    assert.equal(missing.length, 4);
    for (const day of missing) assert.match(day, /expected [A-Z_]+$/, 'the day says why');

    await play.advanceTo('2026-12-10 12:00');
    for (const { reference } of CUSTOMERS) {
      const later = (await play.eventsOf(reference)).filter((line) => line >= '12-04');
      const count = (type: string) => later.filter((line) => line.includes(type)).length;
      assert.equal(count('payment.received'), 1, reference);
      assert.equal(count('invoice.paid'), 1, reference);
      // One message for each date on which money is taken anew, and no other.
      assert.equal(count('notice.sent'), count('debit.retry_scheduled'), reference);
      assert.ok(count('notice.sent') <= 2, later.join('\n'));
    }
    const dates = ['11-29', '11-30', '12-01', '12-02', '12-03', '12-04', '12-06', '12-08'];
    const expected = dates.flatMap((date) => RAILS.map((rail) => `${date} ${rail} balanced`));
    assert.deepEqual(await daysOf(play, dates), expected.sort());
    const books = await play.books();
    for (const rail of RAILS) assert.equal(books[clearingAccountOf(CHINA_CHART, rail)], 0n);
    await play.end(2_985, 2_985, 3_085);
  });
});

function dayLater(local: string): string {
  return local.replace(/-0(\d)/, (_, day: string) => `-0${Number(day) + 1}`);
}

/** Who was asked for what and when. */
function overhear(play: Play): string[] {
  const asked: string[] = [];
  const rails = play.engine.rails as Map<string, Rail>;
  for (const id of RAILS) {
    const rail = rails.get(id);
    assert.ok(rail);
    const note = (what: string) =>
      asked.push(`${clockOf(play.merchant.testClock ?? assert.fail()).slice(5)} ${what}`);
    rails.set(id, {
      ...rail,
      ask: (order) => {
        note(`ask ${order}`);
        return rail.ask(order);
      },
      submit: (request) => {
        note(`submit ${request.orderNumber}`);
        return rail.submit(request);
      },
    });
  }
  return asked;
}

/** Date, rail, state and problem of these dates, sorted. */
async function daysOf(play: Play, dates: readonly string[]): Promise<readonly string[]> {
  const days = await Promise.all(RAILS.map((rail) => listDays(play.job(), { rail, limit: 50 })));
  return days
    .flat()
    .filter(({ businessDate }) => dates.includes(businessDate.toString().slice(5)))
    .map(({ rail, businessDate, state, problem }) =>
      [businessDate.toString().slice(5), rail, state, problem ?? ''].join(' ').trim(),
    )
    .sort();
}
