import type { Rail, Store } from '@daikou/core';
import type { Engine } from '@daikou/engine';

/**
 * The moments at which a process may be made to die, so that tests can kill it between any two
 * steps: signals alone only ever meet it while it waits.
 */
export const FAILPOINTS = ['before-commit', 'after-commit', 'before-rail', 'after-rail'] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** How probable a death is at each point, from 0 to 1, and the seed of the dice. */
export type FailpointPlan = {
  readonly odds: ReadonlyMap<Failpoint, number>;
  readonly seed: number;
};

/**
 * Reads `before-commit:0.01,after-rail:0.03,seed:7`; undefined when the text is anything else.
 */
export function parseFailpoints(text: string): FailpointPlan | undefined {
  const odds = new Map<Failpoint, number>();
  let seed = 1;
  for (const part of text.split(',')) {
    const match = /^([a-z-]+):(\d+(?:\.\d+)?)$/.exec(part.trim());
    const value = Number(match?.[2]);
    const point = FAILPOINTS.find((name) => name === match?.[1]);
    if (match?.[1] === 'seed' && Number.isInteger(value)) seed = value;
    else if (point !== undefined && value <= 1) odds.set(point, value);
    else return undefined;
  }
  return odds.size === 0 ? undefined : { odds, seed };
}

/**
 * What happens at a point: `die` is called when the dice say so. The dice are seeded, so that one
 * process that meets the same points in the same order dies at the same one.
 */
export function makeDice(plan: FailpointPlan, die: () => void): (point: Failpoint) => void {
  let state = (plan.seed % 2_147_483_646) + 1;
  return (point) => {
    // Park and Miller's generator.
    state = (state * 48_271) % 2_147_483_647;
    if (state / 2_147_483_647 < (plan.odds.get(point) ?? 0)) die();
  };
}

/** The same engine, which asks `hit` at every commit and around every call to a rail. */
export function withFailpoints(engine: Engine, hit: (point: Failpoint) => void): Engine {
  const store: Store = {
    ...engine.store,
    transact: async (merchant, work) => {
      const result = await engine.store.transact(merchant, async (tx) => {
        const done = await work(tx);
        hit('before-commit');
        return done;
      });
      hit('after-commit');
      return result;
    },
  };
  const rails = [...engine.rails].map(([id, rail]) => [id, aroundRail(rail, hit)] as const);
  return { ...engine, store, rails: new Map(rails) };
}

function aroundRail(rail: Rail, hit: (point: Failpoint) => void): Rail {
  const around = <A extends readonly unknown[], R>(call: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      hit('before-rail');
      const answer = await call(...given);
      hit('after-rail');
      return answer;
    };
  };
  return {
    ...rail,
    submit: around(rail.submit),
    ask: around(rail.ask),
    close: around(rail.close),
    ...(rail.announce === undefined ? {} : { announce: around(rail.announce) }),
    ...(rail.refund === undefined ? {} : { refund: around(rail.refund) }),
    ...(rail.askRefund === undefined ? {} : { askRefund: around(rail.askRefund) }),
  };
}
