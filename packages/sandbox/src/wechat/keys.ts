import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { digitsFrom } from '../chance.ts';
import type { World } from '../world.ts';
import { makeCertificate } from '../x509.ts';

/** How WeChat Pay shows a key: a platform certificate by its serial, or a public key by its id. */
export type KeyForm = 'certificate' | 'public_key';

/** One key with which WeChat Pay signs V3. `shown` is what a merchant configures, as PEM. */
interface StoredKey {
  readonly id: string;
  readonly form: KeyForm;
  readonly shown: string;
  readonly privateKey: string;
  readonly ordinal: number;
}

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;

function keysOf(world: World) {
  return world.books.table<StoredKey>('wechat_platform_keys');
}

/** Every key that was ever shown, oldest first; the first one is made with the credentials. */
function listKeys(world: World): readonly StoredKey[] {
  const { platform, platformKeyId } = world.credentials.wechat;
  const first: StoredKey = {
    id: platformKeyId,
    form: 'public_key',
    shown: platform.publicKey,
    privateKey: platform.privateKey,
    ordinal: 0,
  };
  return [first, ...keysOf(world).values()].sort((a, b) => a.ordinal - b.ordinal);
}

/** Returns the keys by serial or id, as a merchant downloads them. */
export function shownKeys(world: World): Readonly<Record<string, string>> {
  return Object.fromEntries(listKeys(world).map(({ id, shown }) => [id, shown]));
}

const parsed = new Map<string, KeyObject>();

/** The key that signs now: the one that the configuration names, else the newest. */
export function signingKey(world: World): { readonly id: string; readonly key: KeyObject } {
  const keys = listKeys(world);
  const named = keys.find(({ id }) => id === world.settings.current.wechat.signingKeyId);
  const { id, privateKey } = named ?? keys.at(-1) ?? keys[0] ?? missing();
  const known = parsed.get(privateKey) ?? createPrivateKey(privateKey);
  parsed.set(privateKey, known);
  return { id, key: known };
}

function missing(): never {
  throw new Error('WeChat Pay has no key.');
}

/** Makes a new key that signs from now on; `expired` gives its certificate a time that is over. */
export async function rotateKey(
  world: World,
  made: { readonly form: KeyForm; readonly expired: boolean },
): Promise<{ readonly id: string; readonly pem: string }> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const ordinal = listKeys(world).length;
  const serial = randomBytes(20);
  serial[0] = 0x4a;
  const isCertificate = made.form === 'certificate';
  const shown = isCertificate
    ? makeCertificate({
        subject: { country: 'CN', organisation: 'Sandbox', commonName: 'Platform Sign' },
        key: pair,
        serial: BigInt(`0x${serial.toString('hex')}`),
        from: Date.now() - 2 * YEAR_MS,
        until: Date.now() + (made.expired ? -DAY_MS : 5 * YEAR_MS),
      })
    : pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const id = isCertificate
    ? serial.toString('hex').toUpperCase()
    : `PUB_KEY_ID_0${digitsFrom(31, serial.toString('hex'), 'platform-key')}`;
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  keysOf(world).put(id, { id, form: made.form, shown, privateKey, ordinal });
  return { id, pem: shown };
}
