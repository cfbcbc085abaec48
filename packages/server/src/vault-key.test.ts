import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/kit/telco.ts';
import { vaultKeyOf } from './vault-key.ts';

test('a data folder makes its key once, for its owner’s eyes, and keeps it', (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const home = join(folder.path, 'new');
  const key = vaultKeyOf(home);
  assert.equal(Buffer.from(key, 'base64').length, 32);
  assert.equal(vaultKeyOf(home), key);
  assert.equal(statSync(join(home, 'vault.key')).mode & 0o777, 0o600);
  assert.notEqual(vaultKeyOf(join(folder.path, 'other')), key);
});
