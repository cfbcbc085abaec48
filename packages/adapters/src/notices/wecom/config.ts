import type { SafeFetchOptions } from '../../http/safe-fetch.ts';

/** Notices by robots of WeCom (企业微信) groups. The robots themselves are addresses of customers. */
export type WecomConfig = {
  /** Default `https://qyapi.weixin.qq.com`. */
  readonly endpoint?: string;
  /** The wall clock. */
  readonly now: () => Temporal.Instant;
  /** How calls are made; see SafeFetchOptions. */
  readonly http?: SafeFetchOptions;
};

export const WECOM_ENDPOINT = 'https://qyapi.weixin.qq.com';

/** The configuration for logs and support. It has no secret: those stand in the addresses. */
export function describeWecomConfig(config: WecomConfig): Readonly<Record<string, string>> {
  return { endpoint: config.endpoint ?? WECOM_ENDPOINT };
}

/**
 * Reads the key of a robot from its address as WeCom shows it,
 * `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…`. The key is the only secret. Undefined
 * when it is none, or of another host.
 */
export function readWecomKey(address: string, endpoint: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isTheirs = [WECOM_ENDPOINT, new URL(endpoint).origin].includes(url.origin);
  const key = url.searchParams.get('key') ?? '';
  const isKey = /^[0-9A-Za-z-]{8,128}$/.test(key);
  return isTheirs && url.pathname === '/cgi-bin/webhook/send' && isKey ? key : undefined;
}
