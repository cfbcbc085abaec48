import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { money, type Rail, type RailEvent, type SigningRequest } from '@daikou/core';
import { type Sandbox, startSandbox } from '../../kit/sandbox.ts';
import { decideOnPage } from '../../kit/wallet.ts';
import { freshNumber, type Inbox, openInbox } from '../suite/subject.ts';
import type { AlipayConfig } from './config.ts';
import { makeAlipayRail } from './rail.ts';

/**
 * What is Alipay's alone and so not in the family suite, against the sandbox: plans that move,
 * paying without signing, the other product, who ended an agreement, a changed key, limits and
 * outages.
 */
describe('Alipay and the sandbox', () => {
  let sandbox: Sandbox;
  let inbox: Inbox;
  before(async () => {
    sandbox = await startSandbox();
    inbox = await openInbox();
    await sandbox.setClock('2026-12-01T09:00:00+08:00');
    await configure({ appGatewayUrl: `${inbox.origin}/gateway`, callbackTimeScale: 0.001 });
  });
  after(async () => {
    await sandbox.stop();
    await inbox.close();
  });

  const configure = (alipay: Readonly<Record<string, unknown>>): Promise<unknown> =>
    sandbox.admin('PUT', '/admin/configure', { alipay });

  function open(change: Partial<AlipayConfig> = {}): Rail {
    const gateway = sandbox.endpoint<string>('alipay');
    return makeAlipayRail({
      ...sandbox.credentials<
        Pick<AlipayConfig, 'appId' | 'sellerId' | 'merchantPrivateKey' | 'alipayPublicKey'>
      >('alipay'),
      gateway,
      notifyUrl: `${inbox.origin}/payments`,
      agreementNotifyUrl: `${inbox.origin}/agreements`,
      now: () => Temporal.Now.instant(),
      timeoutMilliseconds: 1_000,
      billOrigin: new URL(gateway).origin,
      ...change,
    });
  }

  const PLANNED = Temporal.PlainDate.from('2026-12-05');
  const request = (change: Partial<SigningRequest> = {}): SigningRequest => ({
    contractCode: freshNumber('C'),
    displayAccount: freshNumber('customer-'),
    singleCap: money(50_000n, 'CNY'),
    firstPlannedDate: PLANNED,
    requestSerial: '1',
    clientIp: '192.0.2.10',
    ...change,
  });

  async function sign(rail: Rail, change: Partial<SigningRequest> = {}) {
    const asked = request(change);
    const started = await rail.beginSigning(asked);
    if (started.kind !== 'open_url') throw new Error(started.kind);
    await decideOnPage(started.url, 'agree');
    const report = await rail.queryMandate({ contractCode: asked.contractCode });
    if (report.kind !== 'active') throw new Error(report.kind);
    return { contractCode: asked.contractCode, railReference: report.railReference };
  }

  const debit = (rail: Rail, railReference: string) => {
    const orderNumber = freshNumber('D');
    const amount = money(2_985n, 'CNY');
    return rail.submit({ orderNumber, railReference, amount, description: '专业版' });
  };

  /** The events of the first callback that has one that is wanted. */
  async function eventsWith(
    rail: Rail,
    isWanted: (event: RailEvent) => boolean,
  ): Promise<readonly RailEvent[]> {
    const eventsOf = (raw: Parameters<Rail['readCallback']>[0]): readonly RailEvent[] => {
      const reading = rail.readCallback(raw);
      return reading.kind === 'verified' ? reading.events : [];
    };
    return eventsOf(await inbox.wait((raw) => eventsOf(raw).some(isWanted)));
  }

  test('a plan moves later, and the debit waits for its new window', async () => {
    const rail = open();
    const { railReference } = await sign(rail);
    const move = (plannedDate: Temporal.PlainDate) =>
      rail.movePlannedDate?.({ railReference, plannedDate, reason: '客户申请延期' });
    const later = Temporal.PlainDate.from('2026-12-20');
    assert.deepEqual(await move(later), { kind: 'moved', plannedDate: later });
    // The same again, as after a lost reply, and then an earlier date.
    assert.deepEqual(await move(later), { kind: 'moved', plannedDate: later });
    assert.equal((await move(later.subtract({ days: 1 })))?.kind, 'refused');
    const early = await debit(rail, railReference);
    assert.equal(early.kind === 'refused' && early.refusal.class, 'reschedule');
  });

  test('a payer who pays without signing: paid, and no mandate', async () => {
    const rail = open();
    const orderNumber = freshNumber('D');
    const asked = request({
      flow: 'pay_and_sign',
      firstPayment: { orderNumber, amount: money(2_985n, 'CNY'), description: '专业版 首期' },
    });
    const started = await rail.beginSigning(asked);
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    await fetch(started.url, { method: 'POST', body: new URLSearchParams({ decision: 'pay' }) });
    await sandbox.idle();
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
    const { contractCode } = asked;
    assert.deepEqual(await rail.queryMandate({ contractCode }), {
      kind: 'not_found',
      contractCode,
    });
  });

  for (const firstPaymentBy of ['wap', 'page', 'app'] as const) {
    test(`paying and signing by ${firstPaymentBy}: the first payment is no debit`, async () => {
      const rail = open({ firstPaymentBy, totalPayments: 1, totalAmountMinor: 3_000 });
      const orderNumber = freshNumber('D');
      const asked = request({
        flow: 'pay_and_sign',
        firstPayment: { orderNumber, amount: money(2_985n, 'CNY'), description: '专业版 首期' },
      });
      const started = await rail.beginSigning(asked);
      const gateway = sandbox.endpoint<string>('alipay');
      if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
      else if (started.kind !== 'launch') assert.fail(started.kind);
      else await decideOnPage(`${gateway}?${started.parameters['orderString']}`, 'agree');
      const { contractCode } = asked;
      await eventsWith(rail, (one) => one.kind === 'attempt' && one.orderNumber === orderNumber);
      const [signed] = await eventsWith(rail, (one) => {
        return one.kind === 'mandate' && JSON.stringify(one).includes(contractCode);
      });
      const report = signed?.kind === 'mandate' ? signed.report : undefined;
      assert.ok(report?.kind === 'active');
      // One debit of at most 30.00 was signed: it is still there.
      assert.equal((await debit(rail, report.railReference)).kind, 'succeeded');
    });
  }

  test('the cap over all debits is kept by Alipay: only a new signing raises it', async () => {
    const rail = open({ totalAmountMinor: 2_984 });
    const { railReference } = await sign(rail);
    const outcome = await debit(rail, railReference);
    assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'mandate');
    const code = outcome.kind === 'refused' ? outcome.refusal.code : '';
    assert.equal(code, 'ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED');
  });

  test('商家扣款 debits on any day', async () => {
    for (const personalProductCode of ['GENERAL_WITHHOLDING_P', 'CYCLE_PAY_AUTH_P']) {
      const rail = open({ productCode: 'GENERAL_WITHHOLDING', personalProductCode });
      const { railReference } = await sign(rail);
      assert.equal((await debit(rail, railReference)).kind, 'succeeded');
      assert.equal((await debit(rail, railReference)).kind, 'succeeded');
    }
  });

  test('who ended an agreement is told by the address of its notice', async () => {
    const rail = open();
    const ours = await sign(rail);
    const theirs = await sign(rail);
    await rail.endMandate(ours, '客户关闭自动续费');
    const body = { rail: 'alipay', agreementNo: theirs.railReference };
    await sandbox.admin('POST', '/admin/wallet/terminate', body);
    for (const [mandate, endedBy] of [
      [ours, 'merchant'],
      [theirs, 'customer'],
    ] as const) {
      const [event] = await eventsWith(rail, (one) => {
        if (one.kind !== 'mandate' || one.report.kind !== 'ended') return false;
        return one.report.contractCode === mandate.contractCode;
      });
      const report = event?.kind === 'mandate' ? event.report : undefined;
      assert.equal(report?.kind === 'ended' && report.endedBy, endedBy);
    }
  });

  test('an ended agreement that the query still shows, and one that Alipay paused', async () => {
    const rail = open();
    const ended = await sign(rail);
    const paused = await sign(rail);
    await configure({ showsEnded: true });
    const report = await rail.endMandate(ended, '客户关闭自动续费');
    assert.equal(report.kind === 'ended' && report.endedBy, 'merchant');
    await configure({ showsEnded: false });
    const body = { rail: 'alipay', agreementNo: paused.railReference };
    await sandbox.admin('POST', '/admin/wallet/pause', body);
    assert.equal((await rail.queryMandate(paused)).kind, 'ended');
    const outcome = await debit(rail, paused.railReference);
    assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'mandate');
  });

  test('a code to scan is paid like a link', async () => {
    const rail = open({ payLinkBy: 'precreate' });
    const orderNumber = freshNumber('P');
    const started = await rail.beginPayment?.({
      orderNumber,
      amount: money(12_345n, 'CNY'),
      description: '专业版 12 月',
      expiresAt: Temporal.Instant.from('2099-01-01T00:00:00Z'),
      clientIp: '192.0.2.10',
    });
    assert.equal(started?.kind, 'open_url');
    if (started?.kind !== 'open_url') return;
    assert.equal((await rail.ask(orderNumber)).kind, 'not_found');
    await decideOnPage(started.url, 'agree');
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
  });

  test('a request that arrives after the question about it is paid once', async () => {
    const rail = open();
    const { railReference } = await sign(rail);
    const orderNumber = freshNumber('D');
    const script = { rail: 'alipay', orderNumber, fault: 'ARRIVES_LATE' };
    await sandbox.admin('POST', '/admin/faults', script);
    const amount = money(2_985n, 'CNY');
    const again = { orderNumber, railReference, amount, description: '专业版' };
    assert.equal((await rail.submit(again)).kind, 'unknown');
    assert.equal((await rail.ask(orderNumber)).kind, 'not_found');
    assert.equal((await rail.submit(again)).kind, 'succeeded');
    await sandbox.idle();
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
  });

  test('too many calls: nothing was carried out, and the same number goes again', async () => {
    const rail = open();
    const { railReference } = await sign(rail);
    const numbers = Array.from({ length: 8 }, () => freshNumber('D'));
    await configure({ callsPerSecond: 2 });
    const asked = await Promise.all(
      numbers.map((orderNumber) => {
        const amount = money(2_985n, 'CNY');
        return rail.submit({ orderNumber, railReference, amount, description: '专业版' });
      }),
    );
    await configure({ callsPerSecond: 0 });
    const turnedAway = numbers.filter((_, index) => asked[index]?.kind === 'never_sent');
    assert.ok(turnedAway.length > 0);
    for (const orderNumber of turnedAway) {
      assert.equal((await rail.ask(orderNumber)).kind, 'not_found');
    }
  });

  test('three days down: nothing is known, and afterwards the same number pays', async () => {
    const rail = open();
    const { railReference } = await sign(rail);
    const orderNumber = freshNumber('D');
    const order = {
      orderNumber,
      railReference,
      amount: money(2_985n, 'CNY'),
      description: '专业版',
    };
    const from = '2026-12-01T00:00:00+08:00';
    const until = '2026-12-04T00:00:00+08:00';
    const outages = [{ rail: 'alipay', from, until }];
    await sandbox.admin('PUT', '/admin/outages', { outages });
    assert.equal((await rail.submit(order)).kind, 'unknown');
    assert.equal((await rail.ask(orderNumber)).kind, 'unknown');
    assert.equal((await rail.fetchBill(PLANNED.subtract({ days: 5 }))).kind, 'unknown');
    await sandbox.admin('PUT', '/admin/outages', { outages: [] });
    assert.deepEqual(await rail.ask(orderNumber), { kind: 'not_found' });
    assert.equal((await rail.submit(order)).kind, 'succeeded');
  });

  test('both layouts of the account statement tell the same money', async () => {
    await sandbox.setClock('2026-12-02T10:00:00+08:00');
    const rail = open();
    const totals: bigint[] = [];
    for (const layout of ['current', 'classic']) {
      await configure({ layout });
      const statement = await rail.fetchSettlement?.(Temporal.PlainDate.from('2026-12-01'));
      assert.equal(statement?.kind, 'ready');
      if (statement?.kind !== 'ready') return;
      const rows = await Array.fromAsync(statement.lines);
      assert.ok(rows.some((row) => row.kind === 'payout' && row.change.minor < 0n));
      totals.push(rows.reduce((sum, row) => sum + row.change.minor * row.change.minor, 0n));
    }
    assert.equal(totals[0], totals[1]);
  });

  test('a changed key: unknown until it is configured, then both, then the new one', async () => {
    const former = open();
    const orderNumber = freshNumber('D');
    const told = (await sandbox.admin('POST', '/admin/alipay/rotate-key')) as {
      readonly alipayPublicKeys: readonly string[];
    };
    const [present = ''] = told.alipayPublicKeys;
    assert.equal((await former.ask(orderNumber)).kind, 'unknown');
    for (const change of [{ alipayPublicKeys: [present] }, { alipayPublicKey: present }]) {
      assert.deepEqual(await open(change).ask(orderNumber), { kind: 'not_found' });
    }
  });
});
