import type { Run } from '@daikou/core';
import { checkSubscriberFile, idSource, nowOf } from '@daikou/engine';
import { Command } from 'commander';
import { type DemoReport, printReport, toReport } from '../../demo/report.ts';
import { ensureDemoMerchant, runDemo } from '../../demo/run-demo.ts';
import { DEMO_MERCHANT, isErasing } from '../../demo/world.ts';
import type { Live } from '../../live.ts';
import { telcoFile } from '../../settings.ts';
import type { Run as RunCommand } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';
import { resolvePath } from './import.ts';

type Options = { readonly json?: boolean; readonly fresh?: boolean; readonly data?: string };

export function demoCommand(run: RunCommand, language: Language): Command {
  return new Command('demo')
    .description(
      language === 'zh'
        ? '用 7,043 位真实订户跑完一个月：导入、通知、扣款、对账'
        : 'A month of 7,043 real subscribers: import, notify, debit, reconcile',
    )
    .option('--fresh', language === 'zh' ? '先清空演示数据' : 'erase the demo first')
    .option('--data <file>', language === 'zh' ? '订户 CSV 文件' : 'a subscriber CSV file')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const file =
          options.data === undefined ? telcoFile(host.settings) : resolvePath(io, options.data);
        const report = await live.inDemoTurn(() =>
          demonstrate(live, io, { file, fresh: options.fresh === true }),
        );
        printReport(io, report);
        if (options.json) io.out(`${JSON.stringify(report)}\n`);
        return EXIT.ok;
      }),
    );
}

/** Runs the demo to its end and reports. The file is checked before anything is erased. */
export async function demonstrate(
  live: Live,
  io: Io,
  how: { readonly file: string; readonly fresh: boolean },
): Promise<DemoReport> {
  const startedAt = performance.now();
  const checked = await checkSubscriberFile(how.file);
  if (!checked.ok) throw new CommandFailure(checked.refusal);
  await refuseForeign(live);
  if (how.fresh || isErasing(live.settings.home)) await live.eraseDemo();
  await refuseOtherData(live, checked.value.hash);
  const world = await live.openWorld();
  const engine = await live.engineOf(DEMO_MERCHANT);
  const merchant = await ensureDemoMerchant(engine);
  if (!merchant.ok) throw new CommandFailure(merchant.refusal);
  await recordDemo(live, { hash: checked.value.hash, state: 'running' });
  const progress = makeProgress(io);
  const done = await runDemo(
    {
      engine,
      world,
      progress,
      file: how.file,
      onStep: async (step) => {
        io.err(`— ${step.at.toZonedDateTimeISO(merchant.value.zone).toPlainDateTime()}\n`);
        // After the import, the drafts, the invoices and the debits the tables have grown.
        if (step.fills) await live.refreshStatistics();
      },
    },
    merchant.value,
  );
  if (!done.ok) throw new CommandFailure(done.refusal);
  const summary = await engine.store.transact(merchant.value.id, (tx) => tx.loadSummary());
  await recordDemo(live, { hash: checked.value.hash, state: 'done' });
  return toReport({
    imported: done.value,
    summary,
    doubleDebits: countDoubles(await world.booksSummary()),
    seconds: (performance.now() - startedAt) / 1000,
  });
}

/** Refuses before anything is erased or started where the database is not the demo's. */
async function refuseForeign(live: Live): Promise<void> {
  const merchants = await live.store.listMerchants();
  const foreign = merchants.find((one) => (one.code === DEMO_MERCHANT) !== one.demo);
  const alive = merchants.find((one) => one.mode === 'live');
  if (foreign === undefined && alive === undefined) return;
  throw new CommandFailure({
    code: 'not_a_demo',
    sentence: 'This database holds a merchant that is not a demo, so no demo is run beside it.',
    next: 'Use another DATABASE_URL or DAIKOU_HOME for the demo; nothing was changed.',
  });
}

function countDoubles(
  books: Readonly<Record<string, { readonly doubleDebits?: readonly unknown[] }>>,
) {
  return Object.values(books).reduce((total, rail) => total + (rail.doubleDebits?.length ?? 0), 0);
}

/** One run per demo merchant: which file it lives on, and whether the month reached its end. */
const DEMO_RUN = { kind: 'demo', key: 'month' } as const;

async function findDemoRun(live: Live): Promise<Run | undefined> {
  const merchant = await live.store.findMerchant(DEMO_MERCHANT);
  if (merchant === undefined) return undefined;
  return live.store.transact(merchant.id, (tx) => tx.findRun(DEMO_RUN.kind, DEMO_RUN.key));
}

/** A month that began with one file cannot go on with another: the two would mix. */
async function refuseOtherData(live: Live, hash: string): Promise<void> {
  const run = await findDemoRun(live);
  if (run === undefined || run.progress['file'] === hash) return;
  throw new CommandFailure({
    code: 'demo_has_other_data',
    sentence: 'The demo here was run on another file.',
    next: 'Add --fresh to erase it and start over; nothing was changed.',
  });
}

async function recordDemo(
  live: Live,
  about: { readonly hash: string; readonly state: Run['state'] },
): Promise<void> {
  const merchant = await live.store.findMerchant(DEMO_MERCHANT);
  const known = await findDemoRun(live);
  if (merchant === undefined || known?.state === 'done') return;
  const engine = await live.engineOf(DEMO_MERCHANT);
  const now = nowOf(engine, merchant);
  const run: Run = {
    id: known?.id ?? idSource(engine)('run', 0),
    merchantId: merchant.id,
    ...DEMO_RUN,
    state: about.state,
    progress: { file: about.hash },
    startedAt: known?.startedAt ?? now,
    ...(about.state === 'done' ? { finishedAt: now } : {}),
  };
  await live.store.transact(merchant.id, (tx) => tx.saveRun(run));
}

/** Whether the demo reached its end here; a later start then only serves it. */
export async function isDemoDone(live: Live): Promise<boolean> {
  if (isErasing(live.settings.home)) return false;
  return (await findDemoRun(live))?.state === 'done';
}
