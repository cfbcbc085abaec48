import type { Job } from './job.ts';

/**
 * Whether the merchant is in quarantine after a restore (I16): whatever would leave waits, and what
 * comes in is taken. The database refuses the intents as well, for whoever does not ask here.
 */
export async function isHeld(job: Job): Promise<boolean> {
  const { store } = job.engine;
  return (await store.transact(job.merchant.id, (tx) => tx.findQuarantine())) !== undefined;
}
