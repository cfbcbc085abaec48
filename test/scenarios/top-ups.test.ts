import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomerTopUpsWire } from '../../packages/api/src/index.ts';
import { present } from '../../packages/core/src/index.ts';
import { creditInvoice, voidInvoice } from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { atDesk } from '../kit/desk.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const keyOf = ({ merchant }: Play) => `dk_test_top-ups-of-${merchant.code}`;

async function call(play: Play, path: string, body?: unknown) {
  const response = await fetch(`${play.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${keyOf(play)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = { status: response.status, body: (await response.json()) as unknown };
  const operation = { method: body === undefined ? 'GET' : 'POST', path };
  if (response.status < 300) assertDocumented(operation, answer);
  return answer;
}

const yuan = (amount: number) => ({ amount: amount * 100, currency: 'CNY' });

/** Agreed in the portal: from 25.00 on, 50.00, and 60.00 a month at most. */
const WISH = {
  low: yuan(25),
  amount: yuan(50),
  monthly_cap: yuan(60),
  consent: { at: '2026-11-20T00:30:00Z', channel: 'portal', evidence_hash: 'a'.repeat(64) },
  by: 'Anna',
};

async function begin(newPlay: () => Promise<Play>, reference: string): Promise<Play> {
  const play = await newPlay();
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
  await play.subscribe([{ reference, by: 'unionpay', charge: '29.85' }]);
  return play;
}

async function pathOf(play: Play, reference: string): Promise<string> {
  return `/v1/customers/${(await play.customer(reference)).id}/top-up`;
}

async function topUpsOf(play: Play, reference: string): Promise<CustomerTopUpsWire> {
  return (await call(play, await pathOf(play, reference))).body as CustomerTopUpsWire;
}

async function leftOf(play: Play, reference: string): Promise<readonly bigint[]> {
  const { id } = await play.customer(reference);
  const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.lockCreditGrants([id]),
  );
  return grants.map(({ left }) => left.minor);
}

/** What happened to top-ups, their notices and debits, with the day. */
async function storyOf(play: Play, reference: string): Promise<readonly string[]> {
  const told = /^(top_up|credit|debit\.(succeeded|failed|retry)|notice\.delivered|payment)/;
  return (await play.rawEventsOf(reference))
    .filter(({ type, data }) => told.test(type) && (data['purpose'] ?? 'renewal') === 'renewal')
    .map(({ type, at }) => `${at.toZonedDateTimeISO('Asia/Shanghai').toPlainDate()} ${type}`);
}

onStage('automatic top-ups', (newPlay) => {
  test('falls, notice, debit, grant; the second one of a month waits for the next', async () => {
    const play = await begin(newPlay, 'T-1');
    const path = await pathOf(play, 'T-1');
    const unproved = { ...WISH, monthly_cap: yuan(40) };
    const refused = await call(play, path, unproved);
    assert.equal((refused.body as { code: string }).code, 'top_up_cap_too_low');
    assert.equal((await call(play, path, WISH)).status, 200);
    await play.advanceTo('2026-11-24 12:00');
    assert.deepEqual(
      (await topUpsOf(play, 'T-1')).top_ups.map(({ state, requested_on: on }) => [state, on]),
      [['requested', '2026-11-20']],
    );
    assert.deepEqual(await leftOf(play, 'T-1'), [], 'nothing is granted before it is paid');
    await play.advanceTo('2026-11-25 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [5_000n]);
    assert.equal((await play.books())['2203'], -5_000n);
    const [paid] = (await topUpsOf(play, 'T-1')).top_ups;
    const lines = [{ position: 1, take: { type: 'whole' } }] as const;
    const request = { lines, reason: 'goodwill' } as const;
    const twice = await creditInvoice(play.job(), present(paid, 'a top-up').invoice_id as never, {
      request,
      dryRun: false,
    });
    assert.ok(!twice.ok && twice.refusal.code === 'top_up_is_balance');

    // The bill of December takes 29.85, and 20.15 is low again: beyond the cap of November.
    await play.advanceTo('2026-11-30 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [2_015n]);
    assert.equal((await topUpsOf(play, 'T-1')).rules[0]?.held_by, 'monthly_cap');
    await play.advanceTo('2026-12-07 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [2_015n, 5_000n]);
    assert.deepEqual(await storyOf(play, 'T-1'), [
      '2026-11-20 top_up.agreed',
      '2026-11-20 top_up.requested',
      '2026-11-20 notice.delivered',
      '2026-11-25 payment.received',
      '2026-11-25 debit.succeeded',
      '2026-11-25 credit.granted',
      '2026-11-25 top_up.paid',
      '2026-12-01 top_up.requested',
      '2026-12-01 notice.delivered',
      '2026-12-06 payment.received',
      '2026-12-06 debit.succeeded',
      '2026-12-06 credit.granted',
      '2026-12-06 top_up.paid',
    ]);
    const explained = await atDesk(play, ['explain', present(paid, 'a top-up').invoice_id]);
    assert.match(explained.out, /50\.00/);
    await play.end(5_000, 5_000);
  });

  test('a refused debit gives no balance, owes nothing and is not tried again', async () => {
    const play = await begin(newPlay, 'T-2');
    const agreed = await atDesk(play, [
      ...['balance', 'top-up', 'agree', 'T-2', '--low', '25.00', '--amount', '250.00'],
      ...['--cap', '250.00', '--evidence', 'b'.repeat(64), '--channel', 'phone'],
    ]);
    assert.equal(agreed.code, 0, agreed.err);
    await play.settle();
    const beyond = (await topUpsOf(play, 'T-2')).rules[0];
    assert.equal(beyond?.held_by, 'no_mandate', 'the mandate allows 200.00');
    await call(play, await pathOf(play, 'T-2'), WISH);
    await play.fault({ rail: 'unionpay', operation: 'consume', fault: '64', times: 9 });
    await play.advanceTo('2026-11-25 12:00');
    assert.equal((await topUpsOf(play, 'T-2')).top_ups[0]?.state, 'requested');
    await play.advanceTo('2026-11-27 12:00');
    const after = await topUpsOf(play, 'T-2');
    assert.deepEqual(
      after.top_ups.map(({ state, grant_id: grant }) => [state, grant]),
      [['refused', null]],
    );
    assert.deepEqual(await leftOf(play, 'T-2'), []);
    assert.equal((await play.books())['2203'] ?? 0n, 0n);
    const events = (await play.rawEventsOf('T-2')).map(({ type }) => type);
    assert.ok(!events.includes('service.warned') && !events.includes('credit.granted'));
    const stopped = await atDesk(play, ['balance', 'top-up', 'stop', 'T-2', '--json']);
    assert.equal(JSON.parse(stopped.out).stopped_by, 'cli', stopped.err);
    assert.deepEqual((await topUpsOf(play, 'T-2')).rules, []);
    await play.end();
  });

  test('stopped by voiding its invoice: the top-up ends with it', async () => {
    const play = await begin(newPlay, 'T-3');
    await call(play, await pathOf(play, 'T-3'), WISH);
    await play.settle();
    const [topUp] = (await topUpsOf(play, 'T-3')).top_ups;
    const voided = await voidInvoice(play.job(), present(topUp, 'a top-up').invoice_id as never);
    assert.ok(voided.ok);
    await play.settle();
    assert.equal((await topUpsOf(play, 'T-3')).top_ups[0]?.state, 'refused');
    await play.end();
  });
});
