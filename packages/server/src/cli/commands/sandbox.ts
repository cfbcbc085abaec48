import { Command } from 'commander';
import { startSandboxProcess } from '../../demo/sandbox-process.ts';
import { sandboxHome } from '../../demo/world.ts';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import { untilAborted } from '../until.ts';
import type { Language } from '../words.ts';

export function sandboxCommand(run: Run, language: Language): Command {
  return new Command('sandbox')
    .description(
      language === 'zh'
        ? '单独启动模拟的外部世界（微信支付、支付宝、短信、邮件）'
        : 'Start the simulators of the outside world alone',
    )
    .option('--json')
    .action(() =>
      run(async ({ host, io }) => {
        const sandbox = await startSandboxProcess(sandboxHome(host.settings.home));
        io.out(`${JSON.stringify(sandbox.endpoints)}\n`);
        io.beginService();
        await untilAborted(io.signal);
        await sandbox.stop();
        return EXIT.ok;
      }),
    );
}
