import type { Job } from '@daikou/engine';
import { workUntil } from './loop.ts';
import { tellUntil } from './tell.ts';

/**
 * Does the due work and tells receivers of it, each in a loop of its own, until `signal` says stop;
 * then each finishes what it is in. Where one of the two cannot go on at all, the other is stopped
 * as well before the error is thrown: half a worker would look like a whole one.
 */
export async function serveWorkUntil(
  signal: AbortSignal,
  jobs: () => Promise<readonly Job[]>,
  idleSeconds: number,
): Promise<void> {
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);
  const ends = await Promise.allSettled(
    [workUntil, tellUntil].map(async (loop) => {
      try {
        await loop(stop, jobs, idleSeconds);
      } finally {
        broken.abort();
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
