import { toAttemptWire, toDebitPlanWire, toDebitWire } from '@daikou/api';
import {
  type Attempt,
  type DayPlan,
  formatMoney,
  type Id,
  type IdPrefix,
  isId,
  secondsBetween,
} from '@daikou/core';
import { type Job, nowOf, planDay, releaseDebit, resolveAttempt } from '@daikou/engine';
import { Command, Option } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type ResolveOptions = Options & {
  readonly outcome: 'paid' | 'unpaid';
  readonly evidence: string;
  readonly by: string;
  readonly reference?: string;
};

/** Attempts that the list shows. */
const LISTED = 1_000;
const HOUR_SECONDS = 3_600;

/** The plan of a day, and letting a debit go that was held back for its amount. */
export function debitsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('debits')
    .alias('debit')
    .description(isZh ? '扣款日历与金额放行' : 'The plan of a day, and releasing amounts');
  command.addCommand(planCommand(run, isZh));
  command.addCommand(releaseCommand(run, isZh));
  return command;
}

function planCommand(run: Run, isZh: boolean): Command {
  return new Command('plan')
    .description(isZh ? '某日扣款计划（不改动）' : 'What a day of debits will be; changes nothing')
    .requiredOption('--date <yyyy-mm-dd>')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options & { readonly date: string }) =>
      run(async ({ host, io }) => {
        const date = readDay(options.date);
        const job = await jobOf(host, options);
        const plan = await planDay(job, date);
        if (options.json) io.out(`${JSON.stringify(toDebitPlanWire(plan))}\n`);
        else printPlan(io, plan, job.merchant.zone);
        return EXIT.ok;
      }),
    );
}

function readDay(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    throw new CommandFailure({
      code: 'date_not_valid',
      sentence: `“${text}” is not a date.`,
      next: 'Write it as 2026-12-01.',
      exitCode: EXIT.usage,
    });
  }
}

function printPlan(io: Io, plan: DayPlan, zone: string): void {
  const clock = (at: Temporal.Instant) =>
    at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: 'second' });
  io.out(`${plan.date}\n`);
  for (const day of plan.rails) {
    const totals = day.totals.map((total) => formatMoney(total)).join(' + ');
    io.out(`${day.rail}  ${day.count}  ${totals}  ${day.submitPerSecond}/s\n`);
    if (day.firstAt !== undefined && day.lastAt !== undefined) {
      io.out(`  ${clock(day.firstAt)}–${clock(day.lastAt)}`);
      const { window } = day;
      io.out(window === undefined ? '\n' : ` (${clock(window.from)}–${clock(window.until)})\n`);
    }
    for (const { hour, count } of day.hours)
      io.out(`  ${`${hour}`.padStart(2, '0')}:00  ${count}\n`);
    for (const { reason, count } of day.blocked) io.out(`  ${reason}  ${count}\n`);
    if (day.overCapacity.length > 0) {
      io.out(`  → ${day.nextDate}  ${day.overCapacity.length}\n`);
    }
  }
  if (plan.rails.length === 0) io.out(io.language === 'zh' ? '当日无扣款。\n' : 'No debits.\n');
}

function releaseCommand(run: Run, isZh: boolean): Command {
  return new Command('release')
    .description(isZh ? '放行金额异常的扣款' : 'Let a debit go that was held back for its amount')
    .argument('<debit>')
    .requiredOption('--by <person>')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: Options & { readonly by: string }) =>
      run(async ({ host, io }) => {
        const id = readId('dbt', text);
        const debit = orFailure(await releaseDebit(await jobOf(host, options), id, options.by));
        io.out(options.json ? `${JSON.stringify(toDebitWire(debit))}\n` : `${debit.id}\n`);
        return EXIT.ok;
      }),
    );
}

/** Open attempts that wait for a person, with their age and what to do. */
export function unknownsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('unknowns')
    .description(
      isZh
        ? '结果未知、需人工处理的扣款尝试'
        : 'Attempts of unknown outcome; --all: also those still asked',
    )
    .option('--all')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options & { readonly all?: boolean }) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const attempts = await loadUnknowns(job, options.all === true);
        if (options.json) {
          io.out(`${JSON.stringify({ data: attempts.map(toAttemptWire) })}\n`);
          return EXIT.ok;
        }
        const now = nowOf(job.engine, job.merchant);
        for (const one of attempts) io.out(`${describe(one, now, isZh)}\n`);
        io.out(`(${attempts.length})\n`);
        return EXIT.ok;
      }),
    );
}

async function loadUnknowns(job: Job, isAll: boolean): Promise<readonly Attempt[]> {
  const query = isAll ? { state: 'unknown' } : { needsPerson: true };
  return await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.listAttempts({ limit: LISTED, ...query }),
  );
}

function describe(attempt: Attempt, now: Temporal.Instant, isZh: boolean): string {
  const { id, rail, orderNumber, amount, askAt, askCount, submittedAt } = attempt;
  const age = `${Math.floor(secondsBetween(submittedAt, now) / HOUR_SECONDS)} h`;
  const person = isZh
    ? '向通道核实该单号，再用 daikou attempt resolve 登记结果与凭据'
    : 'ask the rail about this number, then daikou attempt resolve with the evidence';
  const next = askAt === undefined ? person : `${isZh ? '下次查询' : 'asked again'} ${askAt}`;
  const facts = [id, rail, orderNumber, formatMoney(amount), age, `${askCount}×`];
  return `${facts.join('  ')}\n  ${next}`;
}

/** A person's answer for an attempt, with its evidence. */
export function attemptCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('attempt').description(
    isZh ? '人工登记扣款尝试的结果' : 'Settle an attempt by hand',
  );
  const resolve = new Command('resolve')
    .description(
      isZh ? '凭证据登记一笔未决尝试的结果' : 'Say by evidence what became of an unknown one',
    )
    .argument('<attempt>')
    .addOption(
      new Option('--outcome <outcome>').choices(['paid', 'unpaid']).makeOptionMandatory(true),
    )
    .requiredOption('--evidence <text>')
    .requiredOption('--by <person>')
    .option(
      '--reference <number>',
      isZh ? '通道交易号（已扣款时必填）' : "the rail's number, for paid",
    )
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: ResolveOptions) =>
      run(async ({ host, io }) => {
        const id = readId('att', text);
        const { outcome, evidence, by, reference } = options;
        const attempt = orFailure(
          await resolveAttempt(await jobOf(host, options), id, {
            outcome,
            evidence,
            by,
            ...(reference === undefined ? {} : { railReference: reference }),
          }),
        );
        const line = `${attempt.id}  ${attempt.state}`;
        io.out(`${options.json ? JSON.stringify(toAttemptWire(attempt)) : line}\n`);
        return EXIT.ok;
      }),
    );
  command.addCommand(resolve);
  return command;
}

function readId<P extends IdPrefix>(prefix: P, text: string): Id<P> {
  if (isId(prefix, text)) return text;
  throw new CommandFailure({
    code: 'id_not_valid',
    sentence: `“${text}” is not an id of this kind.`,
    next: `Give ${prefix}_ and 32 hexadecimal digits as we gave it.`,
    exitCode: EXIT.usage,
  });
}
