import { readFileSync, writeFileSync } from 'node:fs';
import { completeLock } from './complete.ts';

/** `node tools/lock/main.ts [package-lock.json]` completes the lock so that `npm ci` accepts it. */
const path = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(path, 'utf8'));
const { packages, added, refused } = completeLock(lock.packages);
if (added.length > 0) writeFileSync(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
for (const name of added) console.log(`added ${name}`);
for (const gap of refused) {
  console.error(`${gap.askedBy || 'the root'} asks for ${gap.name}@${gap.wanted}: run npm install`);
}
console.log(added.length === 0 && refused.length === 0 ? 'The lock is complete.' : 'Done.');
process.exitCode = refused.length === 0 ? 0 : 1;
