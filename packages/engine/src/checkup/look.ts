import {
  addSeconds,
  type Checkup,
  decideLook,
  endTask,
  HELD_LOOK_SECONDS,
  type LookContext,
  type LookDecision,
  type Task,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { loadCheckupFacts } from './facts.ts';
import { loadCheckupRules } from './rules.ts';

export type LookCounts = {
  readonly looked: number;
  /** Debits that a finding holds back after this look. */
  readonly blocked: number;
  /** Messages to payers. */
  readonly told: number;
};

const NOTHING: LookCounts = { looked: 0, blocked: 0, told: 0 };

/**
 * Looks at every invoice whose look is due, before its debit (扣费前体检). Facts and rows are one
 * statement each for a batch. An invoice whose look fails is put off alone (I10): its debit has its
 * own checks, so nothing leaves unseen because of it.
 */
export async function lookAtDebits(job: Job, rows = BATCH_ROWS): Promise<LookCounts> {
  if (await isHeld(job)) return NOTHING;
  const totals = { ...NOTHING };
  let claimed = rows;
  while (claimed > 0) {
    const batch = await lookAtSome(job, rows);
    claimed = batch.claimed;
    totals.looked += batch.looked;
    totals.blocked += batch.blocked;
    totals.told += batch.told;
    job.progress.advance(batch.claimed);
  }
  return totals;
}

type Batch = LookCounts & { readonly claimed: number };

/** One batch; where it fails as a whole a smaller one is tried, down to one that is put off. */
async function lookAtSome(job: Job, rows: number): Promise<Batch> {
  const { store } = job.engine;
  let due: readonly Checkup[] = [];
  try {
    return await store.transact(job.merchant.id, async (tx) => {
      due = [];
      const dueBy = nowOf(job.engine, job.merchant);
      due = await tx.claimCheckups({ buckets: job.buckets, dueBy, limit: rows });
      return due.length === 0 ? { ...NOTHING, claimed: 0 } : lookAtBatch(tx, job, due);
    });
  } catch (error) {
    if (!isOfTheRows(error) || due.length === 0) throw error;
    if (due.length > 1) return lookAtSome(job, due.length >> 1);
    const lookAt = addSeconds(nowOf(job.engine, job.merchant), HELD_LOOK_SECONDS);
    const later = due.map((checkup) => ({ ...checkup, lookAt }));
    await store.transact(job.merchant.id, (tx) => tx.save({ checkups: later }));
    const facts = { checkup: due[0]?.id, why: causeOf(error) };
    job.engine.log.warn('an invoice cannot be looked at and will be tried again', facts);
    return { ...NOTHING, claimed: due.length };
  }
}

async function lookAtBatch(tx: Tx, job: Job, due: readonly Checkup[]): Promise<Batch> {
  const rules = await loadCheckupRules(tx);
  const facts = await loadCheckupFacts(tx, job, { checkups: due, rules });
  const ids = due.map(({ id }) => id);
  const findings = groupBy(await tx.loadFindingsOf(ids), ({ checkupId }) => checkupId);
  const context = lookContext(job);
  const decisions = due.flatMap((checkup) => {
    const known = { checkup, findings: findings.get(checkup.id) ?? [] };
    const seen = facts.get(checkup.invoiceId);
    return seen === undefined ? [] : [decideLook(known, seen, { rules, context })];
  });
  await saveLooks(tx, decisions, context);
  const told = decisions.filter(({ message }) => message !== undefined).length;
  const blocked = decisions.filter(({ checkup }) => checkup.verdict === 'blocked').length;
  return { claimed: due.length, looked: decisions.length, blocked, told };
}

/** What a look at this moment is decided with. */
export function lookContext(job: Job): LookContext {
  const { engine, merchant } = job;
  const now = nowOf(engine, merchant);
  return { now, zone: merchant.zone, ids: idSource(engine), merchantName: merchant.name };
}

async function saveLooks(
  tx: Tx,
  decisions: readonly LookDecision[],
  context: LookContext,
): Promise<void> {
  const mended = decisions.flatMap((one) => one.mended.map(({ id }) => id));
  const open = mended.length === 0 ? [] : await tx.findOpenTasks(mended, 'checkup_finding');
  const dropped = open.map((task) => dropTask(task, context));
  await tx.save({
    checkups: decisions.map(({ checkup }) => checkup),
    checkupFindings: decisions.flatMap(({ findings }) => findings),
    tasks: [...decisions.flatMap(({ tasks }) => tasks), ...dropped.map(({ task }) => task)],
    notices: decisions.flatMap(({ message }) => (message === undefined ? [] : [message])),
    events: [
      ...decisions.flatMap(({ events, taskEvents }) => [...events, ...taskEvents]),
      ...dropped.flatMap(({ events }) => events),
    ],
  });
}

function dropTask(task: Task, context: LookContext) {
  return endTask(task, { state: 'dropped', by: 'daikou', note: 'cured' }, context);
}
