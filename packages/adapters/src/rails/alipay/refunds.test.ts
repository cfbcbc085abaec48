import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type RefundRequest } from '@daikou/core';
import { listen } from '../../kit/listener.ts';
import { CONFIG, golden, signedReply } from './fixture.ts';
import { makeAlipayRail } from './rail.ts';

type Content = Readonly<Record<string, unknown>>;

const REFUND: RefundRequest = {
  refundNumber: 'R1',
  orderNumber: 'D1N1',
  paymentReference: '2026120122001',
  paid: money(2_985n, 'CNY'),
  paidAt: Temporal.Instant.from('2026-11-30T23:30:00Z'),
  amount: money(1_000n, 'CNY'),
  reason: '未使用天数退回',
};

const DONE = golden<Content>('reply-refund');
const REPEATED = golden<Content>('reply-refund-repeated');
const FOUND = golden<Content>('reply-refund-query');
const NOTHING = golden<Content>('reply-refund-query-nothing');
const fail = (sub_code: string): Content => ({ code: '40004', msg: 'Business Failed', sub_code });

/** What the gateway answers to a refund, and to the question about it. */
type Answers = { readonly refund?: Content; readonly query?: Content };

async function withGateway<T>(
  answers: Answers,
  act: (rail: ReturnType<typeof makeAlipayRail>) => Promise<T>,
): Promise<{ readonly outcome: T; readonly methods: readonly string[] }> {
  const gateway = await listen((request) => {
    const method = methodOf(request.target);
    const content = method === 'alipay.trade.refund' ? answers.refund : answers.query;
    return { status: 200, body: signedReply(method, content ?? fail('ACQ.SYSTEM_ERROR')) };
  });
  const outcome = await act(makeAlipayRail({ ...CONFIG, gateway: `${gateway.origin}/gateway.do` }));
  const methods = gateway.received.map((one) => methodOf(one.target).replace('alipay.trade.', ''));
  await gateway.close();
  return { outcome, methods };
}

function methodOf(target: string): string {
  return new URL(target, 'http://host.example.test').searchParams.get('method') ?? '';
}

const refund = (answers: Answers) =>
  withGateway(answers, (rail) => rail.refund?.(REFUND) ?? assert.fail('no refund'));

const askRefund = (query: Content, change: Partial<RefundRequest> = {}) =>
  withGateway({ query }, (rail) => {
    return rail.askRefund?.({ ...REFUND, ...change }) ?? assert.fail('no askRefund');
  });

const SUCCEEDED = {
  kind: 'succeeded',
  railReference: '2026120122001',
  refunded: money(1_000n, 'CNY'),
  refundedAt: Temporal.Instant.from('2026-12-02T01:30:00Z'),
};

describe('replies to a refund', () => {
  test('money moved: done, and nothing more is asked', async () => {
    const { outcome, methods } = await refund({ refund: DONE });
    assert.deepEqual(outcome, SUCCEEDED);
    assert.deepEqual(methods, ['refund']);
  });

  for (const [name, reply] of [
    ['a repeat moved no money (fund_change N)', REPEATED],
    ['the reply does not say whether money moved', { ...DONE, fund_change: undefined }],
    ['the reply does not say when', { ...DONE, gmt_refund_pay: undefined }],
  ] as const) {
    test(`${name}: the query says so`, async () => {
      const { outcome, methods } = await refund({ refund: reply, query: FOUND });
      assert.deepEqual(outcome, SUCCEEDED);
      assert.deepEqual(methods, ['refund', 'fastpay.refund.query']);
    });
  }

  test('fund_change N and a query that knows nothing: the number may be sent again', async () => {
    const { outcome } = await refund({ refund: REPEATED, query: NOTHING });
    assert.deepEqual(outcome, { kind: 'not_found' });
  });

  const CASES: readonly (readonly [name: string, reply: Content, expected: string])[] = [
    ['the sum of all refunds is more than ours', { ...DONE, refund_fee: '25.00' }, 'succeeded'],
    ['the sum is less than ours', { ...DONE, refund_fee: '9.99' }, 'unknown'],
    ['another order', { ...DONE, out_trade_no: 'D2N1' }, 'unknown'],
    ['no order', { ...DONE, out_trade_no: undefined }, 'unknown'],
    ['it is being processed', { ...DONE, code: '10003' }, 'accepted'],
    ['service unavailable', { code: '20000', msg: '' }, 'unknown'],
    ['an unlisted code', fail('ACQ.BRAND_NEW'), 'unknown'],
    ['the rail’s own error', fail('ACQ.SYSTEM_ERROR'), 'unknown'],
    ['the fee could not be returned', fail('ACQ.REFUND_CHARGE_ERROR'), 'unknown'],
    ['the number returned another amount', fail('ACQ.DISCORDANT_REPEAT_REQUEST'), 'unknown'],
    ['too many calls: as if never sent', golden<Content>('reply-call-limited'), 'never_sent'],
  ];
  for (const [name, reply, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      assert.equal((await refund({ refund: reply })).outcome.kind, expected);
    });
  }

  for (const [code, expected] of [
    ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'merchant_balance'],
    ['ACQ.REASON_TRADE_REFUND_FEE_ERR', 'amount'],
    ['ACQ.TRADE_HAS_FINISHED', 'limit'],
    ['ACQ.BUYER_NOT_EXIST', 'payer_account'],
    ['ACQ.REASON_TRADE_BEEN_FREEZEN', 'technical'],
    ['ACQ.TRADE_NOT_EXIST', 'merchant_fault'],
  ] as const) {
    test(`${code} is refused as ${expected}`, async () => {
      const { outcome, methods } = await refund({ refund: fail(code) });
      assert.equal(outcome.kind === 'refused' && outcome.refusal.class, expected);
      assert.deepEqual(methods, ['refund']);
    });
  }

  test('nothing is left of the trade: our own number may have taken it', async () => {
    const closed = fail('ACQ.TRADE_HAS_CLOSE');
    assert.deepEqual((await refund({ refund: closed, query: FOUND })).outcome, SUCCEEDED);
    const other = (await refund({ refund: closed, query: NOTHING })).outcome;
    assert.equal(other.kind === 'refused' && other.refusal.class, 'amount');
    assert.equal((await refund({ refund: closed })).outcome.kind, 'unknown');
  });
});

describe('the question what became of a refund', () => {
  const CASES: readonly (readonly [name: string, reply: Content, expected: string])[] = [
    ['done', FOUND, 'succeeded'],
    ['without status', NOTHING, 'not_found'],
    ['under way', { ...FOUND, refund_status: 'REFUND_PROCESSING' }, 'accepted'],
    ['failed', { ...FOUND, refund_status: 'REFUND_FAIL' }, 'failed'],
    ['an unlisted status', { ...FOUND, refund_status: 'REFUND_NEW' }, 'unknown'],
    ['another order', { ...FOUND, out_trade_no: 'D2N1' }, 'unknown'],
    ['another refund', { ...FOUND, out_request_no: 'R2' }, 'unknown'],
    ['without amount', { ...FOUND, refund_amount: undefined }, 'unknown'],
    ['without time', { ...FOUND, gmt_refund_pay: undefined }, 'unknown'],
    ['no such trade', fail('ACQ.TRADE_NOT_EXIST'), 'not_found'],
    ['the rail’s own error', fail('ACQ.SYSTEM_ERROR'), 'unknown'],
  ];
  for (const [name, reply, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      assert.equal((await askRefund(reply)).outcome.kind, expected);
    });
  }

  test('another amount than ours says nothing', async () => {
    const { outcome } = await askRefund(FOUND, { amount: money(999n, 'CNY') });
    assert.equal(outcome.kind, 'unknown');
  });
});
