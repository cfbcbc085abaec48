import { toBreakWire, toReconciliationDayWire } from '@daikou/api';
import {
  type Break,
  type BreakClass,
  type BreakEvidence,
  type BreakState,
  formatMoney,
  isId,
  type PersonalEnd,
  RESOLUTIONS,
  type ReconciliationDay,
} from '@daikou/core';
import {
  assignBreak,
  closeDay,
  everyBreak,
  findBreak,
  type Job,
  listDays,
  nowOf,
  reconcileDay,
  reopenDay,
  resolveBreak,
  setRailTerms,
} from '@daikou/engine';
import { Command } from 'commander';
import { breakTable } from '../../http/reconciliation.ts';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { BREAK_CLASS_WORDS, DAY_STATE_WORDS } from '../reconcile-words.ts';
import type { Language } from '../words.ts';
import { jobWithRails, oneOf, plain, usage } from './credit.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type DayOptions = Options & {
  readonly rail?: string;
  readonly date?: string;
  readonly by?: string;
  readonly reason?: string;
};
type ListOptions = DayOptions & {
  readonly class?: BreakClass;
  readonly state?: BreakState;
  readonly owner?: string;
  readonly csv?: boolean;
};
type ResolveOptions = Options & {
  readonly as: string;
  readonly by: string;
  readonly evidence?: string;
  readonly approvedBy?: string;
  readonly note?: string;
};

/** Days that the status shows. */
const STATUS_DAYS = 30;

/** What people may choose as an end; the files choose the others by themselves. */
const PERSONAL_ENDS = RESOLUTIONS.filter(
  (how): how is PersonalEnd => how !== 'matched_later' && how !== 'superseded',
);

type Words = readonly [zh: string, en: string];

/** `daikou reconcile status|run|breaks|show|assign|resolve|close-day|reopen|terms`. */
export function reconcileCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const say = ([zh, en]: Words) => (isZh ? zh : en);
  const command = new Command('reconcile').description(
    say([
      '对账：账单、差错、日切',
      'Compare the rails’ files with the books, and end what differs',
    ]),
  );
  const child = (name: string, words: Words) => {
    const made = new Command(name).description(say(words));
    made.option('--merchant <code>').option('--json');
    command.addCommand(made);
    return made;
  };
  dayCommands(run, child);
  breakCommands(run, child);
  return command;
}

type Child = (name: string, words: Words) => Command;

function dayCommands(run: Run, child: Child): void {
  child('status', ['各通道每日的对账状态', 'The state of each rail’s dates'])
    .option('--rail <rail>')
    .action((options: DayOptions) => run((context) => status(context, options)));
  child('run', ['下载账单并对账（默认昨天）', 'Fetch the files of a date and compare them'])
    .option('--rail <rail>')
    .option('--date <yyyy-mm-dd>')
    .action((options: DayOptions) => run((context) => runDay(context, options)));
  child('close-day', ['签署日结', 'Close a date by a signature'])
    .requiredOption('--rail <rail>')
    .requiredOption('--date <yyyy-mm-dd>')
    .requiredOption('--by <name>')
    .action((options: DayOptions) => run((context) => close(context, options)));
  child('reopen', ['重新打开已日结的日期', 'Open a closed date again'])
    .requiredOption('--rail <rail>')
    .requiredOption('--date <yyyy-mm-dd>')
    .requiredOption('--by <name>')
    .requiredOption('--reason <text>')
    .action((options: DayOptions) => run((context) => reopen(context, options)));
  child('terms', ['登记与通道的合同费率', 'What the contract with a rail says from a date on'])
    .requiredOption('--rail <rail>')
    .requiredOption('--from <yyyy-mm-dd>')
    .requiredOption('--basis-points <n>')
    .option('--keeps-fee-on-refund')
    .option('--payer-name <name...>')
    .action((options: TermsOptions) => run((context) => terms(context, options)));
}

function breakCommands(run: Run, child: Child): void {
  child('breaks', ['列出差错', 'List breaks that are not resolved, or those of a state'])
    .option('--rail <rail>')
    .option('--date <yyyy-mm-dd>')
    .option('--class <class>')
    .option('--state <state>')
    .option('--owner <owner>')
    .option('--csv')
    .action((options: ListOptions) => run((context) => listAll(context, options)));
  child('show', ['查看一条差错', 'Show one break with what it proposes'])
    .argument('<break>')
    .action((id: string, options: Options) => run((context) => show(context, id, options)));
  child('assign', ['指派责任人', 'Give a break to a role or a person'])
    .argument('<break>')
    .argument('<owner>')
    .action((id: string, owner: string, options: Options) =>
      run(async (context) => {
        const job = await jobWithRails(context.host, options.merchant);
        const found = orFailure(await assignBreak(job, readBreakId(id), { owner }));
        return printBreak(context.io, found, options);
      }),
    );
  child('resolve', ['凭证据了结差错', 'End a break by evidence'])
    .argument('<break>')
    .requiredOption('--as <end>', PERSONAL_ENDS.join('|'))
    .requiredOption('--by <name>')
    .option('--evidence <id>', 'jrn_…, pay_…')
    .option('--approved-by <name>')
    .option('--note <text>')
    .action((id: string, options: ResolveOptions) =>
      run((context) => resolve(context, id, options)),
    );
}

async function status({ host, io }: CommandContext, options: DayOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const days = await listDays(job, {
    limit: STATUS_DAYS,
    ...(options.rail === undefined ? {} : { rail: options.rail }),
  });
  if (options.json) {
    io.out(`${JSON.stringify({ data: days.map(toReconciliationDayWire) })}\n`);
    return EXIT.ok;
  }
  for (const day of days) io.out(`${dayLine(day, io.language)}\n`);
  return EXIT.ok;
}

function dayLine(day: ReconciliationDay, language: Language): string {
  const { state, problem, closed } = day;
  const parts = [day.businessDate.toString(), day.rail, DAY_STATE_WORDS[state][language]];
  if (closed !== undefined) parts.push(closed.by);
  if (problem !== undefined) parts.push(`— ${problem}`);
  return parts.join('  ');
}

async function runDay({ host, io }: CommandContext, options: DayOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const results: Record<string, unknown> = {};
  for (const rail of railsOf(job, options.rail)) {
    const today = nowOf(job.engine, job.merchant).toZonedDateTimeISO(rail.capabilities.zone);
    const businessDate =
      options.date === undefined
        ? today.toPlainDate().subtract({ days: 1 })
        : readDate(options.date);
    results[rail.id] = await reconcileDay(job, { rail: rail.id, businessDate });
  }
  io.out(`${JSON.stringify(results, plain, options.json ? undefined : 2)}\n`);
  return EXIT.ok;
}

function railsOf(job: Job, name: string | undefined) {
  const rails = [...job.engine.rails.values()];
  if (name === undefined) return rails;
  const named = rails.filter(({ id }) => id === name);
  if (named.length > 0) return named;
  const known = rails.map(({ id }) => id).join(', ');
  throw usage('rail_unknown', `There is no rail “${name}” here.`, `Name one of: ${known}.`);
}

async function close({ host, io }: CommandContext, options: DayOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const day = orFailure(await closeDay(job, railDateOf(job, options), options.by ?? ''));
  return printDay(io, day, options);
}

async function reopen({ host, io }: CommandContext, options: DayOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const { by = '', reason = '' } = options;
  const day = orFailure(await reopenDay(job, railDateOf(job, options), { by, reason }));
  return printDay(io, day, options);
}

function printDay(io: Io, day: ReconciliationDay, { json }: Options): number {
  io.out(
    json ? `${JSON.stringify(toReconciliationDayWire(day))}\n` : `${dayLine(day, io.language)}\n`,
  );
  return EXIT.ok;
}

function railDateOf(job: Job, options: DayOptions) {
  const [rail] = railsOf(job, options.rail ?? '');
  return { rail: rail?.id ?? '', businessDate: readDate(options.date ?? '') };
}

type TermsOptions = Options & {
  readonly rail: string;
  readonly from: string;
  readonly basisPoints: string;
  readonly keepsFeeOnRefund?: boolean;
  readonly payerName?: readonly string[];
};

async function terms({ host, io }: CommandContext, options: TermsOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const feeBasisPoints = readBasisPoints(options.basisPoints);
  const [rail] = railsOf(job, options.rail);
  await setRailTerms(job, {
    rail: rail?.id ?? options.rail,
    validFrom: readDate(options.from),
    feeBasisPoints,
    feeBackOnRefund: options.keepsFeeOnRefund !== true,
    payerNames: options.payerName ?? [],
  });
  const said = { rail: options.rail, valid_from: options.from, fee_basis_points: feeBasisPoints };
  io.out(options.json ? `${JSON.stringify(said)}\n` : `${Object.values(said).join('  ')}\n`);
  return EXIT.ok;
}

function readBasisPoints(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number.parseInt(text, 10) : 10_001;
  if (value <= 10_000) return value;
  throw usage('basis_points_not_valid', `“${text}” is no rate.`, 'Give 60 for 0.60 %.');
}

async function listAll({ host, io }: CommandContext, options: ListOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const filter = {
    ...(options.rail === undefined ? {} : { rail: options.rail }),
    ...(options.date === undefined ? {} : { businessDate: readDate(options.date) }),
    ...(options.class === undefined ? {} : { class: options.class }),
    ...(options.owner === undefined ? {} : { owner: options.owner }),
    ...(options.state === undefined ? { isUnresolved: true } : { state: options.state }),
  };
  if (options.csv) {
    for await (const line of breakTable(job, filter)) io.out(line);
    return EXIT.ok;
  }
  for await (const one of everyBreak(job, filter)) {
    const line = options.json ? JSON.stringify(toBreakWire(one)) : breakLine(one, io.language);
    io.out(`${line}\n`);
  }
  return EXIT.ok;
}

function breakLine(one: Break, language: Language): string {
  const amount = one.difference === undefined ? '' : formatMoney(one.difference);
  return [
    one.id,
    one.businessDate.toString(),
    one.rail,
    BREAK_CLASS_WORDS[one.class][language],
    one.orderNumber,
    amount,
    one.state,
    one.owner,
    one.suggestedAction,
  ].join('  ');
}

async function show({ host, io }: CommandContext, text: string, options: Options): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const found = await findBreak(job, readBreakId(text));
  if (found === undefined) {
    throw usage('break_unknown', `There is no break ${text}.`, 'See daikou reconcile breaks.');
  }
  io.out(`${JSON.stringify(toBreakWire(found), undefined, options.json ? undefined : 2)}\n`);
  return EXIT.ok;
}

async function resolve(
  { host, io }: CommandContext,
  text: string,
  options: ResolveOptions,
): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const { by, evidence, approvedBy, note } = options;
  const found = orFailure(
    await resolveBreak(job, readBreakId(text), {
      how: oneOf(options.as, PERSONAL_ENDS, '--as'),
      by,
      ...(evidence === undefined ? {} : { evidence: toEvidence(evidence) }),
      ...(approvedBy === undefined ? {} : { approvedBy }),
      ...(note === undefined ? {} : { note }),
    }),
  );
  return printBreak(io, found, options);
}

/** An id says by its prefix what it is evidence of; other text is a note. */
function toEvidence(reference: string): BreakEvidence {
  if (isId('jrn', reference)) return { kind: 'journal', reference };
  if (isId('pay', reference) || isId('hpy', reference)) return { kind: 'payment', reference };
  return { kind: 'note', reference };
}

function printBreak(io: Io, found: Break, { json }: Options): number {
  io.out(json ? `${JSON.stringify(toBreakWire(found))}\n` : `${breakLine(found, io.language)}\n`);
  return EXIT.ok;
}

function readBreakId(text: string) {
  if (isId('brk', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of a break.`, 'Give an id brk_….');
}

function readDate(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw usage('date_not_valid', `“${text}” is not a date.`, 'Write it as 2026-03-10.');
  }
}
