import { parseArgs } from 'node:util';
import { CasesNotReadable, readCaseFolder } from './case-files.ts';
import { OPERATIONS } from './operations.ts';
import { type Ran, type Report, reportOf, runCase, type Tally } from './run.ts';

/**
 * `npm run conformance -- <folder> [--json]`: runs the billing cases of a folder through core.
 * Exit code 1 when a case fails, 2 when there is nothing to run.
 */

const USAGE = 'Usage: npm run conformance -- <folder with *.json of cases> [--json]';

process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): 0 | 1 | 2 {
  const wanted = argumentsOf(args);
  if (wanted === undefined) return stop(USAGE);
  try {
    const { cases, notes } = readCaseFolder(wanted.folder);
    for (const note of notes) process.stderr.write(`${note}\n`);
    if (cases.length === 0) return stop(`${wanted.folder} holds no cases.`);
    const ran = cases.map((one): Ran => ({ case: one, outcome: runCase(one, OPERATIONS) }));
    const report = reportOf(ran);
    process.stdout.write(wanted.json ? `${JSON.stringify(report)}\n` : formatReport(report, ran));
    return report.failed > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof CasesNotReadable) return stop(error.message);
    throw error;
  }
}

function argumentsOf(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [folder, ...more] = positionals;
    return folder === undefined || more.length > 0 ? undefined : { folder, json: values.json };
  } catch {
    return undefined;
  }
}

function stop(sentence: string): 2 {
  process.stderr.write(`${sentence}\n`);
  return 2;
}

function formatReport(report: Report, ran: readonly Ran[]): string {
  const rows = Object.entries(report.by_op).map(([op, tally]) => row(op, tally));
  const failures = ran.flatMap(({ case: { id }, outcome }) =>
    outcome.kind === 'failed'
      ? [`✗ ${id}\n  expected ${text(outcome.expected)}\n  got      ${text(outcome.got)}`]
      : [],
  );
  const heading = ['operation'.padEnd(30), ' cases', 'passed', 'failed', 'unsupported'].join('  ');
  return `${[heading, ...rows, row('total', report), ...failures].join('\n')}\n`;
}

function row(name: string, { cases, passed, failed, unsupported }: Tally): string {
  const counts = [cases, passed, failed].map((count) => String(count).padStart(6));
  return [name.padEnd(30), ...counts, String(unsupported).padStart(11)].join('  ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
