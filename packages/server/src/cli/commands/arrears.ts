import { toArrearsStepsWire, toArrearsWire, toOverrideWire } from '@daikou/api';
import {
  ARREARS_STATES,
  type Arrears,
  type ArrearsState,
  formatMoney,
  type InvoiceId,
  isId,
} from '@daikou/core';
import {
  findArrears,
  grantOverride,
  type Job,
  listArrears,
  withdrawOverride,
} from '@daikou/engine';
import { Command, Option } from 'commander';
import { readDate } from '../../http/billing-body.ts';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import { type Io, padEnd } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly state?: ArrearsState;
};

type OverrideOptions = Options & {
  readonly until: string;
  readonly why: string;
  readonly by: string;
  readonly invoice?: string;
};

const PAGE = 500;

/** The words of the states, as pages show them. */
export const STATE_WORDS: Readonly<Record<ArrearsState, Readonly<Record<Language, string>>>> = {
  clear: { zh: '正常', en: 'clear' },
  grace: { zh: '宽限期', en: 'grace' },
  warned: { zh: '已提醒', en: 'warned' },
  suspended: { zh: '停服', en: 'suspended' },
  retained: { zh: '停服·保留数据', en: 'retained' },
  deletable: { zh: '保留期已过', en: 'deletable' },
};

/** `daikou arrears list|show|override|withdraw`: who is overdue, and what that does. */
export function arrearsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('arrears').description(
    isZh ? '欠费：状态、停服与延期' : 'Arrears: states, suspension and time given',
  );
  command.addCommand(listCommand(run, isZh));
  command.addCommand(showCommand(run, isZh));
  command.addCommand(overrideCommand(run, isZh));
  command.addCommand(withdrawCommand(run, isZh));
  return command;
}

function listCommand(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '列出欠费客户' : 'List customers in arrears')
    .addOption(new Option('--state <state>').choices(ARREARS_STATES))
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const rows = await allArrears(await jobOf(host, options), options);
        if (options.json) io.out(`${JSON.stringify(rows.map(toArrearsWire))}\n`);
        else printAll(io, rows);
        return EXIT.ok;
      }),
    );
}

async function allArrears(job: Job, { state }: Options): Promise<readonly Arrears[]> {
  const rows: Arrears[] = [];
  let page: readonly Arrears[];
  do {
    const after = rows.at(-1)?.customerId;
    page = await listArrears(job, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(state === undefined ? {} : { state }),
    });
    rows.push(...page);
  } while (page.length === PAGE);
  return rows;
}

function printAll(io: Io, rows: readonly Arrears[]): void {
  for (const row of rows) io.out(`${row.customerId}  ${lineOf(row, io.language)}\n`);
  if (rows.length === 0)
    io.out(io.language === 'zh' ? '没有欠费客户。\n' : 'Nobody is in arrears.\n');
}

function lineOf(arrears: Arrears, language: Language): string {
  const { state, unpaid, earliestUnpaid, nextChange, heldBy } = arrears;
  const owed = unpaid.map(formatMoney).join(' + ');
  const next =
    nextChange === undefined
      ? ''
      : `  → ${STATE_WORDS[nextChange.state][language]} ${nextChange.on}`;
  const held = heldBy === undefined ? '' : `  (${heldBy})`;
  const since = earliestUnpaid?.toString() ?? '';
  return `${padEnd(STATE_WORDS[state][language], 14)} ${padEnd(owed, 14)} ${since}${next}${held}`;
}

function showCommand(run: Run, isZh: boolean): Command {
  return new Command('show')
    .description(isZh ? '一个客户的欠费状态' : 'The arrears of one customer')
    .argument('<customer>', isZh ? '客户编号或外部编号' : 'an id or a reference')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const found = orFailure(await findArrears(job, await findCustomer(job, text)));
        const { payer, arrears, policy } = found;
        const steps = toArrearsStepsWire(policy);
        if (options.json) {
          const wire = arrears === undefined ? null : toArrearsWire(arrears);
          io.out(`${JSON.stringify({ customer_id: payer.id, arrears: wire, steps })}\n`);
          return EXIT.ok;
        }
        io.out(`${payer.id}  ${payer.name}\n`);
        if (arrears === undefined) io.out(isZh ? '从未逾期。\n' : 'Nothing was ever overdue.\n');
        else io.out(`${lineOf(arrears, io.language)}\n`);
        const days = steps.map(({ state, days: count }) => {
          const word = STATE_WORDS[state][io.language];
          return count === null ? word : `${word} ${count}`;
        });
        io.out(`${isZh ? '逾期天数' : 'Days overdue'}: ${days.join(' · ')}\n`);
        return EXIT.ok;
      }),
    );
}

function overrideCommand(run: Run, isZh: boolean): Command {
  return new Command('override')
    .description(
      isZh ? '延期免停，或某张账单有争议' : 'Put a suspension off, or dispute an invoice',
    )
    .argument('<customer>')
    .requiredOption('--until <date>', isZh ? '到期日（当天起失效）' : 'the first day without it')
    .requiredOption('--why <reason>')
    .option('--by <name>', isZh ? '决定人' : 'who decided it', 'cli')
    .option('--invoice <id>', isZh ? '有争议的账单' : 'an invoice in dispute, instead')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: OverrideOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { why, by } = options;
        const until = orFailure(readDate(options.until, 'until'));
        const override = orFailure(
          await grantOverride(job, await findCustomer(job, text), {
            ...aboutOf(options.invoice),
            until,
            why,
            by,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toOverrideWire(override))}\n`);
        else io.out(`${override.id}  ${override.kind}  → ${override.until}\n`);
        return EXIT.ok;
      }),
    );
}

function aboutOf(invoice: string | undefined) {
  if (invoice === undefined) return { kind: 'no_suspension' } as const;
  return { kind: 'disputed_invoice', invoiceId: readInvoice(invoice) } as const;
}

function readInvoice(text: string): InvoiceId {
  if (isId('inv', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of an invoice.`, 'Give an id inv_….');
}

function withdrawCommand(run: Run, isZh: boolean): Command {
  return new Command('withdraw')
    .description(isZh ? '撤回延期或单独授予' : 'Take back what was granted')
    .argument('<override>')
    .option('--by <name>', isZh ? '决定人' : 'who decided it', 'cli')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options & { readonly by: string }) =>
      run(async ({ host, io }) => {
        if (!isId('ovr', id)) {
          throw usage('id_not_valid', `“${id}” is not the id of an override.`, 'Give an id ovr_….');
        }
        const job = await jobOf(host, options);
        const override = orFailure(await withdrawOverride(job, id, options.by));
        if (options.json) io.out(`${JSON.stringify(toOverrideWire(override))}\n`);
        else io.out(`${override.id}  ${isZh ? '已撤回' : 'withdrawn'}\n`);
        return EXIT.ok;
      }),
    );
}
