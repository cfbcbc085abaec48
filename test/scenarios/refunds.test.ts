import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Invoice,
  type MoneyException,
  money,
  type Payment,
  present,
  type Refund,
  type RefundAsk,
  type Refusal,
  type Result,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import {
  approveRefund,
  creditInvoice,
  explain,
  grantCredit,
  requestBalanceRefund,
  requestRefund,
  resolveException,
  settleByTransfer,
  settleOutcomes,
  withdrawRefund,
} from '../../packages/engine/src/index.ts';
import { applyItems } from '../../packages/server/src/http/inbox.ts';
import { at } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import { RefundBook } from '../kit/refund-book.ts';
import type { Play } from '../kit/stage.ts';

function done<T>(result: Result<T, Refusal>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.refusal.code}: ${result.refusal.sentence}`);
  return result.value;
}

const ask = (minor?: bigint, changes: Partial<RefundAsk> = {}): RefundAsk => ({
  ...(minor === undefined ? {} : { amount: money(minor, 'CNY') }),
  route: 'original',
  reason: 'service_not_delivered',
  remark: '',
  by: 'Anna',
  ...changes,
});

const within = <T>(play: Play, work: Parameters<Play['engine']['store']['transact']>[1]) =>
  play.engine.store.transact(play.merchant.id, work) as Promise<T>;

async function paymentOf(play: Play, reference: string): Promise<Payment> {
  const { id } = await play.customer(reference);
  const [payment] = await within<readonly Payment[]>(play, (tx) => tx.loadPaymentsOfCustomer(id));
  return present(payment, 'a payment');
}

const refundsOf = (play: Play) =>
  within<readonly Refund[]>(play, (tx) => tx.listRefunds({ limit: 20 }));
const exceptionsOf = (play: Play) =>
  within<readonly MoneyException[]>(play, (tx) => tx.listExceptions({ limit: 20 }));

/** What came and stayed, at the rails, at the bank and as their fee, in 分. */
async function cashOf(play: Play): Promise<bigint> {
  const books = Object.entries(await play.books());
  return books
    .filter(([account]) => account.startsWith('10') || account === '6603')
    .reduce((total, [, minor]) => total + minor, 0n);
}

async function invoicesOf(play: Play, reference: string): Promise<readonly Invoice[]> {
  const { id } = await play.customer(reference);
  return within(play, (tx) => tx.listInvoices({ customerId: id, limit: 20 }));
}

/** One customer of the rail, whose renewal of ¥29.85 was paid on 1 December. */
async function paid(play: Play, reference: string): Promise<RefundBook> {
  const book = new RefundBook();
  book.attach(play.engine, 'alipay');
  await play.subscribe([{ reference, by: 'alipay', charge: '29.85' }]);
  await play.advanceTo('2026-12-02 10:00');
  return book;
}

onStage('money that goes back', (newPlay) => {
  test('a part of a payment, by the rail that took it', async () => {
    const play = await newPlay();
    const book = await paid(play, 'F-1');
    const payment = await paymentOf(play, 'F-1');
    const dry = done(await requestRefund(play.job(), payment.id, { ask: ask(), dryRun: true }));
    assert.equal(dry.refunds[0]?.amount.minor, 2_985n);
    assert.deepEqual(await refundsOf(play), []);
    done(await requestRefund(play.job(), payment.debitId, { ask: ask(985n) }));
    assert.equal((await play.books())['2241'], -985n);
    await play.advanceTo('2026-12-02 11:00');
    const [refund] = await refundsOf(play);
    assert.equal(refund?.state, 'succeeded');
    assert.equal(book.total, 985n);
    assert.equal(typeof book.calls[0]?.railReference, 'string', 'the account behind the mandate');
    assert.equal(await cashOf(play), 2_000n);
    assert.equal((await play.books())['2241'], 0n);
    assert.equal((await invoicesOf(play, 'F-1'))[0]?.state, 'paid');
    const told = await explain(play.job(), payment.debitId, 'en');
    assert.ok(told.kind === 'found');
    assert.match(told.explanation.sentence, /was debited on 2026-12-01.*¥9\.85 was returned on/);
    assert.match(told.explanation.evidence.at(-1) ?? '', /refund number R[0-9A-Z]{25}/);
    await play.end(2_985);
  });

  test('above the limit: the second person, then all of it', async () => {
    const play = await newPlay();
    Object.assign(play.engine, {
      refunds: { approveAbove: { CNY: 1_000n }, approvalHours: 72, lateSuccess: 'refund' },
    });
    const book = await paid(play, 'F-2');
    const payment = await paymentOf(play, 'F-2');
    const { refunds } = done(await requestRefund(play.job(), payment.id, { ask: ask() }));
    const refund = present(refunds[0], 'a refund');
    await play.settle();
    assert.equal(book.calls.length, 0, 'nothing leaves before the second person');
    const { approvalHash: hash } = refund;
    const own = await approveRefund(play.job(), refund.id, { by: 'Anna', hash });
    assert.equal(own.ok ? '' : own.refusal.code, 'second_person_wanted');
    done(await approveRefund(play.job(), refund.id, { by: 'Bao', hash }));
    await play.settle();
    assert.equal(book.total, 2_985n);
    const again = await requestRefund(play.job(), payment.id, { ask: ask(1n) });
    assert.equal(again.ok ? '' : again.refusal.code, 'more_than_payment_has_left');
    await play.end(2_985);
  });

  test('nobody approves it in three days: withdrawn, nothing is booked', async () => {
    const play = await newPlay();
    Object.assign(play.engine, {
      refunds: { approveAbove: {}, approvalHours: 72, lateSuccess: 'refund' },
    });
    const book = await paid(play, 'F-3');
    const payment = await paymentOf(play, 'F-3');
    done(await requestRefund(play.job(), payment.id, { ask: ask(1n) }));
    await play.advanceTo('2026-12-06 10:00');
    assert.equal((await refundsOf(play))[0]?.state, 'withdrawn');
    assert.equal(book.calls.length, 0);
    await play.end(2_985);
  });

  test('the rail is silent after it returned the money: asked, never sent twice', async () => {
    const play = await newPlay();
    const book = await paid(play, 'F-4');
    book.fates.push('return_then_silence');
    const payment = await paymentOf(play, 'F-4');
    done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    await play.advanceTo('2026-12-02 10:01');
    assert.equal((await refundsOf(play))[0]?.state, 'succeeded');
    assert.equal(book.calls.length, 1);
    await play.end(2_985);
  });

  test('nothing arrived at the rail: the same number once more', async () => {
    const play = await newPlay();
    const book = await paid(play, 'F-5');
    book.fates.push('silence', { kind: 'never_sent', detail: 'no connection' });
    const payment = await paymentOf(play, 'F-5');
    done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    await play.advanceTo('2026-12-02 14:00');
    assert.equal((await refundsOf(play))[0]?.state, 'succeeded');
    assert.ok(book.calls.length >= 2);
    assert.equal(new Set(book.calls.map(({ refundNumber }) => refundNumber)).size, 1);
    assert.equal(book.total, 985n);
    await play.end(2_985);
  });

  test('taken by the rail and failed at the bank: owed until the transfer is proved', async () => {
    const play = await newPlay();
    const book = await paid(play, 'F-6');
    book.fates.push('later');
    const payment = await paymentOf(play, 'F-6');
    done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    await play.settle();
    const [refund] = await refundsOf(play);
    const { refundNumber, id } = present(refund, 'a refund');
    const outcome = { kind: 'failed', code: 'ABNORMAL', message: '用户银行卡已注销' } as const;
    const event = { kind: 'refund', refundNumber, outcome } as const;
    await applyItems(play.job(), [
      { kind: 'rail', event },
      { kind: 'rail', event },
    ]);
    assert.equal((await refundsOf(play))[0]?.review, 'bank_failed');
    assert.equal((await play.books())['2241'], -985n);
    done(await settleByTransfer(play.job(), id, { reference: 'B-1', by: 'Bao' }));
    assert.equal((await play.books())['1002'], -985n);
    await play.end(2_985);
  });

  test('the merchant’s balance is too low: told once, the same number later', async () => {
    const play = await newPlay();
    const book = await paid(play, 'F-7');
    const refusal = { class: 'merchant_balance', code: 'NOTENOUGH', message: '余额不足' } as const;
    book.fates.push({ kind: 'refused', refusal }, { kind: 'refused', refusal });
    const payment = await paymentOf(play, 'F-7');
    done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    await play.advanceTo('2026-12-03 10:00');
    const told = (await play.eventsOf('F-7')).filter((line) => line.includes('refund.delayed'));
    assert.equal(told.length, 1);
    assert.equal(book.total, 985n);
    assert.equal(new Set(book.calls.map(({ refundNumber }) => refundNumber)).size, 1);
    await play.end(2_985);
  });

  test('a balance goes back to the order that brought it, and the rest by transfer', async () => {
    const play = await newPlay();
    Object.assign(play.engine, {
      refunds: {
        approveAbove: { CNY: 1_000_000n },
        approvalHours: 72,
        lateSuccess: 'refund',
        processing: { basisPoints: 100n, fixedMinor: 10n, capMinor: 100n },
      },
    });
    const book = await paid(play, 'F-8');
    const { id } = await play.customer('F-8');
    done(
      await grantCredit(play.job(), {
        customerId: id,
        kind: 'prepaid',
        amount: money(5_000n, 'CNY'),
        reference: 'BANK-7',
      }),
    );
    const { refunds } = done(await requestBalanceRefund(play.job(), id, { ask: ask() }));
    assert.deepEqual(
      refunds.map(({ amount, route }) => [amount.minor, route]),
      [
        [2_985n, 'original'],
        [1_955n, 'bank_transfer'],
      ],
    );
    await play.settle();
    assert.equal(book.total, 2_985n);
    const rest = present(refunds[1], 'the rest');
    done(await settleByTransfer(play.job(), rest.id, { reference: 'B-2', by: 'Bao' }));
    const books = await play.books();
    assert.equal(books['6051'], -60n, '1 % of ¥50.00 and ¥0.10 are kept, as declared');
    assert.equal(books['2203'], 0n);
    await play.end(2_985);
  });

  test('withdrawn while it waits for the rail: the money stays as balance', async () => {
    const play = await newPlay();
    await paid(play, 'F-9');
    const payment = await paymentOf(play, 'F-9');
    const { refunds } = done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    done(await withdrawRefund(play.job(), present(refunds[0], 'a refund').id, 'Anna'));
    assert.equal((await play.books())['2203'], -985n);
    await play.end(2_985);
  });
});

onStage('money that nobody owed', (newPlay) => {
  /** A success of the debit's first number, as a callback would tell it. */
  async function say(play: Play, reference: string, minor: bigint, number = 'LATE-1') {
    const { id } = await play.customer(reference);
    const debits = await within<readonly { readonly id: `dbt_${string}` }[]>(play, (tx) =>
      tx.listDebits({ customerId: id, limit: 5 }),
    );
    const orderNumber = toOrderNumber(present(debits[0], 'a debit').id, 1);
    const outcome = {
      kind: 'succeeded',
      railReference: number,
      paid: money(minor, 'CNY'),
      paidAt: at('2026-12-03 09:00'),
    } as const;
    // What the rail's bill says has the last word.
    return settleOutcomes(play.job(), [{ orderNumber, outcome, isProof: true }]);
  }

  /** The debit failed for good, and its invoice was voided or credited since. */
  async function failed(play: Play, reference: string): Promise<RefundBook> {
    const book = new RefundBook();
    book.attach(play.engine, 'wechat');
    await play.subscribe([{ reference, by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'USER_NOT_EXIST' });
    await play.advanceTo('2026-12-02 10:00');
    return book;
  }

  test('the money of a dead number comes when nothing is owed: parked, then returned', async () => {
    const play = await newPlay();
    const book = await failed(play, 'G-1');
    assert.equal((await play.debit()).state, 'failed');
    const [invoice] = await invoicesOf(play, 'G-1');
    const whole = {
      lines: [{ position: 1, take: { type: 'whole' } }],
      reason: 'goodwill',
    } as const;
    done(await creditInvoice(play.job(), present(invoice, 'an invoice').id, { request: whole }));
    await say(play, 'G-1', 2_985n);
    await say(play, 'G-1', 2_985n);
    const [parked, ...others] = await exceptionsOf(play);
    assert.equal(others.length, 0);
    assert.equal(parked?.kind, 'late_success');
    assert.equal((await play.books())['2241'], -2_985n);
    await play.settle();
    assert.equal((await exceptionsOf(play))[0]?.state, 'refunded');
    assert.equal(book.total, 2_985n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });

  test('a part was credited since: what is owed is paid, the rest goes back', async () => {
    const play = await newPlay();
    const book = await failed(play, 'G-2');
    const [invoice] = await invoicesOf(play, 'G-2');
    const some = {
      lines: [{ position: 1, take: { type: 'amount', amount: money(985n, 'CNY') } }],
      reason: 'goodwill',
    } as const;
    done(await creditInvoice(play.job(), present(invoice, 'an invoice').id, { request: some }));
    await say(play, 'G-2', 2_985n);
    assert.equal((await invoicesOf(play, 'G-2'))[0]?.state, 'paid');
    const [parked] = await exceptionsOf(play);
    assert.deepEqual([parked?.kind, parked?.amount.minor], ['surplus', 985n]);
    await play.settle();
    assert.equal(book.total, 985n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });

  test('the merchant wants it as balance', async () => {
    const play = await newPlay();
    Object.assign(play.engine, {
      refunds: { approveAbove: {}, approvalHours: 72, lateSuccess: 'credit' },
    });
    await failed(play, 'G-3');
    const [invoice] = await invoicesOf(play, 'G-3');
    const whole = {
      lines: [{ position: 1, take: { type: 'whole' } }],
      reason: 'goodwill',
    } as const;
    done(await creditInvoice(play.job(), present(invoice, 'an invoice').id, { request: whole }));
    await say(play, 'G-3', 2_985n);
    await play.settle();
    assert.equal((await exceptionsOf(play))[0]?.state, 'credited');
    assert.equal((await play.books())['2203'], -2_985n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });

  test('another amount than was asked for waits for a person', async () => {
    const play = await newPlay();
    const book = await failed(play, 'G-4');
    await say(play, 'G-4', 2_000n);
    await say(play, 'G-4', 2_000n);
    await play.settle();
    const [parked, ...others] = await exceptionsOf(play);
    assert.equal(others.length, 0);
    assert.equal(parked?.state, 'open');
    const id = present(parked, 'an exception').id;
    done(await resolveException(play.job(), id, { action: 'refund', by: 'Bao' }));
    await play.settle();
    assert.equal(book.total, 2_000n);
    assert.equal((await exceptionsOf(play))[0]?.state, 'refunded');
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });
});

onStage('money that a bank takes back', (newPlay) => {
  const at3 = at('2026-12-03 09:00');

  async function taken(play: Play, reference: string, number = 'R-1', mandateGone = false) {
    const { debitId, amount } = await paymentOf(play, reference);
    const event = {
      kind: 'return',
      orderNumber: toOrderNumber(debitId, 1),
      railReference: number,
      amount,
      code: mandateGone ? 'MD01' : 'AM04',
      message: '',
      at: at3,
      mandateGone,
    } as const;
    await applyItems(play.job(), [
      { kind: 'rail', event },
      { kind: 'rail', event },
    ]);
  }

  test('the invoice is owed again, once, and the mandate ends where there is none', async () => {
    const play = await newPlay();
    await paid(play, 'H-1');
    await taken(play, 'H-1', 'R-1', true);
    const [invoice] = await invoicesOf(play, 'H-1');
    assert.equal(invoice?.state, 'open');
    assert.equal(await cashOf(play), 0n);
    assert.equal((await play.books())['1122'], 2_985n);
    const debit = await play.debit();
    assert.equal(debit.state, 'succeeded');
    assert.ok(debit.returnedAt?.equals(at3));
    const { id } = await play.customer('H-1');
    const [mandate] = await within<readonly { readonly state: string }[]>(play, (tx) =>
      tx.listMandates({ customerId: id, limit: 1 }),
    );
    assert.equal(mandate?.state, 'ended');
    const told = await explain(play.job(), debit.id, 'zh-CN');
    assert.ok(told.kind === 'found');
    assert.match(
      told.explanation.sentence,
      /付款银行已于 2026-12-03 退回 ¥29\.85，账单重新待付。$/,
    );
    const refused = await requestRefund(play.job(), debit.id, { ask: ask() });
    assert.equal(refused.ok ? '' : refused.refusal.code, 'payment_returned');
    await play.end(2_985);
  });

  test('a refund that waited is not sent any more', async () => {
    const play = await newPlay();
    const book = await paid(play, 'H-2');
    const payment = await paymentOf(play, 'H-2');
    done(await requestRefund(play.job(), payment.id, { ask: ask(985n) }));
    await taken(play, 'H-2');
    await play.settle();
    assert.equal(book.calls.length, 0);
    assert.equal((await refundsOf(play))[0]?.state, 'withdrawn');
    await play.end(2_985);
  });

  test('a second return of the same payment waits for a person', async () => {
    const play = await newPlay();
    await paid(play, 'H-3');
    await taken(play, 'H-3', 'R-1');
    await taken(play, 'H-3', 'R-2');
    const [parked] = await exceptionsOf(play);
    assert.equal(parked?.kind, 'return_unmatched');
    assert.equal((await play.books())['1221'], 2_985n);
    await play.end(2_985);
  });

  /** A debit that was refused for good and whose money came after all, when nothing was owed. */
  async function parkedOf(play: Play, reference: string): Promise<RefundBook> {
    const book = new RefundBook();
    book.attach(play.engine, 'wechat');
    await play.subscribe([{ reference, by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'USER_NOT_EXIST' });
    await play.advanceTo('2026-12-02 10:00');
    const [invoice] = await invoicesOf(play, reference);
    const request = {
      lines: [{ position: 1, take: { type: 'whole' } }],
      reason: 'goodwill',
    } as const;
    done(await creditInvoice(play.job(), present(invoice, 'an invoice').id, { request }));
    const outcome = {
      kind: 'succeeded',
      railReference: 'T-9',
      paid: money(2_985n, 'CNY'),
      paidAt: at('2026-12-03 09:00'),
    } as const;
    const orderNumber = toOrderNumber((await play.debit()).id, 1);
    await settleOutcomes(play.job(), [{ orderNumber, outcome }]);
    return book;
  }

  async function takenBack(play: Play): Promise<void> {
    const { id, amount } = await play.debit();
    const orderNumber = toOrderNumber(id, 1);
    const event = {
      kind: 'return',
      orderNumber,
      railReference: 'R-1',
      amount,
      code: 'AM04',
      message: '',
      at: at3,
      mandateGone: false,
    } as const;
    await applyItems(play.job(), [{ kind: 'rail', event }]);
  }

  test('parked money that its bank takes back is not returned besides', async () => {
    const play = await newPlay();
    const book = await parkedOf(play, 'H-5');
    await takenBack(play);
    await takenBack(play);
    await play.settle();
    assert.equal(book.calls.length, 0, 'it would have left twice');
    const states = (await exceptionsOf(play)).map(({ kind, state }) => `${kind} ${state}`);
    assert.deepEqual(states.toSorted(), ['late_success booked', 'return_unmatched booked']);
    const books = await play.books();
    assert.deepEqual([books['2241'], books['1221']], [0n, 0n]);
    assert.equal(await cashOf(play), 0n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });

  test('parked money whose refund was about to leave: the refund is stopped', async () => {
    const play = await newPlay();
    const book = await parkedOf(play, 'H-6');
    const [parked] = await exceptionsOf(play);
    const answer = { action: 'refund', by: 'Bao' } as const;
    done(await resolveException(play.job(), present(parked, 'an exception').id, answer));
    await takenBack(play);
    await play.settle();
    assert.equal(book.calls.length, 0, 'it would have left twice');
    assert.equal((await refundsOf(play))[0]?.state, 'manual_review');
    assert.deepEqual(await play.engine.store.findViolations(10), []);
  });

  test('before its success: it waits, and is booked in the commit of the success', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-4', by: 'wechat', charge: '29.85' }]);
    await play.sleepUntil('2026-11-26 09:00');
    await play.settle();
    await play.fault({ rail: 'wechat', fault: 'lost_callback', operation: 'pay_callback' });
    await play.fault({ rail: 'wechat', fault: 'TIMEOUT_THEN_PAID' });
    await play.advanceTo('2026-12-01 07:30');
    const debit = await play.debit();
    assert.equal(debit.state, 'in_flight');
    const event = {
      kind: 'return',
      orderNumber: toOrderNumber(debit.id, 1),
      railReference: 'R-9',
      amount: debit.amount,
      code: 'AM04',
      message: '',
      at: at3,
      mandateGone: false,
    } as const;
    await applyItems(play.job(), [{ kind: 'rail', event }]);
    assert.equal((await exceptionsOf(play))[0]?.kind, 'return_unmatched');
    await play.advanceTo('2026-12-02 10:00');
    assert.equal((await exceptionsOf(play))[0]?.state, 'booked');
    assert.equal((await invoicesOf(play, 'H-4'))[0]?.state, 'open');
    assert.equal((await play.books())['1221'], 0n);
    await play.end(2_985);
  });
});
