import { resolvePath } from './package-order.ts';
import type { Finding, Rule, Source } from './source.ts';

type Found = Omit<Finding, 'rule'>;

/** A link to a file of this repository leads somewhere. */
export const links: Rule = {
  name: 'links',
  check: (sources) => {
    const paths = new Set(sources.flatMap(({ path }) => withFolders(path)));
    return sources
      .filter(({ path }) => path.endsWith('.md'))
      .flatMap((source) => brokenLinks(source, paths));
  },
};

function withFolders(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function brokenLinks({ path, text }: Source, paths: ReadonlySet<string>): Found[] {
  return proseLines(text).flatMap((line, index) =>
    [...line.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].flatMap(([, target = '']) => {
      if (/^([a-z]+:|#|\/\/)/i.test(target)) return [];
      const file = decodeURI(target.replace(/[#?].*$/, ''));
      const found = resolvePath(file.startsWith('/') ? '' : path, file);
      if (found === '' || paths.has(found)) return [];
      return [
        { path, line: index + 1, message: `links to ${target}, which is not here; repair it` },
      ];
    }),
  );
}

/** The lines with code blocks and inline code blanked, so that line numbers stay. */
function proseLines(text: string): readonly string[] {
  let isFenced = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isFenced = !isFenced;
    return isFence || isFenced ? '' : line.replace(/`[^`]*`/g, '');
  });
}

/** Nothing in the repository knows the folders of one machine. */
export const machinePaths: Rule = {
  name: 'machine-paths',
  check: (sources) =>
    sources
      .filter(({ path }) => path !== '.gitignore')
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line, index) => {
          const [found] = MACHINE_PATH.exec(line) ?? [];
          if (found === undefined) return [];
          const advice = 'write a path from the repository root, or ask os.tmpdir()';
          return [
            { path, line: index + 1, message: `"${found}" is a path of a machine; ${advice}` },
          ];
        }),
      ),
};

/** A home, a scratch or a work folder at the root of a disk; not part of an address. */
const MACHINE_PATH = /(?<![\w.~}\]*-])(?:\/(?:home|Users|root|work|tmp)\/[\w.-]+|[A-Z]:\\Users\\)/;

/** Decisions are numbered 0001, 0002 … so that none is lost. */
export const decisionNumbers: Rule = {
  name: 'decision-numbers',
  check: (sources) => {
    const files = sources
      .map(({ path }) => path)
      .filter((path) => /^docs\/decisions\/[^/]+\.md$/.test(path) && !/README\.md$/.test(path))
      .sort();
    return files.flatMap((path, index) => {
      const wanted = String(index + 1).padStart(4, '0');
      if (path.startsWith(`docs/decisions/${wanted}-`)) return [];
      return [{ path, line: 1, message: `breaks the numbering; this file should be ${wanted}-…` }];
    });
  },
};

const TABLE = 'docs/decisions/0008-dependencies.md';

/** Every part that we depend on has a row with its version and the reason why it is here. */
export const dependencyTable: Rule = {
  name: 'dependency-table',
  check: (sources) => {
    const rows = (sources.find(({ path }) => path === TABLE)?.text ?? '').split('\n');
    return sources
      .filter(({ path }) => /^(packages\/[^/]+\/)?package\.json$/.test(path))
      .flatMap((manifest) => missingRows(manifest, rows));
  },
};

function missingRows({ path, text }: Source, rows: readonly string[]): Found[] {
  const manifest = JSON.parse(text);
  const parts: [string, string][] = Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  });
  return parts.flatMap(([name, version]) => {
    if (name.startsWith('@daikou/')) return [];
    const row = rows.find((line) => line.includes(`\`${name}\``));
    const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
    if (cells.includes(version)) return [];
    const problem = row === undefined ? 'has no row' : 'has a row with another version';
    const line = text.slice(0, text.indexOf(`"${name}"`)).split('\n').length;
    return [{ path, line, message: `${name} ${version} ${problem} in ${TABLE}; write it there` }];
  });
}
