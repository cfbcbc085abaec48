import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chance } from './chaos.ts';
import { openStage, type Stage } from './testing/stage.ts';
import { openWechatMerchant, resultOf } from './testing/wechat-merchant.ts';

describe('faults by chance', () => {
  test('the same names give the same draw, and draws spread over the whole range', () => {
    const what = { number: 'D1', fault: 'http_500', occurrence: 1 };
    const first = chance('seed', ['wechat', 'pappayapply'], what);
    assert.equal(chance('seed', ['wechat', 'pappayapply'], what), first);
    const draws = Array.from({ length: 2_000 }, (_, index) =>
      chance('seed', ['wechat', 'pappayapply'], { ...what, number: `D${index}` }),
    );
    const share = draws.filter((draw) => draw < 1_000).length;
    assert.ok(share > 140 && share < 260, `${share} of 2000 lie in the first tenth`);
  });

  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  test('a plan with an unknown fault, or shares that are none, is refused', async () => {
    const unknown = { seed: 'x', probabilities: { wechat: { '*': { made_up: 1 } } } };
    assert.equal((await stage.admin('PUT', '/admin/chaos', unknown)).status, 400);
    const share = { seed: 'x', probabilities: { wechat: { '*': { http_500: 10_001 } } } };
    assert.equal((await stage.admin('PUT', '/admin/chaos', share)).status, 400);
    assert.equal((await stage.admin('PUT', '/admin/chaos', { probabilities: {} })).status, 400);
  });

  test('a certain outcome is had by every order until the plan is taken away', async () => {
    const merchant = openWechatMerchant(stage);
    const contractId = await merchant.signContract('CHAOS1');
    const probabilities = { wechat: { pappayapply: { SYSTEMERROR_THEN_PAID: 10_000 } } };
    await stage.admin('PUT', '/admin/chaos', { seed: 'x', probabilities });
    assert.equal(resultOf(await merchant.pay(contractId, 'CHAOS1N1')), 'SYSTEMERROR');
    await stage.admin('PUT', '/admin/chaos', { seed: 'x', probabilities: {} });
    const other = await merchant.signContract('CHAOS2');
    assert.equal(resultOf(await merchant.pay(other, 'CHAOS2N1')), 'SUCCESS');
  });

  test('a rail that is down takes no connection until the clock passes the end', async () => {
    const merchant = openWechatMerchant(stage);
    const contractId = await merchant.signContract('DOWN1');
    const outages = [
      { rail: 'wechat', from: '2026-12-01T07:00:00+08:00', until: '2026-12-01T09:00:00+08:00' },
    ];
    assert.equal((await stage.admin('PUT', '/admin/outages', { outages })).status, 200);
    await assert.rejects(merchant.pay(contractId, 'DOWN1N1'));
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-01T09:00:00+08:00' });
    assert.equal(resultOf(await merchant.pay(contractId, 'DOWN1N1')), 'SUCCESS');
    const wrong = { outages: [{ rail: 'wechat', from: 'later', until: 'earlier' }] };
    assert.equal((await stage.admin('PUT', '/admin/outages', wrong)).status, 400);
  });
});
