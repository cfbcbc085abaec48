import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Money } from '../money/money.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { LateFee } from './late-fee.ts';

/** What happened to the late fee of an invoice; its subject is the invoice. */
export function lateFeeEvent(
  lateFee: LateFee,
  what: {
    readonly type: Extract<EventType, `late_fee.${string}`>;
    readonly amount?: Money;
    readonly daysCounted?: number;
    readonly by?: string;
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): NewEvent {
  const { amount, daysCounted, by } = what;
  return {
    id: context.ids('evt', bucketOf(lateFee.invoiceId)),
    merchantId: lateFee.merchantId,
    customerId: lateFee.customerId,
    type: what.type,
    subjectId: lateFee.invoiceId,
    at: context.now,
    data: {
      late_fee: lateFee.id,
      ...(amount === undefined
        ? {}
        : { minor: amount.minor.toString(), currency: amount.currency }),
      ...(daysCounted === undefined ? {} : { days: daysCounted }),
      ...(by === undefined ? {} : { by }),
    },
  };
}
