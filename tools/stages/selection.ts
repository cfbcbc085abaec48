import type { Stage } from './stage.ts';
import { STAGES } from './stage.ts';

/** What the words after `npm test --` ask for. */
export type Selection =
  | { readonly kind: 'run'; readonly stages: readonly Stage[]; readonly options: readonly string[] }
  | { readonly kind: 'not_understood'; readonly sentence: string };

/**
 * Reads the words after `npm test --`: names of stages, paths of test files or folders, and options
 * of Node's runner that begin with `--test-`. No word at all asks for every stage.
 *
 * `filesAt` answers with the test files at a path, and with none when there is nothing.
 */
export function selectStages(
  words: readonly string[],
  filesAt: (path: string) => readonly string[],
): Selection {
  const options = words.filter((word) => word.startsWith('--test-'));
  const asked = words.filter((word) => !word.startsWith('--test-'));
  const names = asked.filter((word) => STAGES.some(({ name }) => name === word));
  const paths = asked.filter((word) => !names.includes(word));
  const lost = paths.find((path) => filesAt(path).length === 0);
  if (lost !== undefined) return { kind: 'not_understood', sentence: notUnderstood(lost) };
  if (asked.length === 0) return { kind: 'run', stages: STAGES, options };
  const stages = STAGES.filter(({ name }) => names.includes(name));
  return { kind: 'run', stages: [...stages, ...fileStage(paths, filesAt)], options };
}

function fileStage(paths: readonly string[], filesAt: (path: string) => readonly string[]) {
  if (paths.length === 0) return [];
  const globs = paths.flatMap((path) => filesAt(path));
  const name = paths.join(' ');
  return [{ kind: 'tests', name, title: 'chosen files', globs, mayBeEmpty: false }] as const;
}

function notUnderstood(word: string): string {
  const names = STAGES.map(({ name }) => name).join(', ');
  return (
    `"${word}" is neither a stage (${names}) nor a test file or a folder with test files. ` +
    'Example: npm test -- unit, or npm test -- packages/core/src/money.'
  );
}
