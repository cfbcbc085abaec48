import { readFileSync } from 'node:fs';
import { resolvePath } from './commands/import.ts';
import { CommandFailure, EXIT } from './failures.ts';
import type { Io } from './io.ts';

/** Documents are written by hand; more than this is another file. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The JSON of a file that a command names. Fails with a sentence where it is none. */
export function readJsonFile(io: Io, file: string, reference: string): unknown {
  const path = resolvePath(io, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailure({
      code: 'file_not_readable',
      sentence: `The file ${path} cannot be read.`,
      next: 'Check the path and the rights of the file.',
      exitCode: EXIT.usage,
    });
  }
  try {
    if (text.length > MAX_BYTES) throw new Error('too large');
    return JSON.parse(text);
  } catch {
    throw new CommandFailure({
      code: 'file_not_json',
      sentence: `The file ${path} is not JSON of at most 4 MB.`,
      next: `See the example in ${reference}.`,
    });
  }
}
