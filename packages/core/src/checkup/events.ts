import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import type { Checkup } from './checkup.ts';

/** What a look, or a person's word about a finding, came to. The subject is the invoice. */
export function checkupEvent(
  checkup: Pick<Checkup, 'invoiceId' | 'customerId' | 'merchantId' | 'verdict'>,
  what: {
    readonly type: Extract<EventType, `checkup.${string}`>;
    readonly codes?: string;
    readonly by?: string;
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(checkup.invoiceId)),
    merchantId: checkup.merchantId,
    customerId: checkup.customerId,
    type: what.type,
    subjectId: checkup.invoiceId,
    at: context.now,
    data: {
      verdict: checkup.verdict ?? 'ok',
      ...(what.codes === undefined ? {} : { codes: what.codes }),
      ...(what.by === undefined ? {} : { by: what.by }),
    },
  };
}

/**
 * What happened to a customer that makes us look again at its invoices before their debits: the
 * method, the price, the amount, the date or the way to reach it may be another. What is paid or
 * void ends its checkup.
 */
export const LOOK_AGAIN_ON: ReadonlySet<EventType> = new Set<EventType>([
  'invoice.drafted',
  'invoice.issued',
  'invoice.credited',
  'invoice.paid',
  'invoice.part_paid',
  'invoice.voided',
  'mandate.active',
  'mandate.ended',
  'mandate.drifted',
  'subscription.started',
  'subscription.changed',
  'subscription.ended',
  'price_change.noticed',
  'price_change.acknowledged',
  'price_change.objected',
  'debit.scheduled',
  'debit.moved',
  'debit.retry_scheduled',
  'notice.failed',
]);
