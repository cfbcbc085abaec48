import type { Refusal } from '../result/result.ts';

export type WebhookRefusalCode =
  | 'webhook_url_not_allowed'
  | 'webhook_types_empty'
  | 'webhook_type_unknown'
  | 'webhook_endpoints_too_many'
  | 'webhook_endpoint_removed'
  | 'webhook_endpoint_disabled'
  | 'webhook_overlap_not_valid'
  | 'webhook_replay_of_nothing'
  | 'webhook_replay_too_large'
  | 'webhooks_not_composed';

/** Why an endpoint or a replay is refused; `field` names the input where one caused it. */
export type WebhookRefusal = Refusal<WebhookRefusalCode>;

const REFUSALS: Record<WebhookRefusalCode, Omit<WebhookRefusal, 'code'>> = {
  webhook_url_not_allowed: {
    sentence: 'Webhooks are not sent to this address.',
    next: 'Give an https address of a public server, without a user, on a port for the web.',
    field: 'url',
  },
  webhook_types_empty: {
    sentence: 'The endpoint asks for no type of event.',
    next: 'Leave the types out for all, or name some, such as invoice.* or debit.succeeded.',
    field: 'types',
  },
  webhook_type_unknown: {
    sentence: 'One of the types is no type of event and no family of them.',
    next: 'Take the types from the reference, or a family such as invoice.*.',
    field: 'types',
  },
  webhook_endpoints_too_many: {
    sentence: 'The merchant has as many endpoints as it can have.',
    next: 'Remove one that is not needed any more.',
  },
  webhook_endpoint_removed: {
    sentence: 'The endpoint was removed.',
    next: 'Add a new one and replay what it needs.',
  },
  webhook_endpoint_disabled: {
    sentence: 'The endpoint is disabled, so nothing is sent to it.',
    next: 'Enable it first.',
  },
  webhook_overlap_not_valid: {
    sentence: 'The former secret cannot sign that long.',
    next: 'Give whole hours from 0 to 168.',
    field: 'overlap_hours',
  },
  webhook_replay_of_nothing: {
    sentence: 'The replay names no events.',
    next: 'Give a time (since) or events (event_ids).',
    field: 'since',
  },
  webhook_replay_too_large: {
    sentence: 'The replay is of more events than one can take.',
    next: 'Give a shorter time with since and until, and replay the rest afterwards.',
    field: 'since',
  },
  webhooks_not_composed: {
    sentence: 'This process sends no webhooks.',
    next: 'Run the command on a process that has the key of the secrets.',
  },
};

/** `detail` says which value it was: a type, or the reason for which an address is not called. */
export function webhookRefusal(code: WebhookRefusalCode, detail = ''): WebhookRefusal {
  const known = REFUSALS[code];
  const sentence = detail === '' ? known.sentence : `${known.sentence} (${detail})`;
  return { code, ...known, sentence };
}
