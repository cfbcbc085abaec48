import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(
  new URL('../../packages/server/data/telco/Telco-Customer-Churn.csv', import.meta.url),
);

/** Count and sum in 分 of one payment method. */
export type MethodTotal = { readonly count: number; readonly minor: number };

/** A slice of the subscriber file with the totals that the demo must reach. */
export type TelcoSlice = {
  readonly path: string;
  readonly rows: number;
  readonly totalMinor: number;
  readonly byMethod: Readonly<Record<string, MethodTotal>>;
};

/** A new folder under the system's temporary directory, and how it goes away. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'daikou-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * The first `rows` subscribers of the file in `folder`. The totals are added up here from the text
 * with whole numbers, apart from anything that the product computes.
 */
export function makeTelcoSlice(folder: string, rows: number): TelcoSlice {
  const lines = readFileSync(FILE, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .slice(0, rows + 1);
  const path = join(folder, `telco-${rows}.csv`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const names = (lines[0] ?? '').split(',');
  const byMethod: Record<string, MethodTotal> = {};
  let totalMinor = 0;
  for (const line of lines.slice(1)) {
    const cells = line.split(',');
    const minor = toFen(cells[names.indexOf('MonthlyCharges')] ?? '');
    const method = cells[names.indexOf('PaymentMethod')] ?? '';
    const known = byMethod[method] ?? { count: 0, minor: 0 };
    byMethod[method] = { count: known.count + 1, minor: known.minor + minor };
    totalMinor += minor;
  }
  return { path, rows: lines.length - 1, totalMinor, byMethod };
}

function toFen(text: string): number {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) throw new Error(`${text} is not an amount of the file`);
  return Number.parseInt(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`, 10);
}
