import type { SafeFetchOptions } from '../../http/safe-fetch.ts';

/** Notices by robots of DingTalk groups. The robots themselves are addresses of customers. */
export type DingtalkConfig = {
  /** Default `https://oapi.dingtalk.com`. */
  readonly endpoint?: string;
  /** The wall clock: signatures are good for about an hour. */
  readonly now: () => Temporal.Instant;
  /** How calls are made; see SafeFetchOptions. */
  readonly http?: SafeFetchOptions;
};

export const DINGTALK_ENDPOINT = 'https://oapi.dingtalk.com';

/** The configuration for logs and support. It has no secret: those stand in the addresses. */
export function describeDingtalkConfig(config: DingtalkConfig): Readonly<Record<string, string>> {
  return { endpoint: config.endpoint ?? DINGTALK_ENDPOINT };
}

/** One robot: its token and, where the group demands signatures (加签), its secret. */
export type DingtalkRobot = { readonly token: string; readonly secret?: string };

/**
 * Reads a robot's address as DingTalk shows it,
 * `https://oapi.dingtalk.com/robot/send?access_token=…`, with its signing secret after a `#`:
 * what stands there is never sent to anybody. Undefined when it is none, or of another host.
 */
export function readDingtalkRobot(address: string, endpoint: string): DingtalkRobot | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const isTheirs = [DINGTALK_ENDPOINT, new URL(endpoint).origin].includes(url.origin);
  const token = url.searchParams.get('access_token') ?? '';
  if (!isTheirs || url.pathname !== '/robot/send' || !/^[0-9A-Za-z]{8,128}$/.test(token)) {
    return undefined;
  }
  const secret = url.hash.slice(1);
  return secret === '' ? { token } : { token, secret };
}
