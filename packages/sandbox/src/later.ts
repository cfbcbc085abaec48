/**
 * Work that is due in a moment of wall-clock time. It is counted, so that `/admin/idle` knows
 * what is
 * still in the air, and cancelled together when the sandbox stops: the books keep what must be
 * resumed.
 */
export class Later {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Runs `act` once, after `delayMs`. */
  after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Returns how many pieces of work still wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
