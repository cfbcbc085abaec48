import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine, Job } from '../../packages/engine/src/index.ts';
import { reconcileDay } from '../../packages/engine/src/index.ts';
import { callbackUrl, composeEngine } from '../../packages/server/src/compose.ts';
import { reconcileDue } from '../../packages/server/src/worker/loop.ts';
import { type BillProxy, openBillProxy } from '../kit/bill-proxy.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { noticed } from '../kit/story.ts';

const T = { rail: 'wechat', businessDate: Temporal.PlainDate.from('2026-12-01') };

onStage('the rail’s bill', (newPlay, stage) => {
  /** The open breaks: class, whose order, what the rail says and what we say. */
  const breaksOf = async (play: Play, names: ReadonlyMap<string, string>) => {
    const id = play.merchant.id.slice(4);
    const { rows } = await stage().store.rawSql(
      `select class, order_number, rail_minor, our_minor from breaks
        where replace(merchant_id::text, '-', '') = '${id}'`,
    );
    return rows
      .map(([kind, order, rail, ours]) =>
        [kind, names.get(String(order)) ?? order, rail ?? '-', ours ?? '-'].join(' '),
      )
      .sort();
  };

  /** The play's merchant with its WeChat Pay rail behind the proxy. */
  const jobBehind = async (play: Play, proxy: BillProxy): Promise<Job> => {
    const { wechat } = await play.admin.connections('unused-report-token');
    assert.ok(wechat);
    const engine: Engine = composeEngine({
      store: play.engine.store,
      log: play.engine.log,
      connections: { wechat: { ...wechat, baseUrl: proxy.url } },
      baseUrl: callbackUrl(play.url, 'unused', 'unused'),
      merchantCode: play.merchant.code,
    });
    const rails = new Map([...play.engine.rails, ...engine.rails]);
    return { ...play.job(), engine: { ...play.engine, rails } };
  };

  const SUBMIT = { alipay: 'alipay.trade.pay', wechat: 'pappayapply' } as const;
  const QUERY = { alipay: 'alipay.trade.query', wechat: 'paporderquery' } as const;
  for (const rail of ['alipay', 'wechat'] as const) {
    test(`${rail}: settles what reply, callback and queries had lost`, async () => {
      const play = await newPlay();
      await play.subscribe([{ reference: 'B-1', by: rail, charge: '29.85' }]);
      await play.fault({
        rail,
        operation: SUBMIT[rail],
        fault: 'connection_reset',
        processed: true,
      });
      await play.fault({ rail, operation: 'pay_callback', fault: 'lost_callback' });
      await play.fault({ rail, operation: QUERY[rail], fault: 'connection_reset', times: 99 });
      await play.advanceTo('2026-12-02 10:00');
      const announced = rail === 'wechat' ? ['11-29 10:00 notice.delivered rail rail ¥29.85'] : [];
      assert.deepEqual(await play.eventsOf('B-1'), [
        ...noticed(rail),
        ...announced,
        '12-01 07:30 attempt.submitted #1 ¥29.85',
        '12-01 07:30 attempt.unknown #1 ¥29.85',
        '12-02 10:00 payment.received #1 ¥29.85',
        '12-02 10:00 debit.succeeded #1 ¥29.85',
        '12-02 10:00 invoice.paid #1 ¥29.85',
      ]);
      assert.deepEqual(await breaksOf(play, new Map()), []);
      await play.end(2_985);
    });
  }

  test('each difference is a break of its class; the same bill again does nothing', async () => {
    const play = await newPlay();
    const names = ['right', 'renamed', 'dearer', 'missing', 'twice', 'refused'];
    await play.subscribe(names.map((name) => ({ reference: name, by: 'wechat', charge: '29.85' })));
    await play.advanceTo('2026-11-30 12:00');
    const orders = new Map<string, string>();
    for (const name of names) orders.set(await play.nextOrderNumber(name), name);
    const orderOf = (name: string) =>
      [...orders].find(([, known]) => known === name)?.[0] ?? assert.fail(name);
    await play.fault({ rail: 'wechat', orderNumber: orderOf('refused'), fault: 'USER_NOT_EXIST' });
    await play.advanceTo('2026-12-01 12:00');
    await play.sleepUntil('2026-12-02 10:00');

    const { wechat } = await play.admin.connections('unused-report-token');
    const proxy = await openBillProxy(wechat?.baseUrl ?? '');
    try {
      proxy.change(
        { kind: 'order', order: orderOf('renamed'), by: 'SOMEONE-ELSES-ORDER' },
        { kind: 'amount', order: orderOf('dearer'), yuan: '30.85' },
        { kind: 'missing', order: orderOf('missing') },
        { kind: 'twice', order: orderOf('twice') },
      );
      const job = await jobBehind(play, proxy);
      const first = await reconcileDay(job, T);
      assert.equal(first.kind, 'matched');
      const expected = [
        'amount_mismatch dearer 3085 2985',
        'duplicate twice 5970 2985',
        'shortage missing - 2985',
        'shortage renamed - 2985',
        'unknown_order SOMEONE-ELSES-ORDER 2985 -',
      ];
      assert.deepEqual(await breaksOf(play, orders), expected);
      const story = await Promise.all(names.map((name) => play.eventsOf(name)));
      const books = await play.books();

      const second = await reconcileDay(job, T);
      assert.equal(second.kind, 'already_matched');
      assert.deepEqual(await breaksOf(play, orders), expected);
      assert.deepEqual(await Promise.all(names.map((name) => play.eventsOf(name))), story);
      assert.deepEqual(await play.books(), books);
    } finally {
      await proxy.close();
    }
    await play.end(2_985, 2_985, 2_985, 2_985, 2_985);
  });

  test('a bill that the rail issues again does not post the day’s fee twice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'B-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 10:00');
    const before = await play.books();
    const rail = play.engine.rails.get(T.rail);
    assert.ok(rail);
    const again: typeof rail = {
      ...rail,
      fetchBill: async (date) => {
        const bill = await rail.fetchBill(date);
        return bill.kind === 'ready' ? { ...bill, contentHash: 'f'.repeat(64) } : bill;
      },
    };
    const rails = new Map(play.engine.rails).set(T.rail, again);
    const outcome = await reconcileDay({ ...play.job(), engine: { ...play.engine, rails } }, T);
    assert.equal(outcome.kind, 'matched');
    assert.deepEqual(await play.books(), before);
    await play.end(2_985);
  });

  test('half a bill is none: nothing is matched, and the other rail goes on', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'B-2', by: 'wechat', charge: '29.85' },
      { reference: 'B-3', by: 'alipay', charge: '29.85' },
    ]);
    await play.advanceTo('2026-12-01 12:00');
    await play.sleepUntil('2026-12-02 10:00');
    const { wechat } = await play.admin.connections('unused-report-token');
    const proxy = await openBillProxy(wechat?.baseUrl ?? '');
    try {
      proxy.cut();
      const job = await jobBehind(play, proxy);
      await reconcileDue(job);
      assert.deepEqual(await billsOf(stage, play), ['alipay matched 1 0', 'wechat loading 0 0']);
      assert.ok(stage().warnings.some((warning) => warning.includes('bill')));
    } finally {
      await proxy.close();
    }
    // The rail's own file, later the same day: a rail is not asked again within ten minutes.
    await play.sleepUntil('2026-12-02 10:10');
    await reconcileDue(play.job());
    const bills = await billsOf(stage, play);
    assert.ok(bills.includes('wechat matched 1 0'), bills.join('; '));
    await play.end(2_985, 2_985);
  });
});

async function billsOf(
  stage: () => {
    readonly store: {
      rawSql: (text: string) => Promise<{ rows: readonly (readonly unknown[])[] }>;
    };
  },
  play: Play,
): Promise<readonly string[]> {
  const { rows } = await stage().store.rawSql(
    `select rail, state, matched_count, break_count from rail_bills
      where replace(merchant_id::text, '-', '') = '${play.merchant.id.slice(4)}'
      order by rail, state`,
  );
  return rows.map((row) => row.join(' '));
}
