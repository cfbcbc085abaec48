import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { Attempt } from './attempt.ts';
import type { Debit } from './debit.ts';

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/** What happened to a debit: when it is to be collected, or why it is not. */
export function debitEvent(
  debit: Debit,
  what:
    | { readonly type: 'debit.scheduled' | 'debit.retry_scheduled' }
    | { readonly type: 'debit.blocked' | 'debit.failed' | 'debit.moved'; readonly reason: string }
    | { readonly type: 'debit.released'; readonly by: string },
  context: Context,
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    type: what.type,
    subjectId: debit.id,
    at: context.now,
    data: dataOf(debit, what),
  };
}

function dataOf(
  debit: Debit,
  what: { readonly type: EventType; readonly reason?: string; readonly by?: string },
) {
  if (what.reason !== undefined) return { reason: what.reason };
  const minor = debit.amount.minor.toString();
  if (what.by !== undefined) return { minor, by: what.by };
  return { minor, collect_date: debit.collectDate.toString(), rail: debit.rail };
}

/** What happened to an attempt, or to another thing (`subject`) because of it. */
export function attemptEvent(
  attempt: Attempt,
  what: {
    readonly type: EventType;
    readonly subject?: NewEvent['subjectId'];
    readonly code?: string;
  },
  context: Context,
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(attempt.debitId)),
    merchantId: attempt.merchantId,
    customerId: attempt.customerId,
    type: what.type,
    subjectId: what.subject ?? attempt.id,
    at: context.now,
    data: {
      order_number: attempt.orderNumber,
      minor: attempt.amount.minor.toString(),
      ...(what.code === undefined ? {} : { code: what.code }),
    },
  };
}
