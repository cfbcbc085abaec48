/** What Node's runner counted in one run; `skipped` names each skipped test with its reason. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: [] };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: [...left.skipped, ...right.skipped],
  };
}

/** The last line of `npm test`: `12 passed, 0 failed`, with the skipped when there are any. */
export function formatCounts(counts: Counts): string {
  const skipped = counts.skipped.length > 0 ? `, ${counts.skipped.length} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/** Reads what counts-reporter.ts wrote; null when the runner died before it could count. */
export function parseCounts(text: string): Counts | null {
  const lines = text.split('\n').filter((line) => line !== '');
  const events = lines.map((line): { total?: Totals; skipped?: string } => JSON.parse(line));
  const total = events.findLast((event) => event.total !== undefined)?.total;
  if (total === undefined) return null;
  return {
    passed: total.passed,
    failed: total.tests - total.passed - total.skipped - total.todo,
    skipped: events.flatMap(({ skipped }) => (skipped === undefined ? [] : [skipped])),
  };
}

/** The counters of Node's `test:summary` event that we use; a cancelled test counts as failed. */
export interface Totals {
  readonly tests: number;
  readonly passed: number;
  readonly skipped: number;
  readonly todo: number;
}
