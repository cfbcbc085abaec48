import {
  type Acceptance,
  type CheckupFinding,
  type CheckupFindingId,
  decideAccept,
  decideDebitResume,
  endTask,
  type InvoiceId,
  ok,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/**
 * A person accepts a finding. Its task is done, and where it was the last one that held the debit
 * back, the debit goes on at once with all its other checks, in the same commit.
 */
export async function acceptFinding(
  job: Job,
  id: CheckupFindingId,
  acceptance: Acceptance,
): Promise<Result<CheckupFinding, Refusal>> {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<CheckupFinding, Refusal>> => {
      const found = await tx.findFinding(id);
      if (found === undefined) return refuse(notFound('finding', 'id'));
      const [checkup] = await tx.lockCheckups([found.checkupId]);
      const findings = await tx.loadFindingsOf([found.checkupId]);
      const finding = findings.find((one) => one.id === id);
      if (checkup === undefined || finding === undefined) return refuse(notFound('finding', 'id'));
      const decided = decideAccept({ checkup, findings, finding }, acceptance, context);
      if (!decided.ok) return decided;
      const { events, findings: changed } = decided.value;
      const tasks = await tx.findOpenTasks([id], 'checkup_finding');
      const by = acceptance.by.trim();
      const done = tasks.map((task) => endTask(task, { state: 'done', by }, context));
      await tx.save({
        checkups: [decided.value.checkup],
        checkupFindings: changed,
        tasks: done.map(({ task }) => task),
        events: [...events, ...done.flatMap((one) => one.events)],
      });
      if (changed.length > 0) await resumeDebit(tx, { invoiceId: finding.invoiceId, by }, context);
      return ok(decided.value.finding);
    },
  );
}

/** The debit of an invoice whose findings hold nothing back any more leaves when it may. */
async function resumeDebit(
  tx: Tx,
  about: { readonly invoiceId: InvoiceId; readonly by: string },
  context: Parameters<typeof decideDebitResume>[2],
): Promise<void> {
  const debits = await tx.findDebitsOfInvoices([about.invoiceId]);
  const waiting = debits.filter(({ state }) => state === 'scheduled').map(({ id }) => id);
  const [bundle] = await tx.lockDebits(waiting);
  if (bundle === undefined) return;
  const holds = await tx.loadCheckupHolds(bundle.debit.invoiceIds);
  if (holds.some(({ open }) => open.length > 0)) return;
  const resumed = decideDebitResume(bundle.debit, about.by, context);
  if (resumed === undefined) return;
  await tx.save({ debits: [resumed.debit], events: [resumed.event] });
}
