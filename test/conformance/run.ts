import { isDeepStrictEqual } from 'node:util';
import { CaseNotUnderstood, type Given } from './kit.ts';

/** The inputs of a case become its outputs, as text; the arithmetic is core's. */
export type Operation = (given: Given) => Readonly<Record<string, unknown>>;

/** One fact that someone else decided: these inputs give these outputs. */
export type Case = {
  readonly id: string;
  readonly op: string;
  readonly given: Given;
  readonly expect: Readonly<Record<string, unknown>>;
};

/**
 * What became of a case. `unsupported` says that we have no such operation, which is a gap but not
 * a wrong answer.
 */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed'; readonly expected: unknown; readonly got: unknown };

export type Ran = { readonly case: Case; readonly outcome: Outcome };

export type Tally = {
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
};

/** The result of a run; its field names are those that `--json` prints. */
export type Report = Tally & {
  readonly by_op: Readonly<Record<string, Tally>>;
  readonly failing: readonly string[];
};

/** Runs one case and compares only the keys that it expects. A throw is a failure with its text. */
export function runCase(
  { op, given, expect }: Case,
  operations: Readonly<Record<string, Operation>>,
): Outcome {
  const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
  if (operation === undefined) return { kind: 'unsupported' };
  try {
    const outputs = operation(given);
    const got = Object.fromEntries(Object.keys(expect).map((key) => [key, outputs[key]]));
    return isDeepStrictEqual(got, { ...expect })
      ? { kind: 'passed' }
      : { kind: 'failed', expected: expect, got };
  } catch (error) {
    return { kind: 'failed', expected: expect, got: sentenceOf(error) };
  }
}

/** Counts what became of the cases, in total and by operation; names those that failed. */
export function reportOf(ran: readonly Ran[]): Report {
  const byOp = Map.groupBy(ran, (one) => one.case.op);
  return {
    ...tallyOf(ran),
    by_op: Object.fromEntries([...byOp].map(([op, its]) => [op, tallyOf(its)])),
    failing: ran.filter(({ outcome }) => outcome.kind === 'failed').map((one) => one.case.id),
  };
}

function tallyOf(ran: readonly Ran[]): Tally {
  const count = (kind: Outcome['kind']) =>
    ran.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    cases: ran.length,
    passed: count('passed'),
    failed: count('failed'),
    unsupported: count('unsupported'),
  };
}

function sentenceOf(error: unknown): string {
  if (error instanceof CaseNotUnderstood) return `not understood: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
