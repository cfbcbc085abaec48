import { randomBytes } from 'node:crypto';
import {
  DEFAULT_TIMETABLE,
  type Merchant,
  makeId,
  type Store,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  draftInvoices,
  type Engine,
  issueInvoices,
  type Job,
  NO_PROGRESS,
} from '../../packages/engine/src/index.ts';
import { at, ZONE } from './builders.ts';

/** What stories about bills act on: a merchant with an engine. */
export type Billing = {
  readonly engine: Engine;
  readonly merchant: Merchant;
  readonly job: () => Job;
};

const DAYS_OF_A_STORY = 800;
const ROWS_OF_A_STORY = 10_000;

/**
 * One merchant who only bills: drafts and issues with the engine's own functions on a real
 * database, without rails, notices and simulators. Time passes when a test says so.
 */
export class Till implements Billing {
  readonly engine: Engine;
  #merchant: Merchant;

  private constructor(engine: Engine, merchant: Merchant) {
    this.engine = engine;
    this.#merchant = merchant;
  }

  static async open(
    store: Store,
    about: { readonly number: number; readonly opens: Temporal.PlainDate },
  ): Promise<Till> {
    const now = at(`${about.opens} 10:00`);
    const { epochMilliseconds } = now;
    const merchant: Merchant = {
      id: makeId('mer', { epochMilliseconds, random: randomBytes(10), bucket: 0 }),
      code: `till-${about.number}`,
      name: '示例公司',
      zone: ZONE,
      mode: 'test',
      testClock: now,
      demo: false,
    };
    await store.saveMerchant(merchant);
    const engine: Engine = {
      store,
      rails: new Map(),
      channels: new Map(),
      clock: { now: () => Temporal.Now.instant() },
      entropy: { bytes: (length) => randomBytes(length) },
      timetable: DEFAULT_TIMETABLE,
      railNames: new Map(),
      log: { info() {}, warn() {} },
    };
    return new Till(engine, merchant);
  }

  get merchant(): Merchant {
    return this.#merchant;
  }

  get #now(): Temporal.Instant {
    const { testClock } = this.#merchant;
    if (testClock === undefined) throw new Error('a test merchant has a clock');
    return testClock;
  }

  get today(): Temporal.PlainDate {
    return this.#now.toZonedDateTimeISO(ZONE).toPlainDate();
  }

  job(): Job {
    const { engine, merchant } = this;
    return { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  }

  /** Days pass; what falls due in them is done at its time. */
  async wait(days: number): Promise<void> {
    const until = this.#now.add({ hours: days * 24 });
    while (await this.#workNext(until));
    this.#merchant = { ...this.#merchant, testClock: until };
  }

  /** Time passes from one thing that is due to the next, until `isDone`. */
  async waitUntil(isDone: () => Promise<boolean>): Promise<void> {
    const until = this.#now.add({ hours: DAYS_OF_A_STORY * 24 });
    while (!(await isDone())) {
      if (!(await this.#workNext(until))) throw new Error('it never comes to it');
    }
  }

  /** Does what is due next, where that is at `until` or before it. */
  async #workNext(until: Temporal.Instant): Promise<boolean> {
    const due = await this.#nextDue();
    if (due === undefined || Temporal.Instant.compare(due, until) > 0) return false;
    if (Temporal.Instant.compare(due, this.#now) > 0) {
      this.#merchant = { ...this.#merchant, testClock: due };
    }
    await draftInvoices(this.job());
    await issueInvoices(this.job());
    return true;
  }

  /** When the next bill is drafted or issued: of all that falls due, only that is done here. */
  async #nextDue(): Promise<Temporal.Instant | undefined> {
    const { store } = this.engine;
    return await store.transact(this.#merchant.id, async (tx) => {
      const subscriptions = await tx.listSubscriptions({ limit: ROWS_OF_A_STORY });
      const drafts = await tx.listInvoices({ limit: ROWS_OF_A_STORY, state: 'draft' });
      const running = subscriptions.filter(({ state }) => state === 'active' || state === 'paused');
      return [
        ...running.flatMap(({ nextBillAt }) => nextBillAt ?? []),
        ...drafts.flatMap(({ issueAt }) => issueAt ?? []),
      ].toSorted(Temporal.Instant.compare)[0];
    });
  }
}
