import assert from 'node:assert/strict';
import type { Mandate } from '../../packages/core/src/index.ts';
import { beginMandate } from '../../packages/engine/src/index.ts';
import type { Play } from './stage.ts';

/** The customer signs one more mandate on this rail and agrees on the wallet's page. */
export async function signAnother(
  play: Play,
  reference: string,
  rail: 'alipay' | 'wechat',
): Promise<Mandate> {
  const { id: customerId } = await play.customer(reference);
  const begun = await beginMandate(play.job(), { customerId, rail, clientIp: '127.0.0.1' });
  assert.ok(begun.ok, 'the signing is begun');
  assert.equal(begun.value.started.kind, 'open_url');
  if (begun.value.started.kind !== 'open_url') throw new Error('no page');
  const body = new URLSearchParams({ decision: 'agree' });
  await (await fetch(begun.value.started.url, { method: 'POST', body })).arrayBuffer();
  await play.admin.idle();
  const signed = (await mandatesOf(play, reference)).find(
    ({ id }) => id === begun.value.mandate.id,
  );
  assert.equal(signed?.state, 'active', 'the signing is known by its callback');
  return signed;
}

/** Every mandate of the customer, oldest first. */
export async function mandatesOf(play: Play, reference: string): Promise<readonly Mandate[]> {
  const { id } = await play.customer(reference);
  const { store } = play.engine;
  return await store.transact(play.merchant.id, (tx) => tx.loadMandatesOf([id]));
}
