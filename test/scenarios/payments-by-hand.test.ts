import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type HandPaymentRequest,
  type Invoice,
  money,
  present,
  type Refusal,
  type Result,
  type StoredBankLine,
} from '../../packages/core/src/index.ts';
import {
  claimLine,
  closePayLink,
  createPayLink,
  findPayLink,
  listBankLines,
  recordHandPayment,
  reverseHandPayment,
  settlePayLinks,
  suggestForLine,
  takeInStatements,
} from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { readStatementFile } from '../../packages/server/src/http/payments.ts';
import { at } from '../kit/builders.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

/** The notice is out, the debit waits for 1 December. */
const BEFORE_DEBIT = '2026-11-28 09:00';
const AFTER_DEBIT = '2026-12-02 10:00';

/** What a refusal says, for a test that did not expect one. */
const why = (result: Result<unknown, Refusal>) => (result.ok ? '' : result.refusal.sentence);

const transfer = (
  minor: bigint,
  changes: Partial<HandPaymentRequest> = {},
): HandPaymentRequest => ({
  method: 'bank_transfer',
  amount: money(minor, 'CNY'),
  reference: 'B-1',
  receivedAt: at('2026-11-28 08:00'),
  recordedBy: 'Anna',
  note: '',
  ...changes,
});

async function record(play: Play, reference: string, request: HandPaymentRequest) {
  const { id } = await play.customer(reference);
  const recorded = await recordHandPayment(play.job(), id, { request });
  assert.ok(recorded.ok, why(recorded));
  return recorded.value;
}

async function invoicesOf(play: Play, reference: string): Promise<readonly Invoice[]> {
  const { id } = await play.customer(reference);
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: id, limit: 10 }),
  );
}

const balanceOf = async (play: Play, reference: string): Promise<bigint> => {
  const { id } = await play.customer(reference);
  const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.lockCreditGrants([id]),
  );
  return grants.reduce((total, { left }) => total + left.minor, 0n);
};

/** A bank's CSV: date, amount, payer, wording, number. */
function statementOf(rows: readonly (readonly [string, string, string, string])[]) {
  const lines = rows.map(([amount, payer, wording, number]) =>
    ['2026-11-28', amount, payer, wording, number].join(','),
  );
  const text = `交易日期,金额,对方户名,摘要,流水号\n${lines.join('\n')}\n`;
  const read = readStatementFile(Buffer.from(text), { account: '基本户', name: 'bank.csv' });
  assert.ok(read.ok, why(read));
  return read.value;
}

async function takeIn(play: Play, rows: Parameters<typeof statementOf>[0]) {
  const taken = await takeInStatements(play.job(), statementOf(rows));
  assert.ok(taken.ok, why(taken));
  return taken.value;
}

async function unclaimed(play: Play): Promise<readonly StoredBankLine[]> {
  const lines = await listBankLines(play.job(), { state: 'unclaimed', limit: 100 });
  return lines.toSorted((a, b) => (a.bankReference < b.bankReference ? -1 : 1));
}

onStage('payments by hand', (newPlay) => {
  test('a transfer pays the invoice, and its debit is called off: nothing is taken', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const { payment, paid } = await record(play, 'H-1', transfer(2_985n));
    assert.equal(paid.length, 1);
    assert.equal(payment.toBalance.minor, 0n);
    assert.deepEqual(
      (await invoicesOf(play, 'H-1')).map(({ state }) => state),
      ['paid'],
    );
    assert.equal((await play.debit()).state, 'canceled');
    await play.advanceTo(AFTER_DEBIT);
    assert.equal((await play.books())['1002'], 2_985n);
    assert.equal((await play.books())['1122'], 0n);
    await play.end();
  });

  test('too much becomes balance; cash lies in the box; again changes nothing', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-2', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const request = transfer(5_000n, { method: 'cash', reference: 'R-7' });
    const first = await record(play, 'H-2', request);
    assert.equal(first.payment.toBalance.minor, 2_015n);
    const again = await record(play, 'H-2', request);
    assert.ok(again.isKnown);
    assert.equal(again.payment.id, first.payment.id);
    assert.equal(await balanceOf(play, 'H-2'), 2_015n);
    assert.equal((await play.books())['1001'], 5_000n);
    assert.equal((await play.books())['2203'], -2_015n);
    await play.end();
  });

  test('too little waits as balance, and the rest pays the invoice whole', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const half = await record(play, 'H-3', transfer(1_000n));
    assert.deepEqual(
      half.leftOpen.map(({ code }) => code),
      ['not_covered'],
    );
    assert.equal((await play.debit()).state, 'scheduled');
    const rest = await record(play, 'H-3', transfer(1_985n, { reference: 'B-2' }));
    assert.equal(rest.paid.length, 1, 'the balance pays it now');
    assert.equal(await balanceOf(play, 'H-3'), 0n);
    assert.equal((await play.debit()).state, 'canceled');
    await play.advanceTo(AFTER_DEBIT);
    assert.equal((await play.books())['1122'], 0n);
    await play.end();
  });

  test('one number is one payment, whoever it is said to be of', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'H-4', by: 'transfer', charge: '29.85' },
      { reference: 'H-5', by: 'transfer', charge: '29.85' },
    ]);
    await play.advanceTo(BEFORE_DEBIT);
    await record(play, 'H-4', transfer(2_985n));
    const { id } = await play.customer('H-5');
    const other = await recordHandPayment(play.job(), id, { request: transfer(2_985n) });
    assert.equal(!other.ok && other.refusal.code, 'reference_used');
    await play.end();
  });

  test('recorded for the wrong customer: reversed, and booked for the right one', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'H-6', by: 'alipay', charge: '29.85' },
      { reference: 'H-7', by: 'transfer', charge: '29.85' },
    ]);
    await play.advanceTo(BEFORE_DEBIT);
    const wrong = await record(play, 'H-6', transfer(4_000n));
    const who = { by: 'Bao', reason: 'another customer’s transfer' };
    const reversed = await reverseHandPayment(play.job(), wrong.payment.id, who);
    assert.ok(reversed.ok, why(reversed));
    assert.equal(await balanceOf(play, 'H-6'), 0n);
    await record(play, 'H-7', transfer(4_000n));
    const twice = await reverseHandPayment(play.job(), wrong.payment.id, who);
    assert.equal(!twice.ok && twice.refusal.code, 'payment_reversed');
    await play.advanceTo('2026-12-04 10:00');
    assert.deepEqual(
      (await invoicesOf(play, 'H-6')).map(({ state }) => state),
      ['paid'],
      'its debit was planned anew',
    );
    await play.end(2_985);
  });

  test('while the debit is on its way the money waits, and pays once it ended unpaid', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-8', by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'TIMEOUT_NOT_RECEIVED' });
    await play.advanceTo('2026-12-01 07:30');
    assert.equal((await play.debit()).state, 'in_flight');
    const { id } = await play.customer('H-8');
    const [invoice] = await invoicesOf(play, 'H-8');
    const recorded = await recordHandPayment(play.job(), id, { request: transfer(4_000n) });
    assert.ok(recorded.ok);
    assert.deepEqual(
      recorded.value.leftOpen.map(({ code, invoiceId }) => [code, invoiceId]),
      [['debit_in_flight', invoice?.id]],
    );
    assert.equal(await balanceOf(play, 'H-8'), 4_000n);
    // The rail has never seen the number: the same one would go out again in two minutes.
    await play.advanceTo(AFTER_DEBIT);
    assert.equal((await play.debit()).state, 'canceled');
    assert.equal((await invoicesOf(play, 'H-8'))[0]?.state, 'paid');
    assert.equal(await balanceOf(play, 'H-8'), 1_015n);
    const books = await play.books();
    assert.deepEqual([books['1122'], books['2203']], [0n, -1_015n]);
    await play.end();
  });
});

onStage('pay links', (newPlay) => {
  async function linkFor(play: Play, reference: string) {
    const { id } = await play.customer(reference);
    const created = await createPayLink(play.job(), id, {
      rail: 'alipay',
      expiresAt: at('2026-11-28 12:00'),
      by: 'Anna',
    });
    assert.ok(created.ok, why(created));
    return created.value;
  }
  const pay = (url: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'pay' }) });

  test('paid on the page: the invoice is paid, its debit never goes out', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'L-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const link = await linkFor(play, 'L-1');
    assert.equal((await play.debit()).state, 'canceled');
    const { id } = await play.customer('L-1');
    const second = await createPayLink(play.job(), id, {
      rail: 'alipay',
      expiresAt: at('2026-11-28 12:00'),
      by: 'Anna',
    });
    assert.equal(!second.ok && second.refusal.code, 'pay_link_open');
    const url = present(link.url, 'the address of a link');
    await fetch(url);
    assert.ok((await pay(url)).ok);
    await play.advanceTo('2026-11-28 13:00');
    assert.equal((await findPayLink(play.job(), link.id))?.state, 'paid');
    assert.equal((await play.books())['1012.02'], 2_985n);
    assert.deepEqual(
      (await invoicesOf(play, 'L-1')).map(({ state }) => state),
      ['paid'],
    );
    await play.advanceTo(AFTER_DEBIT);
    assert.equal((await play.books())['1122'], 0n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
    await play.stop();
  });

  test('closed by a person: the debit is planned anew, late money is balance', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'L-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const link = await linkFor(play, 'L-3');
    await fetch(present(link.url, 'the address of a link'));
    const closed = await closePayLink(play.job(), link.id);
    assert.equal(closed.ok && closed.value.state, 'closed');
    const again = await closePayLink(play.job(), link.id);
    assert.equal(!again.ok && again.refusal.code, 'link_ended');
    await play.advanceTo('2026-12-05 10:00');
    assert.deepEqual(
      (await invoicesOf(play, 'L-3')).map((one) => one.state),
      ['paid'],
    );
    // Two payers had the page open: the rail's word on money is the last one, each of them once.
    const news = ['LATE-1', 'LATE-2', 'LATE-2'].map((railReference) => ({
      orderNumber: link.orderNumber,
      outcome: {
        kind: 'succeeded',
        railReference,
        paid: link.amount,
        paidAt: at('2026-12-04 09:00'),
      } as const,
    }));
    await settlePayLinks(play.job(), news);
    assert.equal((await findPayLink(play.job(), link.id))?.state, 'paid');
    assert.equal(await balanceOf(play, 'L-3'), 2n * 2_985n);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
    await play.stop();
  });

  test('nobody pays: the link expires and the debit is planned anew', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'L-2', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const link = await linkFor(play, 'L-2');
    await play.advanceTo('2026-12-05 10:00');
    assert.equal((await findPayLink(play.job(), link.id))?.state, 'expired');
    assert.deepEqual(
      (await invoicesOf(play, 'L-2')).map(({ state }) => state),
      ['paid'],
    );
    await play.end(2_985);
  });
});

onStage('bank statements and claims', (newPlay, stage) => {
  test('a reference with the exact amount is booked; all others wait for a person', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'CUST-0001', by: 'transfer', charge: '29.85' },
      { reference: 'CUST-0002', by: 'transfer', charge: '31.00' },
    ]);
    await play.advanceTo(BEFORE_DEBIT);
    const rows = [
      ['29.85', '张三', '会员费 CUST-0001', 'F-1'],
      ['31.00', '李四', '货款', 'F-2'],
      ['12.00', '王五', 'CUST-0002', 'F-3'],
    ] as const;
    const taken = await takeIn(play, rows);
    assert.deepEqual([taken.added, taken.claimed], [3, 1]);
    assert.equal((await takeIn(play, rows)).known, 1, 'the same file again');
    const lines = await unclaimed(play);
    assert.deepEqual(
      lines.map(({ bankReference }) => bankReference),
      ['F-2', 'F-3'],
    );
    const second = present(lines[0], 'a line');
    const suggested = await suggestForLine(play.job(), second.id);
    assert.ok(suggested.ok);
    assert.deepEqual(
      suggested.value.suggestions.map(({ reasons, isCertain }) => [reasons, isCertain]),
      [[['exact_amount'], false]],
    );
    const { id: customerId } = await play.customer('CUST-0002');
    const claimed = await claimLine(play.job(), second.id, { customerId, by: 'Anna' });
    assert.ok(claimed.ok && claimed.value.paid.length === 1, why(claimed));
    const again = await claimLine(play.job(), second.id, { customerId, by: 'Bao' });
    assert.equal(!again.ok && again.refusal.code, 'line_not_unclaimed');
    await play.end();
  });

  test('a transfer recorded before its statement came is joined, not booked twice', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'CUST-0003', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const { payment } = await record(play, 'CUST-0003', transfer(2_985n, { reference: 'F-9' }));
    await takeIn(play, [['29.85', '张三', '货款', 'F-9']]);
    const line = present((await unclaimed(play))[0], 'a line');
    const { customerId } = payment;
    const claimed = await claimLine(play.job(), line.id, { customerId, by: 'Anna' });
    assert.ok(claimed.ok && claimed.value.isKnown, why(claimed));
    assert.equal(claimed.value.payment.bankLineId, line.id);
    assert.equal((await play.books())['1002'], 2_985n);
    await play.end();
  });

  test('a claim that is reversed leaves the line to its owner', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'CUST-0004', by: 'transfer', charge: '29.85' },
      { reference: 'CUST-0005', by: 'transfer', charge: '29.85' },
    ]);
    await play.advanceTo(BEFORE_DEBIT);
    await takeIn(play, [['29.85', '张三', '货款', 'F-1']]);
    const line = present((await unclaimed(play))[0], 'a line');
    const { id: wrong } = await play.customer('CUST-0004');
    const { id: right } = await play.customer('CUST-0005');
    const first = await claimLine(play.job(), line.id, { customerId: wrong, by: 'Anna' });
    assert.ok(first.ok);
    const who = { by: 'Anna', reason: 'wrong customer' };
    assert.ok((await reverseHandPayment(play.job(), first.value.payment.id, who)).ok);
    assert.equal((await unclaimed(play)).length, 1);
    assert.ok((await claimLine(play.job(), line.id, { customerId: right, by: 'Anna' })).ok);
    await play.end();
  });

  test('over HTTP: a file, its lines, a suggestion, a claim, and a trial beforehand', async () => {
    const play = await newPlay();
    const key = `dk_test_payments-of-${play.merchant.code}`;
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'back office');
    await play.subscribe([{ reference: 'CUST-0006', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo(BEFORE_DEBIT);
    const call = async (method: string, path: string, body?: unknown) => {
      const isFile = body instanceof Uint8Array;
      const response = await fetch(`${stage().url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined
            ? {}
            : { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
      });
      const json = await response.json();
      return { status: response.status, body: json as Record<string, unknown> };
    };
    const file = Buffer.from(
      '交易日期,金额,对方户名,摘要,流水号\n2026-11-28,29.85,张三,货款,F-1\n',
    );
    const taken = await call(
      'POST',
      `/v1/bank-statements?account=${encodeURIComponent('基本户')}`,
      file,
    );
    assert.deepEqual([taken.status, taken.body['added']], [200, 1]);
    const lines = await call('GET', '/v1/bank-lines?state=unclaimed');
    const [line] = lines.body['data'] as readonly { readonly id: string }[];
    const path = `/v1/bank-lines/${present(line, 'a line').id}`;
    const { id: customer } = await play.customer('CUST-0006');
    const suggestions = await call('GET', `${path}/suggestions`);
    assert.equal(suggestions.status, 200);
    const dry = await call('POST', `${path}/claim?dry_run=true`, { customer_id: customer });
    assert.deepEqual([dry.status, dry.body['dry_run']], [200, true]);
    const claimed = await call('POST', `${path}/claim`, { customer_id: customer });
    assert.deepEqual([claimed.status, claimed.body['dry_run']], [200, false]);
    const listed = await call('GET', `/v1/payments?customer_id=${customer}`);
    assert.equal((listed.body['data'] as readonly unknown[]).length, 1);
    const none = await call('POST', '/v1/payments', {
      customer_id: customer,
      method: 'cash',
      amount: { amount: 0, currency: 'CNY' },
      reference: 'R-1',
    });
    assert.deepEqual([none.status, none.body['code']], [422, 'amount_not_positive']);
    await play.end();
  });
});
