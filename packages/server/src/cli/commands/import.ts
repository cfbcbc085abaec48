import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type Merchant, makeId } from '@daikou/core';
import { type ImportResult, importSubscriberFile, nowOf } from '@daikou/engine';
import { Command } from 'commander';
import { METHOD_PLANS } from '../../compose.ts';
import type { Live } from '../../live.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { chooseMerchant } from '../merchant.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly firstDueDate?: string;
};

/** Days that a first renewal needs: the draft at T−8 and a day to look at it. */
const DAYS_AHEAD = 9;

export function importCommand(run: Run, language: Language): Command {
  return new Command('import')
    .description(
      language === 'zh' ? '从 CSV 导入客户与订阅' : 'Import customers and subscriptions from a CSV',
    )
    .argument('<file>')
    .option('--merchant <code>')
    .option('--first-due-date <yyyy-mm-dd>')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await merchantFor(live, options.merchant);
        const job = await live.jobOf(merchant, makeProgress(io));
        const today = nowOf(job.engine, merchant).toZonedDateTimeISO(merchant.zone).toPlainDate();
        const imported = await importSubscriberFile(job, resolvePath(io, file), {
          methods: knownMethods(job.engine.rails.keys()),
          firstDueDate: dueDate(options.firstDueDate) ?? nextFirst(today),
          addressOf: (reference) => ({ name: reference }),
        });
        if (!imported.ok) throw new CommandFailure(imported.refusal);
        if (options.json) io.out(`${JSON.stringify(imported.value)}\n`);
        else printImport(io, imported.value);
        return EXIT.ok;
      }),
    );
}

/** The named merchant, or the only one; a new installation gets a test merchant of that code. */
async function merchantFor(live: Live, code: string | undefined): Promise<Merchant> {
  const merchants = await live.store.listMerchants();
  if (merchants.length > 0) return chooseMerchant(live, code);
  const merchant: Merchant = {
    id: makeId('mer', {
      epochMilliseconds: Temporal.Now.instant().epochMilliseconds,
      random: crypto.getRandomValues(new Uint8Array(10)),
      bucket: 0,
    }),
    code: code ?? 'main',
    name: code ?? 'main',
    zone: 'Asia/Shanghai',
    mode: 'test',
    demo: false,
  };
  await live.store.saveMerchant(merchant);
  return merchant;
}

/** Methods whose rail is connected are collected by debit; the others by the customer's hand. */
function knownMethods(connected: Iterable<string>) {
  const rails = new Set(connected);
  return new Map(
    [...METHOD_PLANS].map(([label, plan]) => [
      label,
      plan.collection === 'auto_debit' && !rails.has(plan.rail)
        ? ({ collection: 'by_hand' } as const)
        : plan,
    ]),
  );
}

function nextFirst(today: Temporal.PlainDate): Temporal.PlainDate {
  const next = today.with({ day: 1 }).add({ months: 1 });
  const ahead = today.until(next, { largestUnit: 'day' }).days;
  return ahead >= DAYS_AHEAD ? next : next.add({ months: 1 });
}

function dueDate(text: string | undefined): Temporal.PlainDate | undefined {
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

/** A path of the command line, from where the person stands; npm moves to the repository's root. */
export function resolvePath(io: Io, path: string): string {
  if (isAbsolute(path)) return path;
  const here = resolve(io.cwd, path);
  return existsSync(here) ? here : resolve(process.cwd(), path);
}

function printImport(io: Io, result: ImportResult): void {
  const isZh = io.language === 'zh';
  for (const warning of result.warnings) io.err(`${isZh ? '提醒' : 'Warning'}: ${warning}\n`);
  for (const { line, field, reason } of result.rejections) {
    io.out(isZh ? `第 ${line} 行 ${field}：${reason}\n` : `line ${line}, ${field}: ${reason}\n`);
  }
  io.out(
    isZh
      ? `已导入 ${result.imported} 行，拒收 ${result.refused} 行。\n`
      : `${result.imported} rows imported, ${result.refused} refused.\n`,
  );
}
