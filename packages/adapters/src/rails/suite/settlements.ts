import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RailBillLine, SettlementDownload, SettlementLine } from '@daikou/core';
import { type Bench, LATER_DAY, type SettlementFacts } from './subject.ts';

/**
 * The bill and the account statement of the day of the refunds: every refund names its number, and
 * both tell the same money.
 */
export function checkSettlements(bench: Bench): void {
  describe('the bill and the account statement of a day with refunds', () => {
    const { refunds } = bench.facts.capabilities;
    const { settlements: facts } = bench.facts;

    test('a day that is not over has no statement yet', async () => {
      if (facts === undefined) assert.equal(bench.rail.fetchSettlement, undefined);
      else assert.equal((await fetchStatement(bench, LATER_DAY)).kind, 'not_ready');
    });

    if (refunds !== undefined) {
      test('the bill names each refund by our number', async () => {
        await nextDay(bench);
        const lines = await billLines(bench);
        const returned = lines.filter((line) => line.kind === 'refund');
        assert.ok(returned.length > 0);
        assert.ok(returned.every((line) => /^R\d/.test(line.refundNumber ?? '')));
        assert.ok(returned.every((line) => line.amount.minor > 0n && line.fee.minor <= 0n));
        const numbers = new Set(returned.map((line) => line.refundNumber));
        assert.equal(numbers.size, returned.length);
      });
    }
    if (facts !== undefined) checkStatement(bench, facts);
  });
}

/** Moves the clock to the time at which the rail has the papers of the later day. */
async function nextDay(bench: Bench): Promise<void> {
  const { billReadyAt } = bench.facts.capabilities;
  const day = LATER_DAY.add({ days: 1 });
  await bench.world.sandbox.setClock(`${day}T${billReadyAt}+08:00`);
}

async function billLines(bench: Bench): Promise<readonly RailBillLine[]> {
  const bill = await bench.rail.fetchBill(LATER_DAY);
  if (bill.kind !== 'ready') throw new Error(`the bill: ${JSON.stringify(bill)}`);
  return Array.fromAsync(bill.lines);
}

async function fetchStatement(bench: Bench, date: Temporal.PlainDate): Promise<SettlementDownload> {
  const statement = await bench.rail.fetchSettlement?.(date);
  return statement ?? { kind: 'unknown', detail: 'no fetchSettlement' };
}

function checkStatement(bench: Bench, facts: SettlementFacts): void {
  test('the statement tells the money of the bill, row by row and in balance', async () => {
    await nextDay(bench);
    const statement = await fetchStatement(bench, LATER_DAY);
    assert.equal(statement.kind, 'ready', JSON.stringify(statement));
    if (statement.kind !== 'ready') return;
    assert.match(statement.contentHash, /^[0-9a-f]{64}$/);
    const rows = await Array.fromAsync(statement.lines);
    const bill = await billLines(bench);
    const fees = sum(bill.map((line) => line.fee.minor));
    const paid = sum(bill.filter((l) => l.kind === 'payment').map((line) => line.amount.minor));
    const back = sum(bill.filter((l) => l.kind === 'refund').map((line) => line.amount.minor));
    if (facts.feeRows) {
      assert.equal(changeOf(rows, 'payment'), paid);
      assert.equal(changeOf(rows, 'refund'), -back);
      assert.equal(changeOf(rows, 'fee'), -fees);
    } else {
      assert.equal(changeOf(rows, 'payment') + changeOf(rows, 'refund'), paid - back - fees);
    }
    assert.equal(
      rows.some((row) => row.kind === 'payout'),
      facts.hasPayout,
    );
    checkBalances(rows);
    const again = await fetchStatement(bench, LATER_DAY);
    assert.equal(again.kind === 'ready' && again.contentHash, statement.contentHash);
  });

  test('a day on which nothing moved has an empty statement', async () => {
    await nextDay(bench);
    assert.deepEqual(await fetchStatement(bench, LATER_DAY.subtract({ days: 3 })), {
      kind: 'empty',
    });
  });
}

/** Every balance that is told is the one before it and the change of its row. */
function checkBalances(rows: readonly SettlementLine[]): void {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1]?.balance;
    if (before === undefined || row.balance === undefined) continue;
    assert.equal(row.balance.minor, before.minor + row.change.minor, `row ${row.lineNumber}`);
  }
}

function changeOf(rows: readonly SettlementLine[], kind: SettlementLine['kind']): bigint {
  return sum(rows.filter((row) => row.kind === kind).map((row) => row.change.minor));
}

function sum(minors: readonly bigint[]): bigint {
  return minors.reduce((total, minor) => total + minor, 0n);
}
