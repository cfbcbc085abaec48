import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { MoneyException } from './money-exception.ts';
import type { Refund } from './refund.ts';

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/** What happened to a refund. */
export function refundEvent(
  refund: Refund,
  what: {
    readonly type: Extract<EventType, `refund.${string}`>;
    readonly why?: string;
  },
  context: Context,
): NewEvent {
  const { why } = what;
  return {
    id: context.ids('evt', bucketOf(refund.id)),
    merchantId: refund.merchantId,
    customerId: refund.customerId,
    type: what.type,
    subjectId: refund.id,
    at: context.now,
    data: {
      refund_number: refund.refundNumber,
      minor: refund.amount.minor.toString(),
      currency: refund.amount.currency,
      ...(why === undefined ? {} : { why }),
    },
  };
}

/** Money was parked, or a parked amount came to its end. */
export function exceptionEvent(
  exception: MoneyException,
  type: 'exception.opened' | 'exception.ended',
  context: Context,
): NewEvent {
  const { kind, state, orderNumber, amount } = exception;
  return {
    id: context.ids('evt', bucketOf(exception.id)),
    merchantId: exception.merchantId,
    customerId: exception.customerId,
    type,
    subjectId: exception.id,
    at: context.now,
    data: {
      kind,
      state,
      order_number: orderNumber,
      minor: amount.minor.toString(),
      currency: amount.currency,
    },
  };
}
