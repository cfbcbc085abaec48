import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { redacted } from '../secrets.ts';

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
};

/** A configuration with its defaults filled in and its keys read once. */
export type WechatSettings = WechatConfig & {
  readonly baseUrl: string;
  readonly timeoutMilliseconds: number;
  readonly privateKey: KeyObject;
  readonly platformKeyObjects: ReadonlyMap<string, KeyObject>;
};

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
  return {
    ...config,
    baseUrl: withSlash(config.baseUrl ?? 'https://api.mch.weixin.qq.com/'),
    timeoutMilliseconds: config.timeoutMilliseconds ?? 10_000,
    privateKey: readKey('merchantPrivateKey', () => createPrivateKey(config.merchantPrivateKey)),
    platformKeyObjects: new Map(
      platformKeys.map(([id, pem]) => [id, readKey('platformKeys', () => createPublicKey(pem))]),
    ),
  };
}

function readKey(name: string, read: () => KeyObject): KeyObject {
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
    apiV2Key: redacted(config.apiV2Key),
    apiV3Key: redacted(config.apiV3Key),
    merchantPrivateKey: redacted(config.merchantPrivateKey),
  };
}
