import type { WebhookEndpointId } from '../ids/ids.ts';
import type { DaikouEvent } from '../result/event.ts';
import type { WebhookOutcome } from '../webhook/delivery.ts';

/** What is told: an event of a customer, or a test that a person asked for. */
export type WebhookMessage =
  | { readonly kind: 'event'; readonly event: DaikouEvent }
  | { readonly kind: 'test'; readonly id: string; readonly at: Temporal.Instant };

/** Calls the receivers of webhooks, and keeps the secrets that sign what they are told. */
export type WebhookSender = {
  /** Why this address is never called, or undefined where it may be; no name is looked up. */
  readonly urlFault: (url: string) => string | undefined;
  /** A new signing secret: once in clear for its owner, and sealed for the books. */
  readonly makeSecret: (endpoint: WebhookEndpointId) => {
    readonly secret: string;
    readonly sealed: string;
  };
  /** One try. Each of the sealed secrets signs; never throws, never repeats what was answered. */
  readonly send: (call: {
    readonly endpointId: WebhookEndpointId;
    readonly url: string;
    readonly secrets: readonly string[];
    readonly message: WebhookMessage;
  }) => Promise<WebhookOutcome>;
};
