import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SigningFlow } from '@daikou/core';
import { BILL_LIMIT_BYTES } from '../bill-bytes.ts';
import { redacted } from '../secrets.ts';

/**
 * The merchant API certificate for mutual TLS, which `/secapi/` wants: PEM texts, or the p12 file
 * of the merchant platform in Base64, whose passphrase is the merchant number.
 */
export type ClientCertificate =
  | { readonly certificate: string; readonly key: string }
  | { readonly p12: string; readonly passphrase: string };

/**
 * What the merchant platform of WeChat Pay gives and what we tell it. The two key sets are apart on
 * purpose (quality list point 27): the APIv2 key signs V2, the certificate and APIv3 key serve V3.
 */
export type WechatConfig = {
  /** Default `https://api.mch.weixin.qq.com/`. */
  readonly baseUrl?: string;
  readonly mchid: string;
  readonly appid: string;
  /** 32 characters. */
  readonly apiV2Key: string;
  /** 32 characters. */
  readonly apiV3Key: string;
  /** Serial number of the merchant API certificate, hex. */
  readonly merchantSerial: string;
  /** PEM. */
  readonly merchantPrivateKey: string;
  /** Platform certificate serial or `PUB_KEY_ID_…` → PEM of the certificate or public key. */
  readonly platformKeys: Readonly<Record<string, string>>;
  /** The template (模板) that mandates are signed under. */
  readonly planId: string;
  /** Where deduction results are sent: https, no query. */
  readonly notifyUrl: string;
  /** Where sign results are sent; terminations go to the address set on the template. */
  readonly contractNotifyUrl: string;
  /** Our own address, as `spbill_create_ip`. */
  readonly serverIp: string;
  /** The wall clock, for protocol timestamps. */
  readonly now: () => Temporal.Instant;
  /** Default 10,000. */
  readonly timeoutMilliseconds?: number;
  /**
   * How the template tells the payer: `announce` by our call two days before (预扣费通知), or
   * `notice_24h` by WeChat itself, which then waits 24 hours. Default `announce`.
   */
  readonly noticeMode?: 'announce' | 'notice_24h';
  /** Which generation signs by app and browser, queries and ends contracts. Default `v2`. */
  readonly signingApi?: 'v2' | 'v3';
  /** The flows that the merchant was granted, the first choice first. Default: all five. */
  readonly signingFlows?: readonly SigningFlow[];
  /** What a payment by hand opens: a page (`MWEB`, the default) or a code to scan (`NATIVE`). */
  readonly payPage?: 'MWEB' | 'NATIVE';
  /** Present: refunds are offered, over mutual TLS. */
  readonly clientCertificate?: ClientCertificate;
  /** Where the calls with mutual TLS go; default `baseUrl`. */
  readonly secureBaseUrl?: string;
  /** PEM of an authority to trust for those calls instead of the system's. For simulators. */
  readonly secureAuthority?: string;
  /** Where refund results are sent; default `notifyUrl`. */
  readonly refundNotifyUrl?: string;
  /** Which generation the trade bill is fetched by. Default `v2`. */
  readonly billApi?: 'v2' | 'v3';
  /** Longest bill that is taken, in bytes as sent. Default 4,000,000,000. */
  readonly billLimitBytes?: number;
};

/** A key of WeChat Pay, with the validity of its certificate where it came in one. */
export type PlatformKey = {
  readonly key: KeyObject;
  readonly from?: Temporal.Instant;
  readonly until?: Temporal.Instant;
};

/** A configuration with its defaults filled in and its keys read once. */
export type WechatSettings = WechatConfig & {
  readonly baseUrl: string;
  readonly timeoutMilliseconds: number;
  readonly privateKey: KeyObject;
  readonly platformKeyObjects: ReadonlyMap<string, PlatformKey>;
  readonly noticeMode: 'announce' | 'notice_24h';
  readonly signingApi: 'v2' | 'v3';
  readonly signingFlows: readonly SigningFlow[];
  readonly payPage: 'MWEB' | 'NATIVE';
  readonly secureBaseUrl: string;
  readonly refundNotifyUrl: string;
  readonly billApi: 'v2' | 'v3';
  readonly billLimitBytes: number;
};

/** Every flow that WeChat Pay has; `browser_page` first, as it works in any browser. */
export const WECHAT_FLOWS: readonly SigningFlow[] = [
  'browser_page',
  'wallet_page',
  'app',
  'mini_program',
  'pay_and_sign',
];

/**
 * Reads the keys. Throws a sentence without the key when one is not usable: the process must not
 * start.
 */
export function openWechatConfig(config: WechatConfig): WechatSettings {
  for (const name of ['apiV2Key', 'apiV3Key'] as const) {
    if (config[name].length !== 32) throw new Error(`WeChat Pay: ${name} must have 32 characters.`);
  }
  const platformKeys = Object.entries(config.platformKeys);
  if (platformKeys.length === 0) {
    throw new Error('WeChat Pay: platformKeys is empty; no reply or callback could be verified.');
  }
  checkFlows(config.signingFlows ?? WECHAT_FLOWS);
  checkClientCertificate(config);
  const baseUrl = withSlash(config.baseUrl ?? 'https://api.mch.weixin.qq.com/');
  return {
    ...config,
    baseUrl,
    secureBaseUrl: withSlash(config.secureBaseUrl ?? baseUrl),
    timeoutMilliseconds: config.timeoutMilliseconds ?? 10_000,
    noticeMode: config.noticeMode ?? 'announce',
    signingApi: config.signingApi ?? 'v2',
    signingFlows: config.signingFlows ?? WECHAT_FLOWS,
    payPage: config.payPage ?? 'MWEB',
    refundNotifyUrl: config.refundNotifyUrl ?? config.notifyUrl,
    billApi: config.billApi ?? 'v2',
    billLimitBytes: config.billLimitBytes ?? BILL_LIMIT_BYTES,
    privateKey: readKey('merchantPrivateKey', () => createPrivateKey(config.merchantPrivateKey)),
    platformKeyObjects: new Map(
      platformKeys.map(([id, pem]) => [id, readKey('platformKeys', () => readPlatformKey(pem))]),
    ),
  };
}

/** A certificate brings its validity along; a bare public key (公钥模式) has none. */
function readPlatformKey(pem: string): PlatformKey {
  if (!pem.includes('BEGIN CERTIFICATE')) return { key: createPublicKey(pem) };
  const { publicKey, validFromDate, validToDate } = new X509Certificate(pem);
  return {
    key: publicKey,
    from: Temporal.Instant.fromEpochMilliseconds(validFromDate.getTime()),
    until: Temporal.Instant.fromEpochMilliseconds(validToDate.getTime()),
  };
}

function checkFlows(flows: readonly SigningFlow[]): void {
  const stranger = flows.find((flow) => !WECHAT_FLOWS.includes(flow));
  if (stranger !== undefined) throw new Error(`WeChat Pay: there is no flow ${stranger}.`);
  if (flows.length === 0) throw new Error('WeChat Pay: signingFlows is empty; nobody could sign.');
}

/** What Node's TLS wants of a client certificate. */
export function tlsOptions(certificate: ClientCertificate): {
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
} {
  return 'p12' in certificate
    ? { pfx: Buffer.from(certificate.p12, 'base64'), passphrase: certificate.passphrase }
    : { cert: certificate.certificate, key: certificate.key };
}

/** Opened once, so that a wrong passphrase or half a pair is found at the start. */
function checkClientCertificate(config: WechatConfig): void {
  const { clientCertificate } = config;
  if (clientCertificate === undefined) return;
  const { protocol, hostname } = new URL(config.secureBaseUrl ?? config.baseUrl ?? 'https://-');
  if (protocol !== 'https:' && hostname !== '127.0.0.1') {
    throw new Error('WeChat Pay: refunds need https; a client certificate proves nothing without.');
  }
  try {
    createSecureContext(tlsOptions(clientCertificate));
  } catch {
    throw new Error('WeChat Pay: clientCertificate cannot be opened with its key or passphrase.');
  }
}

function readKey<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`WeChat Pay: ${name} is not a PEM key or certificate.`);
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** The configuration for logs and support: every identifier, no key. */
export function describeConfig(config: WechatConfig): Readonly<Record<string, string>> {
  return {
    baseUrl: config.baseUrl ?? 'https://api.mch.weixin.qq.com/',
    mchid: config.mchid,
    appid: config.appid,
    planId: config.planId,
    merchantSerial: config.merchantSerial,
    platformKeyIds: Object.keys(config.platformKeys).join(', '),
    notifyUrl: config.notifyUrl,
    contractNotifyUrl: config.contractNotifyUrl,
    serverIp: config.serverIp,
    noticeMode: config.noticeMode ?? 'announce',
    signingApi: config.signingApi ?? 'v2',
    signingFlows: (config.signingFlows ?? WECHAT_FLOWS).join(', '),
    clientCertificate: config.clientCertificate === undefined ? '(not set)' : '(set)',
    apiV2Key: redacted(config.apiV2Key),
    apiV3Key: redacted(config.apiV3Key),
    merchantPrivateKey: redacted(config.merchantPrivateKey),
  };
}
