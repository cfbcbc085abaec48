import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import type { Language } from '../words.ts';

export function migrateCommand(run: Run, language: Language): Command {
  return new Command('migrate')
    .description(language === 'zh' ? '升级数据库结构' : 'Bring the database to this version')
    .option('--json')
    .action((options: { readonly json?: boolean }) =>
      run(async ({ host, io }) => {
        const { store } = await host.live();
        const { backend, migratedFrom: from, migratedTo: to } = store;
        if (options.json) io.out(`${JSON.stringify({ backend, from, to })}\n`);
        else if (language === 'zh') io.out(`${backend}：结构版本 ${from} → ${to}\n`);
        else io.out(`${backend}: schema version ${from} → ${to}\n`);
        return EXIT.ok;
      }),
    );
}
