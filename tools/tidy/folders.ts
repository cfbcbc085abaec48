import type { Rule, Source } from './source.ts';
import { isCode, placeOf } from './source.ts';

const DEPTH = 2;
const NAMELESS = /^(utils?|common|misc|helpers?)$/;
const CONCEPT_HEADINGS: readonly string[] = [
  '## Owns',
  '## Does not own',
  '## Invariants',
  '## What each date means',
];
const RAIL_FILES: readonly string[] = [
  'RESEARCH.md',
  'capabilities.ts',
  'rail.ts',
  'suite.test.ts',
  'golden/',
];

/** The suite that every rail runs lies next to the rails and is none. */
const FAMILY_SUITE = 'suite';

/** At most two folders below src, and none without a subject in its name. */
export const folderNames: Rule = {
  name: 'folders',
  check: (sources) =>
    sources.flatMap(({ path }) => {
      const parts = path.split('/');
      const nameless = parts.find((part) => NAMELESS.test(part.replace(/\.[jt]sx?$/, '')));
      if (nameless !== undefined) {
        return [{ path, line: 1, message: `"${nameless}" says nothing; name its subject` }];
      }
      const place = placeOf(path);
      if (!place?.isInSrc || !isCode(path) || place.folders.length <= DEPTH) return [];
      const message = `is ${place.folders.length} folders below src; move it up to ${DEPTH}`;
      return [{ path, line: 1, message }];
    }),
};

/** Every package says what it is. */
export const packageReadmes: Rule = {
  name: 'package-readmes',
  check: (sources) => {
    const packages = new Set(sources.flatMap(({ path }) => placeOf(path)?.package ?? []));
    return missingFiles(
      sources,
      [...packages].map((name) => `packages/${name}/README.md`),
    );
  },
};

/** Every concept of core says what it owns, what not, what always holds and what its dates mean. */
export const conceptReadmes: Rule = {
  name: 'concept-readmes',
  check: (sources) => {
    const concepts = new Set(sources.flatMap(({ path }) => coreConcept(path) ?? []));
    return [...concepts].flatMap((concept) => {
      const path = `packages/core/src/${concept}/README.md`;
      const readme = sources.find((source) => source.path === path);
      if (readme === undefined) return missingFiles(sources, [path]);
      const headings = readme.text.split('\n').map((line) => line.trim());
      return CONCEPT_HEADINGS.filter((heading) => !headings.includes(heading)).map((heading) => ({
        path,
        line: 1,
        message: `has no heading "${heading}"; add it, with "None." when there is nothing to say`,
      }));
    });
  },
};

function coreConcept(path: string): string | null {
  const place = placeOf(path);
  if (place?.package !== 'core' || place.concept === 'ports') return null;
  return place.concept;
}

/** A rail begins with research and proves its capabilities with the suite of its family. */
export const railFolders: Rule = {
  name: 'rail-folders',
  check: (sources) => {
    const rails = new Set(sources.flatMap(({ path }) => railOf(path) ?? []));
    const wanted = [...rails].flatMap((rail) =>
      RAIL_FILES.map((file) => `packages/adapters/src/rails/${rail}/${file}`),
    );
    return missingFiles(sources, wanted);
  },
};

function railOf(path: string): string | null {
  const place = placeOf(path);
  if (place?.package !== 'adapters' || place.folders[0] !== 'rails') return null;
  const folder = place.folders[1] ?? null;
  return folder === FAMILY_SUITE ? null : folder;
}

function missingFiles(sources: readonly Source[], wanted: readonly string[]) {
  const exists = (file: string) =>
    sources.some(({ path }) => (file.endsWith('/') ? path.startsWith(file) : path === file));
  return wanted
    .filter((file) => !exists(file))
    .map((path) => ({ path, line: 1, message: 'is missing; write it' }));
}
