import type { Merchant } from '@daikou/core';
import { type Job, nowOf, reconcileDay } from '@daikou/engine';
import { Command } from 'commander';
import {
  pumpDebits,
  pumpDeliveries,
  pumpDrafts,
  pumpNotices,
  pumpRefunds,
  pumpWebhooks,
} from '../../worker/pump.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import { chooseMerchant, readyFor } from '../merchant.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';

type Options = { readonly json?: boolean; readonly merchant?: string; readonly date?: string };

const PARTS: readonly {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly work: (job: Job, options: Options) => Promise<unknown>;
}[] = [
  { name: 'draft', zh: '生成到期的账单', en: 'Draft the invoices that are due', work: pumpDrafts },
  {
    name: 'notices',
    zh: '开出账单并发送通知',
    en: 'Issue invoices and send notices',
    work: async (job) => {
      const sent = await pumpNotices(job);
      return { ...sent, deliveries: await pumpDeliveries(job) };
    },
  },
  {
    name: 'debits',
    zh: '查询未决结果，再发出到期的扣款',
    en: 'Ask about open attempts, then send the debits that are due',
    work: pumpDebits,
  },
  {
    name: 'refunds',
    zh: '查询未决退款，再发出到期的退款',
    en: 'Ask about open refunds, then send those that are due',
    work: pumpRefunds,
  },
  {
    name: 'webhooks',
    zh: '发送到期的 Webhook',
    en: 'Send the webhooks that are due',
    work: pumpWebhooks,
  },
  {
    name: 'reconcile',
    zh: '下载通道账单并对账（默认昨天）',
    en: 'Fetch the rails’ bills and match them (yesterday by default)',
    work: reconcileDate,
  },
];

export function runCommand(run: Run, language: Language): Command {
  const command = new Command('run').description(
    language === 'zh' ? '执行到期的工作' : 'Do the work that is due',
  );
  for (const part of PARTS) {
    const child = new Command(part.name)
      .description(part[language])
      .option('--merchant <code>')
      .option('--json')
      .action((options: Options) =>
        run(async ({ host, io }) => {
          const live = await host.live();
          const merchant: Merchant = await chooseMerchant(live, options.merchant);
          await readyFor(live, merchant);
          const job = await live.jobOf(merchant, makeProgress(io));
          const result = await part.work(job, options);
          io.out(`${JSON.stringify(result, plain, options.json ? undefined : 2)}\n`);
          return EXIT.ok;
        }),
      );
    if (part.name === 'reconcile') child.option('--date <yyyy-mm-dd>');
    command.addCommand(child);
  }
  return command;
}

async function reconcileDate(job: Job, options: Options): Promise<unknown> {
  const results: Record<string, unknown> = {};
  for (const rail of job.engine.rails.values()) {
    const today = nowOf(job.engine, job.merchant).toZonedDateTimeISO(rail.capabilities.zone);
    const date = parseDate(options.date) ?? today.toPlainDate().subtract({ days: 1 });
    job.progress.start('reconcile');
    results[rail.id] = await reconcileDay(job, { rail: rail.id, businessDate: date });
    job.progress.finish();
  }
  return results;
}

function parseDate(text: string | undefined): Temporal.PlainDate | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw new CommandFailure({
      code: 'date_not_valid',
      sentence: `“${text}” is not a date.`,
      next: 'Write it as 2026-12-01.',
      exitCode: EXIT.usage,
    });
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
