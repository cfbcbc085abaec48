import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { DunningCase } from './case.ts';

/** What happened to a case. */
export function dunningEvent(
  dunning: DunningCase,
  what: {
    readonly type: Extract<EventType, `dunning.${string}`>;
    readonly data?: NewEvent['data'];
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(dunning.id)),
    merchantId: dunning.merchantId,
    customerId: dunning.customerId,
    type: what.type,
    subjectId: dunning.id,
    at: context.now,
    data: { currency: dunning.currency, ...what.data },
  };
}
