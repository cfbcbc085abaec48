import { setImmediate as drained } from 'node:timers/promises';
import type { Rng } from './dice.ts';
import type { Trace } from './trace.ts';

/** The process of this actor was killed: nothing of it may happen any more. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** A failure that the simulation made: our code must live with it, and may tell it. */
export class Injected extends Error {
  override readonly name = 'Injected';
}

/** A process of ours: a worker, or the server that takes callbacks. */
export type Actor = { readonly name: string; isDead: boolean };

/** Turns at one moment of the true clock after which we call it a loop that never ends (I19). */
const TURNS_AT_ONCE = 8_000;

type Turn = {
  readonly actor: Actor;
  readonly label: string;
  readonly work: () => Promise<unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
};

/**
 * Everything that our processes do to the outside (a transaction, a call to a rail or a provider)
 * waits here for its turn. One turn runs from its begin to its end; then every process runs on to
 * its next one; then the seed chooses whose turn is next. So the order is the seed's alone, however
 * the machine's own scheduler would have it.
 */
export class Turns {
  readonly #rng: Rng;
  readonly #trace: Trace;
  #waiting: Turn[] = [];
  #count = 0;
  #held: { readonly turn: Turn; readonly until: number }[] = [];
  /** Seconds that a process stands still before this turn; 0 for nearly all. */
  readonly #stallOf: (actor: Actor, label: string) => number;
  readonly #now: () => number;
  readonly #isOver: () => boolean;
  readonly #onEndless: (label: string) => void;

  constructor(parts: {
    readonly rng: Rng;
    readonly trace: Trace;
    readonly now: () => number;
    readonly stallOf: (actor: Actor, label: string) => number;
    /** A promise is broken: nothing more needs to happen. */
    readonly isOver: () => boolean;
    readonly onEndless: (label: string) => void;
  }) {
    this.#rng = parts.rng;
    this.#trace = parts.trace;
    this.#now = parts.now;
    this.#stallOf = parts.stallOf;
    this.#isOver = parts.isOver;
    this.#onEndless = parts.onEndless;
  }

  /** Does `work` when it is the actor's turn; throws `Crash` when the actor is dead by then. */
  enter<T>(actor: Actor, label: string, work: () => Promise<T>): Promise<T> {
    if (actor.isDead) return Promise.reject(new Crash(actor.name));
    return new Promise<T>((resolve, reject) => {
      const done = resolve as (value: unknown) => void;
      const turn: Turn = { actor, label, work, done, failed: reject };
      const stall = this.#stallOf(actor, label);
      if (stall === 0) this.#waiting.push(turn);
      else {
        this.#trace.add(`${actor.name} stands still for ${stall} s before ${label}`);
        this.#held.push({ turn, until: this.#now() + stall * 1000 });
      }
    });
  }

  /** Turns that were taken so far: nothing of ours changes between two of them. */
  get count(): number {
    return this.#count;
  }

  /** When the next process that stands still goes on; undefined when none does. */
  get next(): number | undefined {
    const times = this.#held.map(({ until }) => until);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Runs turns until every process has finished or stands still. */
  async runUntilQuiet(): Promise<void> {
    this.#release();
    await drained();
    for (let turns = 0; this.#waiting.length > 0 && !this.#isOver(); turns += 1) {
      const [turn] = this.#waiting.splice(this.#rng.int(this.#waiting.length), 1);
      if (turn === undefined) return;
      if (turns === TURNS_AT_ONCE) this.#onEndless(turn.label);
      await this.#run(turn);
      await drained();
    }
  }

  async #run({ actor, label, work, done, failed }: Turn): Promise<void> {
    if (actor.isDead) {
      failed(new Crash(actor.name));
      return;
    }
    this.#count += 1;
    try {
      const value = await work();
      this.#trace.add(`${actor.name} ${label}`);
      done(value);
    } catch (error) {
      const what = error instanceof Error ? error.name : 'thrown';
      this.#trace.add(`${actor.name} ${label} failed: ${what}`);
      failed(error);
    }
  }

  #release(): void {
    const now = this.#now();
    const due = this.#held.filter(({ until }) => until <= now);
    this.#held = this.#held.filter(({ until }) => until > now);
    this.#waiting.push(...due.map(({ turn }) => turn));
  }
}
