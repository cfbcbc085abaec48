import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { money } from '@daikou/core';
import { startSandbox } from '../../kit/sandbox.ts';
import { checkAgainst, readSchema } from '../../kit/xsd.ts';
import { debitOf, freshConfig, signPaper } from './fixture.ts';
import { makeSepaRail } from './rail.ts';

const SCHEMAS = new URL('./schemas/', import.meta.url);

/** Every kind of report that the simulated bank writes, in both families of versions. */
async function reportsOf(camtVersion: string): Promise<readonly string[]> {
  const sandbox = await startSandbox();
  try {
    await sandbox.setClock('2026-12-01T09:00:00+01:00');
    await sandbox.admin('PUT', '/admin/configure', { sepa: { camtVersion } });
    const folders = sandbox.endpoint<{ inbox: string; outbox: string }>('sepa');
    const rail = makeSepaRail(
      await freshConfig({ ...folders, ...sandbox.credentials<object>('sepa') }),
    );
    const endings = ['SUCCESS', 'AM04', 'RETURN_MD01', 'SUCCESS'];
    const debits = [];
    for (const [index, fault] of endings.entries()) {
      const orderNumber = `D${index}`;
      await sandbox.admin('POST', '/admin/faults', { rail: 'sepa', orderNumber, fault });
      debits.push(debitOf(orderNumber, await signPaper(rail, `C${index}`, index % 3)));
    }
    await rail.submitMany?.(debits);
    await sandbox.idle();
    await sandbox.setClock('2026-12-03T09:00:00+01:00');
    await rail.refund?.({
      refundNumber: 'R0',
      orderNumber: 'D0',
      paymentReference: 'B0',
      paid: money(2_985n, 'EUR'),
      paidAt: Temporal.Instant.from('2026-12-01T23:00:00Z'),
      amount: money(1n, 'EUR'),
      reason: '',
    });
    await sandbox.idle();
    await sandbox.setClock('2026-12-09T09:00:00+01:00');
    // The older notifications are read as the newer ones are.
    assert.equal((await rail.ask('D0')).kind, 'succeeded');
    assert.equal((await rail.ask('D1')).kind, 'refused');
    assert.equal((await rail.askRefund?.({ refundNumber: 'R0' } as never))?.kind, 'succeeded');
    const news = await rail.fetchNews?.(undefined);
    assert.ok(news?.kind === 'ready' && news.events.some((event) => event.kind === 'return'));
    const names = await readdir(folders.inbox);
    return await Promise.all(names.map((name) => readFile(join(folders.inbox, name), 'utf8')));
  } finally {
    await sandbox.stop();
  }
}

for (const version of ['08', '02']) {
  describe(`what the simulated bank writes, camt .${version}`, () => {
    test('every file is valid by its published schema, and every kind was written', async () => {
      const kinds = new Set<string>();
      for (const text of await reportsOf(version)) {
        const name = /urn:iso:std:iso:20022:tech:xsd:([a-z]+\.[\d.]+)/.exec(text)?.[1] ?? '';
        const schema = readSchema(await readFile(new URL(`${name}.xsd`, SCHEMAS), 'utf8'));
        assert.deepEqual(checkAgainst(schema, text), [], name);
        kinds.add(name);
      }
      assert.deepEqual([...kinds].sort(), [
        `camt.053.001.${version}`,
        `camt.054.001.${version}`,
        'pain.002.001.14',
      ]);
    });
  });
}
