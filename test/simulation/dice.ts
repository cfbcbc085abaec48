import { createHash } from 'node:crypto';

/** A stream of seeded numbers: the same seed gives the same stream on every machine (sfc32). */
export class Rng {
  readonly #name: string;
  readonly #state: Int32Array;

  constructor(name: string) {
    this.#name = name;
    const digest = createHash('sha256').update(name).digest();
    this.#state = new Int32Array([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  }

  /** An independent stream for one part, so that more draws in another part change nothing here. */
  fork(part: string): Rng {
    return new Rng(`${this.#name}/${part}`);
  }

  #next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const sum = (a + b + d) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = d + 1;
    return sum >>> 0;
  }

  /** A whole number from 0 to `below` − 1. */
  int(below: number): number {
    return this.#next() % below;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.int(most - least + 1);
  }

  /** Whether something that happens `perMille` times in a thousand happens now. */
  chance(perMille: number): boolean {
    return this.int(1000) < perMille;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(256));
  }
}

/** A site is on in so many of a thousand runs … */
const SITE_IS_ON = 250;
/** … and fires so many times in a thousand when it is. */
const SITE_FIRES = 250;

/**
 * The two-level dice of FoundationDB's BUGGIFY: a fault's site is on in a quarter of the runs and
 * then fires a quarter of the time. A run so has few kinds of faults and many of each.
 */
export class Dice {
  readonly #rng: Rng;
  readonly #sites = new Map<string, { readonly isOn: boolean; readonly rng: Rng }>();
  /** Where given: the only sites that are on, each by a part of its name. */
  readonly #only: readonly string[] | undefined;
  #isCalm = false;
  #isAtRest = false;

  constructor(rng: Rng, only?: readonly string[]) {
    this.#rng = rng;
    this.#only = only;
  }

  /** From now on nothing goes wrong any more: what is open must come to its end. */
  calm(): void {
    this.#isCalm = true;
  }

  /** Nobody begins anything new any more either: no page is opened, no bank takes money back. */
  rest(): void {
    this.#isAtRest = true;
  }

  get isAtRest(): boolean {
    return this.#isAtRest;
  }

  /** Whether the fault at `site` happens now. */
  fires(site: string, perMille = SITE_FIRES): boolean {
    if (this.#isCalm) return false;
    let known = this.#sites.get(site);
    if (known === undefined) {
      const rng = this.#rng.fork(site);
      const isOn = rng.chance(SITE_IS_ON);
      known = { isOn: this.#only?.some((part) => site.includes(part)) ?? isOn, rng };
      this.#sites.set(site, known);
    }
    return known.isOn && known.rng.chance(perMille);
  }

  /** The sites that this run has switched on, of those that were asked. */
  get sitesOn(): readonly string[] {
    return [...this.#sites].filter(([, { isOn }]) => isOn).map(([site]) => site);
  }
}
