import type { RailChange, RailWorld } from '../suite/subject.ts';
import type { ClientCertificate, WechatConfig } from './config.ts';

/** Test kit: what the sandbox gives a merchant of WeChat Pay. */
export type Credentials = Pick<
  WechatConfig,
  'mchid' | 'appid' | 'apiV2Key' | 'apiV3Key' | 'merchantSerial' | 'merchantPrivateKey'
> & {
  readonly platformKeyId: string;
  readonly platformKeys: Readonly<Record<string, string>>;
  readonly secureAuthority: string;
  readonly clientCertificate: ClientCertificate;
  readonly templates: readonly { readonly planId: string; readonly mode: string }[];
};

/** The configuration of the sandbox's WeChat Pay, by one of its two templates. */
export function sandboxConfig(
  world: RailWorld,
  change: RailChange = {},
  mode: 'pre_notice' | 'delay_24h' = 'pre_notice',
): WechatConfig {
  const wechat = world.sandbox.credentials<Credentials>('wechat');
  const planId = wechat.templates.find((one) => one.mode === mode)?.planId ?? '';
  return {
    baseUrl: change.origin ?? world.sandbox.endpoint<string>('wechat'),
    mchid: change.stranger === true ? '1900000001' : wechat.mchid,
    appid: wechat.appid,
    apiV2Key: wechat.apiV2Key,
    apiV3Key: wechat.apiV3Key,
    merchantSerial: wechat.merchantSerial,
    merchantPrivateKey: wechat.merchantPrivateKey,
    platformKeys: wechat.platformKeys,
    planId,
    ...(mode === 'delay_24h' && { noticeMode: 'notice_24h' as const }),
    clientCertificate: wechat.clientCertificate,
    secureBaseUrl: world.sandbox.endpoint<string>('wechatSecure'),
    secureAuthority: wechat.secureAuthority,
    notifyUrl: `${world.inbox.origin}/deductions`,
    contractNotifyUrl: `${world.inbox.origin}/contracts`,
    serverIp: '192.0.2.1',
    now: () => Temporal.Now.instant(),
    timeoutMilliseconds: 1_000,
  };
}
