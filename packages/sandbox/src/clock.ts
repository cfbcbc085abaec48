import type { Books, Table } from './books.ts';

/** What the caller of `set` learns: the time was taken, or the reason why not. */
export type ClockMove = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/**
 * The business clock. It is the wall clock until it is set; from then on it stands still at the set
 * instant until it is moved again, so that a scenario is the same on a fast and on a slow machine.
 *
 * It rules windows, waits, bills and the dates inside messages. Signatures and their freshness
 * never use
 * it: the merchants' SDKs sign with the wall clock.
 */
export class Clock {
  readonly #state: Table<{ readonly nowMs: number | null }>;
  readonly #used: () => boolean;
  readonly #listeners: (() => void)[] = [];

  /** `isUsed` says whether anything is booked yet: only an unused sandbox may start in the past. */
  constructor(books: Books, isUsed: () => boolean) {
    this.#state = books.table('clock');
    this.#used = isUsed;
  }

  /** Returns the business time in epoch milliseconds. */
  now(): number {
    return this.#state.get('clock')?.nowMs ?? Date.now();
  }

  get isVirtual(): boolean {
    return typeof this.#state.get('clock')?.nowMs === 'number';
  }

  /** Moves the clock forward and lets everything that has become due happen before it returns. */
  set(nowMs: number): ClockMove {
    const present = this.now();
    if (nowMs < present && (this.isVirtual || this.#used())) {
      const reason = `The clock shows ${new Date(present).toISOString()} and cannot go back.`;
      return { ok: false, reason };
    }
    this.#state.put('clock', { nowMs });
    this.#tell();
    return { ok: true };
  }

  /** Returns to the wall clock. */
  release(): void {
    this.#state.put('clock', { nowMs: null });
    this.#tell();
  }

  /** Calls `listener` after each move. */
  onMove(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
