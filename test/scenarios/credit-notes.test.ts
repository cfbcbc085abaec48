import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  amountDue,
  type CreditRequest,
  type Invoice,
  type InvoiceId,
  money,
  percentOff,
  present,
  type Refusal,
  type Result,
} from '../../packages/core/src/index.ts';
import {
  createCoupon,
  creditInvoice,
  listCreditNotes,
  redeemCoupon,
  reissueInvoice,
  voidInvoice,
} from '../../packages/engine/src/index.ts';
import type { Io } from '../../packages/server/src/cli/io.ts';
import { runCommandLine } from '../../packages/server/src/cli/program.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { Live } from '../../packages/server/src/live.ts';
import { readSettings } from '../../packages/server/src/settings.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { temporaryFolder } from '../kit/telco.ts';

/** ¥10.60 with its tax. */
const SOME: CreditRequest = {
  lines: [{ position: 1, take: { type: 'amount', amount: money(1_060n, 'CNY') } }],
  reason: 'billed_in_error',
};
const WHOLE: CreditRequest = {
  lines: [{ position: 1, take: { type: 'whole' } }],
  reason: 'service_not_delivered',
};

function done<T>(result: Result<T, Refusal>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.refusal.code}: ${result.refusal.sentence}`);
  return result.value;
}

function refused(result: Result<unknown, Refusal>): string {
  assert.ok(!result.ok, 'it is not refused');
  return result.refusal.code;
}

/** What of the API's answers is looked at here; each has some of it. */
type Answer = {
  readonly dry_run?: boolean;
  readonly credit_notes?: readonly { readonly net: { readonly amount: number } }[];
  readonly data?: readonly unknown[];
  readonly code?: string;
  readonly param?: string;
};

/** Runs `daikou <words>` for the merchant of the play, in this process. */
async function commandLine(play: Play, store: OpenedStore) {
  const temporary = temporaryFolder();
  const settings = readSettings({ DAIKOU_HOME: temporary.path });
  temporary.remove();
  assert.ok('home' in settings);
  const log = { info() {}, warn() {} };
  const live = await Live.make({ settings, store, log });
  return async (...words: readonly string[]) => {
    const said = { out: '', err: '' };
    const io: Io = {
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      isTty: false,
      columns: 80,
      language: 'en',
      cwd: temporary.path,
      signal: new AbortController().signal,
      beginService() {},
    };
    const host = { settings, live: async () => live, isInside: true, publish() {} };
    const argv = [...words, '--merchant', play.merchant.code];
    return { code: await runCommandLine(argv, { io, host }), ...said };
  };
}

/** All invoices of the customer, oldest first. */
async function invoicesOf(play: Play, reference: string): Promise<readonly Invoice[]> {
  const { id } = await play.customer(reference);
  return await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: id, limit: 20 }),
  );
}

async function onlyInvoice(play: Play, reference: string): Promise<Invoice> {
  const [only, ...others] = await invoicesOf(play, reference);
  assert.equal(others.length, 0);
  return present(only, 'an invoice');
}

/** Somebody types a quantity into the subscription, right or wrong. */
async function setQuantity(play: Play, reference: string, quantity: bigint): Promise<void> {
  const { id } = await play.customer(reference);
  await play.engine.store.transact(play.merchant.id, async (tx) => {
    const [found] = await tx.listSubscriptions({ customerId: id, limit: 1 });
    const subscription = present(found, 'a subscription');
    const items = subscription.items.map((item) => ({ ...item, quantity }));
    await tx.save({ subscriptions: [{ ...subscription, items }] });
  });
}

/** What happened after the first `count` events; ids, which differ on every run, left out. */
async function since(play: Play, reference: string, count: number): Promise<readonly string[]> {
  const events = await play.eventsOf(reference);
  return events.slice(count).map((line) => line.replaceAll(/ [a-z]{3}_[0-9a-f]{32}/g, ''));
}

onStage('a credit note', (newPlay) => {
  test('on an open invoice whose notice went out: told anew, less is taken, once', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-27 10:00');
    const { id } = await onlyInvoice(play, 'K-1');
    const told = (await play.eventsOf('K-1')).length;
    done(await creditInvoice(play.job(), id, { request: SOME }));
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(await since(play, 'K-1', told), [
      '11-27 10:00 invoice.credited ¥10.60 billed_in_error reduce_due',
      '11-27 10:00 debit.failed invoice_credited',
      '11-27 10:00 debit.scheduled alipay ¥19.25 on 12-02',
      '11-27 10:00 notice.sent mail renewal ¥19.25 on 12-02',
      '11-27 10:00 notice.delivered mail renewal ¥19.25 on 12-02',
      '12-02 07:30 attempt.submitted #1 ¥19.25',
      '12-02 07:30 payment.received #1 ¥19.25',
      '12-02 07:30 debit.succeeded #1 ¥19.25',
      '12-02 07:30 invoice.paid #1 ¥19.25',
    ]);
    assert.equal((await onlyInvoice(play, 'K-1')).state, 'paid');
    await play.end(1_925);
  });

  test('for all of it: nothing is due, the debit is cancelled, nothing is taken', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-2', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-27 10:00');
    const { id } = await onlyInvoice(play, 'K-2');
    const told = (await play.eventsOf('K-2')).length;
    const { notes } = done(await creditInvoice(play.job(), id, { request: WHOLE }));
    assert.equal(notes[0]?.total.minor, 2_985n);
    await play.advanceTo('2026-12-04 12:00');
    assert.deepEqual(await since(play, 'K-2', told), [
      '11-27 10:00 invoice.credited ¥29.85 service_not_delivered reduce_due',
      '11-27 10:00 invoice.paid ¥0.00',
      '11-27 10:00 debit.failed invoice_credited',
    ]);
    assert.equal((await play.debit()).state, 'canceled');
    assert.deepEqual(await play.books(), { '1122': 0n, '2205': 0n, '2221.01': 0n });
    await play.end();
  });

  test('on a paid invoice: the next one uses the balance first', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-05 10:00');
    const { id } = await onlyInvoice(play, 'K-3');
    const { notes, invoice } = done(await creditInvoice(play.job(), id, { request: SOME }));
    assert.equal(notes[0]?.disposition, 'to_balance');
    assert.equal(invoice.credited.minor, 0n);
    await play.advanceTo('2026-12-27 12:00');
    const [, open] = await invoicesOf(play, 'K-3');
    assert.equal(open?.balanceApplied.minor, 1_060n);
    // Voided and drafted again: the balance is given back first, so that it is used once.
    done(await reissueInvoice(play.job(), present(open, 'the next invoice').id));
    await play.advanceTo('2027-01-02 12:00');
    const [, old, next] = await invoicesOf(play, 'K-3');
    assert.deepEqual([old?.state, next?.state], ['void', 'paid']);
    assert.equal(next?.balanceApplied.minor, 1_060n);
    await play.end(2_985, 1_925);
  });

  test('while nobody knows of the debit: refused; afterwards to the balance', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-4', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-30 12:00');
    const { id } = await onlyInvoice(play, 'K-4');
    const request = SOME;
    const dry = done(await creditInvoice(play.job(), id, { request, dryRun: true }));
    assert.equal(amountDue(dry.invoice).minor, 1_925n);
    assert.deepEqual(done(await listCreditNotes(play.job(), id)), [], 'a dry run saves nothing');
    await play.fault({ rail: 'wechat', fault: 'lost_callback', operation: 'pay_callback' });
    await play.fault({ rail: 'wechat', fault: 'TIMEOUT_THEN_PAID' });
    await play.advanceTo('2026-12-01 07:30');
    assert.equal((await play.debit()).state, 'in_flight');
    assert.equal(refused(await creditInvoice(play.job(), id, { request })), 'debit_in_flight');
    assert.equal(refused(await voidInvoice(play.job(), id)), 'debit_in_flight');
    await play.advanceTo('2026-12-01 12:00');
    const { notes } = done(await creditInvoice(play.job(), id, { request }));
    assert.equal(notes[0]?.disposition, 'to_balance');
    await play.end(2_985);
  });

  test('on one of two that are debited together: the other is told and taken alone', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-5', by: 'alipay', charge: '29.85' }]);
    await play.subscribeAgain('K-5', 1_000n);
    await play.advanceTo('2026-11-27 10:00');
    const open = await invoicesOf(play, 'K-5');
    const larger = present(
      open.find(({ total }) => total.minor === 2_985n),
      'the larger invoice',
    );
    const { debit } = done(await creditInvoice(play.job(), larger.id, { request: WHOLE }));
    assert.equal(debit?.amount.minor, 1_000n);
    assert.equal(debit?.invoiceIds.length, 1);
    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(
      (await invoicesOf(play, 'K-5')).map(({ state }) => state),
      ['paid', 'paid'],
    );
    await play.end(1_000);
  });

  test('after the debit has failed for good: less is owed, nothing is debited', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'K-6', by: 'alipay', charge: '29.85' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_BALANCE_NOT_ENOUGH', times: 9 });
    await play.advanceTo('2026-12-10 12:00');
    const { id } = await onlyInvoice(play, 'K-6');
    const { invoice, debit } = done(await creditInvoice(play.job(), id, { request: SOME }));
    assert.equal(invoice.state, 'open');
    assert.equal(amountDue(invoice).minor, 1_925n);
    assert.equal(debit, undefined);
    await play.end();
  });
});

onStage('an invoice that is wrong', (newPlay, stage) => {
  test('a wrong quantity, told already: drafted again, told and taken right', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-1', by: 'alipay', charge: '29.85' }]);
    await setQuantity(play, 'V-1', 2n);
    await play.advanceTo('2026-11-26 12:00');
    const wrong = await onlyInvoice(play, 'V-1');
    assert.equal(wrong.total.minor, 5_970n);
    await setQuantity(play, 'V-1', 1n);
    const told = (await play.eventsOf('V-1')).length;

    const dry = done(await reissueInvoice(play.job(), wrong.id, { dryRun: true }));
    assert.deepEqual(
      dry.parts.map(({ cause, amount }) => [cause, amount.minor]),
      [['seats', -2_985n]],
    );
    assert.deepEqual(await onlyInvoice(play, 'V-1'), wrong, 'a dry run changes nothing');

    const { after } = done(await reissueInvoice(play.job(), wrong.id));
    assert.equal(after?.total.minor, 2_985n);
    assert.equal(after?.billingKey, wrong.billingKey);
    await play.advanceTo('2026-12-02 12:00');
    assert.deepEqual(await since(play, 'V-1', told), [
      '11-26 12:00 invoice.drafted ¥29.85',
      '11-26 12:00 invoice.voided ¥59.70',
      '11-26 12:00 invoice.reissued ¥29.85',
      '11-26 12:00 debit.failed invoice_voided',
      '11-26 12:00 invoice.issued ¥29.85',
      '11-26 12:00 debit.scheduled alipay ¥29.85 on 12-01',
      '11-26 12:00 notice.sent mail renewal ¥29.85 on 12-01',
      '11-26 12:00 notice.delivered mail renewal ¥29.85 on 12-01',
      '12-01 07:30 attempt.submitted #1 ¥29.85',
      '12-01 07:30 payment.received #1 ¥29.85',
      '12-01 07:30 debit.succeeded #1 ¥29.85',
      '12-01 07:30 invoice.paid #1 ¥29.85',
    ]);
    const events = await play.rawEventsOf('V-1');
    const link = (type: string) => events.find((event) => event.type === type)?.data;
    assert.equal(link('invoice.voided')?.['replaced_by'], after?.id);
    assert.equal(link('invoice.reissued')?.['replaces'], wrong.id);
    await play.end(2_985);
  });

  test('voided only: nothing is taken, the next period is billed as ever', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-2', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-26 12:00');
    const { id } = await onlyInvoice(play, 'V-2');
    assert.equal(done(await voidInvoice(play.job(), id)).state, 'void');
    assert.equal(refused(await voidInvoice(play.job(), id)), 'invoice_is_void');
    await play.advanceTo('2027-01-02 12:00');
    const states = (await invoicesOf(play, 'V-2')).map(({ state }) => state);
    assert.deepEqual(states, ['void', 'paid']);
    await play.end(2_985);
  });

  test('drafted again without a change: the same to the fen, however often', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-24 12:00');
    let last = await onlyInvoice(play, 'V-3');
    for (let count = 0; count < 3; count += 1) {
      const { after, parts } = done(await reissueInvoice(play.job(), last.id));
      assert.deepEqual(parts, []);
      const { total, net, tax, lines, billingKey, dueDate } = present(after, 'a new draft');
      assert.deepEqual(
        { total, net, tax, lines, billingKey, dueDate },
        {
          total: last.total,
          net: last.net,
          tax: last.tax,
          lines: last.lines,
          billingKey: last.billingKey,
          dueDate: last.dueDate,
        },
      );
      last = present(after, 'a new draft');
    }
    await play.advanceTo('2026-12-01 12:00');
    await play.end(2_985);
  });

  test('a coupon for one time: given back, and taken off again', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-6', by: 'alipay', charge: '29.85' }]);
    const job = play.job();
    done(
      await createCoupon(job, {
        code: 'SPRING',
        nameZh: '春季优惠',
        nameEn: 'Spring',
        kind: percentOff(1_000n),
        duration: { type: 'once' },
        appliesTo: 'all',
      }),
    );
    const { id } = await play.customer('V-6');
    const [subscription] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listSubscriptions({ customerId: id, limit: 1 }),
    );
    const subscriptionId = present(subscription, 'a subscription').id;
    done(await redeemCoupon(job, { subscriptionId, code: 'SPRING' }));
    await play.advanceTo('2026-11-26 12:00');
    const first = await onlyInvoice(play, 'V-6');
    assert.equal(first.total.minor, 2_686n);
    const { after } = done(await reissueInvoice(play.job(), first.id));
    assert.deepEqual(after?.total, first.total);
    await play.advanceTo('2026-12-02 12:00');
    await play.end(2_686);
  });

  test('what is refused, at each time of its life', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-4', by: 'alipay', charge: '29.85' }]);
    const unknown: InvoiceId = `inv_${'0'.repeat(32)}`;
    const request = SOME;
    assert.equal(refused(await creditInvoice(play.job(), unknown, { request })), 'not_found');
    assert.equal(refused(await voidInvoice(play.job(), unknown)), 'not_found');
    await play.advanceTo('2026-11-24 12:00');
    const { id } = await onlyInvoice(play, 'V-4');
    assert.equal(refused(await creditInvoice(play.job(), id, { request })), 'invoice_is_draft');
    await play.advanceTo('2026-11-26 12:00');
    done(await creditInvoice(play.job(), id, { request }));
    assert.equal(refused(await voidInvoice(play.job(), id)), 'invoice_has_credit_notes');
    await play.advanceTo('2026-12-05 12:00');
    assert.equal(refused(await voidInvoice(play.job(), id)), 'invoice_is_paid');
    assert.equal(refused(await reissueInvoice(play.job(), id)), 'invoice_is_paid');
    await play.end(1_925);
  });

  test('over HTTP: dry run, note, list, and a refusal that names its field', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-5', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-11-26 12:00');
    const { id } = await onlyInvoice(play, 'V-5');
    const key = `test-${play.merchant.code}`;
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'test');
    const call = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${play.url}/v1/invoices/${id}/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as Answer;
      const operation = { method, path: `/v1/invoices/${id}/${path}` };
      assertDocumented(operation, { status: response.status, body: answer });
      return { status: response.status, answer };
    };
    const body = {
      lines: [{ position: 1, amount: { amount: 1_060, currency: 'CNY' } }],
      reason: 'goodwill',
    };
    const dry = await call('POST', 'credit-notes?dry_run=true', body);
    assert.equal(dry.status, 200);
    assert.equal(dry.answer.dry_run, true);
    const made = await call('POST', 'credit-notes', body);
    assert.equal(made.answer.credit_notes?.[0]?.net.amount, 1_000);
    const list = await call('GET', 'credit-notes');
    assert.equal(list.answer.data?.length, 1);
    const tooMuch = {
      ...body,
      lines: [{ position: 1, amount: { amount: 1_926, currency: 'CNY' } }],
    };
    const no = await call('POST', 'credit-notes', tooMuch);
    assert.equal(no.status, 422);
    assert.equal(no.answer.code, 'more_than_line_has_left');
    assert.equal(no.answer.param, 'lines[0].amount');
    const both = { ...body, lines: [{ position: 1, whole: true, units: '1' }] };
    assert.equal((await call('POST', 'credit-notes', both)).answer.code, 'credit_not_one_of');
    assert.equal((await call('POST', 'void')).answer.code, 'invoice_has_credit_notes');
    assert.equal((await call('POST', 'reissue?dry_run=true')).status, 422);
    await play.end();
  });

  test('from the command line: a dry run, notes by amount and by line, and refusals', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'V-7', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-11-26 12:00');
    const { id, number } = await onlyInvoice(play, 'V-7');
    const daikou = await commandLine(play, stage().store);
    const dry = await daikou('reissue', id, '--dry-run');
    assert.deepEqual([dry.code, dry.out.includes('nothing was changed')], [0, true]);
    assert.match((await daikou('credit', id, '--line', '1=10.60')).out, /^C202611-\w+ +¥10\.60 /);
    const tooMuch = await daikou('credit', id, '--line', '1=19.26');
    assert.deepEqual([tooMuch.code, tooMuch.out], [1, '']);
    assert.match(tooMuch.err, /lines\[0\]\.amount/);
    for (const words of [['1=1.001'], ['0'], ['1', '--reason', 'because'], ['1=-1']]) {
      const [line = '', ...more] = words;
      assert.equal((await daikou('credit', id, '--line', line, ...more)).code, 2, line);
    }
    assert.equal((await daikou('void', number)).code, 2);
    assert.equal((await daikou('void', id)).code, 1);
    assert.equal((await daikou('credit', id, '--line', '1x1')).code, 1, 'only 19.25 is left');
    const last = JSON.parse((await daikou('credit', id, '--line', '1', '--json')).out);
    assert.deepEqual([last.notes[0].total.minor, last.invoice.state], ['1925', 'paid']);
    await play.end();
  });
});
