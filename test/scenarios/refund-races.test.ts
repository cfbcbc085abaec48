import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type MoneyException,
  money,
  type Payment,
  type Refund,
  type RefundAsk,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import {
  actOnExceptions,
  approveRefund,
  askRefunds,
  requestRefund,
  settleOutcomes,
  settleRefundOutcomes,
  submitRefunds,
  withdrawRefund,
} from '../../packages/engine/src/index.ts';
import { RefundBook } from '../kit/refund-book.ts';
import { pairOf, withWorkers } from '../kit/several-workers.ts';
import type { Play } from '../kit/stage.ts';

const CUSTOMERS = 8;
const REFERENCES = Array.from({ length: CUSTOMERS }, (_, index) => `X-${index + 1}`);
const PAID = 2_985n;

const ask = (minor: bigint, by = 'Anna'): RefundAsk => ({
  amount: money(minor, 'CNY'),
  route: 'original',
  reason: 'goodwill',
  remark: '',
  by,
});

withWorkers('refunds of several people and machines on one PostgreSQL', 2, ({ stage, jobs }) => {
  const jobsOf = (play: Play) => pairOf(jobs(play));

  async function everybody(): Promise<{ readonly play: Play; readonly book: RefundBook }> {
    const play = await stage().newPlay();
    const book = new RefundBook();
    book.attach(play.engine, 'alipay');
    await play.subscribe(
      REFERENCES.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })),
    );
    await play.advanceTo('2026-12-02 10:00');
    return { play, book };
  }

  async function paymentsOf(play: Play): Promise<readonly Payment[]> {
    const payments: Payment[] = [];
    for (const reference of REFERENCES) {
      const { id } = await play.customer(reference);
      payments.push(
        ...(await play.engine.store.transact(play.merchant.id, (tx) =>
          tx.loadPaymentsOfCustomer(id),
        )),
      );
    }
    assert.equal(payments.length, CUSTOMERS);
    return payments;
  }

  const refundsOf = (play: Play): Promise<readonly Refund[]> =>
    play.engine.store.transact(play.merchant.id, (tx) => tx.listRefunds({ limit: 100 }));

  const takenAll = Array.from({ length: CUSTOMERS }, () => Number(PAID));

  test('two operators want two thirds of the same payment: one gets it', async () => {
    const { play, book } = await everybody();
    const [first, second] = jobsOf(play);
    for (const { id } of await paymentsOf(play)) {
      const both = await Promise.all([
        requestRefund(first, id, { ask: ask(2_000n, 'Anna') }),
        requestRefund(second, id, { ask: ask(2_000n, 'Bao') }),
      ]);
      const codes = both.map((one) => (one.ok ? 'done' : one.refusal.code));
      assert.deepEqual(codes.toSorted(), ['done', 'more_than_payment_has_left']);
    }
    await Promise.all([submitRefunds(first), submitRefunds(second)]);
    assert.equal(book.total, 2_000n * BigInt(CUSTOMERS));
    await play.end(...takenAll);
  });

  test('two refunds of each order and two workers: one at a time, each number once', async () => {
    const { play, book } = await everybody();
    const [first, second] = jobsOf(play);
    for (const { id } of await paymentsOf(play)) {
      for (const minor of [1_000n, 985n]) {
        const requested = await requestRefund(first, id, { ask: ask(minor) });
        assert.ok(requested.ok);
      }
    }
    book.fates.push(...REFERENCES.map(() => 'return_then_silence' as const));
    await Promise.all([submitRefunds(first), submitRefunds(second)]);
    await play.advanceTo('2026-12-02 12:00');
    const numbers = book.calls.map(({ refundNumber }) => refundNumber);
    assert.equal(numbers.length, new Set(numbers).size);
    assert.equal(book.total, 1_985n * BigInt(CUSTOMERS));
    assert.ok((await refundsOf(play)).every(({ state }) => state === 'succeeded'));
    await play.end(...takenAll);
  });

  test('the callback, the query and an operator who withdraws, at the same moment', async () => {
    const { play, book } = await everybody();
    const [first, second] = jobsOf(play);
    for (const { id } of await paymentsOf(play)) {
      assert.ok((await requestRefund(first, id, { ask: ask(985n) })).ok);
    }
    book.fates.push(...REFERENCES.map(() => 'later' as const));
    await submitRefunds(first);
    const refunds = await refundsOf(play);
    for (const { refundNumber, amount } of refunds) book.arrive(refundNumber, amount.minor);
    await play.sleepUntil('2026-12-02 10:01');
    const [later] = jobsOf(play);
    const news = refunds.map(({ refundNumber, amount }) => ({
      refundNumber,
      outcome: book.truth(refundNumber, amount, play.engine),
    }));
    const [, , ...withdrawn] = await Promise.all([
      settleRefundOutcomes(second, news),
      askRefunds(later),
      ...refunds.map(({ id }) => withdrawRefund(second, id, 'Bao')),
    ]);
    for (const one of withdrawn) {
      assert.ok(!one.ok && /on_its_way|ended/.test(one.refusal.code));
    }
    const books = await play.books();
    assert.equal(books['2241'], 0n);
    assert.equal(book.total, 985n * BigInt(CUSTOMERS));
    await play.end(...takenAll);
  });

  test('an approval twice and a withdrawal of the same refund: one of them counts', async () => {
    const { play, book } = await everybody();
    Object.assign(play.engine, {
      refunds: { approveAbove: {}, approvalHours: 72, lateSuccess: 'refund' },
    });
    const [first, second] = jobsOf(play);
    for (const { id } of await paymentsOf(play)) {
      assert.ok((await requestRefund(first, id, { ask: ask(985n) })).ok);
    }
    for (const { id, approvalHash: hash } of await refundsOf(play)) {
      const all = await Promise.all([
        approveRefund(first, id, { by: 'Bao', hash }),
        approveRefund(second, id, { by: 'Chen', hash }),
        withdrawRefund(second, id, 'Dao'),
      ]);
      assert.ok(all.some(({ ok }) => ok));
    }
    await submitRefunds(first);
    const sent = (await refundsOf(play)).filter(({ state }) => state === 'succeeded');
    assert.equal(book.total, 985n * BigInt(sent.length));
    await play.end(...takenAll);
  });

  test('late money, told three times, and two policies that act: it goes back once', async () => {
    const play = await stage().newPlay();
    const book = new RefundBook();
    book.attach(play.engine, 'alipay');
    await play.subscribe(
      REFERENCES.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })),
    );
    await play.fault({
      rail: 'alipay',
      fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH',
      times: CUSTOMERS,
    });
    await play.advanceTo('2026-12-05 10:00');
    const [first, second] = jobsOf(play);
    const payments = await paymentsOf(play);
    // The second number of each debit was paid; now the rail says that the first one was, too.
    const news = payments.map(({ debitId }) => ({
      orderNumber: toOrderNumber(debitId, 1),
      outcome: {
        kind: 'succeeded',
        railReference: `LATE-${debitId}`,
        paid: money(PAID, 'CNY'),
        paidAt: play.merchant.testClock ?? play.engine.clock.now(),
      } as const,
    }));
    await Promise.all([settleOutcomes(first, news), settleOutcomes(second, news)]);
    await Promise.all([actOnExceptions(first), actOnExceptions(second)]);
    await Promise.all([submitRefunds(first), submitRefunds(second)]);
    const parked = (await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listExceptions({ limit: 100 }),
    )) as readonly MoneyException[];
    assert.deepEqual(
      parked.map(({ kind, state }) => `${kind} ${state}`),
      REFERENCES.map(() => 'late_success refunded'),
    );
    assert.equal(book.total, PAID * BigInt(CUSTOMERS));
    await play.end(...takenAll);
  });
});
