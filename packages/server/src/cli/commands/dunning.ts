import { toDunningCaseWire, toPlanPartWire } from '@daikou/api';
import {
  type Currency,
  type DunningCase,
  type DunningCaseId,
  type EndedAs,
  formatMoney,
  isCurrency,
  isId,
} from '@daikou/core';
import {
  collectArrears,
  endDunningCase,
  findCustomer,
  findDunningCase,
  type Job,
  listDunningCases,
  makeInstalmentPlan,
  pauseCase,
  promisePayment,
  resumeCase,
} from '@daikou/engine';
import { Command } from 'commander';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import type { Language } from '../words.ts';
import { jobWithRails, oneOf, plain, readAmount, usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly by: string;
  readonly state?: string;
  readonly reason?: string;
  readonly until?: string;
  readonly as?: string;
  readonly amount?: string;
  readonly currency: string;
  readonly parts?: string;
  readonly dryRun?: boolean;
};

const ENDS: readonly EndedAs[] = ['written_off', 'disputed', 'canceled'];
const PAGE = 100;

/** `daikou dunning list|show|pause|resume|end|promise|plan|collect`: how arrears are chased. */
export function dunningCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('dunning').description(
    isZh ? '催缴：查看和处理欠费催缴' : 'How arrears are chased',
  );
  for (const child of [...reading(run, isZh), ...deciding(run, isZh), ...agreeing(run, isZh)]) {
    command.addCommand(child);
  }
  return command;
}

function one(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--by <name>', '', 'cli')
    .option('--merchant <code>')
    .option('--json');
}

function reading(run: Run, isZh: boolean): readonly Command[] {
  return [
    one('list', isZh ? '列出催缴' : 'List the cases')
      .option('--state <state>')
      .action((options: Options) =>
        run(async ({ host, io }) => {
          const job = await jobWithRails(host, options.merchant);
          const { state } = options;
          const query = { limit: PAGE, ...(state === undefined ? {} : { state }) };
          const cases = await listDunningCases(job, query);
          if (options.json) io.out(`${JSON.stringify(cases.map(toDunningCaseWire))}\n`);
          else for (const dunning of cases) io.out(lineOf(dunning, io.language));
          return EXIT.ok;
        }),
      ),
    one('show', isZh ? '查看一宗催缴及其经过' : 'Show one case with its timeline')
      .argument('<case>')
      .action((id: string, options: Options) =>
        decide(run, { id, options }, async (job, caseId) => {
          const dunning = await findDunningCase(job, caseId);
          if (dunning !== undefined) return dunning;
          throw usage('case_unknown', 'There is no such case.', 'Give an id dun_….');
        }),
      ),
  ];
}

function deciding(run: Run, isZh: boolean): readonly Command[] {
  const reason = isZh ? '原因' : 'why';
  return [
    one('pause', isZh ? '暂停' : 'Stop the steps')
      .argument('<case>')
      .requiredOption('--reason <text>', reason)
      .option('--until <date>', isZh ? '到哪一天自动恢复' : 'the day on which they go on')
      .action((id: string, options: Options) =>
        decide(run, { id, options }, async (job, caseId) => {
          const { by, until } = options;
          const day = until === undefined ? {} : { until: dateOf(until) };
          const wish = { by, reason: options.reason ?? '', ...day };
          return orFailure(await pauseCase(job, caseId, wish));
        }),
      ),
    one('resume', isZh ? '恢复' : 'Let the steps go on')
      .argument('<case>')
      .action((id: string, options: Options) =>
        decide(run, { id, options }, async (job, caseId) =>
          orFailure(await resumeCase(job, caseId, { by: options.by })),
        ),
      ),
    one('end', isZh ? '结束催缴' : 'End a case')
      .argument('<case>')
      .requiredOption('--as <end>', ENDS.join(', '))
      .requiredOption('--reason <text>', reason)
      .action((id: string, options: Options) =>
        decide(run, { id, options }, async (job, caseId) => {
          const as = oneOf((options.as ?? '') as EndedAs, ENDS, '--as');
          const wish = { as, by: options.by, reason: options.reason ?? '' };
          return orFailure(await endDunningCase(job, caseId, wish));
        }),
      ),
  ];
}

function agreeing(run: Run, isZh: boolean): readonly Command[] {
  return [
    one('promise', isZh ? '登记付款承诺' : 'Note a promise to pay')
      .argument('<case>')
      .argument('<date>')
      .option('--amount <amount>', isZh ? '金额（元）；缺省为全部' : 'all by default')
      .option('--currency <code>', '', 'CNY')
      .action((id: string, date: string, options: Options) =>
        decide(run, { id, options }, async (job, caseId) => {
          const { amount, by } = options;
          const paid =
            amount === undefined ? {} : { amount: readAmount(amount, currencyOf(options)) };
          const wish = { date: dateOf(date), ...paid, by };
          return orFailure(await promisePayment(job, caseId, wish));
        }),
      ),
    one('plan', isZh ? '把欠费分期' : 'Lay arrears out over dates')
      .argument('<case>')
      .argument('<first-date>')
      .requiredOption('--parts <n>', isZh ? '期数' : 'how many parts')
      .option('--dry-run')
      .action((id: string, date: string, options: Options) =>
        run((context) => plan(context, { id, date, options })),
      ),
    one('collect', isZh ? '补缴：一次扣清逾期账单' : 'Collect overdue invoices in one debit')
      .argument('<customer>')
      .option('--currency <code>', '', 'CNY')
      .option('--dry-run')
      .action((customer: string, options: Options) =>
        run((context) => collect(context, customer, options)),
      ),
  ];
}

async function plan(
  { host, io }: CommandContext,
  asked: { readonly id: string; readonly date: string; readonly options: Options },
): Promise<number> {
  const { options } = asked;
  const { by, dryRun = false } = options;
  const parts = Number.parseInt(options.parts ?? '', 10);
  const job = await jobWithRails(host, options.merchant);
  const wish = { parts, firstDate: dateOf(asked.date), by, dryRun };
  const made = orFailure(await makeInstalmentPlan(job, readId(asked.id), wish));
  if (options.json) {
    const wire = { dry_run: dryRun, parts: made.plan.parts.map(toPlanPartWire) };
    io.out(`${JSON.stringify(wire)}\n`);
    return EXIT.ok;
  }
  const byHand = io.language === 'zh' ? '客户自行付款' : 'paid by hand';
  for (const part of made.plan.parts) {
    const how = part.invoiceIds.length === 0 ? byHand : part.invoiceIds.join(' ');
    io.out(`${part.date}  ${formatMoney(part.amount)}  ${how}\n`);
  }
  sayDryRun(io, dryRun);
  return EXIT.ok;
}

async function collect(
  { host, io }: CommandContext,
  reference: string,
  options: Options,
): Promise<number> {
  const { by, dryRun = false } = options;
  const job = await jobWithRails(host, options.merchant);
  const customer = await job.engine.store.transact(job.merchant.id, (tx) =>
    findCustomer(tx, reference),
  );
  if (customer === undefined) {
    throw usage('customer_unknown', `Nobody is called ${reference}.`, 'Give a customer’s number.');
  }
  const currency = currencyOf(options);
  const planned = orFailure(await collectArrears(job, customer.id, { currency, by, dryRun }));
  if (options.json) {
    io.out(`${JSON.stringify(planned, plain)}\n`);
    return EXIT.ok;
  }
  const { debit, collected, left } = planned;
  const numbers = collected.map(({ number }) => number).join(' ');
  io.out(`${debit.id}  ${debit.collectDate}  ${formatMoney(debit.amount)}  ${numbers}\n`);
  for (const invoice of left) {
    io.out(`${invoice.number}  ${io.language === 'zh' ? '未包含' : 'is left out'}\n`);
  }
  sayDryRun(io, dryRun);
  return EXIT.ok;
}

function sayDryRun(io: Io, dryRun: boolean): void {
  if (!dryRun) return;
  io.out(io.language === 'zh' ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
}

async function decide(
  run: Run,
  { id, options }: { readonly id: string; readonly options: Options },
  work: (job: Job, id: DunningCaseId) => Promise<DunningCase>,
): Promise<void> {
  await run(async ({ host, io }) => {
    const dunning = await work(await jobWithRails(host, options.merchant), readId(id));
    if (options.json) io.out(`${JSON.stringify(toDunningCaseWire(dunning))}\n`);
    else {
      io.out(lineOf(dunning, io.language));
      for (const { at, what, why, subjectId } of dunning.timeline) {
        const parts = [what, why, subjectId].filter((part) => part !== undefined);
        io.out(`  ${at}  ${parts.join('  ')}\n`);
      }
    }
    return EXIT.ok;
  });
}

const STATES: Readonly<Record<DunningCase['state'], Record<Language, string>>> = {
  running: { zh: '进行中', en: 'running' },
  paused: { zh: '已暂停', en: 'paused' },
  ended: { zh: '已结束', en: 'ended' },
};

function lineOf(dunning: DunningCase, language: Language): string {
  const { id, state, endedAs, waitsFor, nextStepAt, invoiceIds } = dunning;
  const why = endedAs ?? waitsFor;
  const shown = why === undefined ? '' : ` (${why})`;
  const next = nextStepAt === undefined ? '' : `  → ${nextStepAt}`;
  return `${id}  ${STATES[state][language]}${shown}  ${invoiceIds.length}${next}\n`;
}

function currencyOf({ currency }: Options): Currency {
  if (isCurrency(currency)) return currency;
  throw usage('currency_not_valid', `“${currency}” is no currency.`, 'Give CNY or another code.');
}

function dateOf(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw usage('date_not_valid', `“${text}” is no date.`, 'Write it as 2026-12-01.');
  }
}

function readId(id: string): DunningCaseId {
  if (isId('dun', id)) return id;
  throw usage('id_not_valid', `“${id}” is not the id of a case.`, 'Give an id dun_….');
}
