import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type QuarantineFinding, toUuid } from '../../packages/core/src/index.ts';
import {
  beginMandate,
  quarantineStatus,
  reconcileDue,
  relearn,
  releaseQuarantine,
} from '../../packages/engine/src/index.ts';
import { pumpAll } from '../../packages/server/src/worker/pump.ts';
import type { Backend } from '../../packages/store/src/backends/backend.ts';
import { restoreInto } from '../../packages/store/src/backup/restore.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import type { Play } from './stage.ts';

/** Nobody is waited for in a drill. */
const AT_ONCE = async () => {};

/** Begins a signing and hands over the page on which the payer agrees, perhaps later. */
export async function beginSigning(
  play: Play,
  reference: string,
  rail: string,
): Promise<() => Promise<void>> {
  const { id: customerId } = await play.customer(reference);
  const begun = await beginMandate(play.job(), { customerId, rail, clientIp: '127.0.0.1' });
  assert.ok(begun.ok && begun.value.started.kind === 'open_url', 'the signing is begun');
  const { url } = begun.value.started;
  return async () => {
    const body = new URLSearchParams({ decision: 'agree' });
    const answer = await fetch(url, { method: 'POST', body });
    assert.ok(answer.ok, await answer.text());
    await play.admin.idle();
  };
}

/** Order numbers that took money, by the books. */
export async function paidNumbers(play: Play): Promise<ReadonlySet<string>> {
  const { rows } = await (play.engine.store as OpenedStore).rawSql(
    `select order_number from attempts where state in ('succeeded', 'late_success')
      and merchant_id = '${toUuid(play.merchant.id)}'`,
  );
  return new Set(rows.map(([number]) => String(number)));
}

/** The books are thrown away and come back from the file, into an empty database. */
export async function restoreFrom(play: Play, path: string, backend: Backend): Promise<Play> {
  await restoreInto(backend.db, path, { quarantine: () => true });
  rmSync(path);
  return await play.goOnWith(await storeOf(backend));
}

/** One look of the worker at this moment, as it is while the merchant is held. */
export async function lookHeld(play: Play): Promise<void> {
  await pumpAll(play.job());
  await relearn(play.job(), AT_ONCE);
  await reconcileDue(play.job());
  await play.admin.idle();
}

/** What the books learned, as `kind number`, in order. */
export async function learned(play: Play): Promise<readonly string[]> {
  const status = await quarantineStatus(play.job());
  const texts = (status?.findings ?? []).map(
    ({ kind, number }: QuarantineFinding) => `${kind} ${number}`,
  );
  return texts.sort();
}

/** What is in the way of a release. */
export async function inTheWay(play: Play): Promise<readonly string[]> {
  const status = await quarantineStatus(play.job());
  return (status?.obstacles ?? []).map(({ kind, about }) => `${kind} ${about}`.trimEnd());
}

export async function release(play: Play): Promise<void> {
  const released = await releaseQuarantine(play.job(), 'Anna');
  assert.ok(released.ok, JSON.stringify(await inTheWay(play)));
}

export const backupFile = (folder: string, name: string) => join(folder, `${name}.backup`);
