import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomerTopUpsWire } from '../../packages/api/src/index.ts';
import {
  amountDue,
  type Invoice,
  type InvoiceId,
  money,
  present,
} from '../../packages/core/src/index.ts';
import {
  applyReturns,
  creditInvoice,
  recordHandPayment,
  requestBalanceRefund,
  requestRefund,
  reverseHandPayment,
  voidInvoice,
} from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { pumpDebits, pumpTopUps } from '../../packages/server/src/worker/pump.ts';
import { at } from '../kit/builders.ts';
import { atDesk } from '../kit/desk.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const keyOf = ({ merchant }: Play) => `dk_test_top-ups-of-${merchant.code}`;

async function call(play: Play, path: string, body?: unknown) {
  const response = await fetch(`${play.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${keyOf(play)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = { status: response.status, body: (await response.json()) as unknown };
  const operation = { method: body === undefined ? 'GET' : 'POST', path };
  if (response.status < 300) assertDocumented(operation, answer);
  return answer;
}

const yuan = (amount: number) => ({ amount: amount * 100, currency: 'CNY' });

/** Agreed in the portal: from 25.00 on, 50.00, and 60.00 a month at most. */
const WISH = {
  low: yuan(25),
  amount: yuan(50),
  monthly_cap: yuan(60),
  consent: { at: '2026-11-20T00:30:00Z', channel: 'portal', evidence_hash: 'a'.repeat(64) },
  by: 'Anna',
};

async function begin(newPlay: () => Promise<Play>, reference: string): Promise<Play> {
  const play = await newPlay();
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
  await play.subscribe([{ reference, by: 'unionpay', charge: '29.85' }]);
  return play;
}

async function pathOf(play: Play, reference: string): Promise<string> {
  return `/v1/customers/${(await play.customer(reference)).id}/top-up`;
}

async function topUpsOf(play: Play, reference: string): Promise<CustomerTopUpsWire> {
  return (await call(play, await pathOf(play, reference))).body as CustomerTopUpsWire;
}

async function leftOf(play: Play, reference: string): Promise<readonly bigint[]> {
  const { id } = await play.customer(reference);
  const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.lockCreditGrants([id]),
  );
  return grants.map(({ left }) => left.minor);
}

/** What happened to top-ups, their notices and debits, with the day. */
async function storyOf(play: Play, reference: string): Promise<readonly string[]> {
  const told = /^(top_up|credit|debit\.(succeeded|failed|retry)|notice\.delivered|payment)/;
  return (await play.rawEventsOf(reference))
    .filter(({ type, data }) => told.test(type) && (data['purpose'] ?? 'renewal') === 'renewal')
    .map(({ type, at }) => `${at.toZonedDateTimeISO('Asia/Shanghai').toPlainDate()} ${type}`);
}

onStage('automatic top-ups', (newPlay) => {
  test('falls, notice, debit, grant; the second one of a month waits for the next', async () => {
    const play = await begin(newPlay, 'T-1');
    const path = await pathOf(play, 'T-1');
    const unproved = { ...WISH, monthly_cap: yuan(40) };
    const refused = await call(play, path, unproved);
    assert.equal((refused.body as { code: string }).code, 'top_up_cap_too_low');
    assert.equal((await call(play, path, WISH)).status, 200);
    await play.advanceTo('2026-11-24 12:00');
    assert.deepEqual(
      (await topUpsOf(play, 'T-1')).top_ups.map(({ state, requested_on: on }) => [state, on]),
      [['requested', '2026-11-20']],
    );
    assert.deepEqual(await leftOf(play, 'T-1'), [], 'nothing is granted before it is paid');
    await play.advanceTo('2026-11-25 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [5_000n]);
    assert.equal((await play.books())['2203'], -5_000n);
    const [paid] = (await topUpsOf(play, 'T-1')).top_ups;
    const lines = [{ position: 1, take: { type: 'whole' } }] as const;
    const request = { lines, reason: 'goodwill' } as const;
    const twice = await creditInvoice(play.job(), present(paid, 'a top-up').invoice_id as never, {
      request,
      dryRun: false,
    });
    assert.ok(!twice.ok && twice.refusal.code === 'top_up_is_balance');

    // The bill of December takes 29.85, and 20.15 is low again: beyond the cap of November.
    await play.advanceTo('2026-11-30 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [2_015n]);
    assert.equal((await topUpsOf(play, 'T-1')).rules[0]?.held_by, 'monthly_cap');
    await play.advanceTo('2026-12-07 12:00');
    assert.deepEqual(await leftOf(play, 'T-1'), [2_015n, 5_000n]);
    assert.deepEqual(await storyOf(play, 'T-1'), [
      '2026-11-20 top_up.agreed',
      '2026-11-20 top_up.requested',
      '2026-11-20 notice.delivered',
      '2026-11-25 payment.received',
      '2026-11-25 debit.succeeded',
      '2026-11-25 credit.granted',
      '2026-11-25 top_up.paid',
      '2026-12-01 top_up.requested',
      '2026-12-01 notice.delivered',
      '2026-12-06 payment.received',
      '2026-12-06 debit.succeeded',
      '2026-12-06 credit.granted',
      '2026-12-06 top_up.paid',
    ]);
    const explained = await atDesk(play, ['explain', present(paid, 'a top-up').invoice_id]);
    assert.match(explained.out, /50\.00/);
    await play.end(5_000, 5_000);
  });

  test('a refused debit gives no balance, owes nothing and is not tried again', async () => {
    const play = await begin(newPlay, 'T-2');
    const agreed = await atDesk(play, [
      ...['balance', 'top-up', 'agree', 'T-2', '--low', '25.00', '--amount', '250.00'],
      ...['--cap', '250.00', '--evidence', 'b'.repeat(64), '--channel', 'phone'],
    ]);
    assert.equal(agreed.code, 0, agreed.err);
    await play.settle();
    const beyond = (await topUpsOf(play, 'T-2')).rules[0];
    assert.equal(beyond?.held_by, 'no_mandate', 'the mandate allows 200.00');
    await call(play, await pathOf(play, 'T-2'), WISH);
    await play.fault({ rail: 'unionpay', operation: 'consume', fault: '64', times: 9 });
    await play.advanceTo('2026-11-25 12:00');
    assert.equal((await topUpsOf(play, 'T-2')).top_ups[0]?.state, 'requested');
    await play.advanceTo('2026-11-27 12:00');
    const after = await topUpsOf(play, 'T-2');
    assert.deepEqual(
      after.top_ups.map(({ state, grant_id: grant }) => [state, grant]),
      [['refused', null]],
    );
    assert.deepEqual(await leftOf(play, 'T-2'), []);
    assert.equal((await play.books())['2203'] ?? 0n, 0n);
    const events = (await play.rawEventsOf('T-2')).map(({ type }) => type);
    assert.ok(!events.includes('service.warned') && !events.includes('credit.granted'));
    const stopped = await atDesk(play, ['balance', 'top-up', 'stop', 'T-2', '--json']);
    assert.equal(JSON.parse(stopped.out).stopped_by, 'cli', stopped.err);
    assert.deepEqual((await topUpsOf(play, 'T-2')).rules, []);
    await play.end();
  });

  test('stopped by voiding its invoice: the top-up ends with it', async () => {
    const play = await begin(newPlay, 'T-3');
    await call(play, await pathOf(play, 'T-3'), WISH);
    await play.settle();
    const [topUp] = (await topUpsOf(play, 'T-3')).top_ups;
    const voided = await voidInvoice(play.job(), present(topUp, 'a top-up').invoice_id as never);
    assert.ok(voided.ok);
    await play.settle();
    assert.equal((await topUpsOf(play, 'T-3')).top_ups[0]?.state, 'refused');
    await play.end();
  });

  test('the bank takes it back: what is left goes, what was used is owed', async () => {
    const play = await begin(newPlay, 'T-4');
    await call(play, await pathOf(play, 'T-4'), WISH);
    await play.advanceTo('2026-11-30 12:00');
    assert.deepEqual(await leftOf(play, 'T-4'), [2_015n]);
    await takeBack(play, 'T-4');
    assert.deepEqual(await leftOf(play, 'T-4'), [], 'what was not used is gone');
    const [topUp] = (await topUpsOf(play, 'T-4')).top_ups;
    assert.equal(topUp?.state, 'returned');
    const invoice = await invoiceOf(play, 'T-4');
    assert.deepEqual([invoice.state, amountDue(invoice).minor], ['open', 2_985n]);
    const books = await play.books();
    assert.deepEqual([books['2203'] ?? 0n, books['1122']], [0n, 2_985n]);
    const returned = (await play.rawEventsOf('T-4')).find(({ type }) => type === 'top_up.returned');
    assert.deepEqual(
      [returned?.data['minor'], returned?.data['taken_back'], returned?.data['owed']],
      ['5000', '2015', '2985'],
    );
    assert.deepEqual(await openTasks(play), ['top_up_returned finance 2985']);
    assert.deepEqual(await play.engine.store.findViolations(10), []);

    // Its invoice is not voided, and no credit note gives back what was taken.
    const voided = await voidInvoice(play.job(), invoice.id);
    assert.ok(!voided.ok && voided.refusal.code === 'top_up_is_returned');
    const credit = (take: 'whole' | 'amount') =>
      creditInvoice(play.job(), invoice.id, {
        request: {
          lines: [
            {
              position: 1,
              take: take === 'whole' ? { type: take } : { type: take, amount: amountDue(invoice) },
            },
          ],
          reason: 'goodwill',
        },
        dryRun: false,
      });
    const whole = await credit('whole');
    assert.ok(!whole.ok && whole.refusal.code === 'top_up_is_balance');
    // A person lets the customer off.
    assert.ok((await credit('amount')).ok);
    assert.equal((await invoiceOf(play, 'T-4')).state, 'paid');
    await play.settle();
    assert.deepEqual(await leftOf(play, 'T-4'), [], 'and nothing is granted for it');
    assert.equal((await play.books())['1122'] ?? 0n, 0n);
    await play.end(5_000);
  });

  test('taken back before any of it was used: nothing is owed, and none is sold anew', async () => {
    const play = await begin(newPlay, 'T-5');
    await call(play, await pathOf(play, 'T-5'), { ...WISH, monthly_cap: yuan(200) });
    await play.advanceTo('2026-11-25 12:00');
    assert.deepEqual(await leftOf(play, 'T-5'), [5_000n]);
    await takeBack(play, 'T-5');
    await play.settle();
    assert.deepEqual(await leftOf(play, 'T-5'), []);
    const { top_ups: topUps } = await topUpsOf(play, 'T-5');
    assert.deepEqual(
      topUps.map(({ state }) => state),
      ['returned'],
    );
    const invoice = await invoiceOf(play, 'T-5');
    assert.deepEqual([invoice.state, amountDue(invoice).minor], ['paid', 0n]);
    assert.deepEqual(await openTasks(play), []);
    const books = await play.books();
    assert.deepEqual([books['2203'] ?? 0n, books['2205'] ?? 0n], [0n, 0n]);
    await play.end(5_000);
  });

  test('taken back before it was granted: it is given up as one that was never paid', async () => {
    const play = await begin(newPlay, 'T-6');
    await call(play, await pathOf(play, 'T-6'), WISH);
    await play.advanceTo('2026-11-24 12:00');
    await play.sleepUntil('2026-11-25 12:00');
    await pumpDebits(play.job());
    await play.admin.idle();
    await pumpDebits(play.job());
    assert.deepEqual(await leftOf(play, 'T-6'), [], 'paid, and not granted yet');
    await takeBack(play, 'T-6');
    await play.advanceTo('2026-11-27 12:00');
    assert.equal((await topUpsOf(play, 'T-6')).top_ups[0]?.state, 'refused');
    assert.deepEqual(await leftOf(play, 'T-6'), []);
    assert.equal((await invoiceOf(play, 'T-6')).state, 'void');
    await play.end(5_000);
  });

  test('its payment is not refunded, its balance is: no money goes and stays', async () => {
    const play = await begin(newPlay, 'T-7');
    await call(play, await pathOf(play, 'T-7'), WISH);
    await play.advanceTo('2026-11-30 12:00');
    const ask = { route: 'original', reason: 'goodwill', remark: '', by: 'Anna' } as const;
    const { id } = await invoiceOf(play, 'T-7');
    const refused = await requestRefund(play.job(), id, { ask });
    assert.ok(!refused.ok && refused.refusal.code === 'top_up_is_balance', JSON.stringify(refused));
    const customer = await play.customer('T-7');
    const back = await requestBalanceRefund(play.job(), customer.id, { ask });
    assert.deepEqual(back.ok && back.value.refunds.map(({ amount }) => amount.minor), [2_015n]);
    assert.deepEqual(await leftOf(play, 'T-7'), []);
    await play.stop();
  });

  test('paid by hand for the wrong customer: reversed, and its balance goes with it', async () => {
    const play = await begin(newPlay, 'T-8');
    await call(play, await pathOf(play, 'T-8'), WISH);
    await play.settle();
    const { id } = await play.customer('T-8');
    const paid = await recordHandPayment(play.job(), id, {
      request: {
        method: 'bank_transfer',
        amount: money(5_000n, 'CNY'),
        reference: 'B-8',
        receivedAt: at('2026-11-20 08:00'),
        recordedBy: 'Anna',
        note: '',
      },
    });
    assert.ok(paid.ok);
    await play.settle();
    assert.deepEqual(await leftOf(play, 'T-8'), [5_000n]);
    const who = { by: 'Anna', reason: 'of another customer' };
    const reversed = await reverseHandPayment(play.job(), paid.value.payment.id, who);
    assert.ok(reversed.ok);
    await play.settle();
    assert.deepEqual(await leftOf(play, 'T-8'), []);
    assert.equal((await topUpsOf(play, 'T-8')).top_ups[0]?.state, 'returned');
    assert.equal((await play.books())['2203'] ?? 0n, 0n);
    await play.end();
  });

  test('due with a renewal and beyond the cap together: two debits, a day apart', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
    await play.subscribe([{ reference: 'T-9', by: 'unionpay', charge: '170.00' }]);
    await play.advanceTo('2026-11-25 12:00');
    await play.sleepUntil('2026-11-26 08:59');
    await call(play, await pathOf(play, 'T-9'), WISH);
    // Drafted just before the renewal is issued, so that both are issued by one look.
    await pumpTopUps(play.job());
    await play.sleepUntil('2026-11-26 12:00');
    await play.settle();
    await play.advanceTo('2026-12-04 12:00');
    assert.equal((await topUpsOf(play, 'T-9')).top_ups[0]?.state, 'paid');
    const debited = (await play.rawEventsOf('T-9')).filter(
      ({ type }) => type === 'debit.succeeded',
    );
    assert.deepEqual(
      debited.map(({ at: when }) => `${when.toZonedDateTimeISO('Asia/Shanghai').toPlainDate()}`),
      ['2026-12-01', '2026-12-02'],
    );
    await play.end(17_000, 5_000);
  });

  test('the cap holds for the month of the debit as well', async () => {
    const play = await begin(newPlay, 'T-10');
    await play.advanceTo('2026-11-28 12:00');
    await call(play, await pathOf(play, 'T-10'), WISH);
    // Asked for in November and taken in December.
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(await leftOf(play, 'T-10'), [5_000n]);
    const { id } = await play.customer('T-10');
    const back = await requestBalanceRefund(play.job(), id, {
      ask: { route: 'original', reason: 'goodwill', remark: '', by: 'Anna' },
    });
    assert.ok(back.ok);
    await play.settle();
    const { rules, top_ups: topUps } = await topUpsOf(play, 'T-10');
    assert.deepEqual([topUps.length, rules[0]?.held_by], [1, 'monthly_cap']);
    await play.advanceTo('2027-01-01 12:00');
    assert.equal((await topUpsOf(play, 'T-10')).top_ups.length, 2);
    await play.stop();
  });
});

/** The payer's bank takes the money of the customer's top-up back. */
async function takeBack(play: Play, reference: string): Promise<void> {
  const { id } = await invoiceOf(play, reference);
  const { engine, merchant } = play.job();
  const orderNumber = await engine.store.transact(merchant.id, async (tx) => {
    const debits = await tx.findDebitsOfInvoices([id]);
    const [bundle] = await tx.lockDebits(debits.map((debit) => debit.id));
    return bundle?.attempts.at(-1)?.orderNumber;
  });
  const returned = await applyReturns(play.job(), [
    {
      kind: 'return',
      orderNumber: present(orderNumber, 'the order of a top-up'),
      railReference: `back-${reference}`,
      amount: money(5_000n, 'CNY'),
      code: 'MD06',
      message: '',
      mandateGone: false,
      at: present(play.merchant.testClock, 'the time'),
    },
  ]);
  assert.deepEqual(returned, { applied: 1, foreign: [] });
}

async function invoiceOf(play: Play, reference: string): Promise<Invoice> {
  const [topUp] = (await topUpsOf(play, reference)).top_ups;
  const id = present(topUp, 'a top-up').invoice_id as InvoiceId;
  const [invoice] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadInvoices([id]),
  );
  return present(invoice, 'the invoice of a top-up');
}

async function openTasks(play: Play): Promise<readonly string[]> {
  const tasks = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listTasks({ limit: 10 }),
  );
  return tasks
    .filter(({ state, kind }) => state === 'open' && kind.startsWith('top_up'))
    .map(({ kind, owner, data }) => `${kind} ${owner} ${data['owed']}`);
}
