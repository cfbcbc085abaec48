import { readFileSync, writeFileSync } from 'node:fs';
import { findPriceChangeFault, type NewPriceChangeBody, toPriceChangeWire } from '@daikou/api';
import {
  isId,
  type PriceChange,
  type PriceChangeId,
  type Refusal,
  type Result,
} from '@daikou/core';
import {
  computeImpactTotals,
  createPriceChange,
  draftPriceChange,
  findPriceChange,
  type ImpactTotals,
  type Job,
  publishPriceChange,
} from '@daikou/engine';
import { Command } from 'commander';
import { readNewPriceChange } from '../../http/price-change-body.ts';
import { toTotalsWire } from '../../http/price-change-wire.ts';
import { impactTable } from '../../http/price-changes.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { resolvePath } from './import.ts';

type Options = { readonly json?: boolean; readonly merchant?: string; readonly csv?: string };

/** Price changes that the list shows, newest last. */
const LISTED = 100;

export function priceChangeCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('price-change').description(
    isZh ? '试算、发布和查看调价' : 'Try, publish and follow a change of prices',
  );
  command.addCommand(dryRunCommand(run, isZh));
  command.addCommand(publishCommand(run, isZh));
  command.addCommand(statusCommand(run, isZh));
  return command;
}

function dryRunCommand(run: Run, isZh: boolean): Command {
  return new Command('dry-run')
    .description(
      isZh ? '列出受影响的客户和金额，不保存' : 'Say whom it touches and by how much; save nothing',
    )
    .argument('<file>')
    .option('--merchant <code>')
    .option('--csv <file>', isZh ? '把明细写入表格' : 'write every customer to a table')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const change = must(await draftPriceChange(job, readFile(io, file)));
        if (options.csv !== undefined) await writeTable(job, change, resolvePath(io, options.csv));
        printTotals(io, await computeImpactTotals(job, change), options);
        return EXIT.ok;
      }),
    );
}

function publishCommand(run: Run, isZh: boolean): Command {
  return new Command('publish')
    .description(
      isZh ? '发布调价（文件或草稿编号）' : 'Publish a price change: a file, or the id of a draft',
    )
    .argument('<file-or-id>')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const id = isId('pch', text)
          ? text
          : must(await createPriceChange(job, readFile(io, text))).id;
        must(await publishPriceChange(job, id));
        await printStatus(io, job, { id, ...options });
        return EXIT.ok;
      }),
    );
}

function statusCommand(run: Run, isZh: boolean): Command {
  return new Command('status')
    .description(isZh ? '查看调价的进展' : 'Show how far price changes are')
    .argument('[id]')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string | undefined, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        for (const one of id === undefined ? await listIds(job) : [toId(id)]) {
          await printStatus(io, job, { id: one, ...options });
        }
        return EXIT.ok;
      }),
    );
}

async function listIds(job: Job): Promise<readonly PriceChangeId[]> {
  const found = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.listPriceChanges({ limit: LISTED }),
  );
  return found.map(({ id }) => id);
}

function toId(text: string): PriceChangeId {
  if (isId('pch', text)) return text;
  throw new CommandFailure({
    code: 'id_not_valid',
    sentence: `“${text}” is not the id of a price change.`,
    next: 'Ids begin with pch_; leave it out to see all of them.',
    exitCode: EXIT.usage,
  });
}

function must<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  const { code, sentence, next, field } = result.refusal;
  throw new CommandFailure({ code, sentence: `${field ?? ''} ${sentence}`.trim(), next });
}

/** The same body as `POST /v1/price-changes` takes. */
function readFile(io: Io, path: string) {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(resolvePath(io, path), 'utf8'));
  } catch {
    throw new CommandFailure({
      code: 'file_not_json',
      sentence: `The file ${path} cannot be read as JSON.`,
      next: 'See the example in docs/reference/price-changes.md.',
      exitCode: EXIT.usage,
    });
  }
  const fault = findPriceChangeFault(json);
  if (fault !== undefined) {
    throw new CommandFailure({
      code: 'parameter_not_valid',
      sentence: `The file does not describe a price change: ${fault}.`,
      next: 'See the example in docs/reference/price-changes.md.',
    });
  }
  return must(readNewPriceChange(json as NewPriceChangeBody));
}

async function writeTable(job: Job, change: PriceChange, path: string): Promise<void> {
  writeFileSync(path, '');
  for await (const line of impactTable(job, change)) writeFileSync(path, line, { flag: 'a' });
}

function printTotals(io: Io, totals: ImpactTotals, { json }: Options): void {
  if (json) {
    io.out(`${JSON.stringify(toTotalsWire(totals))}\n`);
    return;
  }
  const { subscriptions, customers, rises, decreases, unchanged, unreachable } = totals;
  if (io.language === 'zh') {
    io.out(`涉及 ${customers} 位客户、${subscriptions} 个订阅：`);
    io.out(`涨价 ${rises}，降价 ${decreases}，不变 ${unchanged}；`);
    io.out(`${unreachable} 个订阅的客户没有联系方式。\n`);
  } else {
    io.out(`Touches ${customers} customers with ${subscriptions} subscriptions: `);
    io.out(`${rises} pay more, ${decreases} less, ${unchanged} the same; `);
    io.out(`${unreachable} have no address.\n`);
  }
  for (const { currency, beforeMinor, afterMinor } of totals.byCurrency) {
    io.out(`  ${currency} ${beforeMinor} → ${afterMinor}\n`);
  }
}

async function printStatus(
  io: Io,
  job: Job,
  about: Options & { readonly id: PriceChangeId },
): Promise<void> {
  const { change, counts } = must(await findPriceChange(job, about.id));
  if (about.json) {
    io.out(`${JSON.stringify({ ...toPriceChangeWire(change), customers: counts })}\n`);
    return;
  }
  io.out(`${change.id}  ${change.state}  ${change.effectiveOn}  ${change.reason}\n`);
  for (const { answer, outcome, count } of counts) {
    io.out(`  ${answer}  ${outcome}  ${count}\n`);
  }
}
