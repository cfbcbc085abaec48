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
      try { await play.end(); } catch (e) { console.log('END', (e as Error).message.split('\n')[0]); await play.stop(); }
    });
  const one = (by: string, n = 'S', charge = '29.85') => [{ reference: n, by, charge }];
    show(`wechat down on T`, async (p) => {
      await p.subscribe(one('wechat'));
      await p.advanceTo('2026-11-30 12:00');
      await p.sleepUntil('2026-12-03 09:00');
      await p.advanceTo('2026-12-06 12:00');
    }, 'S');
  show('bounce w', async (p) => {
    await p.subscribe([{ reference: 'S', by: 'wechat', charge: '29.85', mail: 'bounce-1@example.test' }]);
    await p.advanceTo('2026-12-12 12:00');
  }, 'S');
  show('slow reply w', async (p) => {
    await p.subscribe(one('wechat'));
    await p.fault({rail: 'wechat', operation: 'pappayapply', fault: 'slow', ms: 500});
    await p.advanceTo('2026-12-02 12:00');
  }, 'S');
  show('slow reply a', async (p) => {
    await p.subscribe(one('alipay'));
    await p.fault({rail: 'alipay', operation: 'alipay.trade.pay', fault: 'slow', ms: 500});
    await p.advanceTo('2026-12-02 12:00');
  }, 'S');
  show('two invoices', async (p) => {
    await p.subscribe(one('wechat'));
    await p.subscribeAgain('S', 1000n);
    await p.advanceTo('2026-12-02 12:00');
  }, 'S');
  show('all lost w', async (p) => {
    await p.subscribe(one('wechat'));
    await p.fault({rail: 'wechat', operation: 'pappayapply', fault: 'connection_reset', processed: true});
    await p.fault({rail: 'wechat', operation: 'pay_callback', fault: 'lost_callback', times: 9});
    await p.fault({rail: 'wechat', operation: 'paporderquery', fault: 'connection_reset', times: 99});
    await p.advanceTo('2026-12-02 12:00');
  }, 'S');
  show('all lost a', async (p) => {
    await p.subscribe(one('alipay'));
    await p.fault({rail: 'alipay', operation: 'alipay.trade.pay', fault: 'connection_reset', processed: true});
    await p.fault({rail: 'alipay', operation: 'pay_callback', fault: 'lost_callback', times: 9});
    await p.fault({rail: 'alipay', operation: 'alipay.trade.query', fault: 'connection_reset', times: 99});
    await p.advanceTo('2026-12-02 12:00');
    console.log(stage().heard().length, stage().warnings);
  }, 'S');
});
