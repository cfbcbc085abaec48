import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';

type Options = { readonly json?: boolean; readonly force?: boolean };

export function backupCommand(run: Run, language: Language): Command {
  return new Command('backup')
    .description(
      language === 'zh'
        ? '把整个数据库备份到一个文件（不含 config.json 中的密钥）'
        : 'Back the whole database up to one file (without the keys in config.json)',
    )
    .argument('<file>')
    .option('--force', language === 'zh' ? '覆盖同名文件' : 'replace a file of that name')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const { store } = await host.live();
        const path = resolve(io.cwd, file);
        const progress = makeProgress(io);
        const { force = false } = options;
        const made = await store.backUp(path, { force, progress });
        const { rows, tables, schema, madeAt } = made;
        if (options.json) {
          io.out(`${JSON.stringify({ file: path, rows, tables, schema, made_at: madeAt })}\n`);
        } else if (language === 'zh') {
          io.out(`已备份 ${tables} 张表、${rows} 行（结构版本 ${schema}，${madeAt}）。\n`);
          io.out('config.json 不在备份中：请另外保存其中的通道密钥。\n');
        } else {
          io.out(`${rows} rows of ${tables} tables (schema ${schema}, ${madeAt}).\n`);
          io.out('config.json is not in it: keep the keys of the rails elsewhere.\n');
        }
        return EXIT.ok;
      }),
    );
}
