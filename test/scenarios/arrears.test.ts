import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, present } from '../../packages/core/src/index.ts';
import {
  changeContact,
  finishTask,
  publishPolicy,
  recordHandPayment,
} from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { at } from '../kit/builders.ts';
import { atDesk } from '../kit/desk.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const keyOf = ({ merchant }: Play) => `dk_test_arrears-of-${merchant.code}`;

type Answer = {
  readonly status: number;
  readonly etag: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
};

async function call(
  play: Play,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const { body, headers } = options;
  const response = await fetch(`${play.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${keyOf(play)}`,
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const isLines = response.headers.get('content-type')?.includes('ndjson') === true;
  return {
    status: response.status,
    etag: response.headers.get('etag') ?? '',
    text,
    body: isJson && !isLines && text !== '' ? (JSON.parse(text) as Answer['body']) : {},
  };
}

async function open(play: Play): Promise<void> {
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop back office');
}

const arrearsOf = async (play: Play, reference: string) => {
  const { id } = await play.customer(reference);
  const [arrears] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadArrears([id]),
  );
  return present(arrears, 'arrears');
};

/** What happened to the service, in order, with the day. */
async function serviceEvents(play: Play, reference: string): Promise<readonly string[]> {
  const events = await play.rawEventsOf(reference);
  return events
    .filter(({ type }) => type.startsWith('service.'))
    .map(
      ({ type, at: when }) => `${when.toZonedDateTimeISO('Asia/Shanghai').toPlainDate()} ${type}`,
    );
}

async function pay(play: Play, reference: string, minor: bigint): Promise<void> {
  const { id } = await play.customer(reference);
  const recorded = await recordHandPayment(play.job(), id, {
    request: {
      method: 'bank_transfer',
      amount: money(minor, 'CNY'),
      reference: `B-${reference}`,
      receivedAt: at('2026-12-12 08:00'),
      recordedBy: 'Anna',
      note: '',
    },
  });
  assert.ok(recorded.ok);
}

onStage('arrears', (newPlay) => {
  test('warned, suspended, exported, paid: the service is back at the next look', async () => {
    const play = await newPlay();
    await open(play);
    await play.subscribe([{ reference: 'A-1', by: 'transfer', charge: '29.85' }]);
    const path = '/v1/entitlements/A-1';
    await play.advanceTo('2026-12-01 12:00');
    const before = await call(play, path);
    assertDocumented({ method: 'GET', path: '/v1/entitlements/{customer}' }, before);
    assert.equal(before.body['status'], 'active');
    assert.equal((before.body['reason'] as { code: string }).code, 'in_good_standing');

    await play.advanceTo('2026-12-10 12:00');
    const warned = await arrearsOf(play, 'A-1');
    assert.deepEqual(
      [warned.state, warned.nextChange?.on.toString(), warned.nextChange?.state],
      ['warned', '2026-12-11', 'suspended'],
    );
    const soon = await call(play, path, { headers: { 'accept-language': 'zh-CN' } });
    assert.equal(soon.body['status'], 'active');
    assert.match(
      JSON.stringify(soon.body['next_change']),
      /2026-12-11T02:00.*service_suspended.*¥29\.85/,
    );
    const same = await call(play, path, {
      headers: { 'accept-language': 'zh-CN', 'if-none-match': soon.etag },
    });
    assert.deepEqual([same.status, same.text], [304, '']);

    await play.advanceTo('2026-12-12 09:00');
    const off = await call(play, path, {
      headers: { 'accept-language': 'zh-CN', 'if-none-match': soon.etag },
    });
    assert.equal(off.status, 200);
    assert.equal(off.body['status'], 'suspended');
    assert.ok((off.body['modules'] as { active: boolean }[]).every(({ active }) => !active));
    const { id } = await play.customer('A-1');
    const exported = await call(play, `/v1/customers/${id}/export`);
    const kinds = exported.text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    assert.deepEqual([...new Set(kinds)].slice(0, 3), ['customer', 'subscription', 'invoice']);
    assert.ok(kinds.includes('message'));
    assert.doesNotMatch(exported.text, /a-1@example\.test/);

    await pay(play, 'A-1', 2_985n);
    await play.settle();
    const back = await call(play, path);
    assert.equal(back.body['status'], 'active');
    assert.deepEqual(await serviceEvents(play, 'A-1'), [
      '2026-12-04 service.warned',
      '2026-12-11 service.suspended',
      '2026-12-12 service.restored',
    ]);
    const messages = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listNotices({ customerId: id, limit: 50 }),
    );
    const told = messages.flatMap(({ purpose, templateKey, state }) =>
      purpose === 'service' ? [[templateKey, state]] : [],
    );
    assert.deepEqual(told, [
      ['service_warned', 'delivered'],
      ['service_suspended', 'delivered'],
      ['service_restored', 'delivered'],
    ]);
    await play.stop();
  });

  test('nobody is warned or stopped while an attempt has no known end', async () => {
    const play = await newPlay();
    await open(play);
    const policy = await publishPolicy(
      play.job(),
      {
        kind: 'arrears',
        code: 'default',
        by: 'Anna',
        body: {
          at: '09:00',
          states: [
            { state: 'warned', when: { days_since_earliest_unpaid: 1 } },
            { state: 'suspended', when: { days_since_earliest_unpaid: 2 } },
          ],
        },
      },
      { dryRun: false },
    );
    assert.ok(policy.ok);
    await play.subscribe([{ reference: 'A-2', by: 'alipay', charge: '29.85' }]);
    await play.fault({ rail: 'alipay', fault: 'TIMEOUT_NOT_RECEIVED' });
    await play.fault({
      rail: 'alipay',
      operation: 'alipay.trade.query',
      fault: 'connection_reset',
      times: 99,
    });
    await play.advanceTo('2026-12-04 12:00');
    const held = await arrearsOf(play, 'A-2');
    assert.deepEqual([held.state, held.heldBy], ['clear', 'attempt_unknown']);
    assert.deepEqual(await serviceEvents(play, 'A-2'), []);
    await play.stop();
  });

  test('a person puts a suspension off over HTTP, on the desk, and takes it back', async () => {
    const play = await newPlay();
    await open(play);
    await play.subscribe([{ reference: 'A-3', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-12-12 12:00');
    assert.equal((await arrearsOf(play, 'A-3')).state, 'suspended');
    const { id } = await play.customer('A-3');
    const overrides = `/v1/customers/${id}/entitlement-overrides`;
    const endless = await call(play, overrides, {
      body: { kind: 'no_suspension', until: '2031-01-01', why: '在途' },
    });
    assert.deepEqual([endless.status, endless.body['code']], [422, 'override_too_long']);
    const granted = await call(play, overrides, {
      body: { kind: 'no_suspension', until: '2026-12-20', why: '对公付款在途', by: 'Anna' },
    });
    assertDocumented({ method: 'POST', path: overrides }, granted);
    await play.settle();
    const on = await call(play, '/v1/entitlements/A-3');
    assert.equal(on.body['status'], 'active');
    assert.equal((on.body['reason'] as { code: string }).code, 'suspension_postponed');
    const listed = await atDesk(play, ['arrears', 'list', '--json']);
    assert.equal(listed.code, 0, listed.err);
    assert.equal(JSON.parse(listed.out)[0].held_by, 'postponed');
    const shown = await atDesk(play, ['entitlements', 'A-3']);
    assert.match(shown.out, /active: .*put off by a person/);
    const withdrawn = await atDesk(play, ['arrears', 'withdraw', String(granted.body['id'])]);
    assert.equal(withdrawn.code, 0, withdrawn.err);
    await play.settle();
    assert.equal((await arrearsOf(play, 'A-3')).state, 'suspended');
    const alerts = `/v1/customers/${id}/balance-alerts`;
    const set = await call(play, alerts, {
      body: { low: { amount: 100, currency: 'CNY' }, by: 'Anna' },
    });
    assertDocumented({ method: 'POST', path: alerts }, set);
    await play.settle();
    const low = (await call(play, alerts)).body['data'] as readonly { is_low: boolean }[];
    assert.deepEqual(
      low.map((one) => one.is_low),
      [true],
    );
    const none = await call(play, `${alerts}/remove`, { body: { currency: 'CNY' } });
    assert.deepEqual([none.status, none.body], [200, { data: [] }]);
    const many = await call(play, `/v1/entitlements?customers=A-3,${id},nobody`);
    assert.equal((many.body['data'] as unknown[]).length, 2);
    const all = await call(play, '/v1/arrears?state=suspended');
    assertDocumented({ method: 'GET', path: '/v1/arrears' }, all);
    assert.equal((all.body['data'] as unknown[]).length, 1);
    await play.stop();
  });

  test('a warning that reaches nobody suspends nobody: its delivery or a person does', async () => {
    const play = await newPlay();
    const bounces = { by: 'transfer', charge: '29.85' } as const;
    await play.subscribe([
      { reference: 'A-5', ...bounces, mail: 'bounce-a5@example.test' },
      { reference: 'A-6', ...bounces, mail: 'bounce-a6@example.test' },
    ]);
    const [wrong, called] = [await play.customer('A-5'), await play.customer('A-6')];
    const openTasks = async (id: typeof wrong.id) => {
      const tasks = await play.engine.store.transact(play.merchant.id, (tx) =>
        tx.listTasks({ customerId: id, state: 'open', limit: 50 }),
      );
      return tasks.filter(({ kind }) => kind === 'arrears');
    };

    await play.advanceTo('2026-12-04 12:00');
    const heard = (await play.rawEventsOf('A-5')).flatMap(({ type, data }) =>
      type === 'notice.undelivered' && data['purpose'] === 'service' ? [type] : [],
    );
    assert.deepEqual(heard, ['notice.undelivered']);
    const asked = (await openTasks(wrong.id)).map(({ owner, data }) => [owner, data['about']]);
    assert.deepEqual(asked, [['support', 'warning_undelivered']]);

    // The policy's day passes, and the next one: nobody is stopped, and it says why.
    await play.advanceTo('2026-12-12 12:00');
    for (const reference of ['A-5', 'A-6']) {
      const held = await arrearsOf(play, reference);
      assert.deepEqual(
        [held.state, held.heldBy, held.nextChange],
        ['warned', 'not_warned', undefined],
      );
    }

    // The address is corrected: a new warning with a new date goes out, and the days count from it.
    const address = 'a-5@example.test';
    const corrected = await changeContact(play.job(), wrong.id, { channel: 'mail', address });
    assert.ok(corrected.ok);
    await play.advanceTo('2026-12-12 14:00');
    assert.deepEqual(await openTasks(wrong.id), []);
    const messages = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listNotices({ customerId: wrong.id, limit: 50 }),
    );
    const warning = present(
      messages.findLast(({ templateKey }) => templateKey === 'service_warned'),
      'the second warning',
    );
    assert.deepEqual(
      [warning.state, warning.variables?.['suspendDate']],
      ['delivered', '2026-12-19'],
    );
    assert.equal((await arrearsOf(play, 'A-5')).nextChange?.on.toString(), '2026-12-19');

    // The other one is called by a person, who says so: the days count from that day.
    const [task] = await openTasks(called.id);
    assert.ok(task !== undefined);
    const done = await finishTask(play.job(), task.id, { by: 'Anna', note: 'told by phone' });
    assert.ok(done.ok);

    await play.advanceTo('2026-12-19 09:30');
    assert.equal((await arrearsOf(play, 'A-5')).state, 'warned');
    await play.advanceTo('2026-12-19 12:00');
    const stops = ['2026-12-04 service.warned', '2026-12-19 service.suspended'];
    assert.deepEqual(await serviceEvents(play, 'A-5'), stops);
    assert.deepEqual(await serviceEvents(play, 'A-6'), stops);
    await play.stop();
  });

  test('who pays needs no answer any more: the task about the warning ends', async () => {
    const play = await newPlay();
    const mail = 'bounce-a7@example.test';
    await play.subscribe([{ reference: 'A-7', by: 'transfer', charge: '29.85', mail }]);
    await play.advanceTo('2026-12-12 12:00');
    await pay(play, 'A-7', 2_985n);
    await play.settle();
    const { id } = await play.customer('A-7');
    const tasks = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listTasks({ customerId: id, limit: 50 }),
    );
    const about = tasks.filter(({ kind }) => kind === 'arrears');
    assert.deepEqual(
      about.map(({ state, endedBy }) => [state, endedBy]),
      [['dropped', 'daikou']],
    );
    await play.stop();
  });
});
