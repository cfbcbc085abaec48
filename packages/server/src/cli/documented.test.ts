import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Command, Option } from 'commander';
import { makeProgram } from './program.ts';
import type { Language } from './words.ts';

const PAGE = new URL('../../../../docs/reference/cli.md', import.meta.url);

/** Said once for all commands, above the table. */
const EVERYWHERE = ['--merchant', '--json'];

type Known = { readonly path: string; readonly command: Command };

/** Every command that does something, by its full name. */
function commandsOf(language: Language): readonly Known[] {
  const io = { language, out() {}, err() {} };
  return makeProgram(async () => {}, io).commands.flatMap((command) => below(command, ''));
}

function below(command: Command, before: string): readonly Known[] {
  const path = `${before} ${command.name()}`.trim();
  const isDoing = command.commands.length === 0 || command.registeredArguments.length > 0;
  return [
    ...(isDoing || DO_BOTH.includes(path) ? [{ path, command }] : []),
    ...command.commands.flatMap((child) => below(child, path)),
  ];
}

/** Commands that do something by themselves and take no argument, beside the ones below them. */
const DO_BOTH = ['exceptions'];

/** The first two cells of a command's row: how it is written, and what else it takes. */
function rowOf({ path, command }: Known): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '…' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.filter(({ long }) => !EVERYWHERE.includes(long ?? ''));
  const wanted = options.filter(({ mandatory }) => mandatory).map(({ flags }) => flags);
  const others = options.filter(({ mandatory }) => !mandatory).map(coded);
  return `| \`${[path, ...words, ...wanted].join(' ')}\` | ${others.join(' ')} |`;
}

function coded({ flags }: Option): string {
  return `\`${flags}\``;
}

describe('docs/reference/cli.md', () => {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trimEnd());

  test('every command has its row, with what it takes', () => {
    const missing = commandsOf('en')
      .map(rowOf)
      .filter((row) => !rows.some((line) => line.startsWith(row.replace(/\s+/g, ' '))));
    assert.deepEqual(missing, [], 'these rows are not in the table “Every command”');
  });

  test('no row is of a command that is not there', () => {
    const known = commandsOf('en').map((one) => rowOf(one).replace(/\s+/g, ' '));
    const start = rows.indexOf('## Every command');
    assert.ok(start > 0, 'the table has its heading');
    const table = rows.slice(start + 1);
    const end = table.findIndex((line) => line.startsWith('## '));
    const strange = table
      .slice(0, end === -1 ? undefined : end)
      .filter((line) => line.startsWith('| `'))
      .filter((line) => !known.some((row) => line.startsWith(row)));
    assert.deepEqual(strange, []);
  });

  test('every command says in both languages what it does', () => {
    for (const language of ['zh', 'en'] as const) {
      const silent = commandsOf(language).filter(({ command }) => command.description() === '');
      assert.deepEqual(
        silent.map(({ path }) => path),
        [],
        language,
      );
    }
  });
});
