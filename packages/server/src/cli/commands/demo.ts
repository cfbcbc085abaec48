import { checkSubscriberFile, idSource, nowOf } from '@daikou/engine';
import { Command } from 'commander';
import { type DemoReport, printReport, toReport } from '../../demo/report.ts';
import { ensureDemoMerchant, runDemo } from '../../demo/run-demo.ts';
import { DEMO_MERCHANT, isErasing } from '../../demo/world.ts';
import type { Live } from '../../live.ts';
import { telcoFile } from '../../settings.ts';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';
import { resolvePath } from './import.ts';

type Options = { readonly json?: boolean; readonly fresh?: boolean; readonly data?: string };

export function demoCommand(run: Run, language: Language): Command {
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
  const world = await live.openWorld();
  const engine = await live.engineOf(DEMO_MERCHANT);
  const merchant = await ensureDemoMerchant(engine);
  if (!merchant.ok) throw new CommandFailure(merchant.refusal);
  const progress = makeProgress(io);
  const done = await runDemo(
    {
      engine,
      world,
      progress,
      file: how.file,
      onStep: async (step) => {
        io.err(`— ${step.at.toZonedDateTimeISO(merchant.value.zone).toPlainDateTime()}\n`);
        // After the import, the drafts and the invoices the tables have their sizes.
        if (step.fills) await live.refreshStatistics();
      },
    },
    merchant.value,
  );
  if (!done.ok) throw new CommandFailure(done.refusal);
  const summary = await engine.store.transact(merchant.value.id, (tx) => tx.loadSummary());
  await recordDone(live);
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

const DONE = { kind: 'demo', key: 'done' } as const;

async function recordDone(live: Live): Promise<void> {
  const merchant = await live.store.findMerchant(DEMO_MERCHANT);
  if (merchant === undefined) return;
  const engine = await live.engineOf(DEMO_MERCHANT);
  await engine.store.transact(merchant.id, async (tx) => {
    if ((await tx.findRun(DONE.kind, DONE.key)) !== undefined) return;
    const now = nowOf(engine, merchant);
    await tx.saveRun({
      id: idSource(engine)('run', 0),
      merchantId: merchant.id,
      ...DONE,
      state: 'done',
      progress: {},
      startedAt: now,
      finishedAt: now,
    });
  });
}

/** Whether the demo reached its end here; a later start then only serves it. */
export async function isDemoDone(live: Live): Promise<boolean> {
  if (isErasing(live.settings.home)) return false;
  const merchant = await live.store.findMerchant(DEMO_MERCHANT);
  if (merchant === undefined) return false;
  const run = await live.store.transact(merchant.id, (tx) => tx.findRun(DONE.kind, DONE.key));
  return run?.state === 'done';
}
