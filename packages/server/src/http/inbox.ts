import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryReport, RailEvent } from '@daikou/core';
import {
  type AttemptNews,
  applyDeliveryReports,
  applyMandateReports,
  type Job,
  settleOutcomes,
} from '@daikou/engine';

/** Events that one transaction applies: callbacks come in storms after a debit run. */
const BATCH_EVENTS = 500;

/**
 * Milliseconds in which the first event waits for others. A transaction for one costs nearly as
 * much as one for a hundred, and rails wait five seconds for an answer.
 */
const GATHER_MILLISECONDS = 25;

export type InboxItem =
  | { readonly kind: 'rail'; readonly event: RailEvent }
  | { readonly kind: 'delivery'; readonly report: DeliveryReport };

type Waiting = {
  readonly item: InboxItem;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
};

/**
 * Gathers the events of verified callbacks and applies them in batches, each in one transaction.
 * A callback is answered only once its events are committed; what arrives while one batch is being
 * saved forms the next. When a batch fails its events are tried one by one, so that one bad event
 * makes only its own callback come again (I10).
 */
export class Inbox {
  readonly #job: () => Promise<Job>;
  #waiting: Waiting[] = [];
  #isWorking = false;

  /** `job` is asked at each batch, as the merchant's clock may have moved. */
  constructor(job: () => Promise<Job>) {
    this.#job = job;
  }

  /** Resolves when the events are committed; rejects when they could not be. */
  async add(items: readonly InboxItem[]): Promise<void> {
    const saved = items.map(
      (item) =>
        new Promise<void>((done, failed) => {
          this.#waiting.push({ item, done, failed });
        }),
    );
    void this.#work();
    await Promise.all(saved);
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < BATCH_EVENTS) await sleep(GATHER_MILLISECONDS);
      const batch = this.#waiting.splice(0, BATCH_EVENTS);
      await this.#save(batch);
    }
    this.#isWorking = false;
  }

  async #save(batch: readonly Waiting[]): Promise<void> {
    try {
      await apply(
        await this.#job(),
        batch.map((waiting) => waiting.item),
      );
      for (const waiting of batch) waiting.done();
    } catch (error) {
      if (batch.length === 1) batch[0]?.failed(error);
      else for (const waiting of batch) await this.#save([waiting]);
    }
  }
}

async function apply(job: Job, items: readonly InboxItem[]): Promise<void> {
  const rail = items.flatMap((item) => (item.kind === 'rail' ? [item.event] : []));
  const news = rail.flatMap((event): AttemptNews[] => (event.kind === 'attempt' ? [event] : []));
  const mandates = rail.flatMap((event) => (event.kind === 'mandate' ? [event.report] : []));
  const reports = items.flatMap((item) => (item.kind === 'delivery' ? [item.report] : []));
  await applyMandateReports(job, mandates);
  const settled = await settleOutcomes(job, news);
  await applyDeliveryReports(job, reports);
  if (settled.foreign.length > 0) {
    job.engine.log.warn('a verified callback names an order that is none of ours', {
      merchant: job.merchant.code,
      orders: settled.foreign.length,
    });
  }
}
