import { randomBytes } from 'node:crypto';
import type { WebhookMessage, WebhookOutcome, WebhookSender } from '@daikou/core';
import { makeSafeFetch, type SafeFetchOptions } from '../http/safe-fetch.ts';
import { readTarget } from '../http/target.ts';
import { formatWebhookSecret, signWebhook } from '../http/webhook-signature.ts';
import { openSecret, openVault, sealSecret } from './vault.ts';

export type WebhookConfig = {
  /** 32 bytes, Base64: seals the signing secrets. */
  readonly vaultKey: string;
  /** Keys of former times, which still open what they sealed. */
  readonly formerVaultKeys?: readonly string[];
  /** The JSON of a message: the API decides how an event is written. */
  readonly toBody: (message: WebhookMessage) => string;
  /** The wall clock, for the signature's time. */
  readonly now: () => Temporal.Instant;
  readonly http?: SafeFetchOptions;
};

/** Bytes of a new signing key: what the specification recommends. */
const KEY_BYTES = 32;

/** A receiver knows by it which program calls. */
const USER_AGENT = 'daikou-webhooks';

/**
 * Sends webhooks as Standard Webhooks says, by `makeSafeFetch`, so that no address of a merchant
 * reaches into our own network. A sender whose keys do not open a secret holds the message: another
 * process may have the key.
 */
export function makeWebhookSender(config: WebhookConfig): WebhookSender {
  const vault = openVault(config.vaultKey, config.formerVaultKeys);
  const post = makeSafeFetch(config.http);
  return {
    urlFault: (url) => urlFault(url, config.http),
    makeSecret: (endpoint) => {
      const secret = formatWebhookSecret(randomBytes(KEY_BYTES));
      return { secret, sealed: sealSecret(vault, secret, endpoint) };
    },
    send: async ({ endpointId, url, secrets, message }) => {
      const opened = secrets.map((sealed) => openSecret(vault, sealed, endpointId));
      const [first, ...others] = opened.filter((secret) => secret !== undefined);
      if (first === undefined || opened[0] === undefined) {
        return { kind: 'held', code: 'secret_not_opened' };
      }
      try {
        const body = config.toBody(message);
        const signed = signWebhook({
          id: message.kind === 'event' ? message.event.id : message.id,
          timestamp: config.now(),
          body,
          secrets: [first, ...others],
        });
        const headers = {
          ...signed,
          'content-type': 'application/json',
          'user-agent': USER_AGENT,
        };
        return outcomeOf(await post({ url, headers, body }));
      } catch (error) {
        // The name of the error alone: its message may repeat the address.
        return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
      }
    },
  };
}

function urlFault(url: string, http: SafeFetchOptions | undefined): string | undefined {
  const target = readTarget(url);
  if (target.kind === 'refused') return target.code;
  const isHttp = target.url.protocol === 'http:';
  return isHttp && http?.allowLoopback !== true ? 'not_https' : undefined;
}

function outcomeOf(outcome: Awaited<ReturnType<ReturnType<typeof makeSafeFetch>>>): WebhookOutcome {
  if (outcome.kind === 'delivered') return { kind: 'delivered', status: outcome.status };
  return outcome;
}
