import type { OpenedStore } from '@daikou/store';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import { displayWidth, type Io, padEnd } from '../io.ts';
import type { Language } from '../words.ts';

/** SQLSTATE of a user that lacks a right. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** Rows that a terminal is shown; `--json` gives all. */
const SHOWN_ROWS = 200;

export function sqlCommand(run: Run, language: Language): Command {
  return new Command('sql')
    .description(
      language === 'zh'
        ? '直接查询数据库；只有测试商户时也可修改，用于演练'
        : 'Query the database; where there are only test merchants, also change it, for drills',
    )
    .argument('<statement>')
    .option('--json')
    .action((statement: string, options: { readonly json?: boolean }) =>
      run(async ({ host, io }) => {
        const { store } = await host.live();
        const merchants = await store.listMerchants();
        // A live merchant's books are never changed by hand, so there the database itself refuses.
        const readOnly = merchants.some((merchant) => merchant.mode === 'live');
        try {
          const result = await runStatement(store, statement, readOnly);
          if (options.json) io.out(`${JSON.stringify(result, plain)}\n`);
          else printTable(io, result);
          return EXIT.ok;
        } catch (error) {
          throw new CommandFailure({
            code: 'sql_refused',
            sentence: `The database refused the statement: ${(error as Error).message}.`,
            next: readOnly
              ? 'There is a live merchant here, so statements may only read.'
              : 'Correct the statement; nothing was changed.',
          });
        }
      }),
    );
}

/**
 * Runs the statement past the application's guards: append-only triggers would stop a drill. Where
 * the database user may not lift them, they stay. A live merchant's database only reads.
 */
async function runStatement(store: OpenedStore, statement: string, readOnly: boolean) {
  if (readOnly) return store.rawSql(`set local transaction_read_only = on;\n${statement}`);
  try {
    return await store.rawSql(`set local session_replication_role = 'replica';\n${statement}`);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error;
    return store.rawSql(statement);
  }
}

/** Values that JSON has no form for: bigint as digits. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function printTable(
  io: Io,
  result: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
    readonly rowCount: number;
  },
): void {
  const cells = result.rows.slice(0, SHOWN_ROWS).map((row) =>
    result.columns.map((_, index) => {
      const value = row[index];
      if (value instanceof Date) return value.toISOString();
      return typeof value === 'object' && value !== null
        ? JSON.stringify(value, plain)
        : String(value ?? '∅');
    }),
  );
  const widths = result.columns.map((column, index) =>
    Math.max(displayWidth(column), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    `${row
      .map((cell, index) => padEnd(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  if (result.columns.length > 0) io.out(line(result.columns));
  for (const row of cells) io.out(line(row));
  io.out(`(${result.rowCount})\n`);
}
