import type { IncomingMessage } from 'node:http';
import { parseExactJson, usageRefusal } from '@daikou/core';
import { type RawEvent, Unreadable } from '@daikou/engine';

/** A JSON body, at most: about 15,000 events. Streams have no limit, as they are never held. */
export const JSON_BODY_MAX_BYTES = 4 * 1024 * 1024;

/** One line of a stream, at most; what is longer is refused and skipped. */
const LINE_MAX_BYTES = 64 * 1024;

/** Lines that are read before they are checked and kept together. */
const SLICE_LINES = 1_000;

const NEWLINE = 0x0a;

/** The type of a stream of events, one on each line. */
export const LINES_TYPE = 'application/x-ndjson';

/** Whether a request is such a stream. */
export function isLines({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? '';
  return type.split(';')[0]?.trim().toLowerCase() === LINES_TYPE;
}

export type JsonBody = {
  readonly raws: readonly RawEvent[];
  /** One event that stood alone, not in an array. */
  readonly isSingle: boolean;
};

/** Reads a JSON body: one event, or an array of events. Undefined where it is no JSON. */
export function readJsonBody(body: Uint8Array): JsonBody | undefined {
  let parsed: unknown;
  try {
    parsed = parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return { raws: [{ index: 0, value: parsed }], isSingle: true };
  return { raws: parsed.map((value: unknown, index) => ({ index, value })), isSingle: false };
}

/**
 * Reads a stream of lines of JSON in slices, in flat memory however long it is. Empty lines are
 * skipped and not counted; a line that is no JSON, or too long, is refused by itself.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly RawEvent[]> {
  const lines = new LineReader();
  for await (const chunk of chunks) {
    lines.push(chunk);
    while (lines.waiting >= SLICE_LINES) yield lines.take(SLICE_LINES);
  }
  lines.end();
  while (lines.waiting > 0) yield lines.take(SLICE_LINES);
}

class LineReader {
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #isSkipping = false;
  #index = 0;
  #raws: RawEvent[] = [];

  get waiting(): number {
    return this.#raws.length;
  }

  take(count: number): readonly RawEvent[] {
    return this.#raws.splice(0, count);
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  end(): void {
    this.#finishLine();
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0 || this.#isSkipping) return;
    this.#rest.push(part);
    this.#restBytes += part.length;
    if (this.#restBytes <= LINE_MAX_BYTES) return;
    this.#isSkipping = true;
    this.#rest = [];
  }

  #finishLine(): void {
    const line = this.#isSkipping ? undefined : readLine(Buffer.concat(this.#rest));
    const isTooLong = this.#isSkipping;
    this.#rest = [];
    this.#restBytes = 0;
    this.#isSkipping = false;
    if (line === undefined && !isTooLong) return;
    const value = isTooLong ? new Unreadable(usageRefusal('data_too_large')) : line;
    this.#raws.push({ index: this.#index, value });
    this.#index += 1;
  }
}

/** The event of a line; undefined for an empty line. */
function readLine(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
    return text === '' ? undefined : parseExactJson(text);
  } catch {
    return new Unreadable(usageRefusal('event_not_json'));
  }
}
