import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstLineOf } from '../../../../test/kit/child-lines.ts';
import { NOW, newCatalog, newLife, newMerchant } from '../../../../test/kit/life.ts';
import { DatabaseInUse } from '../errors.ts';
import { openStore } from '../open.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { identityOf } from './process-identity.ts';

const CHILD = new URL('../../../../test/kit/embedded-child.ts', import.meta.url).pathname;
const KIT = new URL('../../../../test/kit/', import.meta.url).pathname;

describe('the embedded database', () => {
  const homes: string[] = [];
  const children: ChildProcess[] = [];
  const newHome = () => {
    const home = mkdtempSync(join(tmpdir(), 'daikou-home-'));
    homes.push(home);
    return home;
  };
  const startChild = (home: string) => {
    const child = spawn(process.execPath, [CHILD, home], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  });

  test('it is made at the first start and found at the next', async () => {
    const home = join(newHome(), 'deep', 'home');
    const merchant = newMerchant();
    const first = await openStore({ home });
    assert.equal(first.backend, 'pglite');
    assert.equal(first.migratedFrom, 0);
    await first.saveMerchant(merchant);
    await assert.rejects(openStore({ home }), (error) => {
      assert.ok(error instanceof DatabaseInUse);
      assert.equal(error.pid, process.pid);
      return true;
    });
    await first.close();
    assert.deepEqual(readdirSync(home), ['database']);
    const again = await openStore({ home });
    assert.equal(again.migratedFrom, again.migratedTo);
    assert.deepEqual(await again.listMerchants(), [merchant]);
    await again.close();
  });

  for (const wait of [0, 600]) {
    test(`a kill ${wait} ms into the first start leaves nothing broken`, async () => {
      const home = newHome();
      const child = startChild(home);
      const gone = once(child, 'exit');
      const isStarted = () => readdirSync(home).some((name) => name.startsWith('database'));
      for (let look = 0; look < 2_000 && !isStarted(); look += 1) await sleep(5);
      await sleep(wait);
      child.kill('SIGKILL');
      await gone;
      const store = await openStore({ home });
      assert.equal(store.migratedTo > 0, true);
      assert.deepEqual(readdirSync(home).sort(), ['database', 'owner.lock']);
      await store.close();
    });
  }

  test('a kill loses no commit that was acknowledged', async () => {
    const home = newHome();
    const child = startChild(home);
    const gone = once(child, 'exit');
    const acknowledged: string[] = [];
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    for await (const line of lines) {
      if (line.startsWith('cus_')) acknowledged.push(line);
      if (acknowledged.length === 60) child.kill('SIGKILL');
    }
    await gone;
    const store = await openStore({ home });
    const { rows } = await store.rawSql(
      "select 'cus_' || replace(id::text, '-', '') from customers",
    );
    const kept = new Set(rows.map(([id]) => String(id)));
    const lost = acknowledged.filter((id) => !kept.has(id));
    assert.ok(acknowledged.length >= 60);
    assert.deepEqual(lost, []);
    await store.close();
  });

  test('a notice that a dead process held is claimed at once by the next', async () => {
    const home = newHome();
    const store = await openStore({ home });
    const merchant = newMerchant();
    await store.saveMerchant(merchant);
    const catalog = newCatalog();
    const { customer, subscription, mandate, invoice, debit, notice } = newLife(merchant.id, {
      catalog,
    });
    const leaseUntil = NOW.add({ hours: 1 });
    await store.transact(merchant.id, async (tx) => {
      await tx.addToCatalog(catalog);
      await tx.insertNewCustomers([customer]);
      await tx.save({ subscriptions: [subscription], mandates: [mandate], invoices: [invoice] });
      await tx.save({ debits: [debit], notices: [{ ...notice, state: 'sending', leaseUntil }] });
    });
    await store.close();
    const next = await openStore({ home });
    const claim = { buckets: { from: 0, until: 1024 }, dueBy: NOW, limit: 10 };
    const claimed = await next.transact(merchant.id, (tx) =>
      tx.claimNoticesToSend({ ...claim, wallNow: NOW, leaseUntil }),
    );
    assert.deepEqual(
      claimed.map(({ id }) => id),
      [notice.id],
    );
    await next.close();
  });

  test('transactions wait for each other; none lands inside another', async () => {
    const store = await openStore({ home: newHome() });
    const merchant = newMerchant();
    await store.saveMerchant(merchant);
    const order: string[] = [];
    const failing = store.transact(merchant.id, async (tx) => {
      order.push('first begins');
      await tx.saveRun(runOf(merchant.id, 'rolled back'));
      await sleep(30);
      order.push('first ends');
      throw new Error('rolled back');
    });
    const second = store.transact(merchant.id, async (tx) => {
      order.push('second begins');
      await tx.saveRun(runOf(merchant.id, 'kept'));
    });
    const between = store.rawSql('select key from runs');
    await assert.rejects(failing, /rolled back/);
    await second;
    assert.deepEqual((await between).rows, [['kept']]);
    assert.deepEqual(order, ['first begins', 'first ends', 'second begins']);
    await store.close();
  });

  test('a living owner keeps its lock; a dead one loses it', async () => {
    const home = newHome();
    const child = startChild(home);
    const gone = once(child, 'exit');
    assert.equal(await firstLineOf(child), 'open');
    await assert.rejects(openStore({ home }), (error) => {
      assert.ok(error instanceof DatabaseInUse);
      assert.equal(error.pid, child.pid);
      assert.match(error.message, /pid \d+/);
      return true;
    });
    child.kill('SIGKILL');
    await gone;
    const lock = takeOwnerLock(home);
    assert.match(
      readFileSync(join(home, 'owner.lock'), 'utf8'),
      new RegExp(`"pid":${process.pid},`),
    );
    lock.release();
    assert.equal(existsSync(join(home, 'owner.lock')), false);
  });

  test('a pid that was given to another process does not count as the owner', () => {
    const home = newHome();
    const { pid } = identityOf(process.ppid);
    writeFileSync(join(home, 'owner.lock'), JSON.stringify({ pid, started: 'another boot 1' }));
    takeOwnerLock(home).release();
  });

  test('a lock that cannot be read is taken over', () => {
    const home = newHome();
    writeFileSync(join(home, 'owner.lock'), '');
    takeOwnerLock(home).release();
    assert.deepEqual(readdirSync(home), []);
  });

  test('of many processes that find a dead owner exactly one takes over', async () => {
    const home = newHome();
    writeFileSync(join(home, 'owner.lock'), JSON.stringify({ pid: 1, started: 'long ago' }));
    const script = `
      import { takeOwnerLock } from '${new URL('./owner-lock.ts', import.meta.url).href}';
      try { takeOwnerLock(process.argv[1]); console.log('won'); setTimeout(() => {}, 1500); }
      catch (error) { console.log(error.name); }`;
    const answers = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const racer = spawn(process.execPath, ['--input-type=module', '-e', script, home], {
          cwd: KIT,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        children.push(racer);
        return await firstLineOf(racer);
      }),
    );
    assert.deepEqual(answers.toSorted(), [...Array<string>(5).fill('DatabaseInUse'), 'won']);
  });
});

function runOf(merchantId: ReturnType<typeof newMerchant>['id'], key: string) {
  const id = newMerchant().id.replace('mer_', 'run_') as `run_${string}`;
  const startedAt = Temporal.Instant.from('2026-03-01T00:00:00Z');
  return {
    id,
    merchantId,
    kind: 'a-test',
    key,
    state: 'running' as const,
    progress: {},
    startedAt,
  };
}
