import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** What the words after `npm run simulate --` ask for. */
export type Wanted = {
  readonly seeds: readonly number[];
  readonly days: number;
  readonly customers: number;
  readonly json: boolean;
  /** Each seed twice; the hashes must be equal. */
  readonly twice: boolean;
  /** Stop at the first failure. */
  readonly stop: boolean;
  /** So many calm runs of each seed, in which a process is killed at one call each. */
  readonly crashPoints: number;
  /** Kill a process at this call only; 0: at none. */
  readonly killAt: number;
  /** All merchants are in quarantine, as after a restore: nothing may leave. */
  readonly held: boolean;
  /** Not these seeds, but the runs of corpus.json. */
  readonly corpus: boolean;
  readonly jobs: number;
  /** The only faults that happen; empty: as each seed says. */
  readonly faults: readonly string[];
};

export const DEFAULT_DAYS = 60;
export const DEFAULT_CUSTOMERS = 8;

export const USAGE =
  'Usage: npm run simulate -- --seed 7 | --seed 1..200 | --corpus ' +
  '[--days 60] [--customers 8] [--json] ' +
  '[--twice] [--stop] [--crash-points 100] [--jobs 2] [--held] ' +
  '[--faults "a callback is lost; a crash"]';

/** Reads the words; undefined when they cannot be understood. */
export function readOptions(words: readonly string[]): Wanted | undefined {
  const { values } = parseArgs({
    args: [...words],
    strict: true,
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      days: { type: 'string', default: String(DEFAULT_DAYS) },
      customers: { type: 'string', default: String(DEFAULT_CUSTOMERS) },
      jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      'crash-points': { type: 'string', default: '0' },
      'kill-at': { type: 'string', default: '0' },
      faults: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      twice: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      held: { type: 'boolean', default: false },
      corpus: { type: 'boolean', default: false },
    },
  });
  const seeds = readRange(values.seeds ?? values.seed);
  const [days, customers, jobs, crashPoints, killAt] = [
    values.days,
    values.customers,
    values.jobs,
    values['crash-points'],
    values['kill-at'],
  ].map(readNumber);
  if (seeds === undefined || days === undefined || customers === undefined) return undefined;
  if (
    jobs === undefined ||
    crashPoints === undefined ||
    killAt === undefined ||
    days < 20 ||
    customers < 1
  )
    return undefined;
  const { json, twice, stop, held, corpus } = values;
  const faults = values.faults.split(';').flatMap((part) => part.trim() || []);
  return {
    seeds,
    days,
    customers,
    json,
    twice,
    stop,
    held,
    corpus,
    faults,
    crashPoints,
    killAt,
    jobs: Math.max(1, jobs),
  };
}

function readNumber(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** "7" or "1..200". */
function readRange(text: string): readonly number[] | undefined {
  const [first, last = first, ...rest] = text.split('..').map(readNumber);
  if (first === undefined || last === undefined || rest.length > 0 || last < first)
    return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
