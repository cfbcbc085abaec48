import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { BILL_LIMIT_BYTES } from '../bill-bytes.ts';
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
  /**
   * PEMs of Alipay's other public keys that are believed too, while Alipay changes its key: a
   * message names no key, so each is tried. Take the old one out when the change is over.
   */
  readonly alipayPublicKeys?: readonly string[];
  /** Where payment results are sent. */
  readonly notifyUrl: string;
  /**
   * Where results of signing and of our own ending are sent; a payer's own cancellation goes to the
   * app's gateway address (应用网关), which Alipay's console keeps.
   */
  readonly agreementNotifyUrl: string;
  /** Default `INDUSTRY|DIGITAL_MEDIA`; the contract with Alipay names it. */
  readonly signScene?: string;
  /**
   * Default `CYCLE_PAY_AUTH` (周期扣款: debits by a planned date); `GENERAL_WITHHOLDING` (商家扣款)
   * signs no period and has no planned date.
   */
  readonly productCode?: AlipayProduct;
  /** Default: the product code with `_P`. Newer 商家扣款 contracts have `CYCLE_PAY_AUTH_P`. */
  readonly personalProductCode?: string;
  /**
   * The most that all debits of one agreement may take (`total_amount`), whole 分 (a number, as
   * configurations are JSON); absent: no such cap.
   */
  readonly totalAmountMinor?: number;
  /** The most successful debits of one agreement (`total_payments`); absent: no such cap. */
  readonly totalPayments?: number;
  /** How a first order is paid beside the signing (支付并签约); default `wap`. */
  readonly firstPaymentBy?: 'wap' | 'page' | 'app';
  /**
   * How an order is paid by hand; default `wap`. `precreate`: a code to scan, fetched from
   * Alipay.
   */
  readonly payLinkBy?: 'wap' | 'precreate';
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
  /** Longest bill that is taken, in bytes as sent. Default 4,000,000,000. */
  readonly billLimitBytes?: number;
};

/** The product that the merchant signed for with Alipay (rails.md §2.1). */
export type AlipayProduct = 'CYCLE_PAY_AUTH' | 'GENERAL_WITHHOLDING';

/** Settings that have no default: absent means that the rail does without. */
type Optional = 'billOrigin' | 'totalAmountMinor' | 'totalPayments';

/** A configuration with its defaults filled in and its keys read once. */
export type AlipaySettings = Required<Omit<AlipayConfig, Optional>> &
  Pick<AlipayConfig, Optional> & {
    readonly privateKeyObject: KeyObject;
    /** Every key of Alipay that is believed, the present one first. */
    readonly publicKeyObjects: readonly KeyObject[];
  };

/**
 * Reads the keys. Throws a sentence without the key when one is not usable: the process must not
 * start.
 */
export function openAlipayConfig(config: AlipayConfig): AlipaySettings {
  const alipayPublicKeys = config.alipayPublicKeys ?? [];
  const productCode = config.productCode ?? 'CYCLE_PAY_AUTH';
  requireCap('totalAmountMinor', config.totalAmountMinor);
  requireCap('totalPayments', config.totalPayments);
  return {
    ...config,
    alipayPublicKeys,
    gateway: config.gateway ?? 'https://openapi.alipay.com/gateway.do',
    signScene: config.signScene ?? 'INDUSTRY|DIGITAL_MEDIA',
    productCode,
    personalProductCode: config.personalProductCode ?? `${productCode}_P`,
    firstPaymentBy: config.firstPaymentBy ?? 'wap',
    payLinkBy: config.payLinkBy ?? 'wap',
    signChannel: config.signChannel ?? 'ALIPAYAPP',
    timeoutMilliseconds: config.timeoutMilliseconds ?? 10_000,
    billLimitBytes: config.billLimitBytes ?? BILL_LIMIT_BYTES,
    privateKeyObject: readKey('merchantPrivateKey', () =>
      createPrivateKey(config.merchantPrivateKey),
    ),
    publicKeyObjects: [config.alipayPublicKey, ...alipayPublicKeys].map((pem, index) =>
      readKey(index === 0 ? 'alipayPublicKey' : 'alipayPublicKeys', () => createPublicKey(pem)),
    ),
  };
}

function requireCap(name: string, cap: number | undefined): void {
  if (cap === undefined || (Number.isSafeInteger(cap) && cap > 0)) return;
  throw new Error(`Alipay: ${name} is not a whole number of one or more.`);
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
    totalAmountMinor: settings.totalAmountMinor?.toString() ?? '(not set)',
    totalPayments: settings.totalPayments?.toString() ?? '(not set)',
    firstPaymentBy: settings.firstPaymentBy,
    payLinkBy: settings.payLinkBy,
    billOrigin: settings.billOrigin ?? '(not set)',
    merchantPrivateKey: redacted(settings.merchantPrivateKey),
    alipayPublicKey: redacted(settings.alipayPublicKey),
    alipayPublicKeys: `${settings.alipayPublicKeys.length} more`,
  };
}
