import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type HandPaymentRequest,
  money,
  present,
  type StoredBankLine,
} from '../../packages/core/src/index.ts';
import {
  claimLine,
  listBankLines,
  recordHandPayment,
  submitDebits,
  takeInStatements,
} from '../../packages/engine/src/index.ts';
import { readStatementFile } from '../../packages/server/src/http/payments.ts';
import { at } from '../kit/builders.ts';
import { pairOf, withWorkers } from '../kit/several-workers.ts';
import type { Play } from '../kit/stage.ts';

const CUSTOMERS = 6;
const REFERENCES = Array.from({ length: CUSTOMERS }, (_, index) => `RACE-${index + 1}`);
const DUE = 2_985n;

withWorkers(
  'payments by hand of several people and machines on one PostgreSQL',
  2,
  ({ stage, jobs }) => {
    const jobsOf = (play: Play) => pairOf(jobs(play));

    const balances = async (play: Play): Promise<bigint> => {
      let total = 0n;
      for (const reference of REFERENCES) {
        const { id } = await play.customer(reference);
        const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
          tx.lockCreditGrants([id]),
        );
        total += grants.reduce((sum, { left }) => sum + left.minor, 0n);
      }
      return total;
    };

    async function linesOf(play: Play): Promise<readonly StoredBankLine[]> {
      const rows = REFERENCES.map((_, index) => `2026-11-28,29.85,张三,货款,F-${index}`);
      const text = `交易日期,金额,对方户名,摘要,流水号\n${rows.join('\n')}\n`;
      const read = readStatementFile(Buffer.from(text), { account: '基本户', name: 'bank.csv' });
      assert.ok(read.ok);
      assert.ok((await takeInStatements(play.job(), read.value)).ok);
      return listBankLines(play.job(), { state: 'unclaimed', limit: 100 });
    }

    test('two operators claim one line for two customers: one of them gets it', async () => {
      const play = await stage().newPlay();
      await play.subscribe(
        REFERENCES.map((reference) => ({ reference, by: 'transfer' as const, charge: '29.85' })),
      );
      await play.advanceTo('2026-11-28 09:00');
      const [first, second] = jobsOf(play);
      const { id: anna } = await play.customer('RACE-1');
      const { id: bao } = await play.customer('RACE-2');
      for (const { id } of await linesOf(play)) {
        const both = await Promise.all([
          claimLine(first, id, { customerId: anna, by: 'Anna' }),
          claimLine(second, id, { customerId: bao, by: 'Bao' }),
        ]);
        const codes = both.map((one) => (one.ok ? 'done' : one.refusal.code));
        assert.deepEqual(codes.toSorted(), ['done', 'line_not_unclaimed']);
      }
      assert.equal((await play.books())['1002'], DUE * BigInt(CUSTOMERS));
      await play.end();
    });

    test('two operators record one transfer for two customers: one of them gets it', async () => {
      const play = await stage().newPlay();
      await play.subscribe(
        REFERENCES.map((reference) => ({ reference, by: 'transfer' as const, charge: '29.85' })),
      );
      await play.advanceTo('2026-11-28 09:00');
      const jobs = jobsOf(play);
      const customers = [await play.customer('RACE-1'), await play.customer('RACE-2')];
      for (let number = 0; number < CUSTOMERS; number += 1) {
        const request: HandPaymentRequest = {
          method: 'bank_transfer',
          amount: money(DUE, 'CNY'),
          reference: `B-${number}`,
          receivedAt: at('2026-11-28 08:00'),
          recordedBy: 'Anna',
          note: '',
        };
        const both = await Promise.all(
          jobs.map((job, index) =>
            recordHandPayment(job, present(customers[index], 'a customer').id, { request }),
          ),
        );
        const codes = both.map((one) => (one.ok ? 'done' : one.refusal.code));
        assert.deepEqual(codes.toSorted(), ['done', 'reference_used']);
      }
      assert.equal((await play.books())['1002'], DUE * BigInt(CUSTOMERS));
      await play.end();
    });

    test('a claim and the debit of one invoice: paid one way, the rest is balance', async () => {
      const play = await stage().newPlay();
      await play.subscribe(
        REFERENCES.map((reference) => ({ reference, by: 'alipay' as const, charge: '29.85' })),
      );
      await play.advanceTo('2026-12-01 07:29');
      const [first, second] = jobsOf(play);
      const lines = await linesOf(play);
      await play.sleepUntil('2026-12-01 07:31');
      const now = jobsOf(play);
      const claims = REFERENCES.map(async (reference, index) => {
        const { id: customerId } = await play.customer(reference);
        const line = present(lines[index], 'a line');
        return claimLine(now[0] ?? first, line.id, { customerId, by: 'Anna' });
      });
      const [claimed] = await Promise.all([
        Promise.all(claims),
        submitDebits(now[1] ?? second, async () => {}),
      ]);
      assert.ok(claimed.every(({ ok }) => ok));
      await play.advanceTo('2026-12-02 12:00');
      const { succeeded, doubleDebits } = await play.witness();
      assert.deepEqual(doubleDebits, []);
      // Every invoice is paid once; whoever was debited has the transfer as balance.
      assert.equal((await play.books())['1122'], 0n);
      assert.equal(await balances(play), DUE * BigInt(succeeded));
      assert.deepEqual(await play.engine.store.findViolations(10), []);
      await play.stop();
    });
  },
);
