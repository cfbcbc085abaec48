/**
 * Writes core's calendar of China's public holidays from the yearly JSON files of
 * NateScarlet/holiday-cn (MIT):
 *
 *   node tools/generate-holidays.ts <folder with 2024.json, 2025.json, …>
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const TARGET = new URL('../packages/core/src/calendar/holidays.generated.ts', import.meta.url);

type SourceDay = { readonly name: string; readonly date: string; readonly isOffDay: boolean };

/** One year's file: without papers the State Council has announced nothing yet. */
export type SourceYear = {
  readonly year: number;
  readonly papers: readonly string[];
  readonly days: readonly SourceDay[];
};

/** Days that follow each other under one name: first day, number of days, name. */
type Run = { readonly from: string; readonly days: number; readonly name: string };

function runsOf(days: readonly SourceDay[]): readonly Run[] {
  const sorted = [...days].sort((left, right) => (left.date < right.date ? -1 : 1));
  const runs: Run[] = [];
  for (const { date, name } of sorted) {
    const last = runs.at(-1);
    const follows = last && Temporal.PlainDate.from(last.from).add({ days: last.days });
    if (last && last.name === name && follows?.toString() === date) {
      runs[runs.length - 1] = { ...last, days: last.days + 1 };
    } else {
      runs.push({ from: Temporal.PlainDate.from(date).toString(), days: 1, name });
    }
  }
  return runs;
}

function renderRuns(field: string, runs: readonly Run[]): readonly string[] {
  if (runs.length === 0) return [`    ${field}: [],`];
  const rows = runs.map(({ from, days, name }) => `      ['${from}', ${days}, '${name}'],`);
  return [`    ${field}: [`, ...rows, '    ],'];
}

/** The text of the data file for `years`; years without an announcement are left out. */
export function renderHolidays(years: readonly SourceYear[]): string {
  const announced = years
    .filter(({ papers, days }) => papers.length > 0 && days.length > 0)
    .sort((left, right) => left.year - right.year);
  const blocks = announced.flatMap(({ year, papers, days }) => [
    '  {',
    `    year: ${year},`,
    ...papers.map((paper) => `    // ${paper}`),
    ...renderRuns('off', runsOf(days.filter(({ isOffDay }) => isOffDay))),
    ...renderRuns('work', runsOf(days.filter(({ isOffDay }) => !isOffDay))),
    '  },',
  ]);
  return [
    '// Made by tools/generate-holidays.ts from NateScarlet/holiday-cn (MIT, see NOTICE.md).',
    '// Change the source and run the tool again; edits here are lost.',
    '',
    '/** First day, number of days, name of the holiday. */',
    'export type HolidayRun = readonly [from: string, days: number, name: string];',
    '',
    '/** What was announced for one year: days off, and weekend days that are worked. */',
    'export type HolidayYear = {',
    '  readonly year: number;',
    '  readonly off: readonly HolidayRun[];',
    '  readonly work: readonly HolidayRun[];',
    '};',
    '',
    'export const HOLIDAY_YEARS: readonly HolidayYear[] = [',
    ...blocks,
    '];',
    '',
  ].join('\n');
}

function readYears(folder: string): readonly SourceYear[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}\.json$/.test(name));
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function main(folder: string | undefined): number {
  if (folder === undefined) {
    process.stderr.write('Name the folder with the yearly files of holiday-cn.\n');
    return 2;
  }
  const years = readYears(folder);
  if (years.length === 0) {
    process.stderr.write('The folder holds no file like 2026.json.\n');
    return 1;
  }
  writeFileSync(TARGET, renderHolidays(years));
  process.stdout.write(`Wrote ${TARGET.pathname} from ${years.length} files.\n`);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv[2]);
}
