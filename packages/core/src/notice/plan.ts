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

/** What a provider says of a notice. */
export type NoticeProgress =
  | { readonly kind: 'sent'; readonly providerReference: string }
  | { readonly kind: 'delivered' }
  /** Taken by the provider and not delivered: a bounce. */
  | { readonly kind: 'failed'; readonly code: string }
  /** Not taken by the provider at all. */
  | { readonly kind: 'refused'; readonly code: string };

/**
 * What a provider's word changes; undefined when it changes nothing. A delivery report can overtake
 * the provider's own answer, so a report of either kind also says that the notice was sent.
 */
export function decideNoticeProgress(
  notice: Notice,
  progress: NoticeProgress,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): { readonly notice: Notice; readonly event: NewEvent } | undefined {
  const state = progress.kind === 'refused' ? 'failed' : progress.kind;
  if (!NOTICE_MOVES[notice.state].includes(state)) return undefined;
  assertMove(NOTICE_MOVES, notice.state, state);
  const { leaseUntil: _lease, ...rest } = notice;
  const changed: Notice = { ...rest, state, ...learned(notice, progress, context.now) };
  const event: NewEvent = {
    id: context.ids('evt', bucketOf(notice.id)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    type: `notice.${state}`,
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

function learned(notice: Notice, progress: NoticeProgress, now: Temporal.Instant): Partial<Notice> {
  const sentAt = notice.sentAt ?? now;
  switch (progress.kind) {
    case 'sent':
      return { sentAt: now, providerReference: progress.providerReference };
    case 'delivered':
      return { sentAt, deliveredAt: now };
    case 'failed':
      return { sentAt, failureCode: progress.code };
    case 'refused':
      return { failureCode: progress.code };
  }
}
