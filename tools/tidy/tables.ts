import type { Source } from './source.ts';
import type { Statement } from './sql.ts';
import { bareName, bracketed, splitList, statementsOf, withoutTexts } from './sql.ts';

export interface Key {
  readonly kind: 'primary key' | 'unique key' | 'foreign key';
  readonly columns: readonly string[];
  /** The table that a foreign key points to. */
  readonly target: string | null;
  readonly source: Source;
  readonly start: number;
}

export interface Table {
  readonly name: string;
  readonly columns: Set<string>;
  readonly keys: Key[];
  /** `enable`, `force` and `policy`, as far as a migration says them. */
  readonly security: Set<string>;
  readonly source: Source;
  readonly start: number;
}

const NAME = '(?:if (?:not )?exists )?(?:only )?([\\w."]+)';
const CREATE_TABLE = new RegExp(`^create (?:unlogged )?table ${NAME}\\s*\\(`);
const ALTER_TABLE = new RegExp(`^alter table ${NAME} ([\\s\\S]*)$`);
const DROP_TABLE = new RegExp(`^drop table ${NAME}`);
const UNIQUE_INDEX =
  /^create unique index (?:concurrently )?(?:if not exists )?(?:[\w."]+ )?on (?:only )?([\w."]+)/;
const POLICY = /^create policy (?:"[^"]*"|[\w]+) on ([\w."]+)/;

/** The tables as they stand after all migrations, in the order of their numbers. */
export function tablesAfter(migrations: readonly Source[]): readonly Table[] {
  const tables = new Map<string, Table>();
  const ordered = [...migrations].sort((left, right) => (left.path < right.path ? -1 : 1));
  for (const statement of ordered.flatMap(statementsOf)) apply(spaced(statement), tables);
  return [...tables.values()];
}

/** One space between words, line breaks included, so that the patterns above stay readable. */
function spaced(statement: Statement): Statement {
  if (statement.text.startsWith('do ')) return statement;
  return { ...statement, text: statement.text.replace(/\s+/g, ' ') };
}

function apply(statement: Statement, tables: Map<string, Table>): void {
  const { text, source, start } = statement;
  const [, created] = CREATE_TABLE.exec(text) ?? [];
  if (created !== undefined) {
    const name = bareName(created);
    const table = { name, columns: new Set<string>(), keys: [], security: new Set<string>() };
    tables.set(name, { ...table, source, start });
    for (const item of splitList(bracketed(text) ?? '')) addItem(tables.get(name), item, statement);
  }
  const [, dropped] = DROP_TABLE.exec(text) ?? [];
  if (dropped !== undefined) tables.delete(bareName(dropped));
  const [, altered, actions] = ALTER_TABLE.exec(text) ?? [];
  if (altered !== undefined) alter(tables.get(bareName(altered)), actions ?? '', statement);
  const [head, indexed] = UNIQUE_INDEX.exec(text) ?? [];
  if (head !== undefined && indexed !== undefined) {
    const columns = namesIn(bracketed(text, head.length));
    addKey(tables.get(bareName(indexed)), { kind: 'unique key', columns, target: null }, statement);
  }
  const [, guarded] = POLICY.exec(text) ?? [];
  if (guarded !== undefined) tables.get(bareName(guarded))?.security.add('policy');
  if (text.startsWith('do ')) applyLoop(text, tables);
}

function alter(table: Table | undefined, actions: string, statement: Statement): void {
  for (const action of splitList(actions)) {
    const [, word] = /^(enable|force) row level security/.exec(action) ?? [];
    if (word !== undefined) table?.security.add(word);
    const added = /^add (?:column )?(?:if not exists )?([\s\S]*)$/.exec(action)?.[1];
    if (added !== undefined) addItem(table, added, statement);
    const dropped = /^drop column (?:if exists )?([\w"]+)/.exec(action)?.[1];
    if (dropped !== undefined) table?.columns.delete(bareName(dropped));
  }
}

/**
 * A `do` block that secures the tables of a list: every quoted name in it counts as secured with
 * what the block says.
 */
function applyLoop(text: string, tables: ReadonlyMap<string, Table>): void {
  const says = [
    ...(text.includes('enable row level security') ? ['enable'] : []),
    ...(text.includes('force row level security') ? ['force'] : []),
    ...(text.includes('create policy') ? ['policy'] : []),
  ];
  for (const [, name = ''] of text.matchAll(/'(\w+)'/g)) {
    for (const word of says) tables.get(name)?.security.add(word);
  }
}

/** One item of a table's definition: a column with its inline keys, or a constraint. */
function addItem(table: Table | undefined, item: string, statement: Statement): void {
  const constraint = item.replace(/^constraint [\w"]+ /, '');
  const kind = keyKind(constraint);
  if (kind !== null) {
    const target = /references ([\w."]+)/.exec(constraint)?.[1];
    const columns = namesIn(bracketed(constraint));
    addKey(table, { kind, columns, target: target ? bareName(target) : null }, statement);
    return;
  }
  if (/^(check|exclude|like)\b/.test(constraint)) return;
  const column = bareName(item.split(' ')[0] ?? '');
  table?.columns.add(column);
  const rest = withoutTexts(item.slice(column.length)).replace(/(check|default)\s*\(.*\)/, ' ');
  if (rest.includes(' primary key')) {
    addKey(table, { kind: 'primary key', columns: [column], target: null }, statement);
  }
  if (/ unique\b/.test(rest)) {
    addKey(table, { kind: 'unique key', columns: [column], target: null }, statement);
  }
  const target = / references ([\w."]+)/.exec(rest)?.[1];
  if (target !== undefined) {
    addKey(table, { kind: 'foreign key', columns: [column], target: bareName(target) }, statement);
  }
}

function keyKind(constraint: string): Key['kind'] | null {
  if (/^primary key\s*\(/.test(constraint)) return 'primary key';
  if (/^unique( nulls (not )?distinct)?\s*\(/.test(constraint)) return 'unique key';
  return /^foreign key\s*\(/.test(constraint) ? 'foreign key' : null;
}

function addKey(
  table: Table | undefined,
  key: Pick<Key, 'kind' | 'columns' | 'target'>,
  { source, start }: Statement,
): void {
  table?.keys.push({ ...key, source, start });
}

function namesIn(list: string | null): readonly string[] {
  return splitList(list ?? '').map((part) => bareName(part.split(' ')[0] ?? ''));
}
