import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BackedUpMerchant, type RestoredStore, restoreStore } from '@daikou/store';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly quarantine?: boolean;
  readonly nothingWasSentSinceBackup?: boolean;
};

export function restoreCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('restore')
    .description(
      isZh
        ? '把备份恢复到空的数据库；有正式商户时进入隔离，核对之前不发出任何扣款'
        : 'Restore a backup into an empty database; live merchants are quarantined until learned',
    )
    .argument('<file>')
    .option('--quarantine', isZh ? '测试商户也隔离' : 'quarantine test merchants as well')
    .option(
      '--nothing-was-sent-since-backup',
      isZh ? '不隔离：备份之后没有发出过任何扣款' : 'no quarantine: nothing left after the backup',
    )
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        if (options.quarantine && options.nothingWasSentSinceBackup) throw bothSaid();
        const { databaseUrl, home } = host.settings;
        mkdirSync(home, { recursive: true, mode: 0o700 });
        const where = { home, ...(databaseUrl === undefined ? {} : { databaseUrl }) };
        const restored = await restoreStore(resolve(io.cwd, file), where, {
          progress: makeProgress(io),
          quarantine: ({ merchants }) => wantsQuarantine(merchants, options),
        });
        print(io, restored, options);
        return restored.violations.length === 0 ? EXIT.ok : EXIT.refused;
      }),
    );
}

/** Live merchants are quarantined unless a person says that the world stood still. */
function wantsQuarantine(merchants: readonly BackedUpMerchant[], options: Options): boolean {
  if (options.nothingWasSentSinceBackup === true) return false;
  return options.quarantine === true || merchants.some(({ mode }) => mode === 'live');
}

function bothSaid(): CommandFailure {
  return new CommandFailure({
    code: 'quarantine_said_twice',
    sentence: 'A quarantine is asked for and refused in one command.',
    next: 'Leave one of the two options out.',
    exitCode: EXIT.usage,
  });
}

function print(io: Io, restored: RestoredStore, options: Options): void {
  const { rows, from, to, madeAt, quarantined, violations } = restored;
  if (options.json) {
    const answer = { rows, from, to, made_at: madeAt, quarantined, violations };
    io.out(`${JSON.stringify(answer)}\n`);
    return;
  }
  const isZh = io.language === 'zh';
  io.out(
    isZh
      ? `已恢复 ${rows} 行（备份于 ${madeAt}，结构版本 ${from} → ${to}）。\n`
      : `${rows} rows are back (backup of ${madeAt}, schema ${from} → ${to}).\n`,
  );
  for (const { invariant, table, id, sentence } of violations) {
    io.out(`${invariant}  ${table}  ${id}\n    ${sentence}\n`);
  }
  if (!quarantined) return;
  io.out(
    isZh
      ? '商户已隔离：不会发出任何扣款、退款或通知。放好 config.json，启动服务，' +
          '然后看 daikou quarantine status。\n'
      : 'The merchants are in quarantine: no debit, refund or notice leaves. Put config.json in ' +
          'place, start the server, then see daikou quarantine status.\n',
  );
}
