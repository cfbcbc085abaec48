import {
  type Break,
  type BreakEvidence,
  type BreakId,
  CHINA_CHART,
  clearingAccountOf,
  decideAssign,
  decideResolve,
  isId,
  type Journal,
  type ReconciliationRefusal,
  type Refusal,
  type ResolveCommand,
  type Result,
  reconciliationRefusal,
  refuse,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { refreshDay } from './day.ts';
import { saveSteps, stepContext } from './step.ts';

/** Ends a break by a person's command, with its posting, in one transaction. */
export async function resolveBreak(
  job: Job,
  id: BreakId,
  command: ResolveCommand,
): Promise<Result<Break, ReconciliationRefusal | Refusal<'not_found'>>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const found = await tx.lockBreak(id);
    if (found === undefined) return refuse(notFound('break', 'id'));
    const decision = decideResolve(found, command, stepContext(job, found));
    if (!decision.ok) return decision;
    if (!(await isProved(tx, found, command))) {
      return refuse(reconciliationRefusal('evidence_not_found', { field: 'evidence' }));
    }
    await saveSteps(tx, [decision.value]);
    await refreshDay(tx, job, found);
    return { ok: true, value: decision.value.found };
  });
}

/**
 * Whether the journal or payment that is named stands in the books and moved the rail's clearing
 * account by the very difference. What the break itself wrote proves nothing.
 */
async function isProved(tx: Tx, found: Break, { evidence }: ResolveCommand): Promise<boolean> {
  const { difference, rail, parkedBy } = found;
  const isWanted = evidence?.kind === 'journal' || evidence?.kind === 'payment';
  if (!isWanted || difference === undefined || parkedBy === undefined) return true;
  const account = clearingAccountOf(CHINA_CHART, rail);
  const moved = (await journalsOf(tx, evidence))
    .filter(({ sourceId, currency }) => sourceId !== found.id && currency === difference.currency)
    .flatMap(({ entries }) => entries.filter((entry) => entry.account === account))
    .reduce((sum, { minor }) => sum + minor, 0n);
  return moved === difference.minor;
}

async function journalsOf(tx: Tx, { kind, reference }: BreakEvidence): Promise<readonly Journal[]> {
  if (kind === 'journal') return isId('jrn', reference) ? await tx.loadJournals([reference]) : [];
  if (!isId('pay', reference) && !isId('hpy', reference)) return [];
  return await tx.loadJournalsOf([reference]);
}

/** Gives a break to a role or a person. */
export async function assignBreak(
  job: Job,
  id: BreakId,
  command: { readonly owner: string; readonly note?: string },
): Promise<Result<Break, ReconciliationRefusal | Refusal<'not_found'>>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const found = await tx.lockBreak(id);
    if (found === undefined) return refuse(notFound('break', 'id'));
    const assigned = decideAssign(found, command);
    if (assigned.ok) await tx.saveBreaks([assigned.value]);
    return assigned;
  });
}
