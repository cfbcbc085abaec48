import { resolve } from 'node:path';
import { readRepository } from './repository.ts';
import { check, RULES } from './rules.ts';

/** `node tools/tidy/main.ts` prints what breaks a rule of the house; exit 1 if anything does. */
const start = performance.now();
const sources = readRepository(resolve(import.meta.dirname, '../..'));
const findings = check(sources);
for (const { path, line, rule, message } of findings) {
  console.log(`${path}:${line} [${rule}] ${message}`);
}
const seconds = ((performance.now() - start) / 1000).toFixed(1);
const result = findings.length === 0 ? 'tidy' : `${findings.length} to repair`;
console.log(`${sources.length} files, ${RULES.length} rules, ${seconds} s: ${result}.`);
process.exitCode = findings.length === 0 ? 0 : 1;
