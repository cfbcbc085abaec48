import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { formatRatio, sumRatios } from '@daikou/core';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import type { Job } from '../job.ts';
import { IMPORT_ROWS, importUsageFile, type UsageImport } from './import-usage.ts';
import { loadMeteredUsage } from './load.ts';

const TRACES = fileURLToPath(new URL('../../../../test/data/usage-llm-azure/', import.meta.url));

const METERS = [
  { code: 'context', eventType: 'llm', aggregation: 'sum', valueProperty: 'ContextTokens' },
  { code: 'generated', eventType: 'llm', aggregation: 'sum', valueProperty: 'GeneratedTokens' },
] as const;

const instant = (text: string) => Temporal.Instant.from(text);
const TRACE_DAY: UsageImport = {
  from: instant('2023-11-16T00:00:00Z'),
  until: instant('2023-11-17T00:00:00Z'),
  mapping: { type: 'llm', subject: 'C-{line%100}', timeColumn: 'TIMESTAMP' },
  assumeUtc: true,
};
/** A file that says everything itself. */
const PLAIN: UsageImport = { ...TRACE_DAY, mapping: {} };
const NOVEMBER = {
  start: Temporal.PlainDate.from('2023-11-01'),
  end: Temporal.PlainDate.from('2023-12-01'),
};

/** Units of each meter over all customers, as rating reads them. */
async function totalsOf(job: Job, customers: UsageWorld['customers']) {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const meters = await tx.loadMeters();
    const totals: Record<string, string> = {};
    for (const { id: meterId, code } of meters) {
      const queries = [...customers.values()].map((customerId) => ({
        customerId,
        meterId,
        period: NOVEMBER,
      }));
      const usage = await loadMeteredUsage(tx, { meters, zone: job.merchant.zone }, queries);
      totals[code] = formatRatio(sumRatios(usage.map(({ units }) => units)));
    }
    return totals;
  });
}

for (const backend of BACKENDS) {
  describe(`an import of usage on ${backend.name}`, () => {
    const databases = backend.databases();
    const folder = mkdtempSync(join(tmpdir(), 'daikou-usage-'));
    let store: FreshStore;
    before(async () => {
      store = await databases.fresh();
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const newWorld = (customers: number) => makeUsageWorld(store, { customers, meters: METERS });
    const accepted = async (job: Job, path: string, plan: UsageImport = TRACE_DAY) => {
      const result = await importUsageFile(job, path, plan);
      assert.ok(result.ok, JSON.stringify(result));
      return result.value;
    };
    const write = (name: string, content: string | Uint8Array) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    test('of the Azure traces adds up to the published sums; again changes nothing', async () => {
      const { job, customers } = await newWorld(100);
      const sums = { code: ['18059974', '245896'], conv: ['22361870', '4088665'] };
      const rows = { code: 8_819, conv: 19_366 };
      let context = 0n;
      let generated = 0n;
      for (const name of ['code', 'conv'] as const) {
        const path = `${TRACES}AzureLLMInferenceTrace_${name}.csv.gz`;
        const result = await accepted(job, path);
        assert.deepEqual([result.accepted, result.refused], [rows[name], 0]);
        context += BigInt(sums[name][0] ?? 0);
        generated += BigInt(sums[name][1] ?? 0);
        const totals = await totalsOf(job, customers);
        assert.deepEqual(totals, {
          context: context.toString(),
          generated: generated.toString(),
        });
        const again = await accepted(job, path);
        assert.deepEqual([again.wasDone, again.accepted], [true, rows[name]]);
        const renamed = await accepted(job, path, {
          ...TRACE_DAY,
          until: TRACE_DAY.until.add({ hours: 1 }),
        });
        assert.deepEqual([renamed.accepted, renamed.duplicates], [0, rows[name]]);
        assert.deepEqual(await totalsOf(job, customers), totals);
      }
    });

    const HEADER = 'id,source,type,subject,time,ContextTokens,GeneratedTokens';
    const row = (
      index: number,
      changes: { subject?: string; time?: string; value?: string } = {},
    ) =>
      [
        `e-${index}`,
        'file',
        'llm',
        changes.subject ?? 'C-0',
        changes.time ?? '2023-11-16T10:00:00Z',
        changes.value ?? '3',
        '1',
      ].join(',');

    test('keeps good rows and lists bad ones by line', async () => {
      const { job, customers } = await newWorld(2);
      const lines = [
        HEADER,
        row(1),
        row(2, { subject: 'nobody' }),
        row(3, { time: '2023-11-17T00:00:00Z' }),
        row(4, { value: '1e309' }),
        row(5, { value: '' }),
        `${row(6)},and,more`,
        row(1),
        row(7, { subject: 'C-1' }),
      ];
      const result = await accepted(job, write('mixed.csv', `${lines.join('\n')}\n`), PLAIN);
      assert.deepEqual(
        [result.rows, result.accepted, result.duplicates, result.refused],
        [8, 2, 1, 5],
      );
      assert.deepEqual(
        result.refusals.map(({ line, code, field }) => [line, code, field]),
        [
          [3, 'customer_unknown', 'subject'],
          [4, 'time_outside_period', 'time'],
          [5, 'value_not_decimal', 'data.ContextTokens'],
          [6, 'value_missing', 'data.ContextTokens'],
          [7, 'event_not_json', undefined],
        ],
      );
      assert.deepEqual(await totalsOf(job, customers), { context: '6', generated: '2' });
    });

    test('reads lines of JSON, gzipped as well', async () => {
      const { job, customers } = await newWorld(1);
      const event = (id: string) =>
        JSON.stringify({
          specversion: '1.0',
          id,
          source: 'file',
          type: 'llm',
          subject: 'C-0',
          time: '2023-11-16T10:00:00Z',
          data: { ContextTokens: '1.5', GeneratedTokens: 2 },
        });
      const text = `${event('1')}\n\nNaN\n${event('2')}`;
      const result = await accepted(job, write('events.ndjson.gz', gzipSync(text)), PLAIN);
      assert.deepEqual([result.accepted, result.refused], [2, 1]);
      assert.equal(result.refusals[0]?.line, 3);
      assert.deepEqual(await totalsOf(job, customers), { context: '3', generated: '4' });
    });

    test('that is cut off anywhere goes on where it stopped', async () => {
      const { job, customers } = await newWorld(1);
      const count = IMPORT_ROWS * 2 + 500;
      const lines = Array.from({ length: count }, (_, index) => row(index));
      const path = write('long.csv', `${HEADER}\n${lines.join('\n')}\n`);
      for (const commits of [1, 4]) {
        await assert.rejects(importUsageFile(dyingAfter(job, commits), path, PLAIN), /power cut/);
      }
      const result = await accepted(job, path, PLAIN);
      assert.deepEqual([result.rows, result.accepted, result.duplicates], [count, count, 0]);
      const expected = { context: String(count * 3), generated: String(count) };
      assert.deepEqual(await totalsOf(job, customers), expected);
    });

    test('of a file that is none is refused whole', async () => {
      const { job } = await newWorld(1);
      const table: readonly (readonly [string, string])[] = [
        [join(folder, 'missing.csv'), 'file_unreadable'],
        [write('empty.csv', ''), 'file_empty'],
        [write('table.xlsx', 'x'), 'file_type_not_known'],
        [write('broken.csv.gz', 'not gzip'), 'file_unreadable'],
        [write('endless.csv', `${HEADER}\n"${'x'.repeat(200_000)}`), 'file_malformed'],
        [write('endless.ndjson', 'x'.repeat(200_000)), 'file_malformed'],
      ];
      for (const [path, code] of table) {
        const result = await importUsageFile(job, path, PLAIN);
        assert.equal(result.ok ? 'accepted' : result.refusal.code, code, path);
      }
    });
  });
}

/** A job whose process loses its power after so many commits. */
function dyingAfter(job: Job, commits: number): Job {
  let left = commits;
  const { store } = job.engine;
  const transact: typeof store.transact = async (merchant, work) => {
    if (left === 0) throw new Error('power cut');
    left -= 1;
    return await store.transact(merchant, work);
  };
  return { ...job, engine: { ...job.engine, store: { ...store, transact } } };
}
