import {
  campaignOf,
  type DunningCase,
  type DunningCaseId,
  decideResume,
  startOf,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';
import type { Acting } from './facts.ts';
import { loadFacts } from './facts.ts';
import { dunningContext } from './see.ts';

/** The case with its facts and its campaign; undefined where it has ended. */
export async function beginLook(tx: Tx, job: Job, id: DunningCaseId): Promise<Acting | undefined> {
  const [seen] = await tx.loadDunningCases([id]);
  if (seen === undefined) return undefined;
  const campaign = campaignOf(seen.campaignBody);
  const loaded = await loadFacts(tx, job, { seen, campaign });
  if (loaded === undefined) return undefined;
  const context = { ...dunningContext(job), campaign };
  return { job, campaign, context, ...loaded, dunning: awake(loaded.dunning, context) };
}

/** A pause that has reached its day is over. */
function awake(dunning: DunningCase, context: Acting['context']): DunningCase {
  const until = dunning.pause?.until;
  if (dunning.state !== 'paused' || until === undefined) return dunning;
  if (Temporal.Instant.compare(context.now, startOf(until, context.zone)) < 0) return dunning;
  const resumed = decideResume(dunning, { by: 'daikou' }, context);
  return resumed.ok ? resumed.value.dunning : dunning;
}
