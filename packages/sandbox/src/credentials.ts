import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Books } from './books.ts';
import { digitsFrom } from './chance.ts';

/** Both rails ask for RSA keys of at least 2048 bits (rails.md §2.2). */
const KEY_BITS = 2048;

interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Both sides' secrets as they are kept in the books. PEM texts are PKCS#8 and SPKI. */
export interface StoredCredentials {
  readonly wechat: {
    readonly mchid: string;
    readonly appid: string;
    readonly apiV2Key: string;
    readonly apiV3Key: string;
    readonly merchantSerial: string;
    readonly platformKeyId: string;
    readonly merchant: KeyPair;
    readonly platform: KeyPair;
  };
  readonly alipay: {
    readonly appId: string;
    readonly sellerId: string;
    readonly merchant: KeyPair;
    readonly platform: KeyPair;
  };
  readonly sms: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly signName: string;
    readonly templateCodes: readonly string[];
  };
  readonly smtp: { readonly user: string; readonly pass: string };
}

/** The secrets with their keys parsed once: parsing a PEM costs more than a signature check. */
export interface Credentials extends StoredCredentials {
  readonly wechatMerchantPublic: KeyObject;
  readonly wechatPlatformPrivate: KeyObject;
  readonly alipayMerchantPublic: KeyObject;
  readonly alipayPlatformPrivate: KeyObject;
}

/** Reads the credentials of this home, or makes them at its first start. */
export async function loadCredentials(books: Books): Promise<Credentials> {
  const table = books.table<StoredCredentials>('credentials');
  const stored = table.get('credentials') ?? (await makeCredentials());
  if (table.size === 0) table.put('credentials', stored);
  return {
    ...stored,
    wechatMerchantPublic: createPublicKey(stored.wechat.merchant.publicKey),
    wechatPlatformPrivate: createPrivateKey(stored.wechat.platform.privateKey),
    alipayMerchantPublic: createPublicKey(stored.alipay.merchant.publicKey),
    alipayPlatformPrivate: createPrivateKey(stored.alipay.platform.privateKey),
  };
}

async function makeCredentials(): Promise<StoredCredentials> {
  const [wechatMerchant, wechatPlatform, alipayMerchant, alipayPlatform] = await Promise.all([
    makeKeyPair(),
    makeKeyPair(),
    makeKeyPair(),
    makeKeyPair(),
  ]);
  const salt = randomBytes(16).toString('hex');
  return {
    wechat: {
      mchid: `16${digitsFrom(8, salt, 'mchid')}`,
      appid: `wx${createHash('sha256').update(`${salt}|appid`).digest('hex').slice(0, 16)}`,
      apiV2Key: randomBytes(16).toString('hex'),
      apiV3Key: randomBytes(16).toString('hex'),
      merchantSerial: randomBytes(20).toString('hex').toUpperCase(),
      platformKeyId: `PUB_KEY_ID_0${digitsFrom(31, salt, 'platform-key')}`,
      merchant: wechatMerchant,
      platform: wechatPlatform,
    },
    alipay: {
      appId: `2021${digitsFrom(12, salt, 'alipay-app')}`,
      sellerId: `2088${digitsFrom(12, salt, 'alipay-seller')}`,
      merchant: alipayMerchant,
      platform: alipayPlatform,
    },
    sms: {
      accessKeyId: `LTAI5t${randomBytes(9).toString('hex')}`,
      accessKeySecret: randomBytes(15).toString('hex'),
      signName: '代扣演示',
      templateCodes: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `SMS_90000000${n}`),
    },
    smtp: { user: 'daikou', pass: randomBytes(12).toString('hex') },
  };
}

async function makeKeyPair(): Promise<KeyPair> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
