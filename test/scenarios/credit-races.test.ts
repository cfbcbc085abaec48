import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CreditRequest, type Invoice, money } from '../../packages/core/src/index.ts';
import { creditInvoice, submitDebits, voidInvoice } from '../../packages/engine/src/index.ts';
import { withWorkers } from '../kit/several-workers.ts';
import type { Play } from '../kit/stage.ts';

const CUSTOMERS = 12;
const REFERENCES = Array.from({ length: CUSTOMERS }, (_, index) => `R-${index + 1}`);
const SOME: CreditRequest = {
  lines: [{ position: 1, take: { type: 'amount', amount: money(1_060n, 'CNY') } }],
  reason: 'goodwill',
};
const TWO_THIRDS: CreditRequest = {
  lines: [{ position: 1, take: { type: 'amount', amount: money(2_000n, 'CNY') } }],
  reason: 'goodwill',
};

withWorkers('credit notes beside other work on one PostgreSQL', 2, ({ stage, jobs }) => {
  async function everybody(): Promise<Play> {
    const play = await stage().newPlay();
    await play.subscribe(
      REFERENCES.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })),
    );
    await play.advanceTo('2026-11-27 10:00');
    return play;
  }

  const invoicesOf = (play: Play): Promise<readonly Invoice[]> =>
    play.engine.store.transact(play.merchant.id, (tx) => tx.listInvoices({ limit: 100 }));

  test('the debit leaves at the same moment: taken whole or taken less, never both', async () => {
    const play = await everybody();
    await play.sleepUntil('2026-12-01 07:30');
    const invoices = await invoicesOf(play);
    const [first, second] = jobs(play);
    assert.ok(first !== undefined && second !== undefined);
    const [, ...credited] = await Promise.all([
      submitDebits(first, async () => {}),
      ...invoices.map(({ id }) => creditInvoice(second, id, { request: SOME })),
    ]);
    const early = credited.filter((one) => one.ok && one.value.invoice.credited.minor > 0n);
    for (const one of credited) {
      assert.ok(one.ok || one.refusal.code === 'debit_in_flight');
    }
    await play.advanceTo('2026-12-08 12:00');
    const taken = (await invoicesOf(play)).map(({ total, credited: less, state }) => {
      // Alipay keeps a planned date, which a debit that was scheduled anew may have missed.
      return state === 'paid' ? Number(total.minor - less.minor) : 0;
    });
    const less = (await invoicesOf(play)).filter(({ credited: minor }) => minor.minor > 0n);
    assert.equal(less.length, early.length);
    await play.end(...taken.filter((minor) => minor > 0));
  });

  test('two people credit the same line: together never more than it was', async () => {
    const play = await everybody();
    const [first, second] = jobs(play);
    assert.ok(first !== undefined && second !== undefined);
    for (const { id } of await invoicesOf(play)) {
      const both: readonly Awaited<ReturnType<typeof creditInvoice>>[] = await Promise.all([
        creditInvoice(first, id, { request: TWO_THIRDS }),
        creditInvoice(second, id, { request: TWO_THIRDS }),
      ]);
      const codes = both.map((one) => (one.ok ? 'done' : one.refusal.code));
      assert.deepEqual(codes.toSorted(), ['done', 'more_than_line_has_left']);
    }
    await play.end();
  });

  test('one credits and one voids: one of the two', async () => {
    const play = await everybody();
    const [first, second] = jobs(play);
    assert.ok(first !== undefined && second !== undefined);
    for (const { id } of await invoicesOf(play)) {
      const [credit, voided] = await Promise.all([
        creditInvoice(first, id, { request: SOME }),
        voidInvoice(second, id),
      ]);
      assert.notEqual(credit.ok, voided.ok);
    }
    await play.end();
  });
});
