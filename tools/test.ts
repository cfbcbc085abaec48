import { globSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { runStages } from './stages/run-stages.ts';
import { selectStages } from './stages/selection.ts';

/** `npm test [-- <stage or path> …]`: everything that must hold before a change is proposed. */
const root = resolve(import.meta.dirname, '..');

function testFilesAt(path: string): readonly string[] {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return path.endsWith('.test.ts') ? [path] : [];
  const folder = relative(root, join(root, path));
  return globSync(join(folder, '**/*.test.ts'), { cwd: root }).sort();
}

const selection = selectStages(process.argv.slice(2), testFilesAt);
if (selection.kind === 'not_understood') {
  console.error(selection.sentence);
  process.exitCode = 2;
} else {
  process.exitCode = await runStages(selection.stages, { root, options: selection.options });
}
