import { createHash } from 'node:crypto';

/** Lines that a failure shows. */
export const LINES_SHOWN = 30;

/**
 * What happened, line by line, as one hash: two runs of one seed are the same run exactly when
 * their hashes are equal.
 */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #now: () => Temporal.Instant;
  #last: string[] = [];
  #lines = 0;
  #digest: string | undefined;

  constructor(now: () => Temporal.Instant) {
    this.#now = now;
  }

  /** Adds a line under the present time. */
  add(line: string): void {
    const text = `${this.#now().toString()} ${line}`;
    this.#lines += 1;
    this.#hash.update(`${text}\n`);
    this.#last.push(text);
    if (this.#last.length > LINES_SHOWN * 10) this.#last = this.#last.slice(-LINES_SHOWN);
  }

  get steps(): number {
    return this.#lines;
  }

  get last(): readonly string[] {
    return this.#last.slice(-LINES_SHOWN);
  }

  /** SHA-256 of all lines, hex. Nothing can be added afterwards. */
  digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }
}
