import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerEvent } from '@daikou/core';
import { type Job, saveEvents } from '@daikou/engine';

/** Events of one commit, at most: beyond it a statement grows without getting faster. */
const COMMIT_EVENTS = 1_500;

/** Commits under way at once, so that the database works while the next batch is read. */
const COMMITS_AT_ONCE = 3;

/** Commits after a repeated event in which more of them are expected. */
const REPEATS_EXPECTED_COMMITS = 50;

/** Milliseconds in which the first events wait for others: a commit costs more than its rows. */
const GATHER_MILLISECONDS = 3;

/** Events that wait for their commit, at most; more are asked to come again later. */
export const WAITING_EVENTS_MAX = 200_000;

type Waiting = {
  readonly job: Job;
  readonly events: readonly CustomerEvent[];
  readonly done: (isNew: readonly boolean[]) => void;
  readonly failed: (error: unknown) => void;
};

/**
 * Gathers the checked events of concurrent requests of one merchant and keeps them in batches, each
 * in one commit. A request is answered only once its events are committed; while one batch is being
 * saved the next gathers, so the commits are few however many requests come. When a batch fails its
 * requests are tried one by one, so that a bad one fails alone (I10).
 */
export class UsageInbox {
  #waiting: Waiting[] = [];
  #waitingEvents = 0;
  #working = 0;
  #expectsRepeats = 0;

  /** Whether so much waits that a caller should come again later. */
  get isFull(): boolean {
    return this.#waitingEvents >= WAITING_EVENTS_MAX;
  }

  /** Resolves when the events are committed, with whether each was new. */
  async add(job: Job, events: readonly CustomerEvent[]): Promise<readonly boolean[]> {
    if (events.length === 0) return [];
    const parts: Promise<readonly boolean[]>[] = [];
    for (let start = 0; start < events.length; start += COMMIT_EVENTS) {
      const part = events.slice(start, start + COMMIT_EVENTS);
      parts.push(
        new Promise((done, failed) => {
          this.#waiting.push({ job, events: part, done, failed });
        }),
      );
    }
    this.#waitingEvents += events.length;
    void this.#work();
    return (await Promise.all(parts)).flat();
  }

  async #work(): Promise<void> {
    const isEnough = this.#working === 0 || this.#waitingEvents >= COMMIT_EVENTS;
    if (this.#working >= COMMITS_AT_ONCE || !isEnough) return;
    this.#working += 1;
    while (this.#waiting.length > 0) {
      if (this.#waitingEvents < COMMIT_EVENTS) await sleep(GATHER_MILLISECONDS);
      const batch = this.#nextBatch();
      await this.#save(batch);
    }
    this.#working -= 1;
  }

  #nextBatch(): readonly Waiting[] {
    let events = 0;
    let count = 0;
    for (const { events: its } of this.#waiting) {
      if (count > 0 && events + its.length > COMMIT_EVENTS) break;
      events += its.length;
      count += 1;
    }
    this.#waitingEvents -= events;
    return this.#waiting.splice(0, count);
  }

  async #save(batch: readonly Waiting[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    try {
      const isNew = await saveEvents(last.job, {
        events: batch.flatMap(({ events }) => events),
        expectsRepeats: this.#expectsRepeats > 0,
      });
      this.#expectsRepeats = isNew.includes(false)
        ? REPEATS_EXPECTED_COMMITS
        : Math.max(this.#expectsRepeats - 1, 0);
      let start = 0;
      for (const { events, done } of batch) {
        done(isNew.slice(start, start + events.length));
        start += events.length;
      }
    } catch (error) {
      if (batch.length === 1) last.failed(error);
      else for (const waiting of batch) await this.#save([waiting]);
    }
  }
}
