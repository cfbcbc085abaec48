import type { Locale } from '@daikou/core';
import { redacted } from '../../rails/secrets.ts';

/** The Aliyun account that sends notices by SMS. */
export type SmsConfig = {
  /** Default `https://dysmsapi.aliyuncs.com`. */
  readonly endpoint?: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The registered signature (签名) that stands before the text. */
  readonly signName: string;
  /**
   * Registered template codes (`SMS_…`) by language and template key; the texts to register are in
   * templates.ts. A message without a code is refused, so that it goes by the next channel.
   */
  readonly templateCodes: Readonly<Record<Locale, Readonly<Record<string, string>>>>;
  /** The wall clock, for protocol timestamps: Aliyun refuses a difference of 15 minutes. */
  readonly now: () => Temporal.Instant;
  /** Default 10,000. */
  readonly timeoutMilliseconds?: number;
};

/** The configuration for logs and support: no secret. */
export function describeSmsConfig(config: SmsConfig): Readonly<Record<string, string>> {
  const codes = Object.values(config.templateCodes).flatMap((byPurpose) =>
    Object.values(byPurpose),
  );
  return {
    endpoint: config.endpoint ?? 'https://dysmsapi.aliyuncs.com',
    signName: config.signName,
    templateCodes: codes.join(', '),
    accessKeyId: redacted(config.accessKeyId),
    accessKeySecret: redacted(config.accessKeySecret),
  };
}
