import type { Contact } from '../customer/contact.ts';
import type { Customer } from '../customer/customer.ts';
import { bucketOf, type Id } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { endTask, openTask, type Task } from '../task/task.ts';
import { isDebitNotice, type Notice } from './notice.ts';
import { decideNoticeProgress } from './plan.ts';
import { type MessageRefusal, messageRefusal } from './refusals.ts';
import { nextStop, type RouteStop, routeOf } from './route.ts';

/** Seconds within which somebody should look at a message that reached nobody. */
const TASK_SECONDS = 24 * 60 * 60;

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

export type FollowFacts = {
  readonly customer: Customer;
  readonly contacts: readonly Contact[];
  /** Whether what the message is about still waits for it. */
  readonly isWanted: boolean;
  /** An open task about the same undelivered message. */
  readonly openTask?: Task | undefined;
};

export type FollowDecision = {
  /** The notice whose channel gave up, and the one that follows it where a way is left. */
  readonly notices: readonly Notice[];
  readonly tasks: readonly Task[];
  readonly events: readonly NewEvent[];
};

/**
 * What comes after a channel that failed or proved nothing in its time: the next way to reach the
 * customer, or, where all were tried, a task for a person. The earlier message stays as it is: a
 * late receipt of it still counts.
 */
export function decideFollow(notice: Notice, facts: FollowFacts, context: Context): FollowDecision {
  const { settled, ended } = giveUp(notice, context);
  if (!facts.isWanted) return { notices: [settled], tasks: [], events: ended };
  const tried = triedWith(notice);
  const next = nextStop(routeOf(facts.customer, facts.contacts), tried);
  if (next !== undefined) {
    return {
      notices: [settled, follower(notice, { next, tried }, context)],
      tasks: [],
      events: ended,
    };
  }
  const undelivered = undeliveredEvent(notice, tried.length, context);
  if (facts.openTask !== undefined) {
    return { notices: [settled], tasks: [], events: [...ended, undelivered] };
  }
  const about = isWarning(notice) ? { about: 'warning_undelivered' } : {};
  const { task, events } = openTask(
    {
      kind: taskKindOf(notice),
      subjectId: taskSubjectOf(notice),
      owner: 'support',
      dueAt: context.now.add({ seconds: TASK_SECONDS }),
      data: { ...about, notice: notice.id, purpose: notice.purpose, channels: tried.join(' ') },
    },
    notice,
    context,
  );
  return { notices: [settled], tasks: [task], events: [...ended, undelivered, ...events] };
}

/** A message that never got an answer is not sent any more: it has failed, as its channel has. */
function giveUp(
  notice: Notice,
  context: Context,
): { readonly settled: Notice; readonly ended: readonly NewEvent[] } {
  if (notice.state !== 'planned' && notice.state !== 'sending') {
    return { settled: withoutFollow(notice), ended: [] };
  }
  const failed = decideNoticeProgress(notice, { kind: 'refused', code: 'no_answer' }, context);
  return failed === undefined
    ? { settled: withoutFollow(notice), ended: [] }
    : { settled: withoutFollow(failed.notice), ended: [failed.event] };
}

/** The message without which no service stops. */
export function isWarning(notice: Notice): boolean {
  return notice.templateKey === 'service_warned';
}

/** A warning that reached nobody is a person's decision about arrears, not one of messages. */
export function taskKindOf(notice: Notice): 'arrears' | 'notice_undelivered' {
  return isWarning(notice) ? 'arrears' : 'notice_undelivered';
}

/** What the task about an undelivered message is about: its debit, else its customer. */
export function taskSubjectOf(notice: Notice): Id {
  return notice.debitId ?? notice.customerId;
}

/**
 * Sends a message again that failed or was never proved, over the first way there is now. Refuses
 * what was delivered, what still waits to be sent, and what nobody waits for.
 */
export function decideResend(
  notice: Notice,
  facts: FollowFacts,
  context: Context,
): Result<FollowDecision, MessageRefusal> {
  if ((notice.state !== 'failed' && notice.state !== 'sent') || !facts.isWanted) {
    return refuse(messageRefusal('notice_not_resendable'));
  }
  const [next] = routeOf(facts.customer, facts.contacts);
  if (next === undefined) return refuse(messageRefusal('notice_no_way'));
  const again = follower(notice, { next, tried: [] }, context);
  return ok({ notices: [withoutFollow(notice), again], ...dropTask(facts.openTask, context) });
}

/** Ends the task of a message that arrived after all, or that goes again. */
export function dropTask(
  task: Task | undefined,
  context: Context,
): Pick<FollowDecision, 'tasks' | 'events'> {
  if (task === undefined) return { tasks: [], events: [] };
  const ended = endTask(task, { state: 'dropped', by: 'daikou' }, context);
  return { tasks: [ended.task], events: ended.events };
}

function triedWith(notice: Notice): NonNullable<Notice['tried']> {
  const before = notice.tried ?? [];
  return notice.channel === 'rail' || notice.failureCode === 'no_address'
    ? before
    : [...before, notice.channel];
}

function withoutFollow(notice: Notice): Notice {
  const { followAt: _due, ...rest } = notice;
  return rest;
}

function follower(
  notice: Notice,
  way: { readonly next: RouteStop; readonly tried: NonNullable<Notice['tried']> },
  context: Context,
): Notice {
  const shared = {
    id: context.ids('not', bucketOf(notice.customerId)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    channel: way.next.channel,
    locale: notice.locale,
    state: 'planned' as const,
    dueAt: context.now,
    followsId: notice.id,
    ...(way.tried.length === 0 ? {} : { tried: way.tried }),
    createdAt: context.now,
  };
  if (isDebitNotice(notice)) {
    const { debitId, purpose, amount, collectDate } = notice;
    return { ...shared, debitId, purpose, amount, collectDate };
  }
  const { purpose, subjectId, templateKey, variables } = notice;
  return { ...shared, purpose, subjectId, templateKey, variables };
}

function undeliveredEvent(notice: Notice, channels: number, context: Context): NewEvent {
  return {
    id: context.ids('evt', bucketOf(notice.customerId)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    type: 'notice.undelivered',
    subjectId: notice.id,
    at: context.now,
    data: { purpose: notice.purpose, channels },
  };
}
