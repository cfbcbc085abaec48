import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LateFeeWaiverWire, LateFeeWire } from '../../packages/api/src/index.ts';
import { type Invoice, money, present } from '../../packages/core/src/index.ts';
import { recordHandPayment, voidInvoice } from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { at } from '../kit/builders.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

/** Every shop has a key of its own. */
const keyOf = ({ merchant }: Play) => `dk_test_late-fees-of-${merchant.code}`;

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
  const operation = { method: body === undefined ? 'GET' : 'POST', path: path.split('?')[0] ?? '' };
  if (response.status < 300) assertDocumented(operation, answer);
  return answer;
}

const DOCUMENT = {
  rate: { per: 'day', basis_points: '5' },
  grace_days: 3,
  cap: { basis_points: 3000 },
  customers: ['person', 'organisation'],
  from: '2026-11-20',
  waiver: { approve_above: { CNY: 40 } },
};

async function publish(play: Play, body: object, dryRun = false) {
  const query = dryRun ? '?dry_run=true' : '';
  return call(play, `/v1/policies${query}`, { kind: 'late_fee', code: 'default', body, by: 'An' });
}

async function invoicesOf(play: Play, reference: string): Promise<readonly Invoice[]> {
  const { id } = await play.customer(reference);
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: id, limit: 10 }),
  );
}

async function lateFeeOf(play: Play, invoice: Invoice, on = ''): Promise<LateFeeWire> {
  const query = on === '' ? '' : `?on=${on}`;
  return (await call(play, `/v1/invoices/${invoice.id}/late-fee${query}`)).body as LateFeeWire;
}

async function pay(play: Play, reference: string, on: string) {
  const { id } = await play.customer(reference);
  const request = {
    method: 'bank_transfer',
    amount: money(100_000n, 'CNY'),
    reference: `B-${reference}`,
    receivedAt: at(on),
    recordedBy: 'Anna',
    note: '',
  } as const;
  const recorded = await recordHandPayment(play.job(), id, { request });
  assert.ok(recorded.ok, recorded.ok ? '' : recorded.refusal.sentence);
}

/** What each notice to a customer said of paying late. */
async function noticesOf(play: Play, reference: string): Promise<readonly string[]> {
  const { id } = await play.customer(reference);
  const notices = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listNotices({ customerId: id, limit: 10 }),
  );
  return notices.flatMap(({ variables }) => variables?.['lateFeeRule'] ?? []);
}

/** A shop with a published late fee; customers pay 1,000.00 a month by transfer, one by debit. */
async function openShop(newPlay: () => Promise<Play>, references: readonly string[]) {
  const play = await newPlay();
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
  assert.equal((await publish(play, DOCUMENT)).status, 200);
  await play.subscribe([
    ...references.map((reference) => ({ reference, by: 'transfer', charge: '1000.00' }) as const),
    { reference: 'L-4', by: 'alipay', charge: '10.00' },
  ]);
  return play;
}

/** A dispute stops the days, a void invoice owes nothing, and a later version changes nothing. */
async function neverAsked(play: Play): Promise<void> {
  const disputed = present((await invoicesOf(play, 'L-2'))[0], 'an invoice');
  const mistaken = present((await invoicesOf(play, 'L-3'))[0], 'an invoice');
  const stop = { from: '2026-12-06', reason: 'the amount is disputed', by: 'An' };
  const path = `/v1/invoices/${disputed.id}/late-fee`;
  const stopped = (await call(play, `${path}/stop`, stop)).body as LateFeeWire;
  assert.deepEqual([stopped.days, stopped.amount.amount], [1, 50]);
  const resumed = (await call(play, `${path}/resume`, { by: 'An' })).body as LateFeeWire;
  assert.deepEqual([resumed.days, resumed.stops.length], [2, 1]);
  const again = await call(play, `${path}/resume`, { by: 'An' });
  assert.equal((again.body as { code: string }).code, 'fee_not_stopped');
  await pay(play, 'L-2', '2026-12-04 09:00');
  assert.ok((await voidInvoice(play.job(), mistaken.id)).ok);
  await play.advanceTo('2026-12-07 09:00');
  const inTime = await lateFeeOf(play, disputed);
  assert.deepEqual([inTime.ended_for, inTime.owed.amount], ['paid', 0]);
  const taken = await lateFeeOf(play, mistaken);
  assert.deepEqual([taken.ended_for, taken.owed.amount, taken.charged.amount], ['void', 0, 0]);
  // A version that is published now holds for what is issued from now on, never for these.
  await publish(play, { ...DOCUMENT, grace_days: 30, from: '2026-12-07' });
  assert.equal((await lateFeeOf(play, disputed)).policy?.version, 1);
  const same = await publish(play, { ...DOCUMENT, grace_days: 30, from: '2026-12-07' });
  assert.equal((same.body as { unchanged: boolean }).unchanged, true);
  const late = await publish(play, { ...DOCUMENT, from: '2026-12-01' });
  assert.equal((late.body as { code: string }).code, 'fee_retroactive');
}

/** A contract that asks for more on leaving early than the published rule allows is refused. */
async function leavingHasACeiling(play: Play, { lines: [line] }: Invoice): Promise<void> {
  const body = { share_of_remaining: 2_000, customers: ['person'], from: '2026-12-07' };
  const rule = { kind: 'termination_fee', code: 'default', body, by: 'An' };
  assert.equal((await call(play, '/v1/policies', rule)).status, 200);
  const sign = async (basisPoints: number) => {
    const early = { type: 'share_of_remaining', basis_points: basisPoints };
    const term = { start: '2026-12-07', end: '2027-12-07', renewal: 'ends' };
    const contract = { ...term, early_termination: early };
    const path = `/v1/subscriptions/${line?.subscriptionId}/changes?dry_run=true`;
    return call(play, path, { type: 'contract', contract });
  };
  const refused = (await sign(2_001)).body as { code: string; param: string };
  assert.deepEqual(
    [refused.code, refused.param],
    ['termination_above_policy', 'contract.early_termination.basis_points'],
  );
  assert.equal((await sign(2_000)).status, 200);
}

/** A part at once, the rest by a second person; what was billed is credited on its invoice. */
async function waivedByTwo(play: Play, invoice: Invoice): Promise<void> {
  const path = `/v1/invoices/${invoice.id}/late-fee/waive`;
  const part = { amount: { amount: 40, currency: 'CNY' }, reason: 'bank holiday', by: 'An' };
  assert.equal((await call(play, path, part)).status, 200);
  const rest = await call(play, path, { reason: 'an old customer', by: 'An' });
  const { waiver } = rest.body as { readonly waiver: LateFeeWaiverWire };
  assert.equal(waiver.state, 'awaiting_approval');
  const approve = `/v1/late-fee-waivers/${waiver.id}/approve`;
  const hash = waiver.approval_hash;
  const own = await call(play, approve, { approval_hash: hash, by: 'An' });
  assert.deepEqual(
    [own.status, (own.body as { code: string }).code],
    [422, 'waiver_second_person'],
  );
  await play.settle();
  const [, afterPart] = await invoicesOf(play, 'L-1');
  assert.equal(afterPart?.credited.minor, 40n);
  assert.equal((await call(play, approve, { approval_hash: hash, by: 'Bao' })).status, 200);
  await play.settle();
  const [, afterAll] = await invoicesOf(play, 'L-1');
  assert.equal(afterAll?.credited.minor, 100n);
  assert.equal((await play.books())['6051.01'], 0n);
  const waived = await lateFeeOf(play, invoice);
  assert.deepEqual([waived.owed.amount, waived.charged.amount], [0, 0]);
}

onStage('late fees', (newPlay) => {
  test('shown, charged once on the next invoice, waived by two; or never asked for', async () => {
    const play = await openShop(newPlay, ['L-1', 'L-2', 'L-3']);
    await play.advanceTo('2026-12-06 10:00');
    const invoice = present((await invoicesOf(play, 'L-1'))[0], 'the first invoice');
    const now = await lateFeeOf(play, invoice);
    assert.deepEqual([now.amount.amount, now.days, now.charged.amount], [100, 2, 0]);
    assert.match(now.explanation_zh, /^¥1\.00（2 天，未付金额 ¥1,000\.00；逾期第 4 天起/);
    assert.equal((await lateFeeOf(play, invoice, '2026-12-04')).amount.amount, 0);
    const simulated = await publish(play, { ...DOCUMENT, grace_days: 0, from: '2026-12-20' }, true);
    const { preview } = simulated.body as { readonly preview: { readonly overdue_now: unknown } };
    assert.deepEqual(preview.overdue_now, {
      looked_at: 3,
      complete: true,
      would_be_asked: [
        {
          invoices: 3,
          sum: { amount: 750, currency: 'CNY' },
          largest: { amount: 250, currency: 'CNY' },
          capped: 0,
        },
      ],
    });

    await pay(play, 'L-1', '2026-12-06 09:00');
    await neverAsked(play);
    await leavingHasACeiling(play, invoice);
    await play.advanceTo('2026-12-27 09:00');
    const [, next, ...more] = await invoicesOf(play, 'L-1');
    const carrier = present(next, 'the next invoice');
    assert.deepEqual(more, []);
    assert.deepEqual(
      carrier.lines.map(({ rule, amount }) => [rule, amount.minor]),
      [
        ['agreed_price', 100_000n],
        ['late_fee', 100n],
      ],
    );
    const line = present(carrier.lines[1], 'the late fee');
    assert.equal((await play.books())['6051.01'], -line.net.minor);
    const charged = await lateFeeOf(play, invoice);
    assert.deepEqual(
      [charged.state, charged.ended_for, charged.charged.amount],
      ['ended', 'paid', 100],
    );

    await waivedByTwo(play, invoice);
    const [said = ''] = await noticesOf(play, 'L-4');
    assert.match(said, /^逾期第 4 天起，每天按未付金额的 0\.05%.*。$/);
    await play.end(1_000);
  });

  test('a fault of the rail is no delay of the payer: it starts no late fee', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
    assert.equal((await publish(play, DOCUMENT)).status, 200);
    await play.subscribe([{ reference: 'L-5', by: 'alipay', charge: '40.00' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.PAYMENT_FAIL', times: 2 });
    await play.advanceTo('2026-12-06 12:00');
    const refusals = async () =>
      (await play.eventsOf('L-5')).filter((line) => line.includes('attempt.refused'));
    assert.deepEqual(
      (await refusals()).map((line) => line.split(' ').at(-1)),
      ['ACQ.PAYMENT_FAIL', 'ACQ.PAYMENT_FAIL'],
    );
    const invoice = present((await invoicesOf(play, 'L-5'))[0], 'the invoice');
    const afterFaults = await lateFeeOf(play, invoice, '2026-12-20');
    assert.deepEqual([afterFaults.days, afterFaults.owed.amount], [0, 0]);
    await play.stop();
  });

  test('too little on the account after a fault of the rail: late from that day on', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
    assert.equal((await publish(play, DOCUMENT)).status, 200);
    await play.subscribe([{ reference: 'L-6', by: 'alipay', charge: '40.00' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.PAYMENT_FAIL', times: 1 });
    await play.advanceTo('2026-12-01 12:00');
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', times: 1 });
    await play.advanceTo('2026-12-02 12:00');
    const invoice = present((await invoicesOf(play, 'L-6'))[0], 'the invoice');
    const fee = await lateFeeOf(play, invoice, '2026-12-07');
    assert.deepEqual([fee.days, fee.amount.amount], [2, 4], 'the 6th and the 7th');
    await play.stop();
  });
});
