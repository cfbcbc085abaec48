import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from '../../kit/sandbox.ts';
import { checkFileDebits } from './file-debits.ts';
import { checkFileNews } from './file-news.ts';
import { checkFileRefunds } from './file-refunds.ts';
import {
  FIRST_TUESDAY,
  type FileBench,
  type FileRailFacts,
  passDays,
  signForm,
} from './file-subject.ts';
import { freshNumber } from './subject.ts';

/**
 * The adapter suite of rails that exchange files. What the family promises is proved here by files
 * instead of calls: one number takes money at most once, nothing is known before the bank says it,
 * nothing that the bank says is lost.
 */
export function testFileRail(facts: FileRailFacts): void {
  describe(`the rail suite by files: ${facts.railName}`, () => {
    const bench = { facts, day: FIRST_TUESDAY } as FileBench;
    before(async () => {
      bench.sandbox = await startSandbox();
      await passDays(bench, 0);
      bench.rail = await facts.open(bench.sandbox);
      assert.deepEqual(bench.rail.capabilities, facts.capabilities);
    });
    after(() => bench.sandbox.stop());
    // In this order: each part moves the clock on.
    checkForms(bench);
    checkFileDebits(bench);
    checkFileNews(bench);
    checkFileRefunds(bench);
  });
}

/** Mandates on paper: the evidence is with the merchant, and the rail is never asked. */
function checkForms(bench: FileBench): void {
  describe('mandates', () => {
    test('a form is signed at once, and the query tells the same', async () => {
      const { contractCode, railReference, report } = await signForm(bench);
      assert.deepEqual(await bench.rail.queryMandate({ contractCode, railReference }), report);
    });

    test('a form that nobody could collect by is refused', async () => {
      const started = await bench.rail.beginSigning({
        contractCode: freshNumber('C'),
        displayAccount: 'refused',
        singleCap: { minor: 1n, currency: 'EUR' },
        requestSerial: '1',
        clientIp: '192.0.2.10',
        ...bench.facts.badForm(),
      });
      assert.equal(started.kind, 'refused');
    });

    test('a mandate that nobody signed is not found', async () => {
      const contractCode = freshNumber('C');
      const report = await bench.rail.queryMandate({ contractCode });
      assert.deepEqual(report, { kind: 'not_found', contractCode });
    });

    test('ending a mandate ends it, and ending it again changes nothing', async () => {
      const mandate = await signForm(bench);
      const first = await bench.rail.endMandate(mandate, '客户关闭自动续费');
      assert.equal(first.kind === 'ended' && first.endedBy, 'merchant');
      assert.deepEqual(await bench.rail.endMandate(mandate, '客户关闭自动续费'), first);
    });

    test('a callback is none of this rail', () => {
      const receivedAt = Temporal.Instant.from('2026-12-01T00:00:00Z');
      const body = Buffer.from('<xml/>');
      const reading = bench.rail.readCallback({ headers: {}, body, receivedAt });
      assert.equal(reading.kind === 'refused' && reading.reason, 'unsupported');
    });
  });
}
