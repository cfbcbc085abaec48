import { setTimeout as sleep } from 'node:timers/promises';
import {
  isHeld,
  type Job,
  purgeUsageOfToday,
  reconcileDue,
  relearn,
  sweepOncePerDay,
} from '@daikou/engine';
import { pumpAll } from './pump.ts';

export { reconcileDue };

/**
 * Looks for due work until `signal` says stop, then finishes the batch it is in; between two looks
 * it rests `idleSeconds`. One merchant's
 * failure is logged and tried again at the next look; the others go on (I10).
 */
export async function workUntil(
  signal: AbortSignal,
  jobs: () => Promise<readonly Job[]>,
  idleSeconds: number,
) {
  while (!signal.aborted) {
    for (const job of await jobs()) {
      if (signal.aborted) return;
      await lookOnce(job);
    }
    await sleep(idleSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

async function lookOnce(job: Job): Promise<void> {
  try {
    await pumpAll(job);
    await learnIfHeld(job);
    await reconcileDue(job);
    await sweepOncePerDay(job, sleep);
    await purgeUsageOfToday(job);
  } catch (error) {
    job.engine.log.warn('work stopped and will be tried again', {
      merchant: job.merchant.code,
      error: error instanceof Error ? error.message : 'thrown',
    });
  }
}

/** When each merchant in quarantine was asked about last, by the wall clock. */
const lastRounds = new Map<string, number>();

/** Milliseconds between two rounds of questions: bills come once a day, open orders in minutes. */
const ROUND_MILLISECONDS = 10 * 60 * 1000;

/** In quarantine the rails are asked what happened since the backup; each round says so once. */
async function learnIfHeld(job: Job): Promise<void> {
  const { code } = job.merchant;
  const last = lastRounds.get(code);
  const now = performance.now();
  if (last !== undefined && now - last < ROUND_MILLISECONDS) return;
  if (!(await isHeld(job))) return;
  lastRounds.set(code, now);
  const counts = await relearn(job, sleep);
  job.engine.log.warn('nothing is sent: the merchant is in quarantine after a restore', {
    merchant: code,
    ...counts,
  });
}
