import {
  type Job,
  reconcileDue,
  signMandates,
  sweepOncePerDay,
} from '../../packages/engine/src/index.ts';
import { pumpAll, pumpWebhooks } from '../../packages/server/src/worker/pump.ts';
import type { Trace } from './trace.ts';
import { type Actor, Crash } from './turns.ts';

/** What a payer does with the page that the rail opened. */
export type PayerHand = (url: string) => Promise<void>;

/** `due`: the steps with due rows. `bills`: the rails' bills. `whole`: everything there is. */
export type Look = 'due' | 'bills' | 'whole';

/** One process that does due work. It is killed and started again; its rows are what lives on. */
export class Worker {
  readonly actor: Actor;
  readonly #jobs: () => readonly Job[];
  readonly #hand: PayerHand;
  readonly #trace: Trace;
  readonly #onFailure: (actor: Actor, error: unknown) => void;
  #isLooking = false;

  constructor(
    actor: Actor,
    parts: {
      readonly jobs: () => readonly Job[];
      readonly hand: PayerHand;
      readonly trace: Trace;
      readonly onFailure: (actor: Actor, error: unknown) => void;
    },
  ) {
    this.actor = actor;
    this.#jobs = parts.jobs;
    this.#hand = parts.hand;
    this.#trace = parts.trace;
    this.#onFailure = parts.onFailure;
  }

  /** In the middle of a look, or standing still in one. */
  get isLooking(): boolean {
    return this.#isLooking;
  }

  /** Begins a look; it goes on as the turns let it. */
  look(kind: Look, isWanted: (job: Job) => boolean = () => true): void {
    if (this.#isLooking || this.actor.isDead) return;
    this.#isLooking = true;
    void this.#lookAll(kind, this.#jobs().filter(isWanted)).finally(() => {
      this.#isLooking = false;
    });
  }

  /** One merchant's failure is told and tried again at the next look; the others go on (I10). */
  async #lookAll(kind: Look, jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      try {
        if (kind === 'whole') {
          await signMandates(job, this.#hand);
          await pumpAll(job);
          await sweepOncePerDay(job, noWait);
        }
        if (kind === 'due') await pumpAll(job);
        else await reconcileDue(job);
        if (kind !== 'bills') await pumpWebhooks(job);
      } catch (error) {
        if (error instanceof Crash || this.actor.isDead) return;
        this.#trace.add(`${this.actor.name} stops its work for ${job.merchant.code}`);
        this.#onFailure(this.actor, error);
      }
    }
  }
}

/** The rails of the simulation allow any pace, so nobody ever waits on the wall clock. */
async function noWait(): Promise<void> {}
