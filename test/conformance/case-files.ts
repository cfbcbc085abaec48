import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from './kit.ts';
import type { Case } from './run.ts';

/** A folder or a file that cannot be read as cases; its message is a sentence for people. */
export class CasesNotReadable extends Error {
  override readonly name = 'CasesNotReadable';
}

/** The cases of a folder, its files in order of name, and a note on each file that is skipped. */
export type CaseFolder = { readonly cases: readonly Case[]; readonly notes: readonly string[] };

/**
 * Reads every `*.json` of the folder that is an array of cases. Other files are noted, not run;
 * a file that is not JSON is an error, as its cases would be missed in silence.
 */
export function readCaseFolder(folder: string): CaseFolder {
  const cases: Case[] = [];
  const notes: string[] = [];
  for (const name of jsonFilesIn(folder)) {
    const read = casesIn(parseFile(join(folder, name), name), name);
    if (read === undefined) notes.push(`${name} is not an array of cases; skipped.`);
    else cases.push(...read);
  }
  return { cases, notes };
}

function jsonFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    throw new CasesNotReadable(`The folder ${folder} cannot be read: ${reasonOf(error)}`);
  }
}

function parseFile(path: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CasesNotReadable(`${name} cannot be read as JSON: ${reasonOf(error)}`);
  }
}

/** The cases of a file, or undefined when it holds something else. A half-read file is an error. */
function casesIn(content: unknown, name: string): readonly Case[] | undefined {
  if (!Array.isArray(content)) return undefined;
  const read = content.map(toCase);
  const cases = read.filter((one) => one !== undefined);
  if (cases.length === 0 && read.length > 0) return undefined;
  if (cases.length < read.length) {
    const entry = read.indexOf(undefined) + 1;
    throw new CasesNotReadable(`Entry ${entry} of ${name} has no id, given.op or expect.`);
  }
  return cases;
}

function toCase(value: unknown): Case | undefined {
  if (!isRecord(value)) return undefined;
  const { id, given, expect } = value;
  if (typeof id !== 'string' || !isRecord(given) || !isRecord(expect)) return undefined;
  return typeof given['op'] === 'string' ? { id, op: given['op'], given, expect } : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
