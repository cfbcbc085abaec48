import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../kit/postgres.ts';
import { temporaryFolder } from '../kit/telco.ts';
import { type LoopReport, runLoop } from './loop.ts';

// `npm run kill-loop -- --seeds 7`: our processes and the database killed again and again on a real
// PostgreSQL, while a month is collected. Prints one line of JSON for each seed and a sum.

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    kills: { type: 'string', default: '30' },
    crashes: { type: 'string', default: '3' },
    customers: { type: 'string', default: '150' },
  },
});

const reports: LoopReport[] = [];
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const folder = temporaryFolder();
  const cluster = await startPostgres({ durable: true });
  try {
    const plan = {
      seed,
      customers: Number(values.customers),
      kills: Number(values.kills),
      databaseCrashes: Number(values.crashes),
    };
    const report = await runLoop(plan, cluster, join(folder.path, 'home'));
    reports.push(report);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (isBroken(report)) {
      process.stderr.write(`Repeat it with: npm run kill-loop -- --seed ${seed}\n`);
    }
  } finally {
    await cluster.stop();
    folder.remove();
  }
}

const sum = (of: (report: LoopReport) => number) =>
  reports.reduce((total, report) => total + of(report), 0);
const broken = reports.filter(isBroken).map(({ seed }) => seed);
process.stdout.write(
  `${JSON.stringify({
    seeds: reports.length,
    customers: sum((one) => one.customers),
    kills: sum((one) => one.kills),
    database_crashes: sum((one) => one.databaseCrashes),
    pauses: sum((one) => one.pauses),
    terminations: sum((one) => one.terminations),
    double_debits: sum((one) => one.doubleDebits),
    lost: sum((one) => one.lost),
    ledger_equals_rail: reports.every((one) => one.ledgerEqualsRail),
    broken_seeds: broken,
  })}\n`,
);
process.exitCode = broken.length === 0 ? 0 : 1;

function isBroken(report: LoopReport): boolean {
  const { doubleDebits, lost, ledgerEqualsRail, violations } = report;
  return doubleDebits > 0 || lost > 0 || !ledgerEqualsRail || violations.length > 0;
}
