import { type Customer, contactOf } from '../customer/customer.ts';
import { bucketOf, type DebitId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import type { NoticePlan } from './gate.ts';
import { NOTICE_MOVES } from './moves.ts';
import type { Notice } from './notice.ts';

/**
 * The notice row for a plan. A customer without any address gets a notice that has failed already:
 * the gate then holds the debit back, and the row says why.
 */
export function planNotice(
  plan: NoticePlan,
  about: { readonly customer: Customer; readonly debitId: DebitId },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): Notice {
  const contact = contactOf(about.customer);
  return {
    id: context.ids('not', bucketOf(about.debitId)),
    merchantId: about.customer.merchantId,
    customerId: about.customer.id,
    debitId: about.debitId,
    purpose: plan.purpose,
    channel: contact?.channel ?? about.customer.preferredChannel,
    locale: about.customer.locale,
    state: contact === undefined ? 'failed' : 'planned',
    amount: plan.amount,
    collectDate: plan.collectDate,
    dueAt: plan.dueAt,
    ...(contact === undefined ? { failureCode: 'no_address' } : {}),
    createdAt: context.now,
  };
}

/** What a provider's word changes: sent, delivered or failed; undefined when it changes nothing. */
export function decideNoticeProgress(
  notice: Notice,
  progress:
    | { readonly kind: 'sent'; readonly providerReference: string }
    | { readonly kind: 'delivered' }
    | { readonly kind: 'failed'; readonly code: string },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): { readonly notice: Notice; readonly event: NewEvent } | undefined {
  if (!NOTICE_MOVES[notice.state].includes(progress.kind)) return undefined;
  assertMove(NOTICE_MOVES, notice.state, progress.kind);
  const { leaseUntil: _lease, ...rest } = notice;
  const changed: Notice =
    progress.kind === 'sent'
      ? {
          ...rest,
          state: 'sent',
          sentAt: context.now,
          providerReference: progress.providerReference,
        }
      : progress.kind === 'delivered'
        ? {
            ...rest,
            state: 'delivered',
            sentAt: notice.sentAt ?? context.now,
            deliveredAt: context.now,
          }
        : { ...rest, state: 'failed', failureCode: progress.code };
  const event: NewEvent = {
    id: context.ids('evt', bucketOf(notice.id)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    type: `notice.${progress.kind}`,
    subjectId: notice.id,
    at: context.now,
    data: {
      channel: notice.channel,
      purpose: notice.purpose,
      collect_date: notice.collectDate.toString(),
      minor: notice.amount.minor.toString(),
    },
  };
  return { notice: changed, event };
}
