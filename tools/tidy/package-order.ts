import type { Finding, Rule, Source } from './source.ts';
import { at, codeOf, isTest, placeOf } from './source.ts';
import type { Spot } from './syntax.ts';
import { syntaxOf } from './syntax.ts';

/** Who may import whom: the walls of the house (docs/decisions/0001). */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: ['core'],
  adapters: ['core'],
  store: ['core'],
  engine: ['core'],
  sandbox: [],
  web: ['core', 'api'],
  server: ['core', 'api', 'adapters', 'store', 'engine', 'sandbox'],
};

/** Packages import one way only: core ← api, adapters, store, engine ← server. */
export const packageOrder: Rule = {
  name: 'package-order',
  check: (sources) =>
    codeOf(sources).flatMap((source) =>
      syntaxOf(source).imports.flatMap((spot) => findWall(source, spot)),
    ),
};

function findWall(source: Source, spot: Spot): Omit<Finding, 'rule'>[] {
  const place = placeOf(source.path);
  if (place === null) return [];
  const message = spot.text.startsWith('.')
    ? relativeWall(source.path, spot.text)
    : (packageWall(place.package, spot.text) ?? coreWall(source.path, spot.text));
  return message === null ? [] : [at(source, spot.start, message)];
}

function relativeWall(path: string, specifier: string): string | null {
  const target = resolvePath(path, specifier);
  const home = path.split('/').slice(0, 2).join('/');
  if (target.startsWith(`${home}/`)) return null;
  const [top, name] = target.split('/');
  // Tests share builders and worlds; nothing that runs in production does.
  if (top === 'test' && isTest(path)) return null;
  if (top === 'packages') return `leaves its package; import from '@daikou/${name}' instead`;
  return `a package may not import ${top}/; move what it needs into the package`;
}

function packageWall(from: string, specifier: string): string | null {
  const [, to, ...inside] = /^@daikou\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (to === undefined) return null;
  const allowed = MAY_IMPORT[from] ?? [];
  if (to !== from && !allowed.includes(to)) {
    const may = allowed.length > 0 ? `may import ${allowed.join(', ')}` : 'imports none of ours';
    return `${from} ${may}; pass what it needs from ${to} as an argument or a port of core`;
  }
  const isInside = inside[0] !== undefined;
  return isInside ? `reaches into ${to}; export it from ${to}'s index.ts and import that` : null;
}

function coreWall(path: string, specifier: string): string | null {
  if (placeOf(path)?.package !== 'core' || isTest(path)) return null;
  if (specifier.startsWith('@daikou/')) return null;
  return `core imports nothing; take the result of '${specifier}' as an argument`;
}

/** The repository path that a relative import names. */
export function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
