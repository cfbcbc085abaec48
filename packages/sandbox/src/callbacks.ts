import type { Books, Table } from './books.ts';
import { drawBasisPoints } from './chance.ts';
import type { Settings } from './configuration.ts';
import { type Answer, Courier } from './delivery.ts';
import { CALLBACK_FAULTS, type Faults, type Occasion } from './faults.ts';
import { Later } from './later.ts';

/** How many callbacks are on the wire at once. */
const LANES = 64;
/** Longest time that a reordered callback waits for another one to overtake it, in milliseconds. */
const OVERTAKE_LIMIT_MS = 2_000;
/** A scripted or drawn duplicate follows the first delivery after this time, in milliseconds. */
const DUPLICATE_DELAY_MS = 60;

/** What a callback says: the truth, or one of the lies that a fault can order. */
export type Version = 'true' | 'swapped_amount' | 'swapped_order' | 'wrong_signature' | 'probe';

/** How a merchant acknowledges. */
export type Acknowledgement = 'wechat_xml' | 'plain_success' | 'http_2xx';

/** A callback to be sent. `bodyOf` builds the version that is asked for. */
export interface Callback {
  readonly occasion: Occasion;
  readonly kind: string;
  /** The order number or contract code that the callback is about. */
  readonly subject: string;
  readonly url: string;
  readonly contentType: string;
  readonly authorization?: string;
  readonly bodyOf: (version: Version) => string;
  /** Headers that depend on the body, such as its signature. */
  readonly headersOf?: (version: Version, body: string) => Readonly<Record<string, string>>;
  /** The lies that this message can tell: only what names an amount can name another one. */
  readonly swappable: ReadonlySet<string>;
  /** Seconds to wait after each try that was not acknowledged; the rail's published schedule. */
  readonly retrySeconds: readonly number[];
  readonly timeScale: number;
  readonly acknowledgement: Acknowledgement;
}

interface Job {
  readonly id: string;
  readonly rail: string;
  readonly kind: string;
  readonly subject: string;
  readonly version: Version;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the first try when a fault falsifies it; later tries tell the truth. */
  readonly firstBody?: string;
  readonly firstHeaders?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly retryMs: readonly number[];
  readonly acknowledgement: Acknowledgement;
  readonly tries: number;
  readonly nextAtMs: number;
  readonly state: 'waiting' | 'retrying' | 'delivered' | 'given_up';
  readonly lastAnswer?: string;
}

/**
 * Delivers callbacks until the merchant acknowledges them or the rail's schedule ends.
 *
 * Jobs live in the books, so a callback that waits when the process is killed is sent by the next
 * one.
 */
export class Callbacks {
  readonly #books: Books;
  readonly #jobs: Table<Job>;
  readonly #settings: Settings;
  readonly #faults: Faults;
  readonly #courier = new Courier();
  readonly #timers = new Later();
  readonly #queue: string[] = [];
  readonly #held = new Map<string, string>();
  readonly #waiting = new Set<string>();
  readonly #retrying = new Set<string>();
  #inFlight = 0;
  #stopped = false;

  constructor(books: Books, settings: Settings, faults: Faults) {
    this.#books = books;
    this.#jobs = books.table('callbacks');
    this.#settings = settings;
    this.#faults = faults;
  }

  /** Takes up what a former process left. */
  resume(): void {
    for (const job of this.#jobs.values()) {
      if (job.state === 'waiting' || job.state === 'retrying') this.#plan(job);
    }
  }

  /**
   * Returns how many wait for their first try or are on the wire, and how many are in retry
   * back-off.
   */
  get load(): { readonly pending: number; readonly retrying: number } {
    return { pending: this.#waiting.size + this.#inFlight, retrying: this.#retrying.size };
  }

  /**
   * Enters a callback; scripted faults and the configured chance may delay, repeat, lose or
   * falsify it.
   */
  enter(callback: Callback): void {
    if (callback.url === '') return;
    const { occasion, subject } = callback;
    const fault = this.#faults.take(occasion, CALLBACK_FAULTS)?.fault;
    const { duplicateBp, delayMs } = this.#settings.current.callbacks;
    const seed = this.#settings.current.seed;
    const draw = (what: string) => drawBasisPoints(seed, what, occasion.rail, subject);
    const [least, most] = delayMs;
    const delay = least + Math.floor(((most - least) * draw('callback-delay')) / 10_000);
    if (fault === 'signtest_callback') this.#enterJob(callback, 'probe', { delayMs: delay });
    if (fault === 'lost_callback') return;
    const first = this.#falsehood(occasion, callback.swappable);
    const job = this.#enterJob(callback, 'true', {
      delayMs: fault === 'reordered_callback' ? OVERTAKE_LIMIT_MS : delay,
      ...(first && { firstVersion: first }),
    });
    if (fault === 'reordered_callback') this.#held.set(job.id, job.rail);
    if (fault === 'duplicate_callback' || draw('callback-duplicate') < duplicateBp) {
      this.#enterJob(callback, 'true', { delayMs: delay + DUPLICATE_DELAY_MS });
    }
  }

  #falsehood(occasion: Occasion, swappable: ReadonlySet<string>): Version | undefined {
    const swap = this.#faults.take(occasion, swappable)?.fault;
    if (swap === 'swapped_amount' || swap === 'swapped_order') return swap;
    // A wrong signature is a reply fault as well, so here the script must name the callback itself.
    const explicit = this.#faults
      .list()
      .some((f) => f.fault === 'wrong_signature' && f.operation?.endsWith('callback'));
    if (!explicit) {
      const drawn = this.#faults.chaos.draw(occasion, new Set(['wrong_signature']));
      return drawn === undefined ? undefined : 'wrong_signature';
    }
    const forged = this.#faults.take(occasion, new Set(['wrong_signature']));
    return forged && 'wrong_signature';
  }

  #enterJob(
    callback: Callback,
    version: 'true' | 'probe',
    options: { readonly delayMs: number; readonly firstVersion?: Version },
  ): Job {
    const { occasion, kind, subject, url, timeScale, authorization } = callback;
    const probe = version === 'probe';
    const body = callback.bodyOf(version);
    const plainHeaders = {
      'content-type': callback.contentType,
      ...(authorization !== undefined && { authorization }),
    };
    const { firstVersion } = options;
    const firstBody = firstVersion && callback.bodyOf(firstVersion);
    const job: Job = {
      id: `${String(this.#jobs.size + 1).padStart(7, '0')}`,
      rail: occasion.rail,
      kind,
      subject,
      version,
      url,
      headers: { ...plainHeaders, ...callback.headersOf?.(version, body) },
      ...(firstVersion &&
        firstBody !== undefined && {
          firstBody,
          firstHeaders: { ...plainHeaders, ...callback.headersOf?.(firstVersion, firstBody) },
        }),
      body,
      retryMs: probe ? [] : callback.retrySeconds.map((s) => Math.round(s * 1000 * timeScale)),
      acknowledgement: callback.acknowledgement,
      tries: 0,
      nextAtMs: Date.now() + options.delayMs,
      state: 'waiting',
    };
    this.#jobs.put(job.id, job);
    this.#plan(job);
    return job;
  }

  #plan(job: Job): void {
    (job.state === 'waiting' ? this.#waiting : this.#retrying).add(job.id);
    const delayMs = job.nextAtMs - Date.now();
    if (delayMs <= 0) this.#ready(job.id);
    else this.#timers.after(delayMs, () => this.#ready(job.id));
  }

  #ready(id: string): void {
    this.#held.delete(id);
    this.#queue.push(id);
    this.#pump();
  }

  #pump(): void {
    while (!this.#stopped && this.#inFlight < LANES) {
      const id = this.#queue.shift();
      if (id === undefined) return;
      // A held callback that was overtaken has been sent already when its own timer rings.
      if (!this.#waiting.delete(id) && !this.#retrying.delete(id)) continue;
      this.#inFlight += 1;
      void this.#try(this.#jobs.require(id));
    }
  }

  async #try(job: Job): Promise<void> {
    // What the callback reports must be in the journal before the merchant can hear of it.
    this.#books.flush();
    const isFirst = job.tries === 0;
    const body = isFirst ? (job.firstBody ?? job.body) : job.body;
    const headers = isFirst ? (job.firstHeaders ?? job.headers) : job.headers;
    const answer = await this.#courier.send({ url: job.url, headers, body });
    if (this.#stopped) return;
    this.#inFlight -= 1;
    this.#conclude(job, answer);
    this.#releaseOvertaken(job);
    this.#pump();
  }

  #conclude(job: Job, answer: Answer): void {
    const tries = job.tries + 1;
    const lastAnswer = `${answer.status} ${answer.body.slice(0, 200)}`;
    const waitMs = job.retryMs[job.tries];
    if (isAcknowledged(job.acknowledgement, answer)) {
      this.#jobs.put(job.id, finished({ ...job, tries, lastAnswer }, 'delivered'));
    } else if (waitMs === undefined) {
      this.#jobs.put(job.id, finished({ ...job, tries, lastAnswer }, 'given_up'));
    } else {
      const nextAtMs = Date.now() + waitMs;
      const retry: Job = { ...job, tries, lastAnswer, nextAtMs, state: 'retrying' };
      this.#jobs.put(job.id, retry);
      this.#plan(retry);
    }
  }

  /** A callback of the same rail has been tried: those held back to be overtaken may go now. */
  #releaseOvertaken(job: Job): void {
    for (const [id, rail] of this.#held) {
      if (rail === job.rail && id !== job.id) this.#ready(id);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.stop();
    this.#courier.stop();
  }
}

/** A finished job keeps its story but not its bodies, which the orders can tell again. */
function finished(job: Job, state: 'delivered' | 'given_up'): Job {
  const { firstBody: _, firstHeaders: __, ...rest } = job;
  return { ...rest, body: '', state };
}

function isAcknowledged(rule: Acknowledgement, answer: Answer): boolean {
  switch (rule) {
    case 'wechat_xml': {
      const code = /<return_code>\s*(?:<!\[CDATA\[)?SUCCESS(?:\]\]>)?\s*<\/return_code>/;
      return answer.status === 200 && code.test(answer.body);
    }
    case 'plain_success':
      return answer.status === 200 && answer.body === 'success';
    case 'http_2xx':
      return answer.status >= 200 && answer.status < 300;
  }
}
