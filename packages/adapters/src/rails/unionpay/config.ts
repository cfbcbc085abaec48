import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { redacted } from '../secrets.ts';
import { certIdOf, makeSignerJudge, readCertificate, type SignerJudge } from './certificates.ts';

/** What UnionPay gives a merchant of 全渠道 and what we tell it. Certificates and keys are PEM. */
export type UnionpayConfig = {
  /** Default `https://gateway.95516.com`. */
  readonly gateway?: string;
  /** Where settlement files are fetched; default `https://filedownload.95516.com`. */
  readonly fileGateway?: string;
  /** The merchant's number, 15 digits. */
  readonly merId: string;
  /** The token requestor's number of this merchant (`trId`). */
  readonly trId: string;
  /** PKCS#8, from the merchant's .pfx file. */
  readonly signingKey: string;
  /** The certificate that belongs to it; its serial number is our `certId`. */
  readonly signingCertificate: string;
  /** UnionPay's certificate for card data (`acp_prod_enc.cer`). */
  readonly encryptionCertificate: string;
  readonly rootCertificate: string;
  readonly middleCertificate: string;
  /** Default 中国银联股份有限公司; the test environment signs as `00040000:SIGN`. */
  readonly signerName?: string;
  /** Where results are sent (`backUrl`). */
  readonly notifyUrl: string;
  /** Where the payer's browser returns (`frontUrl`); default: the host of `notifyUrl`. */
  readonly returnUrl?: string;
  /**
   * When the intent to send an order or refund number was committed: the rail names an order by
   * number and time, and wants the time of sending. It must answer the same for the order and for
   * every question about it. Absent, or undefined: the time within the number (RESEARCH.md).
   */
  readonly committedAt?: (number: string) => Promise<Temporal.Instant | undefined>;
  /** The wall clock, for certificates and protocol timestamps. */
  readonly now: () => Temporal.Instant;
  /** Default 10,000. */
  readonly timeoutMilliseconds?: number;
  /**
   * Longest reply with a settlement file, in bytes as sent (packed, in Base64). Default
   * 268,435,456: one signature covers the reply, so it is in memory while it is checked.
   */
  readonly billLimitBytes?: number;
};

/** About ten million rows, as they pack to a tenth. */
const BILL_LIMIT_BYTES = 256 * 1024 * 1024;

/** A configuration with its defaults filled in and its keys read once. */
export type UnionpaySettings = Required<UnionpayConfig> & {
  readonly privateKey: KeyObject;
  readonly certId: string;
  readonly encryptionKey: KeyObject;
  readonly encryptCertId: string;
  readonly judgeSigner: SignerJudge;
};

/**
 * Reads keys and certificates. Throws a sentence without any of them when one is not usable: the
 * process must not start.
 */
export function openUnionpayConfig(config: UnionpayConfig): UnionpaySettings {
  if (!/^\d{15}$/.test(config.merId)) throw new Error('UnionPay: merId must be 15 digits.');
  const privateKey = readKey(config.signingKey);
  const own = certificateOf('signingCertificate', config.signingCertificate);
  if (!own.checkPrivateKey(privateKey)) {
    throw new Error('UnionPay: signingKey and signingCertificate do not belong together.');
  }
  const encryption = certificateOf('encryptionCertificate', config.encryptionCertificate);
  const signerName = config.signerName ?? '中国银联股份有限公司';
  return {
    ...config,
    gateway: config.gateway ?? 'https://gateway.95516.com',
    fileGateway: config.fileGateway ?? 'https://filedownload.95516.com',
    returnUrl: config.returnUrl ?? new URL(config.notifyUrl).origin,
    committedAt: config.committedAt ?? (async () => undefined),
    timeoutMilliseconds: config.timeoutMilliseconds ?? 10_000,
    billLimitBytes: config.billLimitBytes ?? BILL_LIMIT_BYTES,
    signerName,
    privateKey,
    certId: certIdOf(own),
    encryptionKey: encryption.publicKey,
    encryptCertId: certIdOf(encryption),
    judgeSigner: makeSignerJudge({
      root: certificateOf('rootCertificate', config.rootCertificate),
      middle: certificateOf('middleCertificate', config.middleCertificate),
      signerName,
    }),
  };
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error('UnionPay: signingKey is not a PEM key.');
  }
}

function certificateOf(name: string, pem: string): X509Certificate {
  const certificate = readCertificate(pem.trim());
  if (certificate === undefined) throw new Error(`UnionPay: ${name} is not a PEM certificate.`);
  return certificate;
}

/** The configuration for logs and support: every identifier, no key. */
export function describeConfig(config: UnionpayConfig): Readonly<Record<string, string>> {
  const settings = openUnionpayConfig(config);
  return {
    gateway: settings.gateway,
    fileGateway: settings.fileGateway,
    merId: settings.merId,
    trId: settings.trId,
    certId: settings.certId,
    encryptCertId: settings.encryptCertId,
    signerName: settings.signerName,
    notifyUrl: settings.notifyUrl,
    returnUrl: settings.returnUrl,
    signingKey: redacted(settings.signingKey),
  };
}
