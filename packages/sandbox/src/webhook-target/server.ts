import { createHmac } from 'node:crypto';
import type { Table } from '../books.ts';
import { answerThroughFaults, BUSINESS_FAULTS } from '../faults.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';

/** A signed time is good for five minutes, the tolerance of Standard Webhooks. */
const VALID_SECONDS = 300;

/** One delivery to a receiver, each try for itself. `at` is business time. */
export interface Delivery {
  readonly id: string;
  /** The last part of the path: every receiver has its own. */
  readonly receiver: string;
  readonly webhookId: string;
  readonly timestamp: string;
  readonly body: string;
  readonly at: number;
  /** Whether one of the signatures is right and the time is near. */
  readonly verified: boolean;
  /** What it was answered. */
  readonly status: number;
}

/** Secrets of a receiver that has its own. */
interface ReceiverSecrets {
  readonly receiver: string;
  readonly secrets: readonly string[];
}

export interface WebhookTargetBooks {
  readonly deliveries: Table<Delivery>;
  readonly secrets: Table<ReceiverSecrets>;
}

export function openWebhookTargetBooks(world: World): WebhookTargetBooks {
  return {
    deliveries: world.books.table('webhook_deliveries'),
    secrets: world.books.table('webhook_secrets'),
  };
}

/** Somebody's receiver: POST `/hooks/<receiver>`; what is not signed rightly is answered 401. */
export function answerWebhookTarget(
  world: World,
  books: WebhookTargetBooks,
  exchange: Exchange,
): Promise<Reply> {
  const webhookId = exchange.headers['webhook-id'] ?? '';
  const at = { rail: 'webhook_target', operations: ['deliver'], orderNumber: webhookId } as const;
  return answerThroughFaults(world.faults, at, {
    act: () => {
      const receiver = /^\/hooks\/([\w-]{1,64})$/.exec(exchange.path)?.[1];
      if (exchange.method !== 'POST' || receiver === undefined) {
        return jsonReply(404, { error: 'POST /hooks/<receiver> is all there is.' });
      }
      const verified = isVerified(secretsOf(world, books, receiver), exchange);
      const refusal = world.faults.take(at, BUSINESS_FAULTS);
      const status = Number(refusal?.code ?? (verified ? answerOf(world) : 401));
      const id = String(books.deliveries.size + 1);
      books.deliveries.put(id, {
        id,
        receiver,
        webhookId,
        timestamp: exchange.headers['webhook-timestamp'] ?? '',
        body: exchange.body.toString('utf8'),
        at: world.clock.now(),
        verified,
        status,
      });
      return jsonReply(status, {});
    },
    forge: (reply) => reply,
  });
}

function answerOf(world: World): number {
  return world.settings.current.webhookTarget.status;
}

function secretsOf(world: World, books: WebhookTargetBooks, receiver: string): readonly string[] {
  return books.secrets.get(receiver)?.secrets ?? [world.credentials.channels.webhookTarget.secret];
}

/** Checks the signature over the bytes as they came, by the text of the specification. */
function isVerified(secrets: readonly string[], { headers, body }: Exchange): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '' } = headers;
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (id === '' || !(age <= VALID_SECONDS)) return false;
  const given = new Set((headers['webhook-signature'] ?? '').split(' '));
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
    return given.has(`v1,${mac.digest('base64')}`);
  });
}

/** `PUT /admin/webhook-target/secrets {receiver, secrets}`; a sentence when something is wrong. */
export function setReceiverSecrets(books: WebhookTargetBooks, given: unknown): string | undefined {
  const { receiver, secrets } = (given ?? {}) as Partial<ReceiverSecrets>;
  const areTexts = Array.isArray(secrets) && secrets.every((one) => typeof one === 'string');
  if (typeof receiver !== 'string' || !areTexts) return 'receiver and secrets (texts) are needed.';
  books.secrets.put(receiver, { receiver, secrets });
  return undefined;
}
