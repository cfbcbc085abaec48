import { toCauseReportWire, toPlanFitWire } from '@daikou/api';
import { CAUSE_GROUPS, type CauseGroup, formatMoney, nameCause, percentOf } from '@daikou/core';
import { type CauseReport, type PlanFit, readPlanFit, reportCauses } from '@daikou/engine';
import { Command, Option } from 'commander';
import { monthOf, reportTable } from '../../http/causes.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT, orFailure } from '../failures.ts';
import { findSubscription } from '../find.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type ReportOptions = Options & {
  readonly month?: string;
  readonly by?: CauseGroup;
  readonly csv?: boolean;
};

/** Why the invoices of a month were overdue: the shares of the causes. */
export function causesCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('causes')
    .description(isZh ? '某月欠费原因的占比' : "The shares of the causes of a month's arrears")
    .option('--month <yyyy-mm>')
    .addOption(new Option('--by <group>').choices(CAUSE_GROUPS))
    .option('--csv')
    .option('--merchant <code>')
    .option('--json')
    .action((options: ReportOptions) =>
      run(async ({ host, io }) => {
        const month = options.month === undefined ? undefined : readMonth(options.month);
        const job = await jobOf(host, options);
        const { by } = options;
        const report = await reportCauses(job, {
          month: month ?? monthOf(job),
          ...(by === undefined ? {} : { by }),
        });
        if (options.json) io.out(`${JSON.stringify(toCauseReportWire(report))}\n`);
        else if (options.csv) io.out(reportTable(report));
        else printReport(io, report);
        return EXIT.ok;
      }),
    );
}

function readMonth(text: string): Temporal.PlainYearMonth {
  try {
    return Temporal.PlainYearMonth.from(text, { overflow: 'reject' });
  } catch {
    throw new CommandFailure({
      code: 'month_not_valid',
      sentence: `“${text}” is not a month.`,
      next: 'Write it as 2026-12.',
      exitCode: EXIT.usage,
    });
  }
}

function printReport(io: Io, { month, rows }: CauseReport): void {
  const isZh = io.language === 'zh';
  io.out(`${month}\n`);
  if (rows.length === 0) {
    io.out(isZh ? '没有欠费。\n' : 'There were no arrears.\n');
    return;
  }
  let group: string | undefined;
  for (const row of rows) {
    if (row.shareOfCount === 0n) continue;
    if (row.group !== group && row.group !== '') io.out(`\n${row.group}\n`);
    group = row.group;
    const share = percentOf(row.shareOfCount).padStart(8);
    const money = `${formatMoney(row.amount)} (${percentOf(row.shareOfAmount)})`;
    io.out(`${share}  ${nameCause(row.cause, isZh ? 'zh-CN' : 'en')}  ${money}\n`);
  }
}

/** Whether another plan fits a subscription's use better. */
export function planFitCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('plan-fit')
    .description(
      isZh ? '按实际用量比较套餐' : 'Compare the plans by what a subscription truly used',
    )
    .argument('<subscription-or-customer>')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const fit = orFailure(await readPlanFit(job, await findSubscription(job, id)));
        if (options.json) io.out(`${JSON.stringify(toPlanFitWire(fit))}\n`);
        else printFit(io, fit);
        return EXIT.ok;
      }),
    );
}

function printFit(io: Io, { periods, advice }: PlanFit): void {
  const isZh = io.language === 'zh';
  const { current, best, fitting, misfits } = advice;
  const [from, until] = [periods[0]?.start, periods.at(-1)?.end];
  io.out(`${from} – ${until}  ${current.code}  ${formatMoney(current.total)}\n`);
  for (const { code, total } of fitting) io.out(`  ${code}  ${formatMoney(total)}\n`);
  for (const { code, reason } of misfits) io.out(`  ${code}  –  ${reason}\n`);
  if (best === undefined) {
    io.out(isZh ? '目前的套餐最合适。\n' : 'The present plan fits best.\n');
    return;
  }
  const saving = formatMoney(best.savingPerPeriod);
  io.out(
    isZh ? `建议 ${best.code}：每期省 ${saving}\n` : `${best.code} saves ${saving} per period.\n`,
  );
}
