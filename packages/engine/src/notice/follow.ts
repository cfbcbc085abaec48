import {
  decideFollow,
  decideResend,
  type FollowDecision,
  type FollowFacts,
  isDebitNotice,
  isWarning,
  type MessageRefusal,
  messageRefusal,
  type Notice,
  type NoticeId,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
  type Task,
  type Tx,
  taskSubjectOf,
} from '@daikou/core';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { loadPeople } from './prepare.ts';
import { sendNotices } from './send.ts';
import { loadWarned, lookAtWarned, taskNameOf } from './warned.ts';

export type FollowCounts = {
  /** Messages that go by another channel now. */
  readonly followed: number;
  /** Messages that no channel is left for: a task says so. */
  readonly undelivered: number;
};

/**
 * Gives the next channel its turn for every message whose channel failed, or took it and proved
 * nothing in its time; where all were tried, opens a task. A fixed number of statements a batch.
 */
export async function followNotices(job: Job): Promise<FollowCounts> {
  const counts = { followed: 0, undelivered: 0 };
  let claimed: number;
  do {
    claimed = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const notices = await tx.claimNoticesToFollow({
        buckets: job.buckets,
        dueBy: nowOf(job.engine, job.merchant),
        limit: BATCH_ROWS,
      });
      if (notices.length === 0) return 0;
      const decisions = await decideAll(tx, job, notices);
      await saveAll(tx, decisions);
      for (const { notices: written, events } of decisions) {
        counts.followed += written.length - 1;
        if (events.some(({ type }) => type === 'notice.undelivered')) counts.undelivered += 1;
      }
      return notices.length;
    });
  } while (claimed > 0);
  return counts;
}

async function decideAll(
  tx: Tx,
  job: Job,
  notices: readonly Notice[],
): Promise<readonly FollowDecision[]> {
  const factsOf = await loadFollowFacts(tx, notices);
  // A bounce may come after the next channel had its turn: one message follows another once.
  const followed = await tx.findFollowed(notices.map(({ id }) => id));
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  const opened = new Map<string, Task>();
  return notices.map((notice) => {
    const facts = factsOf(notice);
    // Two messages of one batch may share a subject, and one task is open for each.
    const openTask = facts.openTask ?? opened.get(taskNameOf(notice));
    const isWanted = facts.isWanted && !followed.has(notice.id);
    const decision = decideFollow(notice, { ...facts, isWanted, openTask }, context);
    for (const task of decision.tasks) opened.set(taskNameOf(notice), task);
    return decision;
  });
}

/** What decides whether and how each message goes on. */
async function loadFollowFacts(
  tx: Tx,
  notices: readonly Notice[],
): Promise<(notice: Notice) => FollowFacts> {
  const people = await loadPeople(tx, notices);
  const debits = notices.filter(isDebitNotice).map(({ debitId }) => debitId);
  const dates = await tx.findScheduledDates([...new Set(debits)]);
  const subjects = [...new Set(notices.map(taskSubjectOf))];
  const open = await tx.findOpenTasks(subjects);
  const tasks = new Map(open.map((task) => [`${task.kind} ${task.subjectId}`, task]));
  const warned = await loadWarned(tx, notices);
  return (notice) => ({
    ...people(notice),
    isWanted: isWarning(notice) ? warned.has(notice.customerId) : isWanted(notice, dates),
    openTask: tasks.get(taskNameOf(notice)),
  });
}

/** A notice of a debit that has ended or moved to another date tells nobody anything any more. */
function isWanted(notice: Notice, dates: Awaited<ReturnType<Tx['findScheduledDates']>>): boolean {
  if (!isDebitNotice(notice)) return true;
  return dates.get(notice.debitId)?.equals(notice.collectDate) ?? false;
}

async function saveAll(tx: Tx, decisions: readonly FollowDecision[]): Promise<void> {
  const given = decisions.flatMap(({ tasks, notices }) => (tasks.length === 0 ? [] : notices));
  await lookAtWarned(tx, given);
  await tx.save({
    notices: decisions.flatMap(({ notices }) => notices),
    tasks: decisions.flatMap(({ tasks }) => tasks),
    events: decisions.flatMap(({ events }) => events),
  });
}

/** Gives every channel its turn and sends what follows, until nothing fails any more. */
export async function followAndSend(job: Job): Promise<FollowCounts> {
  const counts = { followed: 0, undelivered: 0 };
  let round: FollowCounts;
  do {
    round = await followNotices(job);
    counts.followed += round.followed;
    counts.undelivered += round.undelivered;
    if (round.followed > 0) await sendNotices(job);
  } while (round.followed > 0);
  return counts;
}

/**
 * Sends a message again over the first way there is now; returns the new message. Refuses what was
 * delivered or still goes, and one that another message has followed already.
 */
export async function resendNotice(job: Job, id: NoticeId): Promise<Result<Notice, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [notice] = await tx.lockNotices([id]);
    if (notice === undefined) return refuse(notFound('notice'));
    const [again] = await resendAll(tx, job, [notice]);
    return present(again, 'the answer for a notice');
  });
}

/**
 * Resends messages in the caller's transaction; the answers are in their order. A warning names a
 * date, so it is never sent again as it was: the look at the arrears warns anew.
 */
export async function resendAll(
  tx: Tx,
  job: Job,
  notices: readonly Notice[],
): Promise<readonly Result<Notice, MessageRefusal>[]> {
  const factsOf = await loadFollowFacts(tx, notices);
  const followed = await tx.findFollowed(notices.map(({ id }) => id));
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  const decisions = notices.map((notice) =>
    followed.has(notice.id) || isWarning(notice)
      ? refuse(messageRefusal('notice_not_resendable'))
      : decideResend(notice, factsOf(notice), context),
  );
  await saveAll(
    tx,
    decisions.flatMap((decision) => (decision.ok ? [decision.value] : [])),
  );
  return decisions.map((decision) =>
    decision.ok
      ? ok(present(decision.value.notices.at(-1), 'the message that goes again'))
      : decision,
  );
}
