import { readFileSync } from 'node:fs';
import { ChangeSubscriptionSchema, readBody, StartSubscriptionSchema } from '@daikou/api';
import { explainLine, formatMoney, type Invoice } from '@daikou/core';
import { changeSubscription, startSubscription } from '@daikou/engine';
import { Command } from 'commander';
import { toOutcomeWire, toStartedWire } from '../../http/billing-wire.ts';
import { readChange } from '../../http/change-body.ts';
import { readStart } from '../../http/start-body.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT, orFailure } from '../failures.ts';
import { findSubscription } from '../find.ts';
import type { Io } from '../io.ts';
import { chooseMerchant, jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { resolvePath } from './import.ts';

type Options = { readonly json?: boolean; readonly merchant?: string; readonly dryRun?: boolean };

/** Starting and changing subscriptions with the bodies of the API, from a file or as JSON. */
export function subscriptionCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('subscription').description(
    isZh ? '开始或变更订阅' : 'Start or change a subscription',
  );
  command.addCommand(startCommand(run, isZh));
  command.addCommand(changeCommand(run, isZh));
  return command;
}

function startCommand(run: Run, isZh: boolean): Command {
  return new Command('start')
    .description(isZh ? '开始订阅，并告知首次收费' : 'Start one, and tell its first charge')
    .argument('<json-or-file>')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const body = orFailure(readBody(StartSubscriptionSchema, readJson(io, text)));
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const started = orFailure(
          await startSubscription(await live.jobOf(merchant), {
            read: (facts) => readStart(body, { ...facts, merchantId: merchant.id }),
            coupons: body.coupons ?? [],
            dryRun: options.dryRun === true,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toStartedWire(started))}\n`);
        else {
          io.out(`${started.subscription.id}\n`);
          printInvoice(io, started.firstInvoice);
        }
        return EXIT.ok;
      }),
    );
}

function changeCommand(run: Run, isZh: boolean): Command {
  return new Command('change')
    .description(isZh ? '变更订阅，并显示差额' : 'Change one, and show the difference')
    .argument('<subscription-or-customer>')
    .argument('<json-or-file>')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((id: string, text: string, options: Options) =>
      run(async ({ host, io }) => {
        const body = orFailure(readBody(ChangeSubscriptionSchema, readJson(io, text)));
        const job = await jobOf(host, options);
        const outcome = orFailure(
          await changeSubscription(job, {
            subscriptionId: await findSubscription(job, id),
            read: (facts) => readChange(body, facts),
            ...(body.bill === undefined ? {} : { bill: body.bill }),
            dryRun: options.dryRun === true,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toOutcomeWire(outcome))}\n`);
        else {
          const locale = io.language === 'zh' ? 'zh-CN' : 'en';
          for (const { line } of outcome.lines) io.out(`  · ${explainLine(line, locale)}\n`);
          printInvoice(io, outcome.next);
        }
        return EXIT.ok;
      }),
    );
}

/** JSON as it stands in the command line, or in the file of that name. */
export function readJson(io: Io, text: string): unknown {
  try {
    return JSON.parse(
      text.trimStart().startsWith('{') ? text : readFileSync(resolvePath(io, text), 'utf8'),
    );
  } catch {
    throw new CommandFailure({
      code: 'json_not_readable',
      sentence: 'This is neither JSON nor a file of JSON.',
      next: 'Give an object such as {"type": "pause"}, or the path of a file.',
      exitCode: EXIT.usage,
    });
  }
}

/** An invoice that is to come, line by line, for people. */
export function printInvoice(io: Io, invoice: Invoice | undefined): void {
  const isZh = io.language === 'zh';
  if (invoice === undefined) {
    io.out(isZh ? '没有待出账单。\n' : 'No invoice is to come.\n');
    return;
  }
  const total = formatMoney(invoice.total);
  io.out(isZh ? `${invoice.dueDate} 应付 ${total}\n` : `${total} is due on ${invoice.dueDate}\n`);
  const locale = isZh ? 'zh-CN' : 'en';
  for (const line of invoice.lines) io.out(`  ${explainLine(line, locale)}\n`);
}
