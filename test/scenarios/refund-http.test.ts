import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Payment, present } from '../../packages/core/src/index.ts';
import { applyItems } from '../../packages/server/src/http/inbox.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import { RefundBook } from '../kit/refund-book.ts';
import type { Play } from '../kit/stage.ts';

/** Every shop has a key of its own. */
const keyOf = ({ merchant }: Play) => `dk_test_refunds-of-${merchant.code}`;

type Answer = {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly param?: string;
    readonly refunds?: readonly { readonly id: string; readonly approval_hash: string }[];
    readonly data?: readonly { readonly id: string; readonly state: string }[];
    readonly state?: string;
    readonly requested_by?: string;
    readonly approved_by?: string;
  };
};

async function call(play: Play, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${play.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${keyOf(play)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Days later the payer's bank sends a refund back: shown, given to somebody, and ended. */
async function sentBack(play: Play, refund: object): Promise<void> {
  const { refund_number: refundNumber } = refund as { readonly refund_number?: string };
  const outcome = { kind: 'failed', code: 'AC04', message: '账户已注销' } as const;
  const event = {
    kind: 'refund',
    refundNumber: present(refundNumber, 'a number'),
    outcome,
  } as const;
  await applyItems(play.job(), [{ kind: 'rail', event }]);
  const parked = await call(play, '/v1/exceptions?state=open');
  assertDocumented({ method: 'GET', path: '/v1/exceptions' }, parked);
  const [exception] = (parked.body.data ?? []) as readonly Readonly<Record<string, unknown>>[];
  const told = ['kind', 'owner', 'suggested_action'].map((field) => exception?.[field]);
  assert.deepEqual(told, ['refund_sent_back', 'finance', 'transfer']);
  const path = `/v1/exceptions/${exception?.['id']}`;
  const assigned = await call(play, `${path}/assign`, { owner: 'Chen' });
  assertDocumented({ method: 'POST', path: '/v1/exceptions/{id}/assign' }, assigned);
  assert.equal((assigned.body as { readonly owner?: string }).owner, 'Chen');
  const booked = await call(play, `${path}/resolve`, { action: 'book', by: 'Bao' });
  assert.deepEqual([booked.status, booked.body.code], [422, 'owner_is_known']);
  assert.equal((await call(play, `${path}/resolve`, { action: 'credit', by: 'Bao' })).status, 200);
}

onStage('refunds over HTTP', (newPlay, stage) => {
  test('asked for, approved by another key holder, returned, listed', async () => {
    const play = await newPlay();
    // The server has an engine of its own beside the worker's.
    const server = present(stage().targetOf(play.merchant.code), 'the server of the play');
    Object.assign(server.engine, {
      refunds: { approveAbove: { CNY: 1_000n }, approvalHours: 72, lateSuccess: 'refund' },
    });
    new RefundBook().attach(play.engine, 'alipay');
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop back office');
    await play.subscribe([{ reference: 'W-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 10:00');
    const { id: customer } = await play.customer('W-1');
    const [payment] = (await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.loadPaymentsOfCustomer(customer),
    )) as readonly Payment[];
    const target = present(payment, 'a payment').id;
    const wanted = {
      payment_id: target,
      amount: { amount: 2_000, currency: 'CNY' },
      reason: 'service_not_delivered',
    };
    const dry = await call(play, '/v1/refunds?dry_run=true', wanted);
    assert.equal(dry.status, 200);
    assertDocumented({ method: 'POST', path: '/v1/refunds' }, dry);
    assert.deepEqual((await call(play, '/v1/refunds')).body.data, []);
    const made = await call(play, '/v1/refunds', wanted);
    const { id, approval_hash: hash } = present(made.body.refunds?.[0], 'a refund');
    const own = await call(play, `/v1/refunds/${id}/approve`, { approval_hash: hash });
    assert.deepEqual([own.status, own.body.code], [422, 'second_person_wanted']);
    const wrong = { approval_hash: 'b'.repeat(64), by: 'Bao' };
    const other = await call(play, `/v1/refunds/${id}/approve`, wrong);
    assert.deepEqual([other.status, other.body.code], [422, 'approval_of_another']);
    const approved = await call(play, `/v1/refunds/${id}/approve`, {
      approval_hash: hash,
      by: 'Bao',
    });
    assert.equal(approved.body.state, 'approved');
    assert.equal(approved.body.requested_by, 'shop back office');
    assert.equal(approved.body.approved_by, 'Bao');
    await play.settle();
    const one = await call(play, `/v1/refunds/${id}`);
    assertDocumented({ method: 'GET', path: `/v1/refunds/${id}` }, one);
    assert.equal(one.body.state, 'succeeded');
    const list = await call(play, `/v1/refunds?customer_id=${customer}&state=succeeded`);
    assert.deepEqual(
      list.body.data?.map((refund) => refund.id),
      [id],
    );
    const late = await call(play, `/v1/refunds/${id}/withdraw`, { by: 'Bao' });
    assert.deepEqual([late.status, late.body.code], [422, 'refund_ended']);
    assert.deepEqual((await call(play, '/v1/exceptions')).body.data, []);
    await sentBack(play, one.body);
    await play.end(2_985);
  });

  test('what is refused says which field, and ids of another kind are none', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop back office');
    const neither = await call(play, '/v1/refunds', { reason: 'goodwill' });
    assert.deepEqual([neither.status, neither.body.code], [422, 'refund_not_one_of']);
    const nobody = await call(play, '/v1/refunds', {
      payment_id: `pay_${'0'.repeat(32)}`,
      reason: 'goodwill',
    });
    assert.equal(nobody.status, 404);
    const paths = ['/v1/refunds/inv_1', '/v1/exceptions/rfd_1', '/v1/refunds?after=inv_1'];
    for (const path of paths) assert.equal((await call(play, path)).status, 400, path);
    const resolved = await call(play, `/v1/exceptions/exc_${'0'.repeat(32)}/resolve`, {
      action: 'credit',
    });
    assert.equal(resolved.status, 404);
    await play.end();
  });
});
