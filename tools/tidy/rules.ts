import { bannedConstructs, unfinishedWork } from './banned.ts';
import { conceptOrder } from './concept-order.ts';
import { cycles } from './cycles.ts';
import { declaredDependencies } from './declared.ts';
import { decisionNumbers, dependencyTable, links, machinePaths } from './documents.ts';
import { conceptReadmes, folderNames, packageReadmes, railFolders } from './folders.ts';
import { glossary } from './glossary.ts';
import { completeLockFile } from './lock.ts';
import { bucketKeys, migrationFolders, rowSecurity } from './migrations.ts';
import { packageOrder } from './package-order.ts';
import { railIds } from './rail-ids.ts';
import { fileSize, functionSize, lineLength, parameterCount, parses } from './sizes.ts';
import type { Finding, Rule, Source } from './source.ts';

/** Every rule of the house; CONTRIBUTING.md lists them in words. */
export const RULES: readonly Rule[] = [
  parses,
  packageOrder,
  declaredDependencies,
  conceptOrder,
  cycles,
  bannedConstructs,
  unfinishedWork,
  railIds,
  functionSize,
  fileSize,
  lineLength,
  parameterCount,
  folderNames,
  packageReadmes,
  conceptReadmes,
  railFolders,
  migrationFolders,
  bucketKeys,
  rowSecurity,
  glossary,
  links,
  machinePaths,
  decisionNumbers,
  dependencyTable,
  completeLockFile,
];

/** Every finding of the given rules, in the order of paths and lines. */
export function check(
  sources: readonly Source[],
  rules: readonly Rule[] = RULES,
): readonly Finding[] {
  const findings = rules.flatMap((rule) =>
    rule.check(sources).map((finding) => ({ ...finding, rule: rule.name })),
  );
  return findings.sort((left, right) =>
    left.path === right.path ? left.line - right.line : left.path < right.path ? -1 : 1,
  );
}
