import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onStage } from '../../../../test/kit/on-stage.ts';
import type { Play } from '../../../../test/kit/stage.ts';

/** A published test number of a card. */
const CARD = '6216261000000000018';
const ACCOUNT = {
  kind: 'card',
  number: CARD,
  holder_name: '全渠道',
  identity_number: '341126197709218366',
  phone: '+12125550101',
};

async function callerOf(play: Play) {
  const key = `test-key-${play.merchant.code}`;
  const bytes = new Uint8Array(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)),
  );
  await play.engine.store.saveApiKey(play.merchant.id, bytes.toHex(), 'test');
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${play.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: JSON.parse(text) };
  };
}

onStage('mandates over HTTP', (newPlay, stage) => {
  test('sign, order, end and read the proof', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-1', by: 'wechat', charge: '29.85' }]);
    const call = await callerOf(play);
    const { id: customerId } = await play.customer('H-1');
    const wish = { customer_id: customerId, rail: 'alipay', flow: 'browser_page' };
    const begun = await call('POST', '/v1/mandates', wish);
    assert.deepEqual([begun.status, begun.json.next], [200, 'open_url'], begun.text);
    const body = new URLSearchParams({ decision: 'agree' });
    await (await fetch(begun.json.url, { method: 'POST', body })).arrayBuffer();
    await play.admin.idle();

    const listed = await call('GET', `/v1/mandates?customer_id=${customerId}`);
    const [first, second] = listed.json.data;
    assert.deepEqual([first.state, second.state], ['active', 'active']);
    const order = { mandate_ids: [second.id, first.id] };
    const ordered = await call('POST', `/v1/customers/${customerId}/mandates/order`, order);
    assert.equal(ordered.status, 200, ordered.text);
    const half = { mandate_ids: [first.id] };
    const refused = await call('POST', `/v1/customers/${customerId}/mandates/order`, half);
    assert.deepEqual([refused.status, refused.json.code], [422, 'mandate_order_incomplete']);

    const end = { by: 'customer', remark: '用户申请解约' };
    const ended = await call('POST', `/v1/mandates/${second.id}/end`, end);
    assert.deepEqual([ended.status, ended.json.mandate.state], [200, 'ended'], ended.text);
    const proof = await call('GET', `/v1/mandates/${second.id}/end`);
    assert.deepEqual([proof.json.asked_by, proof.json.tries], ['customer', 1]);
    await play.stop();
  });

  const wrong = [
    ['a rail that is not connected', { rail: 'nowhere' }, 422, 'rail_unknown'],
    ['a way to sign that the rail has not', { flow: 'paper' }, 422, 'signing_flow_unknown'],
    [
      'a cap in a currency that it does not take',
      { single_cap: { amount: 1, currency: 'EUR' } },
      422,
      'mandate_currency',
    ],
    ['a customer of nobody', { customer_id: `cus_${'0'.repeat(32)}` }, 404, 'not_found'],
    ['a field that is not known', { cvv: '123' }, 400, 'parameter_not_known'],
  ] as const;
  test('what cannot begin is refused by name', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-2', by: 'wechat', charge: '29.85' }]);
    const call = await callerOf(play);
    const { id } = await play.customer('H-2');
    for (const [what, change, status, code] of wrong) {
      const wish = { customer_id: id, rail: 'alipay', ...change };
      const answer = await call('POST', '/v1/mandates', wish);
      assert.deepEqual([answer.status, answer.json.code], [status, code], what);
    }
    await play.stop();
  });

  test('data of a card are in no answer, no row and no line of the log', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-3', by: 'wechat', charge: '29.85' }]);
    const call = await callerOf(play);
    const { id } = await play.customer('H-3');
    const rail = stage().targetOf(play.merchant.code)?.engine.rails.get('alipay');
    assert.ok(rail);
    let seen: unknown;
    Object.assign(rail, {
      capabilities: { ...rail.capabilities, signingFlows: ['message_code'] },
      beginSigning: (request: { readonly account?: { readonly number: string } }) => {
        seen = request.account?.number;
        return Promise.reject(new Error(`the connection broke at ${request.account?.number}`));
      },
    });
    const wish = { customer_id: id, rail: 'alipay', flow: 'message_code', account: ACCOUNT };
    const broken = await call('POST', '/v1/mandates', wish);
    assert.deepEqual([broken.status, broken.json.next, seen], [200, 'wait', CARD]);
    const bad = { ...ACCOUNT, number: `${CARD}x` };
    const refused = await call('POST', '/v1/mandates', { ...wish, account: bad });
    assert.equal(refused.status, 400);
    const { id: mandateId } = broken.json.mandate;
    const code = await call('POST', `/v1/mandates/${mandateId}/confirm`, {
      code: '123456',
      account: ACCOUNT,
    });
    assert.deepEqual([code.status, code.json.code], [422, 'signing_not_waiting']);
    const story = JSON.stringify(await play.rawEventsOf('H-3'));
    const rows = JSON.stringify((await call('GET', `/v1/mandates?customer_id=${id}`)).json);
    const everything = [broken.text, refused.text, code.text, story, rows, ...stage().warnings];
    for (const text of everything) {
      for (const secret of [CARD, ACCOUNT.identity_number, ACCOUNT.phone, ACCOUNT.holder_name]) {
        assert.ok(!text.includes(secret), text.slice(0, 200));
      }
    }
    await play.stop();
  });

  test('the plan of a day, attempts and what a person cannot decide', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-4', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-27 12:00');
    const call = await callerOf(play);
    const plan = await call('GET', '/v1/debits/plan?date=2026-12-01');
    const [day] = plan.json.rails;
    assert.deepEqual(
      [day.rail, day.count, day.totals],
      ['wechat', 1, [{ amount: 2_985, currency: 'CNY' }]],
    );
    assert.equal((await call('GET', '/v1/debits/plan?date=2026-02-30')).status, 400);
    const debit = await play.debit();
    const release = await call('POST', `/v1/debits/${debit.id}/release`, { by: 'finance-1' });
    assert.deepEqual([release.status, release.json.code], [422, 'nothing_to_release']);
    const attempts = await call('GET', '/v1/attempts?needs_person=true');
    assert.deepEqual(attempts.json.data, []);
    const nobody = `att_${'0'.repeat(32)}`;
    const answer = { outcome: 'unpaid', evidence: 'the bill of 1 December', by: 'support-1' };
    assert.equal((await call('POST', `/v1/attempts/${nobody}/resolve`, answer)).status, 404);
    const wrongTime = { ...answer, paid_at: '2026-13-01T00:00:00Z' };
    const untimely = await call('POST', `/v1/attempts/${nobody}/resolve`, wrongTime);
    assert.equal(untimely.status, 400);
    assert.deepEqual((await call('GET', '/v1/mandates/drift')).json.data, []);
    assert.deepEqual((await call('GET', '/v1/mandates/brakes')).json.data, []);
    await play.stop();
  });
});
