import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import { SUBSCRIBER_COLUMNS } from '../../../../test/kit/subscriber-lines.ts';
import { temporaryFolder } from '../../../../test/kit/telco.ts';
import { checkSubscriberFile, readSubscriberRows } from './read-file.ts';

const ROWS = 300_000;
const BLOCK_ROWS = 10_000;
/** Every so many rows one is wrong. */
const WRONG_EVERY = 1_000;
const MEMORY_MAX_MEGABYTES = 250;
const MODULES = 'No,No,No,No,No,No,No,No';

/** A file of `ROWS` rows, written as a stream too. */
async function writeLongFile(path: string): Promise<void> {
  const out = createWriteStream(path);
  out.write(`${SUBSCRIBER_COLUMNS.join(',')}\n`);
  for (let block = 0; block < ROWS / BLOCK_ROWS; block += 1) {
    const rows = Array.from({ length: BLOCK_ROWS }, (_, index) => {
      const number = block * BLOCK_ROWS + index + 1;
      const charge = number % WRONG_EVERY === 0 ? '1e5' : '29.85';
      return `L-${number},5,${MODULES},One year,Yes,transfer,${charge},149.25,,\n`;
    });
    if (!out.write(rows.join(''))) await new Promise((resolve) => out.once('drain', resolve));
  }
  out.end();
  await finished(out);
}

describe('a file far longer than memory should hold', () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'long.csv');
  before(() => writeLongFile(path));
  after(() => folder.remove());

  test('is checked and read row by row, each refusal with its line, memory flat', async () => {
    const before = process.memoryUsage().rss;
    const checked = await checkSubscriberFile(path);
    assert.equal(checked.ok && checked.value.rows, ROWS);
    let most = 0;
    let read = 0;
    const wrong: number[] = [];
    for await (const row of readSubscriberRows(path, new Set(['transfer']))) {
      if ('reason' in row) wrong.push(row.line);
      read += 1;
      if (read % BLOCK_ROWS === 0) most = Math.max(most, process.memoryUsage().rss - before);
    }
    assert.equal(read, ROWS);
    assert.deepEqual(
      wrong,
      Array.from({ length: ROWS / WRONG_EVERY }, (_, index) => (index + 1) * WRONG_EVERY + 1),
    );
    const megabytes = Math.round(most / 2 ** 20);
    assert.ok(megabytes < MEMORY_MAX_MEGABYTES, `memory grew by ${megabytes} MB`);
  });
});
