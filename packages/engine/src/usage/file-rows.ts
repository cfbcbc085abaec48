import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseExactJson, type Refusal, usageRefusal } from '@daikou/core';
import { type CsvError, parse } from 'csv-parse';
import { type RawEvent, Unreadable } from './intake.ts';

/**
 * How the rows of a file become events. `{line}` stands for the row's line, `{line%100}` for what
 * is left of it after division, `{file}` for the file's name and `{column}` for a column.
 */
export type RowMapping = {
  /** Where an event has no source of its own. */
  readonly source?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly id?: string;
  /** The column of the time; `time` unless named. */
  readonly timeColumn?: string;
};

export type FileRefusal = Refusal<
  'file_unreadable' | 'file_type_not_known' | 'file_malformed' | 'columns_missing' | 'file_empty'
>;

/** The longest row, in bytes: beyond it a quote was opened and never closed. */
const ROW_MAX_BYTES = 64 * 1024;

const ATTRIBUTES: readonly string[] = ['id', 'source', 'type', 'subject', 'time', 'specversion'];

/** What a file's name says of its content. */
export type FileForm = { readonly kind: 'csv' | 'lines'; readonly isGzip: boolean };

/** Reads the form of a file off its name; undefined for names that say nothing we know. */
export function formOf(path: string): FileForm | undefined {
  const match = /\.(csv|ndjson|jsonl)(\.gz)?$/i.exec(path);
  if (match === null) return undefined;
  const isGzip = match[2] !== undefined;
  return { kind: match[1]?.toLowerCase() === 'csv' ? 'csv' : 'lines', isGzip };
}

/** The content of a file as it was before gzip. */
export function openContent(path: string, { isGzip }: FileForm): Readable {
  const bytes = createReadStream(path);
  if (!isGzip) return bytes;
  const unzipped = createGunzip();
  bytes.once('error', (error) => unzipped.destroy(error));
  return bytes.pipe(unzipped);
}

/** The rows of a file as raw events, with their lines from 1, in flat memory. */
export async function* readFileRows(
  path: string,
  form: FileForm,
  mapping: RowMapping,
): AsyncGenerator<RawEvent> {
  const about = { file: fileName(path), mapping };
  if (form.kind === 'csv') yield* readCsv(openContent(path, form), about);
  else yield* readJsonLines(openContent(path, form), about);
}

/** The file's name without its folder and without `.gz`: the same before and after compression. */
export function fileName(path: string): string {
  return basename(path).replace(/\.gz$/i, '');
}

type About = { readonly file: string; readonly mapping: RowMapping };
type Cells = Readonly<Record<string, string>>;

async function* readCsv(content: Readable, about: About): AsyncGenerator<RawEvent> {
  const parser = content.pipe(
    parse({
      bom: true,
      columns: (header: readonly string[]) => header.map((name) => name.trim()),
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: ROW_MAX_BYTES,
    }),
  );
  content.once('error', (error) => parser.destroy(error));
  for await (const item of parser) {
    const { record, info } = item as {
      readonly record: Cells;
      readonly info: { readonly lines: number; readonly error?: CsvError };
    };
    const isWhole = info.error === undefined;
    const value = isWhole ? eventOfCells(record, info.lines, about) : malformed();
    yield { index: info.lines, value };
  }
}

async function* readJsonLines(content: Readable, about: About): AsyncGenerator<RawEvent> {
  let rest = '';
  let line = 0;
  for await (const chunk of content.setEncoding('utf8')) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      line += 1;
      if (part.trim() !== '') yield { index: line, value: eventOfLine(part, line, about) };
    }
    if (rest.length > ROW_MAX_BYTES) throw new RowTooLong(line + 1);
  }
  if (rest.trim() !== '') yield { index: line + 1, value: eventOfLine(rest, line + 1, about) };
}

/** A row that never ends: the file is not what its name says. */
export class RowTooLong extends Error {
  override readonly name = 'RowTooLong';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} is longer than ${ROW_MAX_BYTES} bytes`);
    this.line = line;
  }
}

function eventOfCells(cells: Cells, line: number, { file, mapping }: About): unknown {
  const fill = (template: string) => fillTemplate(template, { cells, line, file });
  const timeColumn = mapping.timeColumn ?? 'time';
  const own = (name: string, template: string | undefined) =>
    template === undefined ? cells[name] : fill(template);
  const data: Record<string, string> = {};
  for (const [name, value] of Object.entries(cells)) {
    if (!ATTRIBUTES.includes(name) && name !== timeColumn) data[name] = value;
  }
  return {
    specversion: '1.0',
    id: own('id', mapping.id) ?? `${file}:${line}`,
    source: own('source', mapping.source) ?? file,
    type: own('type', mapping.type),
    subject: own('subject', mapping.subject),
    time: cells[timeColumn],
    data,
  };
}

/** An event as it stands in its line; the mapping fills in what it leaves out. */
function eventOfLine(text: string, line: number, { file, mapping }: About): unknown {
  let event: unknown;
  try {
    event = parseExactJson(text);
  } catch {
    return malformed();
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const fill = (template: string) => fillTemplate(template, { cells: {}, line, file });
  const given = event as Readonly<Record<string, unknown>>;
  return {
    id: fill(mapping.id ?? '{file}:{line}'),
    source: fill(mapping.source ?? '{file}'),
    specversion: '1.0',
    ...(mapping.type === undefined ? {} : { type: fill(mapping.type) }),
    ...(mapping.subject === undefined ? {} : { subject: fill(mapping.subject) }),
    ...given,
  };
}

function malformed(): Unreadable {
  return new Unreadable(usageRefusal('event_not_json'));
}

function fillTemplate(
  template: string,
  about: { readonly cells: Cells; readonly line: number; readonly file: string },
): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    if (name === 'line') return String(about.line);
    if (name === 'file') return about.file;
    const modulo = /^line%([1-9]\d{0,8})$/.exec(name)?.[1];
    if (modulo !== undefined) return String(about.line % Number(modulo));
    return about.cells[name] ?? whole;
  });
}
