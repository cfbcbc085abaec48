import {
  decideBrake,
  FRESH_MANDATE_HOURS,
  type Mandate,
  type MandateReport,
  type RailId,
  type SweptRail,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';

/** A person's word that the mandates which one rail does not find are gone. */
export type BrakeConfirmed = { readonly rail: RailId; readonly by: string };

/**
 * What rails said of the mandates that are active here. Those that a rail does not find are kept
 * back until the whole comparison can be judged: a wrong key finds nobody (BRAKE_SHARE_PERCENT).
 */
export class RailsSeen<Row> {
  readonly #job: Job;
  readonly #seen = new Map<RailId, { compared: number; readonly missing: Row[] }>();
  /** Rails that gave no definite answer about somebody. */
  readonly #silent = new Set<RailId>();

  constructor(job: Job) {
    this.#job = job;
  }

  /** Counts a rail's word about a mandate; true where `row` waits for the judgement. */
  keepsBack(
    { rail, state, signedAt }: Mandate,
    { report, row }: { readonly report: MandateReport; readonly row: Row },
  ): boolean {
    if (state !== 'active') return false;
    if (report.kind === 'unknown') {
      this.#silent.add(rail);
      return false;
    }
    const { engine, merchant } = this.#job;
    const freshFrom = nowOf(engine, merchant).subtract({ hours: FRESH_MANDATE_HOURS });
    const isFresh = signedAt !== undefined && Temporal.Instant.compare(signedAt, freshFrom) > 0;
    if (isFresh) return false;
    const known = this.#seen.get(rail) ?? { compared: 0, missing: [] };
    this.#seen.set(rail, known);
    known.compared += 1;
    if (report.kind !== 'not_found') return false;
    known.missing.push(row);
    return true;
  }

  /** The rows that are gone indeed, and how many are held back by a brake. */
  async judge(
    confirmed?: BrakeConfirmed,
  ): Promise<{ readonly gone: readonly Row[]; readonly heldBack: number }> {
    for (const rail of await this.#railsWithBrake()) {
      // Nobody is active there any more, so nothing is left that a person could decide.
      if (!this.#seen.has(rail) && !this.#silent.has(rail)) {
        this.#seen.set(rail, { compared: 0, missing: [] });
      }
    }
    const gone: Row[] = [];
    let heldBack = 0;
    for (const [rail, { compared, missing }] of this.#seen) {
      const swept = { rail, compared, notFound: missing.length };
      if (await isHeldBack(this.#job, swept, confirmed)) heldBack += missing.length;
      else gone.push(...missing);
    }
    return { gone, heldBack };
  }

  async #railsWithBrake(): Promise<readonly RailId[]> {
    const { engine, merchant } = this.#job;
    const open = await engine.store.transact(merchant.id, (tx) => tx.findOpenBrakes());
    return open.map(({ rail }) => rail);
  }
}

/** Whether the comparison with a rail is not believed; what becomes of its brake is committed. */
async function isHeldBack(
  job: Job,
  swept: SweptRail,
  confirmed: BrakeConfirmed | undefined,
): Promise<boolean> {
  const { engine, merchant } = job;
  const now = nowOf(engine, merchant);
  const decision = await engine.store.transact(merchant.id, async (tx) => {
    const open = (await tx.findOpenBrakes()).find(({ rail }) => rail === swept.rail);
    const by = confirmed?.rail === swept.rail ? { confirmedBy: confirmed.by } : {};
    const facts = { merchantId: merchant.id, ...by, ...(open === undefined ? {} : { open }) };
    const decided = decideBrake(swept, facts, now);
    if (decided.brake !== undefined) await tx.saveBrakes([decided.brake]);
    return decided;
  });
  if (decision.kind === 'end') return false;
  const { rail, compared, notFound } = swept;
  engine.log.warn('a rail does not find its mandates; nobody is ended until a person confirms', {
    merchant: merchant.code,
    rail,
    compared,
    notFound,
  });
  return true;
}
