import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import { type Arrears, type ArrearsState, isServiceOff, severity } from './arrears.ts';

const TYPES: Readonly<Partial<Record<ArrearsState, EventType>>> = {
  warned: 'service.warned',
  suspended: 'service.suspended',
  retained: 'service.retained',
  deletable: 'service.deletion_due',
};

/** What a change of state tells the outside: the harm of a worse one, the end of a suspension. */
export function arrearsEvents(
  from: ArrearsState,
  arrears: Arrears,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): readonly NewEvent[] {
  const type = typeOf(from, arrears.state);
  if (type === undefined) return [];
  const { customerId, merchantId, state, earliestUnpaid, nextChange, heldBy } = arrears;
  return [
    {
      id: context.ids('evt', bucketOf(customerId)),
      merchantId,
      customerId,
      type,
      subjectId: customerId,
      at: context.now,
      data: {
        from,
        state,
        unpaid_invoices: arrears.unpaidInvoices,
        ...(earliestUnpaid === undefined ? {} : { earliest_unpaid: earliestUnpaid.toString() }),
        ...Object.fromEntries(
          arrears.unpaid.map(({ minor, currency }) => [`unpaid_${currency}`, minor.toString()]),
        ),
        ...(nextChange === undefined
          ? {}
          : { next_change: nextChange.state, next_change_on: nextChange.on.toString() }),
        ...(heldBy === undefined ? {} : { held_by: heldBy }),
      },
    },
  ];
}

function typeOf(from: ArrearsState, to: ArrearsState): EventType | undefined {
  if (severity(to) > severity(from)) return TYPES[to];
  return isServiceOff(from) && !isServiceOff(to) ? 'service.restored' : undefined;
}
