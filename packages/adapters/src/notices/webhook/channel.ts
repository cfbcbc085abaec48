import type { NoticeChannel, NoticeMessage, SendOutcome } from '@daikou/core';
import { makeSafeFetch, type SafeFetch, type SafeFetchOptions } from '../../http/safe-fetch.ts';
import { isWebhookSecret, signWebhook } from '../../http/webhook-signature.ts';
import { toUnanswered } from '../robots/post-json.ts';

/** Notices to a system of the customer's own. Its address and secret belong to the customer. */
export type WebhookChannelConfig = {
  /** The wall clock: receivers refuse signatures that are older than five minutes. */
  readonly now: () => Temporal.Instant;
  /** How calls are made; see SafeFetchOptions. */
  readonly http?: SafeFetchOptions;
};

/**
 * Notices as signed webhooks (Standard Webhooks). The address is `https://…#whsec_…`: what stands
 * after the `#` signs and is never sent. The receiver's 2xx proves the delivery; a repeat after a
 * lost answer has the same webhook-id.
 */
export function makeWebhookChannel(config: WebhookChannelConfig): NoticeChannel {
  const fetch = makeSafeFetch(config.http);
  return {
    id: 'webhook',
    proof: 'reply',
    send: (message) => send(config, fetch, message),
    close: async () => {},
  };
}

async function send(
  config: WebhookChannelConfig,
  fetch: SafeFetch,
  message: NoticeMessage,
): Promise<SendOutcome> {
  const receiver = readWebhookReceiver(message.address);
  if (receiver === undefined) {
    return { kind: 'refused', code: 'address_not_valid', message: 'not https://…#whsec_…' };
  }
  const body = toBody(message);
  const timestamp = config.now();
  const { noticeId: id } = message;
  const headers = signWebhook({ id, timestamp, body, secrets: [receiver.secret] });
  const outcome = await fetch({
    url: receiver.url,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body,
  });
  return outcome.kind === 'delivered'
    ? { kind: 'sent', providerReference: id }
    : toUnanswered(outcome);
}

/** Reads an address and the secret after its `#`; undefined when either is none. */
export function readWebhookReceiver(
  address: string,
): { readonly url: string; readonly secret: string } | undefined {
  const mark = address.indexOf('#');
  const url = address.slice(0, mark);
  const secret = address.slice(mark + 1);
  return mark > 0 && URL.canParse(url) && isWebhookSecret(secret) ? { url, secret } : undefined;
}

/** What the receiver gets: the message for people, and its parts for programs. */
function toBody(message: NoticeMessage): string {
  const { noticeId, locale, purpose, templateKey, variables, subject, text } = message;
  return JSON.stringify({
    type: 'notice',
    id: noticeId,
    locale,
    purpose,
    template_key: templateKey,
    variables,
    subject,
    text,
  });
}
