import { toPayLinkWire } from '@daikou/api';
import { formatMoney, type InvoiceId, isId, type PayLink, type PayLinkId } from '@daikou/core';
import { closePayLink, createPayLink, findPayLink, nowOf } from '@daikou/engine';
import { Command } from 'commander';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Language } from '../words.ts';
import { jobWithRails, usage } from './credit.ts';
import { readCustomer } from './payment.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type CreateOptions = Options & {
  readonly rail: string;
  readonly by: string;
  readonly hours: string;
  readonly invoice: readonly string[];
  readonly dryRun?: boolean;
};

/** `daikou pay-link create|show|close`. */
export function payLinkCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('pay-link').description(
    isZh ? '收款链接：客户自己付账单' : 'Pages on which customers pay invoices by hand',
  );
  const child = (name: string, description: string) => {
    const made = command.command(name).description(description);
    return made.option('--merchant <code>').option('--json');
  };
  child('create', isZh ? '生成收款链接' : 'Make a link for open invoices')
    .argument('<customer>')
    .requiredOption('--rail <rail>')
    .requiredOption('--by <name>')
    .option('--hours <n>', isZh ? '有效小时数' : 'how long it lasts', '24')
    .option('--invoice <id>', '', (value: string, all: readonly string[]) => [...all, value], [])
    .option('--dry-run')
    .action((customer: string, options: CreateOptions) =>
      run((context) => create(context, customer, options)),
    );
  child('show', isZh ? '查看收款链接' : 'Show a link')
    .argument('<link>')
    .action((id: string, options: Options) =>
      run(async (context) => {
        const job = await jobWithRails(context.host, options.merchant);
        const link = await findPayLink(job, readId(id));
        if (link === undefined) {
          throw usage('link_unknown', 'There is no such link.', 'Give an id plk_….');
        }
        return print(context, link, options);
      }),
    );
  child('close', isZh ? '关闭收款链接' : 'Close a link at its rail')
    .argument('<link>')
    .action((id: string, options: Options) =>
      run(async (context) => {
        const job = await jobWithRails(context.host, options.merchant);
        return print(context, orFailure(await closePayLink(job, readId(id))), options);
      }),
    );
  return command;
}

async function create(
  context: CommandContext,
  customer: string,
  options: CreateOptions,
): Promise<number> {
  if (!/^[1-9]\d{0,2}$/.test(options.hours)) {
    throw usage('hours_not_valid', `“${options.hours}” is no number of hours.`, 'Write 24.');
  }
  const job = await jobWithRails(context.host, options.merchant);
  const { id } = await readCustomer(job, customer);
  const invoiceIds = options.invoice.filter((one): one is InvoiceId => isId('inv', one));
  if (invoiceIds.length !== options.invoice.length) {
    throw usage('id_not_valid', 'An invoice is not named by its id.', 'Give ids inv_….');
  }
  const now = nowOf(job.engine, job.merchant);
  const wish = {
    rail: options.rail,
    by: options.by,
    expiresAt: now.add({ hours: Number.parseInt(options.hours, 10) }),
    dryRun: options.dryRun === true,
    ...(invoiceIds.length === 0 ? {} : { invoiceIds }),
  };
  return print(context, orFailure(await createPayLink(job, id, wish)), options);
}

function print({ io }: CommandContext, link: PayLink, { json }: Options): number {
  const { id, amount, state, closeWanted, url } = link;
  const isZh = io.language === 'zh';
  let text = `${id}  ${formatMoney(amount)}  ${state}\n`;
  if (url !== undefined) text += `${url}\n`;
  if (state === 'open' && closeWanted) {
    text += isZh
      ? '通道尚未确认关闭，链接在确认前仍为打开状态。\n'
      : 'The rail has not confirmed it yet: the link stays open until it has.\n';
  }
  io.out(json ? `${JSON.stringify(toPayLinkWire(link))}\n` : text);
  return EXIT.ok;
}

function readId(text: string): PayLinkId {
  if (isId('plk', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of a link.`, 'Give an id plk_….');
}
