import type { Books, Table } from './books.ts';
import { drawBasisPoints } from './chance.ts';

/** Basis points by fault, by operation (`*`: every operation), by rail. */
export type Probabilities = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>
>;

interface Plan {
  readonly seed: string;
  readonly probabilities: Probabilities;
}

/** A time of the business clock in which a rail cannot be reached: from `from` until `until`. */
export interface Outage {
  readonly rail: string;
  readonly from: string;
  readonly until: string;
}

/** What is happening, as far as chance asks. */
interface Happening {
  readonly rail: string;
  readonly operations: readonly string[];
  readonly contractCode?: string | undefined;
  readonly orderNumber?: string | undefined;
}

/**
 * Returns 0–9999 for one fault of one operation on one number. It is the SHA-256 of these texts,
 * so that the same seed gives the same faults on every machine and in every order of arrival.
 */
export function chance(
  seed: string,
  at: readonly [rail: string, operation: string],
  what: {
    readonly number: string;
    readonly fault: string;
    /** 1 when this operation meets this number for the first time, then 2, … */
    readonly occurrence: number;
  },
): number {
  return drawBasisPoints(seed, ...at, what.number, what.fault, what.occurrence);
}

/** Faults by chance and outages by the clock, kept in the books like every other script. */
export class Chaos {
  readonly #plans: Table<Plan>;
  readonly #outages: Table<{ readonly outages: readonly Outage[] }>;
  readonly #occurrences: Table<{ readonly count: number }>;

  constructor(books: Books) {
    this.#plans = books.table('chaos');
    this.#outages = books.table('outages');
    this.#occurrences = books.table('chaos_occurrences');
  }

  get plan(): Plan | undefined {
    return this.#plans.get('plan');
  }

  get outages(): readonly Outage[] {
    return this.#outages.get('outages')?.outages ?? [];
  }

  /**
   * Takes a whole new plan; `isKnown` says which faults a rail has. Returns a sentence instead when
   * something in it is wrong.
   */
  set(given: unknown, isKnown: (rail: string, fault: string) => boolean): string | undefined {
    const plan = given as Partial<Plan> | null | undefined;
    if (typeof plan?.seed !== 'string' || plan.seed === '') return 'The chaos needs a seed (text).';
    const probabilities = plan.probabilities ?? {};
    for (const [rail, operations] of Object.entries(probabilities)) {
      for (const [operation, faults] of Object.entries(operations)) {
        for (const [fault, share] of Object.entries(faults)) {
          const place = `${rail}.${operation}.${fault}`;
          if (!isKnown(rail, fault)) return `${place}: this rail has no such fault.`;
          const isShare = Number.isInteger(share) && share >= 0 && share <= 10_000;
          if (!isShare) return `${place} must be whole basis points, at most 10000.`;
        }
      }
    }
    this.#plans.put('plan', { seed: plan.seed, probabilities });
    return undefined;
  }

  /** Takes the list of outages; returns a sentence instead when one of them is wrong. */
  setOutages(given: unknown): string | undefined {
    const outages = (given as { outages?: unknown } | null | undefined)?.outages;
    if (!Array.isArray(outages)) return 'outages must be a list of {rail, from, until}.';
    for (const { rail, from, until } of outages as readonly Partial<Outage>[]) {
      const isSpan = Date.parse(from ?? '') < Date.parse(until ?? '');
      if (typeof rail !== 'string' || !isSpan) {
        return 'An outage has a rail, and from an instant until a later one.';
      }
    }
    this.#outages.put('outages', { outages: outages as readonly Outage[] });
    return undefined;
  }

  /** Says whether the rail cannot be reached at this instant of the business clock. */
  isDown(rail: string, nowMs: number): boolean {
    return this.outages.some(
      (one) => one.rail === rail && Date.parse(one.from) <= nowMs && nowMs < Date.parse(one.until),
    );
  }

  /**
   * Returns the fault among `kinds` that chance has for this happening; undefined for none. Each
   * fault is drawn for itself, in the order of its name; the first that is drawn is taken.
   */
  draw(at: Happening, kinds: ReadonlySet<string>): string | undefined {
    const plan = this.plan;
    const byOperation = plan?.probabilities[at.rail];
    if (plan === undefined || byOperation === undefined) return undefined;
    const number = at.orderNumber ?? at.contractCode ?? '';
    for (const operation of [...at.operations, '*']) {
      const faults = Object.entries(byOperation[operation] ?? {})
        .filter(([fault]) => kinds.has(fault))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      if (faults.length === 0) continue;
      const name = operation === '*' ? (at.operations[0] ?? '*') : operation;
      const occurrence = this.#count([at.rail, name, number, faults[0]?.[0] ?? ''].join('|'));
      const hit = faults.find(([fault, share]) => {
        return chance(plan.seed, [at.rail, name], { number, fault, occurrence }) < share;
      });
      if (hit !== undefined) return hit[0];
    }
    return undefined;
  }

  #count(key: string): number {
    const count = (this.#occurrences.get(key)?.count ?? 0) + 1;
    this.#occurrences.put(key, { count });
    return count;
  }
}
