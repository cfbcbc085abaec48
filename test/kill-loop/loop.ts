import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { daikou, type Running, startDaikou } from '../kit/command-line.ts';
import type { PostgresCluster } from '../kit/postgres.ts';
import { type Month, openMonth } from './month.ts';

/** What one run of the loop does. */
export type LoopPlan = {
  readonly seed: number;
  readonly customers: number;
  /** Deaths of our processes before it is left in peace. */
  readonly kills: number;
  /** Crashes of the database among them. */
  readonly databaseCrashes: number;
  /**
   * Whether leases of the dead end before the peace, when nobody is alive, as they do when an
   * embedded database is opened; else each may hold the month up for two minutes.
   */
  readonly endsLeases?: boolean;
};

export type LoopReport = {
  readonly seed: number;
  readonly customers: number;
  readonly kills: number;
  readonly databaseCrashes: number;
  readonly pauses: number;
  readonly terminations: number;
  /** Debits that the simulators' own books show as taken. */
  readonly succeeded: number;
  readonly doubleDebits: number;
  /** Debits that neither succeeded nor ended nor wait for a person. */
  readonly lost: number;
  /** Whether our clearing accounts hold what the simulators took, less their fees. */
  readonly ledgerEqualsRail: boolean;
  readonly violations: readonly string[];
  readonly seconds: number;
};

/** Where our processes die, and how often they meet the dice there. */
const FAILPOINTS = 'before-commit:0.02,after-commit:0.01,before-rail:0.02,after-rail:0.02';
/** A worker that is stopped for longer than its lease has lost what it held. */
const PAUSE_MILLISECONDS = 3_000;
const LOOK_MILLISECONDS = 60;
/** Looks at one instant before the clock goes on. */
const LOOKS = 25;
const SECONDS_AT_MOST = 240;

type Kind = 'serve' | 'worker';

/**
 * Two workers and a server on one PostgreSQL, killed at failpoints, stopped and terminated, with a
 * database that crashes, through the days on which a month is collected. Then peace, and the books.
 */
export async function runLoop(
  plan: LoopPlan,
  cluster: PostgresCluster,
  folder: string,
): Promise<LoopReport> {
  const startedAt = performance.now();
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const month = await openMonth({ ...plan, databaseUrl: cluster.url, folder, port });
  const house = new House({ plan, databaseUrl: cluster.url, folder, port });
  try {
    await harass(plan, { house, month, cluster });
    house.isInPeace = true;
    await house.stopAll();
    if (plan.endsLeases === true) await month.endLeases();
    await house.restartAll();
    for (const instant of [...month.instants, ...month.lastQuestions]) {
      await month.moveTo(instant);
      await month.untilQuiet();
    }
    await house.stopAll();
    const end = await month.report();
    return {
      seed: plan.seed,
      customers: plan.customers,
      kills: house.kills,
      databaseCrashes: house.databaseCrashes,
      pauses: house.pauses,
      terminations: house.terminations,
      ...end,
      violations: await doctor(cluster.url, folder),
      seconds: Math.round((performance.now() - startedAt) / 1000),
    };
  } finally {
    await house.stopAll();
    await month.close();
  }
}

/** The days pass, and whatever lives is killed, until the plan has had its deaths. */
async function harass(
  plan: LoopPlan,
  about: { readonly house: House; readonly month: Month; readonly cluster: PostgresCluster },
): Promise<void> {
  const { house, month, cluster } = about;
  const random = generator(plan.seed);
  const deadline = performance.now() + SECONDS_AT_MOST * 1000;
  await house.restartAll();
  const instants = [...month.instants];
  let looks = 0;
  while (house.kills < plan.kills && performance.now() < deadline) {
    await sleep(LOOK_MILLISECONDS);
    looks += 1;
    await house.replaceTheDead();
    const dice = random();
    const crashesDue = (plan.databaseCrashes * (house.kills + 1)) / plan.kills;
    if (house.databaseCrashes < Math.floor(crashesDue) && dice < 0.5) {
      await cluster.crash();
      house.databaseCrashes += 1;
    } else if (dice < 0.015) house.pause();
    else if (dice < 0.03) house.terminate();
    else if (dice < 0.12) house.kill();
    const next = instants[0];
    // Half of the days pass under fire; the rest is for the peace after it.
    const mayPass = instants.length > month.instants.length / 2;
    if (next !== undefined && mayPass && looks % LOOKS === 0) {
      instants.shift();
      await month.moveTo(next);
    }
  }
  assert.ok(house.kills >= plan.kills, `only ${house.kills} deaths in ${SECONDS_AT_MOST} s`);
}

/** Our processes: one server that hears callbacks, two workers. */
class House {
  readonly #where;
  readonly #running = new Map<string, Running>();
  readonly #dead = new Set<string>();
  readonly #random: () => number;
  kills = 0;
  pauses = 0;
  terminations = 0;
  databaseCrashes = 0;
  isInPeace = false;
  #starts = 0;
  #wanted: ReadonlySet<string> = new Set();

  constructor(where: {
    readonly plan: LoopPlan;
    readonly databaseUrl: string;
    readonly folder: string;
    readonly port: number;
  }) {
    this.#where = where;
    this.#random = generator(where.plan.seed + 1);
  }

  async restartAll(): Promise<void> {
    await this.stopAll();
    this.#wanted = new Set(['server', 'worker-1', 'worker-2']);
    for (const name of this.#wanted) await this.#start(name);
  }

  async replaceTheDead(): Promise<void> {
    for (const name of this.#dead) {
      this.#dead.delete(name);
      if (this.#wanted.has(name)) await this.#start(name);
    }
  }

  async #start(name: string): Promise<void> {
    const kind: Kind = name === 'server' ? 'serve' : 'worker';
    this.#starts += 1;
    const { databaseUrl, folder, port, plan } = this.#where;
    const failpoints = `${FAILPOINTS},seed:${plan.seed * 1000 + this.#starts}`;
    const run = startDaikou(kind === 'serve' ? ['serve', '--no-worker'] : ['worker'], {
      home: folder,
      env: {
        DATABASE_URL: databaseUrl,
        DAIKOU_PORT: kind === 'serve' ? String(port) : '0',
        DAIKOU_PUBLIC_URL: `http://127.0.0.1:${port}`,
        DAIKOU_WORKER_IDLE_SECONDS: '0.2',
        ...(this.isInPeace ? {} : { DAIKOU_FAILPOINTS: failpoints }),
      },
    });
    this.#running.set(name, run);
    void run.ended.then(({ signal }) => {
      if (this.#running.get(name) !== run) return;
      this.#running.delete(name);
      if (signal === 'SIGKILL') this.kills += 1;
      this.#dead.add(name);
    });
  }

  #anyone(): Running | undefined {
    const all = [...this.#running.values()];
    return all[Math.floor(this.#random() * all.length)];
  }

  kill(): void {
    this.#anyone()?.child.kill('SIGKILL');
  }

  /** Stops a process beyond what it holds, then lets it go on as if nothing had happened. */
  pause(): void {
    const child = this.#anyone()?.child;
    if (child === undefined) return;
    this.pauses += 1;
    child.kill('SIGSTOP');
    setTimeout(() => child.kill('SIGCONT'), PAUSE_MILLISECONDS).unref();
  }

  /** A deployment: the process is asked to end, in the middle of whatever it does. */
  terminate(): void {
    const run = this.#anyone();
    if (run === undefined) return;
    this.terminations += 1;
    run.child.kill('SIGTERM');
  }

  async stopAll(): Promise<void> {
    this.#wanted = new Set();
    const all = [...this.#running.values()];
    this.#running.clear();
    for (const run of all) {
      run.child.kill('SIGCONT');
      run.child.kill('SIGTERM');
    }
    for (const run of all) {
      const patience = setTimeout(() => run.child.kill('SIGKILL'), 15_000);
      await run.ended;
      clearTimeout(patience);
    }
    this.#dead.clear();
  }
}

async function doctor(databaseUrl: string, folder: string): Promise<readonly string[]> {
  const checked = await daikou(['doctor', '--json'], {
    home: folder,
    env: { DATABASE_URL: databaseUrl },
  });
  const { violations } = JSON.parse(checked.stdout) as {
    readonly violations: readonly { readonly sentence: string }[];
  };
  return violations.map(({ sentence }) => sentence);
}

/** Park and Miller's generator. */
export function generator(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
