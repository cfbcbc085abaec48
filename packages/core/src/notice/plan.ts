import { laterOf } from '../calendar/business-time.ts';
import { type Customer, channelOf } from '../customer/customer.ts';
import { bucketOf, type DebitId, type Id } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import type { NoticePlan } from './gate.ts';
import { NOTICE_MOVES } from './moves.ts';
import {
  type CustomerMessage,
  type DebitNotice,
  isDebitNotice,
  type MessagePurpose,
  type MessageVariables,
  type Notice,
} from './notice.ts';
import type { TemplateKey } from './templates/index.ts';

/**
 * The notice row for a plan. A customer without any address gets a notice that has failed already:
 * the gate then holds the debit back, and the row says why.
 */
export function planNotice(
  plan: NoticePlan,
  about: { readonly customer: Customer; readonly debitId: DebitId },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): DebitNotice {
  return {
    ...messageRow(about.customer, plan.dueAt, context),
    debitId: about.debitId,
    purpose: plan.purpose,
    amount: plan.amount,
    collectDate: plan.collectDate,
  };
}

/** Any other message to a customer, by the key of its template. */
export type MessagePlan = {
  readonly purpose: MessagePurpose;
  readonly templateKey: TemplateKey;
  /** Every variable of the template, already in the words of the customer's language. */
  readonly variables: MessageVariables;
  /** What the message is about: an invoice, a subscription, a case. */
  readonly subjectId: Id;
  readonly dueAt: Temporal.Instant;
};

/**
 * The row of a message that gates no debit, for the customer's first channel. It is sent when it is
 * due, tries the next channel where one fails, and ends as a task where all did. A customer without
 * any address gets a row that has failed already.
 */
export function planMessage(
  plan: MessagePlan,
  about: { readonly customer: Customer },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): CustomerMessage {
  return {
    ...messageRow(about.customer, plan.dueAt, context),
    purpose: plan.purpose,
    subjectId: plan.subjectId,
    templateKey: plan.templateKey,
    variables: plan.variables,
  };
}

function messageRow(
  customer: Customer,
  dueAt: Temporal.Instant,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
) {
  const channel = channelOf(customer);
  return {
    id: context.ids('not', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    channel: channel ?? customer.preferredChannel,
    locale: customer.locale,
    state: channel === undefined ? ('failed' as const) : ('planned' as const),
    dueAt,
    ...(channel === undefined ? { failureCode: 'no_address', followAt: context.now } : {}),
    createdAt: context.now,
  };
}

/** What a provider says of a notice. */
export type NoticeProgress =
  | {
      readonly kind: 'sent';
      readonly providerReference: string;
      /** When the next channel's turn comes without a proof; absent: never. */
      readonly followAt?: Temporal.Instant;
    }
  | { readonly kind: 'delivered' }
  /** Taken by the provider and not delivered: a bounce. */
  | { readonly kind: 'failed'; readonly code: string }
  /** Not taken by the provider at all. */
  | { readonly kind: 'refused'; readonly code: string };

/**
 * What a provider's word changes; undefined when it changes nothing. A delivery report can overtake
 * the provider's own answer, so a report of either kind also says that the notice was sent.
 */
export function decideNoticeProgress<N extends Notice>(
  notice: N,
  progress: NoticeProgress,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): { readonly notice: N; readonly event: NewEvent } | undefined {
  const state = progress.kind === 'refused' ? 'failed' : progress.kind;
  if (!NOTICE_MOVES[notice.state].includes(state)) return undefined;
  assertMove(NOTICE_MOVES, notice.state, state);
  const changed: N = without(
    { ...notice, state, ...learned(notice, progress, context.now) },
    state === 'delivered' ? ['leaseUntil', 'followAt'] : ['leaseUntil'],
  );
  const event: NewEvent = {
    id: context.ids('evt', bucketOf(notice.id)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    type: `notice.${state}`,
    subjectId: notice.id,
    at: context.now,
    data: { channel: notice.channel, purpose: notice.purpose, ...aboutData(notice) },
  };
  return { notice: changed, event };
}

function without<N extends Notice>(notice: N, names: readonly (keyof Notice)[]): N {
  const rest = { ...notice };
  for (const name of names) Reflect.deleteProperty(rest, name);
  return rest;
}

function aboutData(notice: Notice): Readonly<Record<string, string>> {
  return isDebitNotice(notice)
    ? { collect_date: notice.collectDate.toString(), minor: notice.amount.minor.toString() }
    : { template_key: notice.templateKey, subject_id: notice.subjectId };
}

function learned(notice: Notice, progress: NoticeProgress, now: Temporal.Instant): Partial<Notice> {
  const sentAt = notice.sentAt ?? now;
  switch (progress.kind) {
    case 'sent':
      return {
        sentAt: now,
        providerReference: progress.providerReference,
        ...(progress.followAt === undefined ? {} : { followAt: progress.followAt }),
      };
    case 'delivered':
      // A clock that was put back proves nothing earlier than the sending.
      return { sentAt, deliveredAt: laterOf(sentAt, now) };
    case 'failed':
      return { sentAt, failureCode: progress.code, followAt: now };
    case 'refused':
      return { failureCode: progress.code, followAt: now };
  }
}
