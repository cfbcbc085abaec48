import { Command } from 'commander';
import { printReport } from '../../demo/report.ts';
import { DEMO_MERCHANT } from '../../demo/world.ts';
import type { Live } from '../../live.ts';
import { telcoFile } from '../../settings.ts';
import { serveWorkUntil } from '../../worker/serve.ts';
import type { CommandContext, Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { untilAborted } from '../until.ts';
import type { Language } from '../words.ts';
import { demonstrate, isDemoDone } from './demo.ts';
import { makeApiKey } from './key.ts';
import { jobsOf } from './worker.ts';

/** `npm start`: serve, and on the first start run the demo. */
export function startCommand(run: Run, language: Language): Command {
  return new Command('start')
    .description(
      language === 'zh'
        ? '首次启动先跑演示，然后提供服务'
        : 'Run the demo on the first start, then serve',
    )
    .action(() =>
      run(async (context) => {
        const live = await openServer(context);
        if (await isDemoDone(live)) {
          await live.openWorld();
        } else {
          const { io, host } = context;
          await live.inDemoTurn(async () => {
            const how = { file: telcoFile(host.settings), fresh: false };
            printReport(io, await demonstrate(live, io, how));
          });
        }
        return serveUntilStopped(live, context);
      }),
    );
}

export function serveCommand(run: Run, language: Language): Command {
  return new Command('serve')
    .description(
      language === 'zh'
        ? '提供 HTTP 服务并执行到期的工作'
        : 'Serve HTTP and do the work that is due',
    )
    .option(
      '--no-worker',
      language === 'zh' ? '不执行到期的工作' : 'leave the work to `daikou worker`',
    )
    .action((options: { readonly worker: boolean }) =>
      run(async (context) => {
        const live = await openServer(context);
        const demo = await live.store.findMerchant(DEMO_MERCHANT);
        if (demo?.demo === true) await live.openWorld();
        return serveUntilStopped(live, context, options.worker);
      }),
    );
}

async function openServer({ host }: CommandContext): Promise<Live> {
  const live = await host.live();
  if (host.isInside) {
    throw new CommandFailure({
      code: 'already_running',
      sentence: `Daikou is already running on this data folder: ${live.url || 'not serving yet'}.`,
      next: 'Use that one, or stop it first; another DAIKOU_HOME starts a second one.',
      exitCode: EXIT.environment,
    });
  }
  await live.listen(host.settings.port);
  return live;
}

async function serveUntilStopped(
  live: Live,
  context: CommandContext,
  withWorker = true,
): Promise<number> {
  const { io } = context;
  await printFirstKey(live, io);
  live.markReady();
  io.beginService();
  context.host.publish();
  io.out(`ready ${live.url}\n`);
  if (withWorker) {
    await serveWorkUntil(io.signal, () => jobsOf(live), context.host.settings.workerIdleSeconds);
  }
  await untilAborted(io.signal);
  io.err(io.language === 'zh' ? '正在停止。\n' : 'Stopping.\n');
  return EXIT.ok;
}

/** The first start makes a key for the only merchant there is, and shows it this once. */
async function printFirstKey(live: Live, io: Io): Promise<void> {
  const [merchant, ...others] = await live.store.listMerchants();
  if (merchant === undefined || others.length > 0 || (await live.store.countApiKeys()) > 0) return;
  io.out(`api-key ${await makeApiKey(live, merchant)}\n`);
}
