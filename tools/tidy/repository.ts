import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Source } from './source.ts';

/** Files larger than this are data, not text that people write. */
const LARGEST_TEXT_BYTES = 2_000_000;
const NOT_OURS: readonly string[] = ['node_modules', '.git', '.daikou', 'coverage', 'tmp', 'dist'];

/** The files of the repository: those git knows or would add; without git, all but the obvious. */
export function readRepository(root: string): readonly Source[] {
  return (gitFiles(root) ?? walk(root, root)).flatMap((path) => {
    const bytes = readOrNull(join(root, path));
    if (bytes === null) return [];
    const isText = bytes.length <= LARGEST_TEXT_BYTES && !bytes.subarray(0, 8000).includes(0);
    return [{ path, text: isText ? bytes.toString('utf8') : '' }];
  });
}

function gitFiles(root: string): readonly string[] | null {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    const output = execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
    return output.split('\0').filter((path) => path !== '');
  } catch {
    return null;
  }
}

function walk(root: string, folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(root, path);
    return [relative(root, path).split(sep).join('/')];
  });
}

/** A file that git still lists may have been deleted since. */
function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
