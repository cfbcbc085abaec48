import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createGunzip } from 'node:zlib';
import { formatRatio, type InvoiceLine } from '../../packages/core/src/index.ts';
import { addMeter, importUsageFile } from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  catalogueOf,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  start,
} from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

const FOLDER = join(import.meta.dirname, '../data/usage-llm-azure');
const TENANTS = 100;
const TRACES = ['code', 'conv'] as const;
const KINDS = ['ContextTokens', 'GeneratedTokens'] as const;
const CODES = { ContextTokens: 'context-tokens', GeneratedTokens: 'generated-tokens' };

/** The sums that the publisher of the traces states. */
const PUBLISHED = {
  ContextTokens: 18_059_974n + 22_361_870n,
  GeneratedTokens: 245_896n + 4_088_665n,
};

/**
 * ¥10.00 for 1,000 tokens is one fen a token, so that the money of all bills is the published sum;
 * the other price is one of the market, whose bills are recomputed here from the file.
 */
const PRICES = { ContextTokens: '0.01', GeneratedTokens: '0.000137' };

/** Tokens by tenant and kind, read from the traces without our code. */
async function tokensByTenant(): Promise<Map<string, bigint>> {
  const tokens = new Map<string, bigint>();
  for (const trace of TRACES) {
    const file = join(FOLDER, `AzureLLMInferenceTrace_${trace}.csv.gz`);
    const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()) });
    let number = 0;
    for await (const line of lines) {
      number += 1;
      const [, ...counts] = line.split(',');
      if (number === 1 || counts.length !== KINDS.length) continue;
      for (const [index, kind] of KINDS.entries()) {
        const key = `${number % TENANTS} ${kind}`;
        tokens.set(key, (tokens.get(key) ?? 0n) + BigInt(counts[index] ?? ''));
      }
    }
  }
  return tokens;
}

async function importTraces(play: Play, from = '2023-11-01') {
  const results = [];
  for (const trace of TRACES) {
    const path = join(FOLDER, `AzureLLMInferenceTrace_${trace}.csv.gz`);
    const imported = await importUsageFile(play.job(), path, {
      from: Temporal.Instant.from(`${from}T00:00:00+08:00`),
      until: Temporal.Instant.from('2023-12-01T00:00:00+08:00'),
      mapping: { type: 'llm.request', subject: 'tenant-{line%100}', timeColumn: 'TIMESTAMP' },
      assumeUtc: true,
    });
    results.push(granted(imported));
  }
  return results;
}

async function openService(play: Play) {
  const prices = [];
  for (const kind of KINDS) {
    const meter = await addMeter(play.job(), {
      code: CODES[kind],
      nameZh: kind,
      nameEn: kind,
      eventType: 'llm.request',
      aggregation: 'sum',
      valueProperty: kind,
    });
    const model = { type: 'per_unit', unit_amount: PRICES[kind] };
    const version = {
      model,
      timing: 'arrears',
      meter: granted(meter).code,
      effective_from: '2023-01-01',
    };
    prices.push(priceOf(CODES[kind], 'metered', version));
  }
  await publish(play, catalogueOf({ llm: prices }));
  const customers = [];
  for (let tenant = 0; tenant < TENANTS; tenant += 1) {
    const customer = await newPayer(play, `tenant-${tenant}`);
    await start(play, customer, { plan: 'llm' });
    customers.push(customer);
  }
  return customers;
}

onStage('the requests of two language model services', (newPlay) => {
  test('are billed to 100 tenants by the token; importing them again changes nothing', async () => {
    const play = await newPlay('2023-11-01 09:00');
    const customers = await openService(play);
    const first = await importTraces(play);
    assert.deepEqual(
      first.map(({ accepted, duplicates, refused }) => ({ accepted, duplicates, refused })),
      [
        { accepted: 8_819, duplicates: 0, refused: 0 },
        { accepted: 19_366, duplicates: 0, refused: 0 },
      ],
    );
    const again = await importTraces(play);
    assert.deepEqual(
      again.map(({ wasDone }) => wasDone),
      [true, true],
    );
    const readAnew = await importTraces(play, '2023-11-02');
    assert.deepEqual(
      readAnew.map(({ accepted, duplicates }) => ({ accepted, duplicates })),
      [
        { accepted: 0, duplicates: 8_819 },
        { accepted: 0, duplicates: 19_366 },
      ],
    );
    await play.advanceTo('2023-12-10 12:00');
    const expected = await tokensByTenant();
    const units = { ContextTokens: 0n, GeneratedTokens: 0n };
    let contextMinor = 0n;
    for (const [tenant, customer] of customers.entries()) {
      const [invoice, ...others] = await invoicesOf(play, customer);
      assert.ok(invoice !== undefined && others.length === 0, 'one bill for each tenant');
      for (const kind of KINDS) {
        const line: InvoiceLine | undefined = invoice.lines.find(
          ({ priceCode }) => priceCode === CODES[kind],
        );
        const tokens = expected.get(`${tenant} ${kind}`) ?? 0n;
        assert.equal(
          formatRatio(line?.quantity ?? { numerator: 0n, denominator: 1n }),
          `${tokens}`,
        );
        units[kind] += tokens;
        if (kind === 'ContextTokens') {
          assert.equal(line?.amount.minor, tokens);
          contextMinor += line?.amount.minor ?? 0n;
        } else {
          const fen = (tokens * 137n + 5_000n) / 10_000n;
          assert.equal(line?.amount.minor, fen);
        }
      }
    }
    assert.deepEqual(units, PUBLISHED);
    assert.equal(contextMinor, PUBLISHED.ContextTokens);
    await play.end();
  });
});
