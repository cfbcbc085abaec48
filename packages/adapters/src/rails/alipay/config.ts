import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { redacted } from '../secrets.ts';

/** What Alipay's open platform gives and what we tell it. */
export type AlipayConfig = {
  /** Default `https://openapi.alipay.com/gateway.do`. */
  readonly gateway?: string;
  readonly appId: string;
  /** The merchant's own Alipay number (2088…): callbacks must name it. */
  readonly sellerId: string;
  /** PKCS#8 PEM, at least 2048 bits. */
  readonly merchantPrivateKey: string;
  /** PEM of Alipay's public key for this app. */
  readonly alipayPublicKey: string;
  /** Where payment results are sent. */
  readonly notifyUrl: string;
  /** Where sign results are sent; a payer's own cancellation goes to the app's gateway address. */
  readonly agreementNotifyUrl: string;
  /** Default `INDUSTRY|DIGITAL_MEDIA`; the contract with Alipay names it. */
  readonly signScene?: string;
  /** Default `CYCLE_PAY_AUTH`. */
  readonly productCode?: string;
  /** Default `CYCLE_PAY_AUTH_P`. */
  readonly personalProductCode?: string;
  /** How the payer reaches the sign page; default `ALIPAYAPP` (in the app, or woken from H5). */
  readonly signChannel?: 'ALIPAYAPP' | 'QRCODE' | 'QRCODEORSMS';
  /** The wall clock, for protocol timestamps. */
  readonly now: () => Temporal.Instant;
  /** Default 10,000. */
  readonly timeoutMilliseconds?: number;
  /**
   * One more origin from which bills are fetched, besides Alipay's own host: a simulator on this
   * machine. Leave it out in production.
   */
  readonly billOrigin?: string;
};

/** A configuration with its defaults filled in and its keys read once. */
export type AlipaySettings = Required<Omit<AlipayConfig, 'billOrigin'>> &
  Pick<AlipayConfig, 'billOrigin'> & {
    readonly privateKeyObject: KeyObject;
    readonly publicKeyObject: KeyObject;
  };

/**
 * Reads the keys. Throws a sentence without the key when one is not usable: the process must not
 * start.
 */
export function openAlipayConfig(config: AlipayConfig): AlipaySettings {
  return {
    ...config,
    gateway: config.gateway ?? 'https://openapi.alipay.com/gateway.do',
    signScene: config.signScene ?? 'INDUSTRY|DIGITAL_MEDIA',
    productCode: config.productCode ?? 'CYCLE_PAY_AUTH',
    personalProductCode: config.personalProductCode ?? 'CYCLE_PAY_AUTH_P',
    signChannel: config.signChannel ?? 'ALIPAYAPP',
    timeoutMilliseconds: config.timeoutMilliseconds ?? 10_000,
    privateKeyObject: readKey('merchantPrivateKey', () =>
      createPrivateKey(config.merchantPrivateKey),
    ),
    publicKeyObject: readKey('alipayPublicKey', () => createPublicKey(config.alipayPublicKey)),
  };
}

function readKey(name: string, read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw new Error(`Alipay: ${name} is not a PEM key.`);
  }
}

/** The configuration for logs and support: every identifier, no key. */
export function describeConfig(config: AlipayConfig): Readonly<Record<string, string>> {
  const settings = openAlipayConfig(config);
  return {
    gateway: settings.gateway,
    appId: settings.appId,
    sellerId: settings.sellerId,
    notifyUrl: settings.notifyUrl,
    agreementNotifyUrl: settings.agreementNotifyUrl,
    signScene: settings.signScene,
    productCode: settings.productCode,
    personalProductCode: settings.personalProductCode,
    signChannel: settings.signChannel,
    billOrigin: settings.billOrigin ?? '(not set)',
    merchantPrivateKey: redacted(settings.merchantPrivateKey),
    alipayPublicKey: redacted(settings.alipayPublicKey),
  };
}
