import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Break, BreakId } from '@daikou/core';
import { newId } from '../../../../test/kit/life.ts';
import { onStage } from '../../../../test/kit/on-stage.ts';
import type { Play } from '../../../../test/kit/stage.ts';

const RAIL = 'wechat';
const DATE = Temporal.PlainDate.from('2026-12-01');

async function callerOf(play: Play) {
  const key = `test-key-${play.merchant.code}`;
  const bytes = new Uint8Array(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)),
  );
  await play.engine.store.saveApiKey(play.merchant.id, bytes.toHex(), 'test');
  return async (method: string, path: string, given: { body?: unknown; accept?: string } = {}) => {
    const { body, accept = 'application/json' } = given;
    const response = await fetch(`${play.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        accept,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
  };
}

/** A difference on which no money hangs, with words that a spreadsheet takes for a formula. */
async function addBreak(play: Play): Promise<BreakId> {
  const found: Break = {
    id: newId('brk'),
    merchantId: play.merchant.id,
    rail: RAIL,
    businessDate: DATE,
    class: 'settlement_mismatch',
    orderNumber: '=1+1',
    owner: '@finance',
    suggestedAction: 'ask_rail',
    rootCause: 'not_known',
    state: 'open',
    openedAt: Temporal.Instant.from('2026-12-02T02:00:00Z'),
    note: '+HYPERLINK("http://example.test")',
  };
  await play.engine.store.transact(play.merchant.id, (tx) => tx.addBreaks([found]));
  return found.id;
}

onStage('reconciliation over HTTP', (newPlay) => {
  const close = { rail: RAIL, business_date: '2026-12-01', by: 'Dora' };
  const wrong: readonly (readonly [string, string, string, unknown, number, string])[] = [
    ['a date that is none', 'GET', '/breaks?business_date=2026-02-30', undefined, 400, ''],
    ['a cursor of no date', 'GET', '/days?after=2026-02-30%20wechat', undefined, 400, ''],
    ['a cursor of no break', 'GET', '/breaks?after=2026-12-01', undefined, 400, ''],
    ['a class that is none', 'GET', '/breaks?class=lost', undefined, 400, ''],
    [
      'an impossible day',
      'POST',
      '/days/close',
      { ...close, business_date: '2026-02-30' },
      400,
      '',
    ],
    ['a field that is not known', 'POST', '/days/close', { ...close, force: true }, 400, ''],
    ['a rail of nobody', 'POST', '/days/close', { ...close, rail: 'x' }, 422, 'day_has_no_bill'],
    [
      'a day that is not closed',
      'POST',
      '/days/reopen',
      { ...close, reason: 'why' },
      422,
      'day_is_not_closed',
    ],
    ['an id of another kind', 'GET', `/breaks/inv_${'0'.repeat(32)}`, undefined, 400, ''],
    ['a break of nobody', 'GET', `/breaks/brk_${'0'.repeat(32)}`, undefined, 404, 'not_found'],
  ];

  test('what cannot be is refused by name', async () => {
    const play = await newPlay();
    const call = await callerOf(play);
    for (const [name, method, path, body, status, code] of wrong) {
      const reply = await call(method, `/v1/reconciliation${path}`, { body });
      assert.equal(reply.status, status, `${name}: ${reply.text}`);
      if (code !== '') assert.equal(reply.json.code, code, name);
    }
    await play.stop();
  });

  test('a break of another merchant is of nobody, and cannot be touched', async () => {
    const [owner, stranger] = [await newPlay(), await newPlay()];
    const id = await addBreak(owner);
    const call = await callerOf(stranger);
    const path = `/v1/reconciliation/breaks/${id}`;
    const accepted = { how: 'accepted', by: 'Eve', note: 'mine now' };
    for (const reply of [
      await call('GET', path),
      await call('POST', `${path}/assign`, { body: { owner: 'Eve' } }),
      await call('POST', `${path}/resolve`, { body: accepted }),
    ]) {
      assert.deepEqual([reply.status, reply.json.code], [404, 'not_found'], reply.text);
    }
    const listed = await call('GET', '/v1/reconciliation/breaks');
    assert.deepEqual(listed.json.data, []);
    const own = await (await callerOf(owner))('GET', path);
    assert.deepEqual([own.json.owner, own.json.state], ['@finance', 'open']);
    await owner.stop();
    await stranger.stop();
  });

  test('a break is assigned, ended once, and its table holds no formula', async () => {
    const play = await newPlay();
    const id = await addBreak(play);
    const call = await callerOf(play);
    const path = `/v1/reconciliation/breaks/${id}`;
    const unknown = { owner: 'Chen', state: 'resolved' };
    assert.equal((await call('POST', `${path}/assign`, { body: unknown })).status, 400);
    const table = await call('GET', '/v1/reconciliation/breaks', { accept: 'text/csv' });
    for (const cell of [`'=1+1`, `'@finance`, `'+HYPERLINK`]) assert.ok(table.text.includes(cell));
    assert.doesNotMatch(table.text, /(^|,)"?[=+@]/m);
    const silent = await call('POST', `${path}/resolve`, { body: { how: 'accepted', by: 'Anna' } });
    assert.equal(silent.json.code, 'resolution_needs_evidence');
    const off = { how: 'write_off', by: 'Anna', approved_by: 'Ben' };
    const refused = await call('POST', `${path}/resolve`, { body: off });
    assert.equal(refused.json.code, 'resolution_not_for_class');
    const accepted = { how: 'accepted', by: 'Anna', note: 'the rail explained' };
    const ended = await call('POST', `${path}/resolve`, { body: accepted });
    assert.deepEqual([ended.status, ended.json.state], [200, 'resolved'], ended.text);
    const again = await call('POST', `${path}/resolve`, { body: accepted });
    assert.equal(again.json.code, 'break_is_resolved');
    await play.stop();
  });
});
