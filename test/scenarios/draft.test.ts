import { test } from 'node:test';
import { onStage } from '../kit/on-stage.ts';

onStage('draft', (newPlay, stage) => {
  const show = (name: string, work: (play: any) => Promise<void>, who: string) =>
    test(name, async () => {
      const t0 = performance.now();
      const play = await newPlay();
      try {
      await work(play);
      } catch (e) { console.log('THROWN', e); }
      console.log(`== ${name} ${Math.round(performance.now() - t0)} ms`);
      for (const line of await play.eventsOf(who)) console.log(`'${line}',`);
      console.log(await play.books(), await play.witness());
      const [bundle] = [await play.engine.store.transact(play.merchant.id, (tx) => tx.listDebits({limit: 5}))];
      console.log(bundle.map((d: any) => `${d.state} ${d.blockedBy} n=${d.attemptCount}`));
      try { await play.end(); } catch (e) { console.log('END', (e as Error).message); await play.stop(); }
    });
  for (const by of ['alipay', 'wechat'] as const) {
    const one = (n: string, charge = '29.85') => [{ reference: n, by, charge }];
    show(`${by} short then paid`, async (p) => {
      await p.subscribe(one('S'));
      await p.fault({ rail: by, fault: by === 'alipay' ? 'ACQ.BUYER_BALANCE_NOT_ENOUGH' : 'NOTENOUGH' });
      await p.advanceTo('2026-12-04 12:00');
    }, 'S');
    show(`${by} hard`, async (p) => {
      await p.subscribe(one('S'));
      await p.fault({ rail: by, fault: by === 'alipay' ? 'ACQ.BUYER_ENABLE_STATUS_FORBID' : 'USER_ACCOUNT_ABNORMAL', });
      await p.advanceTo('2026-12-08 12:00');
    }, 'S');
    show(`${by} timeout paid`, async (p) => {
      await p.subscribe(one('S'));
      await p.fault({ rail: by, fault: 'lost_callback', operation: 'pay_callback' });
      await p.fault({ rail: by, fault: 'TIMEOUT_THEN_PAID' });
      await p.advanceTo('2026-12-03 12:00');
    }, 'S');
    show(`${by} timeout not received`, async (p) => {
      await p.subscribe(one('S'));
      await p.fault({ rail: by, fault: 'TIMEOUT_NOT_RECEIVED' });
      await p.advanceTo('2026-12-03 12:00');
    }, 'S');
    show(`${by} lost callback`, async (p) => {
      await p.subscribe(one('S'));
      await p.fault({ rail: by, fault: 'LOST_CALLBACK' });
      await p.advanceTo('2026-12-03 12:00');
    }, 'S');
    show(`${by} ended`, async (p) => {
      await p.subscribe(one('S'));
      await p.advanceTo('2026-11-30 12:00');
      const [mandate] = await p.engine.store.transact(p.merchant.id, (tx: any) => tx.listMandates({ limit: 1 }));
      await p.endInWallet(by === 'wechat' ? { rail: by, contractId: mandate.railReference } : { rail: by, agreementNo: mandate.railReference });
      await p.advanceTo('2026-12-03 12:00');
    }, 'S');
    show(`${by} cap`, async (p) => {
      await p.subscribe(one('S', '200.01'));
      await p.advanceTo('2026-12-03 12:00');
    }, 'S');
    show(`${by} down on T`, async (p) => {
      await p.subscribe(one('S'));
      await p.advanceTo('2026-11-30 12:00');
      await p.sleepUntil('2026-12-03 09:00');
      await p.advanceTo('2026-12-06 12:00');
    }, 'S');
    show(`${by} down on T-5`, async (p) => {
      await p.subscribe(one('S'));
      await p.advanceTo('2026-11-25 12:00');
      await p.sleepUntil('2026-12-03 09:00');
      await p.advanceTo('2026-12-10 12:00');
    }, 'S');
  }
  show('bounce', async (p) => {
    await p.subscribe([{ reference: 'S', by: 'alipay', charge: '29.85', mail: 'bounce-1@example.test' }]);
    await p.advanceTo('2026-12-04 12:00');
  }, 'S');
  show('zero', async (p) => {
    await p.subscribe([{ reference: 'S', by: 'alipay', charge: '0' }]);
    await p.advanceTo('2026-12-04 12:00');
  }, 'S');
});
