import { createHmac } from 'node:crypto';

/** What stands before the base64 of a signing secret, so that a leaked one is recognised. */
const SECRET_PREFIX = 'whsec_';

/** The specification's bounds for the key, in bytes. */
const KEY_BYTES = { least: 24, most: 64 } as const;

/** One message to sign. `timestamp` is the wall clock of this try, not of the event. */
export type WebhookToSign = {
  /** The same for every try of one message: the receiver recognises repeats by it. */
  readonly id: string;
  readonly timestamp: Temporal.Instant;
  readonly body: string;
  /** Newest first. More than one while a secret is being rotated: each signs. */
  readonly secrets: readonly string[];
};

export type WebhookHeaders = {
  readonly 'webhook-id': string;
  /** Whole seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>` of each secret, separated by a space. */
  readonly 'webhook-signature': string;
};

/**
 * The three headers of Standard Webhooks (standardwebhooks.com, symmetric scheme v1): HMAC-SHA256
 * over `id.timestamp.body`. Throws when an id holds a dot (it could forge another message's text)
 * or when a secret is none.
 */
export function signWebhook(message: WebhookToSign): WebhookHeaders {
  const { id, body, secrets } = message;
  if (id === '' || !/^[\x21-\x7e]+$/.test(id) || id.includes('.')) {
    throw new Error('A webhook id is printable ASCII without spaces and dots.');
  }
  if (secrets.length === 0) throw new Error('A webhook is signed with at least one secret.');
  const timestamp = String(Math.floor(message.timestamp.epochMilliseconds / 1000));
  const text = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(text).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/** A signing secret as its owner sees it, from 24 to 64 random bytes. */
export function formatWebhookSecret(key: Uint8Array): string {
  if (key.length < KEY_BYTES.least || key.length > KEY_BYTES.most) {
    throw new Error('The key of a webhook secret has 24 to 64 bytes.');
  }
  return `${SECRET_PREFIX}${Buffer.from(key).toString('base64')}`;
}

/** Whether a text is a signing secret: `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(SECRET_PREFIX)) return false;
  const base64 = text.slice(SECRET_PREFIX.length);
  const key = Buffer.from(base64, 'base64');
  // Node's decoder skips what is not base64; only a text that comes back unchanged was one.
  if (key.toString('base64') !== base64) return false;
  return key.length >= KEY_BYTES.least && key.length <= KEY_BYTES.most;
}

function keyOf(secret: string): Uint8Array {
  if (!isWebhookSecret(secret)) throw new Error('This is not a webhook secret (whsec_…).');
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
}
