import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closeDay,
  type Job,
  listBreaks,
  listDays,
  reconcileDue,
  resolveBreak,
} from '../../packages/engine/src/index.ts';
import { callbackUrl, composeEngine } from '../../packages/server/src/compose.ts';
import { breakTable } from '../../packages/server/src/http/reconciliation.ts';
import { openBillProxy } from '../kit/bill-proxy.ts';
import { onStage } from '../kit/on-stage.ts';

const RAIL = 'wechat';
const DATE = Temporal.PlainDate.from('2026-12-01');
const DAY = { rail: RAIL, businessDate: DATE };

/** The file for a spreadsheet: every difference, and no text that becomes a formula. */
async function assertTable(job: Job): Promise<void> {
  const rows: string[] = [];
  for await (const row of breakTable(job, {})) rows.push(row);
  assert.equal(rows.length, 4);
  assert.match(rows[1] ?? '', /shortage,resolved,D[0-9A-Z]+N1,/);
  assert.ok(rows[1]?.includes(`"'=HYPERLINK(`), 'no text is taken for a formula');
}

const WRITE_OFF = {
  how: 'write_off',
  by: 'Anna',
  approvedBy: 'Ben',
  note: '=HYPERLINK("http://evil.test")',
} as const;

onStage('a month end in the finance department', (newPlay) => {
  test('a payment that a bill leaves out: pool, difference, write-off, close', async () => {
    const play = await newPlay();
    await play.subscribe(
      ['=right', 'missing'].map((reference) => ({ reference, by: RAIL, charge: '29.85' })),
    );
    await play.advanceTo('2026-11-30 12:00');
    const order = await play.nextOrderNumber('missing');
    await play.advanceTo('2026-12-01 12:00');
    const { wechat } = await play.admin.connections('unused-report-token');
    assert.ok(wechat?.baseUrl);
    const proxy = await openBillProxy(wechat.baseUrl);
    try {
      proxy.change({ kind: 'missing', order });
      const { rails } = composeEngine({
        store: play.engine.store,
        log: play.engine.log,
        connections: { wechat: { ...wechat, baseUrl: proxy.url } },
        baseUrl: callbackUrl(play.url, 'unused', 'unused'),
        merchantCode: play.merchant.code,
      });
      const [real, spoiled] = [play.engine.rails.get(RAIL), rails.get(RAIL)];
      assert.ok(real && spoiled);
      // Only the bill passes the proxy: the account statement is signed for its own address.
      const rail = { ...real, fetchBill: spoiled.fetchBill };
      const job = () => ({
        ...play.job(),
        engine: { ...play.engine, rails: new Map(play.engine.rails).set(RAIL, rail) },
      });
      const stateOf = async () => {
        const [day] = (await listDays(job(), { rail: RAIL, limit: 50 })).filter((one) =>
          one.businessDate.equals(DATE),
        );
        const [found] = await listBreaks(job(), { rail: RAIL, limit: 5 });
        return `${day?.state} ${found?.class} ${found?.state}`;
      };
      await play.sleepUntil('2026-12-02 10:30');
      await reconcileDue(job());
      assert.equal(await stateOf(), 'exceptions shortage pooled');
      const early = await closeDay(job(), DAY, 'Dora');
      assert.equal(!early.ok && early.refusal.code, 'day_has_pooled_breaks');
      await play.sleepUntil('2026-12-04 10:30');
      await reconcileDue(job());
      assert.equal(await stateOf(), 'exceptions shortage open');
      const breaks = await listBreaks(job(), { isUnresolved: true, limit: 5 });
      // The account statement has the money that the bill lacks, and its fee: nil together.
      assert.deepEqual(
        breaks.map((one) => `${one.class} ${one.orderNumber} ${one.difference?.minor}`).sort(),
        [
          'settlement_mismatch fee -18',
          'settlement_mismatch payment 2985',
          `shortage ${order} -2985`,
        ],
      );
      for (const { id } of breaks) {
        const ended = await resolveBreak(job(), id, WRITE_OFF);
        assert.ok(ended.ok);
      }
      assert.equal(await stateOf(), 'balanced shortage resolved');
      assert.ok((await closeDay(job(), DAY, 'Dora')).ok);
      await assertTable(job());
    } finally {
      await proxy.close();
    }
  });
});
