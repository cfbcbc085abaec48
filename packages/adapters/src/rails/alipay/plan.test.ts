import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money } from '@daikou/core';
import { listen } from '../../kit/listener.ts';
import { CONFIG, FIXED_NOW, golden, signedReply } from './fixture.ts';
import { makeAlipayRail } from './rail.ts';

type Content = Readonly<Record<string, unknown>>;

/** A gateway that answers each method with one content, and the rail that talks to it. */
async function railWith(answers: Readonly<Record<string, Content>>) {
  const gateway = await listen((request) => {
    const query = new URL(request.target, 'http://host.example.test').searchParams;
    const method = query.get('method') ?? '';
    const content = answers[method] ?? { code: '20000', msg: '' };
    return { status: 200, body: signedReply(method, content) };
  });
  const config = { ...CONFIG, gateway: `${gateway.origin}/gateway.do` };
  return { gateway, config };
}

const fail = (sub_code: string): Content => ({ code: '40004', msg: 'Business Failed', sub_code });
const MOVED = golden<Content>('reply-plan-moved');
const STOPPED = golden<Content>('reply-agreement-stopped');
const MODIFY = 'alipay.user.agreement.executionplan.modify';
const QUERY = 'alipay.user.agreement.query';

describe('moving the planned date', () => {
  const LATER = Temporal.PlainDate.from('2027-01-20');
  const CASES: readonly (readonly [string, Readonly<Record<string, Content>>, string])[] = [
    ['moved', { [MODIFY]: MOVED }, 'moved'],
    [
      'moved, told with a time',
      { [MODIFY]: { ...MOVED, deduct_time: '2027-01-20 00:00:00' } },
      'moved',
    ],
    ['told another date', { [MODIFY]: { ...MOVED, deduct_time: '2027-01-19' } }, 'unknown'],
    ['told another agreement', { [MODIFY]: { ...MOVED, agreement_no: '1' } }, 'unknown'],
    ['not later than the plan', { [MODIFY]: fail('ILLEGAL_EXECUTION_TIME') }, 'refused'],
    [
      'not later, as a lost request moved it before',
      { [MODIFY]: fail('ILLEGAL_EXECUTION_TIME'), [QUERY]: STOPPED },
      'moved',
    ],
    [
      'not later, and the plan is another',
      {
        [MODIFY]: fail('ILLEGAL_EXECUTION_TIME'),
        [QUERY]: { ...STOPPED, next_deduct_time: '2027-02-20' },
      },
      'refused',
    ],
    ['an agreement that has gone', { [MODIFY]: fail('USER_AGREEMENT_NOT_EXIST') }, 'refused'],
    ['an unlisted code', { [MODIFY]: fail('BRAND_NEW') }, 'unknown'],
    ['no answer that says anything', {}, 'unknown'],
  ];
  for (const [name, answers, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      const { gateway, config } = await railWith(answers);
      const outcome = await makeAlipayRail(config).movePlannedDate?.({
        railReference: '20265101',
        plannedDate: LATER,
        reason: '客户申请延期',
      });
      await gateway.close();
      assert.equal(outcome?.kind, expected);
    });
  }

  test('days after the 28th are refused before anything is sent', async () => {
    const { gateway, config } = await railWith({ [MODIFY]: MOVED });
    const outcome = await makeAlipayRail(config).movePlannedDate?.({
      railReference: '20265101',
      plannedDate: Temporal.PlainDate.from('2027-01-29'),
      reason: '客户申请延期',
    });
    assert.equal(outcome?.kind, 'refused');
    assert.equal(gateway.received.length, 0);
    await gateway.close();
  });
});

describe('商家扣款 has no period', () => {
  test('no planned date is declared, wanted or moved', async () => {
    const rail = makeAlipayRail({ ...CONFIG, productCode: 'GENERAL_WITHHOLDING' });
    assert.equal(rail.capabilities.plannedDate, undefined);
    assert.equal(rail.movePlannedDate, undefined);
    const started = await rail.beginSigning({
      contractCode: 'C1',
      displayAccount: '客户 10023',
      singleCap: money(50_000n, 'CNY'),
      requestSerial: '1',
      clientIp: '192.0.2.10',
    });
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    const content = new URL(started.url).searchParams.get('biz_content') ?? '';
    const { product_code, personal_product_code, period_rule_params } = JSON.parse(content);
    assert.equal(product_code, 'GENERAL_WITHHOLDING');
    assert.equal(personal_product_code, 'GENERAL_WITHHOLDING_P');
    assert.equal(period_rule_params, undefined);
  });
});

describe('a paused agreement', () => {
  test('is ended since now: its validity is told to be open until 2115', async () => {
    const { gateway, config } = await railWith({ [QUERY]: STOPPED });
    const report = await makeAlipayRail(config).queryMandate({ contractCode: 'C1' });
    await gateway.close();
    assert.equal(report.kind, 'ended');
    if (report.kind === 'ended') assert.equal(report.at.toString(), FIXED_NOW.toString());
  });
});

describe('a code to scan', () => {
  const PRECREATE = 'alipay.trade.precreate';
  const MADE = golden<Content>('reply-precreate');
  const CASES: readonly (readonly [string, Content, string])[] = [
    ['made', MADE, 'open_url'],
    ['for another order', { ...MADE, out_trade_no: 'P2' }, 'unknown'],
    ['without a code', { ...MADE, qr_code: '' }, 'unknown'],
    ['with a code that is no address', { ...MADE, qr_code: 'x' }, 'unknown'],
    ['paid before', fail('ACQ.TRADE_HAS_SUCCESS'), 'unknown'],
    ['closed before', fail('ACQ.TRADE_HAS_CLOSE'), 'refused'],
    ['another content', fail('ACQ.CONTEXT_INCONSISTENT'), 'unknown'],
    ['a forbidden word', fail('ACQ.EXIST_FORBIDDEN_WORD'), 'refused'],
    ['an unlisted code', fail('ACQ.BRAND_NEW'), 'unknown'],
    ['the rail’s own error', fail('ACQ.SYSTEM_ERROR'), 'unknown'],
  ];
  for (const [name, reply, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      const { gateway, config } = await railWith({ [PRECREATE]: reply });
      const started = await makeAlipayRail({ ...config, payLinkBy: 'precreate' }).beginPayment?.({
        orderNumber: 'P1',
        amount: money(12_345n, 'CNY'),
        description: '专业版',
        expiresAt: FIXED_NOW.add({ hours: 2 }),
        clientIp: '192.0.2.10',
      });
      await gateway.close();
      assert.equal(started?.kind, expected);
    });
  }

  test('a link that would have expired, or in another currency, is refused', async () => {
    const rail = makeAlipayRail(CONFIG);
    const request = {
      orderNumber: 'P1',
      amount: money(12_345n, 'CNY'),
      description: '专业版',
      expiresAt: FIXED_NOW,
      clientIp: '192.0.2.10',
    };
    assert.equal((await rail.beginPayment?.(request))?.kind, 'refused');
    const foreign = {
      ...request,
      expiresAt: FIXED_NOW.add({ hours: 1 }),
      amount: money(1n, 'EUR'),
    };
    assert.equal((await rail.beginPayment?.(foreign))?.kind, 'refused');
  });
});

test('a cap that is no whole number of one or more stops the start', () => {
  for (const cap of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
    assert.throws(() => makeAlipayRail({ ...CONFIG, totalAmountMinor: cap }), /totalAmountMinor/);
    assert.throws(() => makeAlipayRail({ ...CONFIG, totalPayments: cap }), /totalPayments/);
  }
});
