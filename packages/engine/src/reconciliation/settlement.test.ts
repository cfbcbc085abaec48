import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BankStatement, money, type SettlementLine } from '@daikou/core';
import {
  BILL_RAIL,
  type BillFile,
  type BillWorld,
  makeBillWorld,
  netOf,
  paidOrder,
  trueBill,
} from '../../../../test/kit/bill-world.ts';
import { NOW, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { importBankStatement, matchBank } from './bank.ts';
import { resolveBreak } from './breaks.ts';

const T1 = TODAY.add({ days: 1 });
const IN_TRANSIT = '1012.09';
const BANK = '1002';
const cny = (minor: bigint) => money(minor, 'CNY');

/** The account statement that says the same as a bill, and a payout of everything. */
function statementOf(file: BillFile): SettlementLine[] {
  const paid = file.lines.reduce((sum, { amount }) => sum + amount.minor, 0n);
  const fee = file.lines.reduce((sum, line) => sum + line.fee.minor, 0n);
  return [
    row(1, 'payment', paid),
    row(2, 'fee', -fee),
    row(3, 'payout', -(paid - fee), `OUT-${TODAY}`),
  ];
}

function row(
  lineNumber: number,
  kind: SettlementLine['kind'],
  minor: bigint,
  railReference = `S${lineNumber}`,
): SettlementLine {
  return { lineNumber, kind, change: cny(minor), railReference, at: NOW, wording: kind };
}

let statements = 0;

/** A bank statement of one line a day from `T1` on. */
function bankStatement(
  lines: readonly { readonly minor: bigint; readonly counterparty: string; readonly day: number }[],
): BankStatement {
  statements += 1;
  return {
    account: '基本户',
    format: 'csv',
    currency: 'CNY',
    from: TODAY,
    until: TODAY.add({ days: 20 }),
    contentHash: statements.toString(16).padStart(64, '0'),
    lines: lines.map(({ minor, counterparty, day }, index) => ({
      lineNumber: index + 1,
      bookedOn: TODAY.add({ days: day }),
      amount: cny(minor),
      counterparty,
      bankReference: `B${statements}-${index}`,
      rawHash: 'a'.repeat(64),
    })),
  };
}

for (const backend of BACKENDS) {
  describe(`settlement on ${backend.name}`, () => {
    const newTenantWorld = tenantsOf(backend.databases());
    const newWorld = async (hasStatement: boolean) =>
      makeBillWorld(await newTenantWorld(), { hasStatement, names: ['某某支付科技', 'Some Pay'] });

    /** A day with one paid order, its bill compared. */
    const withBill = async (hasStatement: boolean) => {
      const world = await newWorld(hasStatement);
      const file = trueBill([await paidOrder(world)]);
      world.bills.set(TODAY.toString(), file);
      return { world, file, job: world.jobAfter(T1) };
    };

    const stateOf = async (world: BillWorld) =>
      (
        await world.world.store.transact(world.merchant.id, (tx) =>
          tx.loadDays({ rail: BILL_RAIL, from: TODAY, until: TODAY }),
        )
      )[0]?.state;

    test('the clearing account is zero after the payout; the bank proves it', async () => {
      const { world, file, job } = await withBill(true);
      await world.reconcile(TODAY);
      assert.equal(await stateOf(world), 'matched');
      assert.equal(await world.clearing(), netOf(file));
      world.statements.set(TODAY.toString(), statementOf(file));
      await world.reconcile(TODAY);
      assert.equal(await stateOf(world), 'balanced');
      assert.equal(await world.clearing(), 0n);
      assert.equal(await world.balanceOf(IN_TRANSIT), netOf(file));
      const bank = bankStatement([
        { minor: netOf(file), counterparty: '某某支付科技有限公司', day: 1 },
        { minor: 80_000n, counterparty: '王小明', day: 1 },
        { minor: -1_200n, counterparty: '电费', day: 1 },
      ]);
      const imported = await importBankStatement(job, bank);
      assert.deepEqual(imported, { ok: true, value: { isKnown: false, added: 3, matched: 1 } });
      assert.equal(await world.balanceOf(IN_TRANSIT), 0n);
      assert.equal(await world.balanceOf(BANK), netOf(file));
      const lines = await world.world.store.transact(world.merchant.id, (tx) =>
        tx.listBankLines({ limit: 10 }),
      );
      assert.deepEqual(lines.map(({ state }) => state).sort(), ['matched', 'other', 'unclaimed']);
      const again = await importBankStatement(job, bank);
      assert.deepEqual(again, { ok: true, value: { isKnown: true, added: 0, matched: 0 } });
      assert.equal(await world.balanceOf(BANK), netOf(file));
      assert.deepEqual(await world.breaks(), []);
    });

    test('a rail without account statement: the bank’s line proves the bill’s net', async () => {
      const { world, file, job } = await withBill(false);
      await world.reconcile(TODAY);
      assert.equal(await stateOf(world), 'balanced');
      const line = { minor: netOf(file), counterparty: 'Some Pay Ltd', day: 3 };
      await importBankStatement(job, bankStatement([line]));
      assert.equal(await world.clearing(), 0n);
      assert.equal(await world.balanceOf(BANK), netOf(file));
    });

    test('several payouts that came as one line are found by their sum', async () => {
      const world = await newWorld(false);
      const files = [TODAY, T1].map((date) => ({ date, order: paidOrder(world, date) }));
      let total = 0n;
      for (const { date, order } of files) {
        const file = trueBill([await order]);
        total += netOf(file);
        world.bills.set(date.toString(), file);
        await world.reconcile(date);
      }
      const line = { minor: total, counterparty: '某某支付科技', day: 2 };
      const imported = await importBankStatement(world.jobAfter(T1), bankStatement([line]));
      assert.equal(imported.ok && imported.value.matched, 2);
      assert.equal(await world.clearing(), 0n);
    });

    test('sums that differ are a break until the rail corrects its statement', async () => {
      const { world, file } = await withBill(true);
      const wrong = statementOf(file).map((one) =>
        one.kind === 'fee' ? { ...one, change: cny(one.change.minor - 5n) } : one,
      );
      world.statements.set(TODAY.toString(), wrong.slice(0, 2));
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), ['settlement_mismatch fee open -5']);
      assert.equal(await world.clearing(), netOf(file) - 5n);
      world.statements.set(TODAY.toString(), statementOf(file).slice(0, 2));
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), ['settlement_mismatch fee resolved -5']);
      assert.equal(await world.clearing(), netOf(file));
      assert.equal(await stateOf(world), 'balanced');
    });

    test('money that the rail holds back is parked until a person ends it', async () => {
      const { world, file, job } = await withBill(true);
      const held = row(4, 'other', -700n, 'HOLD-1');
      world.statements.set(TODAY.toString(), [...statementOf(file).slice(0, 2), held]);
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), ['settlement_mismatch HOLD-1 open -700']);
      assert.equal(await world.clearing(), netOf(file) - 700n);
      assert.equal(await world.balanceOf('1221'), 700n);
      const [found] = await world.allBreaks();
      assert.ok(found);
      const command = { how: 'write_off', by: 'Anna', approvedBy: 'Ben' } as const;
      assert.ok((await resolveBreak(job, found.id, command)).ok);
      assert.equal(await world.balanceOf('1221'), 0n);
      assert.equal(await world.balanceOf('6711'), 700n);
      assert.equal(await stateOf(world), 'balanced');
    });

    test('what is held and released under one number is two differences', async () => {
      const { world, file } = await withBill(true);
      const held = row(4, 'other', -700n, 'HOLD-1');
      const released = row(5, 'other', 500n, 'HOLD-1');
      const lines = [...statementOf(file).slice(0, 2), held, released];
      world.statements.set(TODAY.toString(), lines);
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [
        'settlement_mismatch HOLD-1 5 open 500',
        'settlement_mismatch HOLD-1 open -700',
      ]);
      assert.equal(await world.clearing(), netOf(file) - 200n);
    });

    test('a payout that the bank does not show in time is a break, until it comes', async () => {
      const { world, file } = await withBill(true);
      world.statements.set(TODAY.toString(), statementOf(file));
      await world.reconcile(TODAY);
      const late = world.jobAfter(TODAY.add({ days: 9 }));
      await importBankStatement(late, bankStatement([{ minor: 1n, counterparty: '利息', day: 2 }]));
      assert.deepEqual(await world.breaks(), [`settlement_mismatch OUT-${TODAY} open -`]);
      assert.equal(await matchBank(late), 0);
      const line = { minor: netOf(file), counterparty: '某某支付科技', day: 3 };
      await importBankStatement(late, bankStatement([line]));
      assert.deepEqual(await world.breaks(), [`settlement_mismatch OUT-${TODAY} resolved -`]);
      assert.equal(await world.balanceOf(IN_TRANSIT), 0n);
      assert.deepEqual(await reconciliationViolations(world), []);
    });

    test('a statement that does not prove itself changes nothing', async () => {
      const { job } = await withBill(false);
      const bank = bankStatement([{ minor: 5n, counterparty: '甲', day: 1 }]);
      const refused = await importBankStatement(job, {
        ...bank,
        opening: cny(100n),
        closing: cny(106n),
      });
      assert.equal(!refused.ok && refused.refusal.code, 'statement_totals_do_not_match');
    });
  });
}

/** What the doctor says of payouts and breaks in all books of this database. */
async function reconciliationViolations(world: BillWorld): Promise<readonly string[]> {
  const found = await world.world.store.findViolations(50);
  return found
    .filter(({ table }) => ['breaks', 'settlements', 'reconciliation_days'].includes(table))
    .map(({ invariant, sentence }) => `${invariant}: ${sentence}`);
}
