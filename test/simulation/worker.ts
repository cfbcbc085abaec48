import {
  announceDebits,
  askDeliveries,
  askOpenAttempts,
  draftInvoices,
  issueInvoices,
  type Job,
  movePlannedDates,
  nowOf,
  reconcileDue,
  sendNotices,
  signMandates,
  submitDebits,
  sweepOncePerDay,
} from '../../packages/engine/src/index.ts';
import { pumpAll, pumpRefunds } from '../../packages/server/src/worker/pump.ts';
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
        if (kind === 'due') await lookAtDue(job);
        else {
          await reconcileDue(job);
          await pumpRefunds(job);
        }
      } catch (error) {
        if (error instanceof Crash || this.actor.isDead) return;
        this.#trace.add(`${this.actor.name} stops its work for ${job.merchant.code}`);
        this.#onFailure(this.actor, error);
      }
    }
  }
}

/**
 * The steps that have due rows, in the order of `pumpAll`: the same functions, without those that
 * would only find that nothing is due.
 */
async function lookAtDue(job: Job): Promise<void> {
  const { engine, merchant, buckets } = job;
  const dueBy = nowOf(engine, merchant);
  const due = await engine.store.transact(merchant.id, (tx) => tx.countDue({ buckets, dueBy }));
  if (due.subscriptionsToBill > 0) await draftInvoices(job);
  if (due.invoicesToIssue > 0) await issueInvoices(job);
  if (due.noticesToSend > 0 || due.invoicesToIssue > 0) await sendNotices(job);
  if (due.debitsToAnnounce > 0) await announceDebits(job);
  if (due.noticesSent > 0) await askDeliveries(job);
  if (due.attemptsToAsk > 0) await askOpenAttempts(job, noWait);
  if (due.debitsToSubmit > 0) {
    await movePlannedDates(job);
    await submitDebits(job, noWait);
  }
  if (due.refundsToAsk + due.refundsToSubmit > 0) await pumpRefunds(job);
}

/** The rails of the simulation allow any pace, so nobody ever waits on the wall clock. */
async function noWait(): Promise<void> {}
