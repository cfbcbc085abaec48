import type { WechatClient } from './client.ts';
import type { WechatSettings } from './config.ts';

/** One merchant's connection: its settings and its HTTP client. */
export type Connection = { readonly settings: WechatSettings; readonly client: WechatClient };

/**
 * The payer is only sent to https, or to the very host that answered (a simulator on this machine).
 */
export function isTrusted(url: string, baseUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' || origin === new URL(baseUrl).origin;
}
