import { Command } from 'commander';
import type { Live } from '../../live.ts';
import { serveWorkUntil } from '../../worker/serve.ts';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import type { Language } from '../words.ts';

export function workerCommand(run: Run, language: Language): Command {
  return new Command('worker')
    .description(
      language === 'zh'
        ? '持续执行到期的工作（PostgreSQL 上可运行多个）'
        : 'Keep doing the work that is due (on PostgreSQL, as many as you like)',
    )
    .action(() =>
      run(async ({ host, io }) => {
        const live = await host.live();
        io.err(language === 'zh' ? '工作进程已启动。\n' : 'The worker is running.\n');
        io.beginService();
        await serveWorkUntil(io.signal, () => jobsOf(live), host.settings.workerIdleSeconds);
        return EXIT.ok;
      }),
    );
}

/**
 * A job per merchant, with its clock as it is now. The demo's rails are simulators of the process
 * that runs it; elsewhere its month stands still.
 */
export async function jobsOf(live: Live) {
  const merchants = await live.store.listMerchants();
  const reachable = merchants.filter(({ demo }) => !demo || live.world !== undefined);
  return Promise.all(reachable.map((merchant) => live.jobOf(merchant)));
}
