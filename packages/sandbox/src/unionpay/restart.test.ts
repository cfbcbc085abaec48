import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { startSandbox } from '../sandbox.ts';

test('keys outlive a restart, and an older home gets newer settings', async () => {
  const home = await mkdtemp(join(tmpdir(), 'daikou-sandbox-'));
  const credentials = async () => {
    const sandbox = await startSandbox({ home });
    const read = async (path: string) =>
      (await (await fetch(`${sandbox.endpoints.admin}${path}`)).json()) as Record<string, unknown>;
    const [{ unionpay: keys }, { unionpay: settings }] = [
      await read('/admin/credentials'),
      await read('/admin/configure'),
    ];
    await sandbox.stop();
    return { keys, settings };
  };
  const first = await credentials();
  // As a sandbox without this rail would have left it.
  const older = JSON.stringify([['configuration', 'configuration', { seed: 'older' }]]);
  const journal = join(home, 'journal.jsonl');
  await writeFile(journal, `${await readFile(journal, 'utf8')}${older}\n`);
  const second = await credentials();
  // Compared as wholes: a difference must not print keys.
  assert.ok(isDeepStrictEqual(second.keys, first.keys), 'the keys are the same');
  assert.deepEqual(second.settings, first.settings);
  await rm(home, { recursive: true, force: true });
});
