import { after, before, describe } from 'node:test';
import type { Job } from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { type Play, Stage } from './stage.ts';
import { postgresDatabases } from './stores.ts';

/** What a suite of several workers on one PostgreSQL is given. */
export type Workers = {
  /** The stage on the first worker's connections; open once the first test runs. */
  readonly stage: () => Stage;
  /** The same work as each worker would be given: one engine for each connection pool. */
  readonly jobs: (play: Play) => readonly Job[];
};

/** Declares a suite on one PostgreSQL that `count` workers share, each with its own connections. */
export function withWorkers(name: string, count: number, declare: (workers: Workers) => void) {
  describe(name, () => {
    const databases = postgresDatabases();
    let stores: readonly OpenedStore[] = [];
    let stage: Stage | undefined;
    const theStage = () => {
      if (stage === undefined) throw new Error('the stage is set before the first test');
      return stage;
    };
    before(async () => {
      stores = await databases.shared(count);
      const [first] = stores;
      if (first === undefined) throw new Error('there is no worker');
      stage = await Stage.open(first);
    });
    after(() => stage?.close());
    declare({
      stage: theStage,
      jobs: (play) => stores.map((store) => ({ ...play.job(), engine: { ...play.engine, store } })),
    });
  });
}

/** Exactly two workers' jobs. */
export function pairOf(jobs: readonly Job[]): readonly [Job, Job] {
  const [first, second] = jobs;
  if (first === undefined || second === undefined) throw new Error('there are no two workers');
  return [first, second];
}
