import {
  constants,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  X509Certificate,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Books } from '../books.ts';
import { digitsFrom } from '../chance.ts';
import { makeCertificate } from '../x509.ts';

/** What this UnionPay and its merchant have, as kept in the books. PEM texts. */
export interface StoredUnionpay {
  readonly merId: string;
  readonly trId: string;
  readonly rootCertificate: string;
  readonly middleCertificate: string;
  /** UnionPay's own: signs every message. */
  readonly platformCertificate: string;
  readonly platformKey: string;
  /** For card data on their way to UnionPay. */
  readonly encryptionCertificate: string;
  readonly encryptionKey: string;
  /** The merchant's: signs its requests; card numbers come back encrypted for it. */
  readonly merchantCertificate: string;
  readonly merchantKey: string;
}

/** The same with keys parsed once. */
export interface UnionpayKeys extends StoredUnionpay {
  readonly platformPrivate: KeyObject;
  readonly encryptionPrivate: KeyObject;
  readonly merchantPublic: KeyObject;
  /** The decimal serial of the merchant's certificate. */
  readonly merchantCertId: string;
  readonly platformCertId: string;
}

const KEY_BITS = 2048;
const FROM = Date.parse('2020-01-01T00:00:00Z');
const UNTIL = Date.parse('2049-12-31T23:59:59Z');
const COUNTRY = { country: 'CN', organisation: 'Daikou Sandbox' } as const;

/** Reads the keys of this home, or makes them with a chain of certificates at its first start. */
export async function loadUnionpayKeys(books: Books): Promise<UnionpayKeys> {
  const table = books.table<StoredUnionpay>('unionpay_keys');
  const stored = table.get('keys') ?? (await makeKeys());
  if (table.size === 0) table.put('keys', stored);
  const merchant = new X509Certificate(stored.merchantCertificate);
  return {
    ...stored,
    platformPrivate: createPrivateKey(stored.platformKey),
    encryptionPrivate: createPrivateKey(stored.encryptionKey),
    merchantPublic: merchant.publicKey,
    merchantCertId: certIdOf(stored.merchantCertificate),
    platformCertId: certIdOf(stored.platformCertificate),
  };
}

function certIdOf(pem: string): string {
  return BigInt(`0x${new X509Certificate(pem).serialNumber}`).toString();
}

async function makeKeys(): Promise<StoredUnionpay> {
  const makePair = () => promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  const [root, middle, platform, encryption, merchant] = await Promise.all([
    makePair(),
    makePair(),
    makePair(),
    makePair(),
    makePair(),
  ]);
  const dates = { from: FROM, until: UNTIL };
  const rootName = { ...COUNTRY, commonName: '沙箱根证书' };
  const middleName = { ...COUNTRY, commonName: '沙箱中级证书' };
  const byRoot = { subject: rootName, privateKey: root.privateKey };
  const byMiddle = { subject: middleName, privateKey: middle.privateKey };
  const salt = middle.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const merId = `777${digitsFrom(12, salt, 'merId')}`;
  // The form of the real signer's name: three parts, the third is the name that merchants check.
  const signer = '041@8310000000083040@中国银联股份有限公司@00016495';
  const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const leaf = (commonName: string, serial: bigint, key: typeof platform) =>
    makeCertificate({
      ...dates,
      subject: { ...COUNTRY, commonName },
      issuer: byMiddle,
      key,
      serial,
      extendedUsage: ['clientAuth', 'emailProtection'],
    });
  return {
    merId,
    trId: `62${digitsFrom(9, salt, 'trId')}`,
    rootCertificate: makeCertificate({
      ...dates,
      subject: rootName,
      key: root,
      serial: 1n,
      isCa: true,
    }),
    middleCertificate: makeCertificate({
      ...dates,
      subject: middleName,
      issuer: byRoot,
      key: middle,
      serial: 2n,
      isCa: true,
    }),
    platformCertificate: leaf(signer, 69_678_950_001n, platform),
    platformKey: pem(platform.privateKey),
    encryptionCertificate: leaf('沙箱敏感信息加密', 69_678_950_002n, encryption),
    encryptionKey: pem(encryption.privateKey),
    merchantCertificate: leaf(`041@沙箱商户@${merId}`, 69_678_950_003n, merchant),
    merchantKey: pem(merchant.privateKey),
  };
}

/** Decrypts what a merchant encrypted for UnionPay; undefined when it is nothing of the kind. */
export function decrypt(keys: UnionpayKeys, text: string | undefined): string | undefined {
  try {
    const options = { key: keys.encryptionPrivate, padding: constants.RSA_PKCS1_PADDING };
    return privateDecrypt(options, Buffer.from(text ?? '', 'base64')).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Encrypts a card number for the merchant. */
export function encryptForMerchant(keys: UnionpayKeys, text: string): string {
  const options = { key: keys.merchantPublic, padding: constants.RSA_PKCS1_PADDING };
  return publicEncrypt(options, Buffer.from(text)).toString('base64');
}
