import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import type { Language } from '../words.ts';

/** Violations of one invariant that are named; a thousand more would say the same. */
const NAMED = 100;

export function doctorCommand(run: Run, language: Language): Command {
  return new Command('doctor')
    .description(
      language === 'zh'
        ? '检查账目的每条不变量，指出出错的行'
        : 'Check every invariant of the books and name the rows that break one',
    )
    .option('--json')
    .action((options: { readonly json?: boolean }) =>
      run(async ({ host, io }) => {
        const { store } = await host.live();
        const violations = await store.findViolations(NAMED);
        const ok = violations.length === 0;
        if (options.json) {
          io.out(`${JSON.stringify({ ok, violations })}\n`);
        } else if (ok) {
          io.out(language === 'zh' ? '一切正常：没有违反任何不变量。\n' : 'All invariants hold.\n');
        } else {
          for (const { invariant, table, id, sentence } of violations) {
            io.out(`${invariant}  ${table}  ${id}\n    ${sentence}\n`);
          }
          io.out(
            language === 'zh'
              ? `${violations.length} 处违反。请勿手工修改，先查清原因。\n`
              : `${violations.length} found. Find out why before anything is changed by hand.\n`,
          );
        }
        return ok ? EXIT.ok : EXIT.refused;
      }),
    );
}
