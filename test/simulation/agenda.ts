/** Something that the world does by itself at a time of the true clock. */
type Entry = { readonly at: number; readonly serial: number; readonly act: () => void };

/**
 * The true time of the simulated world and what will happen in it. Milliseconds since 1970; nothing
 * passes but by `advanceTo`. Workers may see another time on their own clocks.
 */
export class Agenda {
  #now: number;
  #serial = 0;
  #entries: Entry[] = [];

  constructor(start: Temporal.Instant) {
    this.#now = start.epochMilliseconds;
  }

  get now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#now);
  }

  get nowMilliseconds(): number {
    return this.#now;
  }

  /** Plans `act` for `seconds` from now. */
  after(seconds: number, act: () => void): void {
    this.#serial += 1;
    this.#entries.push({ at: this.#now + seconds * 1000, serial: this.#serial, act });
  }

  /** When the next thing happens, in milliseconds; undefined when nothing is planned. */
  get next(): number | undefined {
    return this.#entries.reduce<number | undefined>(
      (least, { at }) => (least === undefined || at < least ? at : least),
      undefined,
    );
  }

  /** Moves to `milliseconds` and does everything planned up to there, in order. */
  advanceTo(milliseconds: number): void {
    let due = this.#takeDue(milliseconds);
    while (due !== undefined) {
      this.#now = Math.max(this.#now, due.at);
      due.act();
      due = this.#takeDue(milliseconds);
    }
    this.#now = Math.max(this.#now, milliseconds);
  }

  #takeDue(milliseconds: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.at > milliseconds) continue;
      const isSooner =
        first === undefined ||
        entry.at < first.at ||
        (entry.at === first.at && entry.serial < first.serial);
      if (isSooner) first = entry;
    }
    if (first !== undefined) this.#entries = this.#entries.filter((entry) => entry !== first);
    return first;
  }
}
