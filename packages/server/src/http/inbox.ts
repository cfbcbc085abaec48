import { setTimeout as sleep } from 'node:timers/promises';
import { type DeliveryReport, parsePayLinkNumber, type RailEvent } from '@daikou/core';
import {
  type AttemptNews,
  applyDeliveryReports,
  applyMandateReports,
  applyReturns,
  type Job,
  type RefundNews,
  type ReturnEvent,
  settleOutcomes,
  settlePayLinks,
  settleRefundOutcomes,
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
      await applyItems(
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

/** Applies a batch at once: what the simulation does without the wait for others. */
export async function applyItems(job: Job, items: readonly InboxItem[]): Promise<void> {
  const rail = items.flatMap((item) => (item.kind === 'rail' ? [item.event] : []));
  const orders = rail.flatMap((event): AttemptNews[] => (event.kind === 'attempt' ? [event] : []));
  const isLink = ({ orderNumber }: AttemptNews) => parsePayLinkNumber(orderNumber) !== undefined;
  const news = orders.filter((one) => !isLink(one));
  const mandates = rail.flatMap((event) => (event.kind === 'mandate' ? [event.report] : []));
  const refunds = rail.flatMap((event): RefundNews[] => (event.kind === 'refund' ? [event] : []));
  const returns = rail.flatMap((event): ReturnEvent[] => (event.kind === 'return' ? [event] : []));
  const reports = items.flatMap((item) => (item.kind === 'delivery' ? [item.report] : []));
  await applyMandateReports(job, mandates);
  const settled = await settleOutcomes(job, news);
  const linked = await settlePayLinks(job, orders.filter(isLink));
  // A success and its refund or return may come in one message: the success is booked first.
  const refunded = await settleRefundOutcomes(job, refunds);
  const returned = await applyReturns(job, returns);
  await applyDeliveryReports(job, reports);
  const foreign = [settled, linked, refunded, returned].flatMap((counts) => counts.foreign);
  if (foreign.length > 0) {
    job.engine.log.warn('a verified callback names an order that is none of ours', {
      merchant: job.merchant.code,
      orders: foreign.length,
    });
  }
}
