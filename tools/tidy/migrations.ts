import type { Finding, Rule, Source } from './source.ts';
import { at } from './source.ts';
import type { Key, Table } from './tables.ts';
import { tablesAfter } from './tables.ts';

const FOLDER = 'packages/store/src/migrations/';

type Found = Omit<Finding, 'rule'>;

/** Migrations are numbered without gaps and each says in note.md what it changes and why. */
export const migrationFolders: Rule = {
  name: 'migration-folders',
  check: (sources) => {
    const paths = sources.map(({ path }) => path).filter((path) => path.startsWith(FOLDER));
    const nested = paths.filter((path) => path.slice(FOLDER.length).includes('/'));
    const folders = [...new Set(nested.map((path) => path.slice(FOLDER.length).split('/')[0]))];
    return folders.sort().flatMap((folder = '', index) => [
      ...numberOf(folder, index),
      ...['up.sql', 'note.md'].flatMap((file) => {
        const path = `${FOLDER}${folder}/${file}`;
        return paths.includes(path) ? [] : [{ path, line: 1, message: 'is missing; write it' }];
      }),
    ]);
  },
};

function numberOf(folder: string, index: number): Found[] {
  const wanted = String(index + 1).padStart(4, '0');
  if (folder.startsWith(`${wanted}-`)) return [];
  const message = `breaks the numbering; this folder should be ${wanted}-<name>`;
  return [{ path: `${FOLDER}${folder}`, line: 1, message }];
}

/**
 * The keys of a bucketed table begin with bucket: Citus distributes by it and keeps only such keys
 * unique (docs/decisions/0005). A foreign key to a merchant-level table is free: those are
 * reference tables, present on every node.
 */
export const bucketKeys: Rule = {
  name: 'bucket-keys',
  check: (sources) => {
    const tables = tablesAfter(migrationsIn(sources));
    const bucketed = new Set(tables.filter(hasBucket).map(({ name }) => name));
    return tables.flatMap((table) => [
      ...missingPrimaryKey(table),
      ...table.keys.flatMap((key) => wrongKey(table, key, bucketed)),
    ]);
  },
};

function hasBucket({ columns }: Table): boolean {
  return columns.has('bucket');
}

function missingPrimaryKey(table: Table): Found[] {
  if (!hasBucket(table) || table.keys.some(({ kind }) => kind === 'primary key')) return [];
  const advice = 'add a primary key that begins with bucket';
  return [at(table.source, table.start, `${table.name} has no primary key; ${advice}`)];
}

function wrongKey(table: Table, key: Key, bucketed: ReadonlySet<string>): Found[] {
  const [first] = key.columns;
  const pointsToBucket = key.target !== null && bucketed.has(key.target);
  if (!hasBucket(table)) {
    if (!pointsToBucket) return [];
    const advice = `drop the key, or give ${table.name} a bucket`;
    const problem = `${table.name} has no bucket and points to ${key.target}, which has one`;
    return [at(key.source, key.start, `${problem}; ${advice}`)];
  }
  if (first === 'bucket' || (key.kind === 'foreign key' && !pointsToBucket)) return [];
  const list = key.columns.filter((name) => name !== 'bucket').join(', ');
  const instead = `write (bucket, ${list})`;
  return [
    at(key.source, key.start, `${table.name}: a ${key.kind} begins with ${first}; ${instead}`),
  ];
}

/** Every row of a merchant is behind row-level security, for the owner of the table as well. */
export const rowSecurity: Rule = {
  name: 'row-security',
  check: (sources) =>
    tablesAfter(migrationsIn(sources))
      .filter(({ columns }) => columns.has('merchant_id'))
      .flatMap(({ name, security, source, start }) => {
        const wanted = {
          enable: `alter table ${name} enable row level security`,
          force: `alter table ${name} force row level security`,
          policy: `create policy … on ${name}`,
        };
        return Object.entries(wanted)
          .filter(([word]) => !security.has(word))
          .map(([, sql]) => at(source, start, `${name} has a merchant_id; write "${sql}"`));
      }),
};

function migrationsIn(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ path }) => path.startsWith(FOLDER) && path.endsWith('/up.sql'));
}
