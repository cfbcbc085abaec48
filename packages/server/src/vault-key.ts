import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** For its owner's eyes only: who has it and the books can sign the merchants' webhooks. */
const FILE = 'vault.key';
const KEY_BYTES = 32;

/**
 * The key of this installation that seals the signing secrets of webhooks, in Base64: made when it
 * is first needed, kept in the data folder. Installations of several machines give each the same
 * key in config.json (`webhooks.vaultKey`) instead.
 */
export function vaultKeyOf(home: string): string {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const path = join(home, FILE);
  try {
    writeFileSync(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  } catch (error) {
    // It is there already, or another process has made it just now.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
