import type { Locale } from '@daikou/core';
import type { SafeFetchOptions } from '../../http/safe-fetch.ts';
import { redacted } from '../../rails/secrets.ts';

/** A template of the account's library (模板库), and what goes into its fields. */
export type OfficialAccountTemplate = {
  readonly templateId: string;
  /** Field of the template (`thing1`, `amount2` …) by the name of our variable. */
  readonly fields: Readonly<Record<string, string>>;
  /** The variable whose https address a tap on the message opens. */
  readonly linkFrom?: string;
};

/** A WeChat official account (公众号, 服务号) that sends template messages. */
export type OfficialAccountConfig = {
  /** Default `https://api.weixin.qq.com`. */
  readonly endpoint?: string;
  readonly appId: string;
  readonly appSecret: string;
  /** 令牌(Token) of the server configuration: its events are signed with it. */
  readonly token: string;
  /**
   * 消息加解密密钥, 43 characters. Events are read in 安全模式 or 兼容模式 only: the signature of the
   * plain mode does not cover the body, so that anybody who saw one address could report anything.
   */
  readonly encodingAesKey: string;
  /** By language and template key. A message without one is refused and goes by another channel. */
  readonly templates: Readonly<
    Partial<Record<Locale, Readonly<Record<string, OfficialAccountTemplate>>>>
  >;
  /** The wall clock. */
  readonly now: () => Temporal.Instant;
  /** How calls are made; see SafeFetchOptions. */
  readonly http?: SafeFetchOptions;
};

export const OFFICIAL_ACCOUNT_ENDPOINT = 'https://api.weixin.qq.com';

/** The configuration for logs and support: no secret. */
export function describeOfficialAccountConfig(
  config: OfficialAccountConfig,
): Readonly<Record<string, string>> {
  const templates = Object.values(config.templates).flatMap((byKey) => Object.values(byKey));
  return {
    endpoint: config.endpoint ?? OFFICIAL_ACCOUNT_ENDPOINT,
    appId: config.appId,
    templates: templates.map(({ templateId }) => templateId).join(', '),
    appSecret: redacted(config.appSecret),
    token: redacted(config.token),
    encodingAesKey: redacted(config.encodingAesKey),
  };
}
