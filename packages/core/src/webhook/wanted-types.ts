import { EVENT_TYPES, type EventType } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type WebhookRefusal, webhookRefusal } from './refusals.ts';

/** Stands for every type there is and will be. */
export const ALL_TYPES = '*';

/** The most types that one endpoint names: more than there are families. */
export const WEBHOOK_TYPES_MAX = 100;

/** `invoice.*`: every type of the family. */
function familyOf(type: string): string {
  return `${type.slice(0, type.indexOf('.'))}.*`;
}

const KNOWN: ReadonlySet<string> = new Set([
  ALL_TYPES,
  ...EVENT_TYPES,
  ...EVENT_TYPES.map(familyOf),
]);

/**
 * The types that an endpoint asks for, without repeats: types, families (`invoice.*`) or `*`. All
 * of them where none are given. Refused when one is unknown: a misspelt type would be silence.
 */
export function readWebhookTypes(
  given: readonly string[] | undefined,
): Result<readonly string[], WebhookRefusal> {
  if (given === undefined) return ok([ALL_TYPES]);
  if (given.length === 0 || given.length > WEBHOOK_TYPES_MAX) {
    return refuse(webhookRefusal('webhook_types_empty'));
  }
  const unknown = given.find((type) => !KNOWN.has(type));
  if (unknown !== undefined) return refuse(webhookRefusal('webhook_type_unknown', unknown));
  return ok(given.includes(ALL_TYPES) ? [ALL_TYPES] : [...new Set(given)]);
}

/** What an endpoint can have named to be told of this type; the store asks for the same. */
export function namesOfType(type: EventType): readonly string[] {
  return [ALL_TYPES, type, familyOf(type)];
}
