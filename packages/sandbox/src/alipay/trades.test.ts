import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  type AlipayMerchant,
  type Content,
  MONTHLY,
  openAlipayMerchant,
  resultOf,
} from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { isSignedNotification, type Params } from './signature.ts';

/** One step of a story: a debit at a Beijing date, and what the merchant is told. */
type Step = readonly [date: string, expected: string, yuan?: string, number?: string];

/** A story of one agreement, signed on 28 November 2026 with its first debit due on 5 December. */
interface Story {
  readonly name: string;
  readonly rule?: Content;
  readonly steps: readonly Step[];
}

const STORIES: readonly Story[] = [
  {
    name: 'debits are taken from five days before the plan date to that date',
    steps: [
      ['11-29', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH'],
      ['11-30', '10000'],
    ],
  },
  {
    name: 'on the plan date itself',
    steps: [['12-05', '10000']],
  },
  {
    name: 'a missed window stays closed',
    steps: [['12-06', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH']],
  },
  {
    name: 'after a success the plan moves one month from the plan date',
    steps: [
      ['12-01', '10000'],
      ['12-02', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH'],
      ['12-30', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH'],
      ['12-31', '10000'],
    ],
  },
  {
    name: 'and seven days for a weekly rule',
    rule: { period_type: 'DAY', period: 7 },
    steps: [
      ['12-05', '10000'],
      ['12-06', 'ACQ.CYCLE_PAY_DATE_NOT_MATCH'],
      ['12-12', '10000'],
    ],
  },
  {
    name: 'one debit is at most the single amount',
    steps: [
      ['12-05', 'ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED', '50.01'],
      ['12-05', '10000', '50.00'],
    ],
  },
  {
    name: 'all debits together are at most the total amount',
    rule: { total_amount: '60.00' },
    steps: [
      ['12-05', '10000', '40.00'],
      ['12-31', 'ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED', '20.01'],
      ['12-31', '10000', '20.00'],
    ],
  },
  {
    name: 'and at most as many as agreed',
    rule: { total_payments: 1 },
    steps: [
      ['12-05', '10000'],
      ['12-31', 'ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED'],
    ],
  },
  {
    name: 'the same number is one trade',
    steps: [
      ['12-05', '10000', '19.90', 'SAME'],
      ['12-05', 'ACQ.TRADE_HAS_SUCCESS', '19.90', 'SAME'],
      ['12-05', 'ACQ.CONTEXT_INCONSISTENT', '19.91', 'SAME'],
    ],
  },
];

describe('what Alipay accepts and refuses', { concurrency: 4 }, () => {
  for (const story of STORIES) {
    test(story.name, async () => {
      const stage = await openStage('2026-11-28T08:00:00+08:00');
      try {
        const merchant = openAlipayMerchant(stage);
        const rule = { period_rule_params: { ...MONTHLY, ...story.rule } };
        const agreementNo = await merchant.signAgreement('STORY', rule);
        for (const [index, [date, expected, yuan, number]] of story.steps.entries()) {
          await stage.admin('PUT', '/admin/clock', { now: `2026-${date}T09:00:00+08:00` });
          const reply = await merchant.pay(agreementNo, number ?? `T${index}`, yuan ?? '19.90');
          assert.equal(resultOf(reply), expected, `step ${index} on ${date}`);
        }
        const summary = (await stage.admin('GET', '/admin/books/summary')).body;
        assert.deepEqual((summary['alipay'] as Content)['doubleDebits'], []);
      } finally {
        await stage.close();
      }
    });
  }
});

describe('the result of an Alipay debit', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
  });
  after(() => stage.close());

  const noticeOf = async (outTradeNo: string): Promise<Params | undefined> => {
    const received = await stage.settled('/alipay/pay');
    const notices = received.map(
      (request) => Object.fromEntries(new URLSearchParams(request.body)) as Params,
    );
    return notices.find((notice) => notice['out_trade_no'] === outTradeNo);
  };
  const script = (fault: string, orderNumber: string) =>
    stage.admin('POST', '/admin/faults', { rail: 'alipay', fault, orderNumber, times: 1 });
  const query = (out_trade_no: string) => merchant.call('alipay.trade.query', { out_trade_no });

  test('the reply is the final result, and a signed notice follows', async () => {
    const reply = await merchant.pay(await merchant.signAgreement('PAID'), 'PAID1');
    assert.equal(reply['gmt_payment'], '2026-12-01 08:00:00');
    const notice = await noticeOf('PAID1');
    const key = createPublicKey(stage.credentials.alipay.alipayPublicKey);
    assert.ok(notice && isSignedNotification(notice, key));
    const { trade_status, total_amount, seller_id, trade_no } = notice;
    assert.deepEqual(
      { trade_status, total_amount, seller_id, trade_no },
      {
        trade_status: 'TRADE_SUCCESS',
        total_amount: '19.90',
        seller_id: stage.credentials.alipay.sellerId,
        trade_no: reply['trade_no'],
      },
    );
  });

  test('a definite refusal creates no trade and does not move the plan', async () => {
    const agreementNo = await merchant.signAgreement('POOR');
    await script('ACQ.BUYER_BALANCE_NOT_ENOUGH', 'POOR1');
    const refused = await merchant.pay(agreementNo, 'POOR1');
    assert.equal(resultOf(refused), 'ACQ.BUYER_BALANCE_NOT_ENOUGH');
    assert.equal(resultOf(await query('POOR1')), 'ACQ.TRADE_NOT_EXIST');
    assert.equal(await noticeOf('POOR1'), undefined);
    assert.equal(resultOf(await merchant.pay(agreementNo, 'POOR2')), '10000');
  });

  const uncertain: readonly [fault: string, answer: string, status: string, notice: boolean][] = [
    ['PROCESSING_THEN_PAID', '10003', 'TRADE_SUCCESS', true],
    ['SYSTEM_ERROR_THEN_PAID', 'ACQ.SYSTEM_ERROR', 'TRADE_SUCCESS', true],
    ['SYSTEM_ERROR_NOT_PAID', 'ACQ.SYSTEM_ERROR', 'TRADE_CLOSED', false],
    ['TIMEOUT_THEN_PAID', 'silence', 'TRADE_SUCCESS', true],
    ['TIMEOUT_NOT_RECEIVED', 'silence', 'ACQ.TRADE_NOT_EXIST', false],
    ['LOST_CALLBACK', '10000', 'TRADE_SUCCESS', false],
  ];
  for (const [fault, answer, status, notice] of uncertain) {
    test(`${fault}: the merchant hears ${answer}, the truth is ${status}`, async () => {
      const name = fault.replaceAll('_', '');
      const agreementNo = await merchant.signAgreement(name);
      await script(fault, name);
      const told = await merchant.pay(agreementNo, name).then(resultOf, () => 'silence');
      assert.equal(told, answer);
      assert.equal((await noticeOf(name)) !== undefined, notice);
      const truth = await query(name);
      assert.equal(truth['trade_status'] ?? resultOf(truth), status);
    });
  }

  test('a merchant who debits again while the first is under way is seen', async () => {
    const agreementNo = await merchant.signAgreement('DOUBLE');
    await script('PROCESSING_THEN_PAID', 'DOUBLE1');
    await merchant.pay(agreementNo, 'DOUBLE1');
    await merchant.pay(agreementNo, 'DOUBLE2');
    await stage.settled();
    const summary = (await stage.admin('GET', '/admin/books/summary')).body['alipay'] as Content;
    assert.deepEqual(summary['doubleDebits'], [
      { displayAccount: 'DOUBLE', cycle: '2026-12-05', orders: ['DOUBLE1', 'DOUBLE2'] },
    ]);
    assert.equal(
      (await merchant.call('alipay.user.agreement.query', { agreement_no: agreementNo }))[
        'next_deduct_time'
      ],
      '2027-01-05',
    );
  });

  test('close ends what is unpaid, cancel refunds what is paid', async () => {
    const agreementNo = await merchant.signAgreement('CLOSE');
    await stage.admin('PUT', '/admin/configure', { alipay: { processingMs: 60_000 } });
    await script('PROCESSING_THEN_PAID', 'CLOSE1');
    await merchant.pay(agreementNo, 'CLOSE1');
    await stage.admin('PUT', '/admin/configure', { alipay: { processingMs: 200 } });
    const close = (out_trade_no: string) => merchant.call('alipay.trade.close', { out_trade_no });
    assert.equal(resultOf(await close('CLOSE1')), '10000');
    assert.equal((await query('CLOSE1'))['trade_status'], 'TRADE_CLOSED');
    assert.equal(resultOf(await merchant.pay(agreementNo, 'CLOSE1')), 'ACQ.TRADE_HAS_CLOSE');
    await merchant.pay(agreementNo, 'CLOSE2');
    assert.equal(resultOf(await close('CLOSE2')), 'ACQ.TRADE_STATUS_ERROR');
    const cancelled = await merchant.call('alipay.trade.cancel', { out_trade_no: 'CLOSE2' });
    assert.equal(cancelled['action'], 'refund');
    assert.equal((await query('CLOSE2'))['trade_status'], 'TRADE_CLOSED');
  });

  test('refunds: one a request number, together at most the trade', async () => {
    await merchant.pay(await merchant.signAgreement('REFUND'), 'REFUND1');
    const refund = (number: string, yuan: string) =>
      merchant.call('alipay.trade.refund', {
        out_trade_no: 'REFUND1',
        out_request_no: number,
        refund_amount: yuan,
      });
    assert.equal((await refund('R1', '9.90'))['fund_change'], 'Y');
    assert.equal((await refund('R1', '9.90'))['fund_change'], 'N');
    assert.equal(resultOf(await refund('R2', '10.01')), 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
    assert.equal((await refund('R2', '10.00'))['refund_fee'], '19.90');
    assert.equal((await query('REFUND1'))['trade_status'], 'TRADE_CLOSED');
    const status = await merchant.call('alipay.trade.fastpay.refund.query', {
      out_trade_no: 'REFUND1',
      out_request_no: 'R2',
    });
    assert.equal(status['refund_status'], 'REFUND_SUCCESS');
  });

  const wrong: readonly [what: string, change: Content, expected: string][] = [
    ['an amount with three decimals', { total_amount: '1.001' }, 'ACQ.INVALID_PARAMETER'],
    ['a number with a dash', { out_trade_no: 'A-1' }, 'ACQ.INVALID_PARAMETER'],
    ['a subject with a sign', { subject: 'a&b' }, 'ACQ.INVALID_PARAMETER'],
    ['another product', { product_code: 'GENERAL_WITHHOLDING' }, 'ACQ.ACCESS_FORBIDDEN'],
    ['no agreement', { agreement_params: undefined }, 'ACQ.INVALID_PARAMETER'],
    [
      'an unknown agreement',
      { agreement_params: { agreement_no: '1' } },
      'ACQ.AGREEMENT_NOT_EXIST',
    ],
  ];
  test('wrong payment requests are refused by name', async () => {
    const agreement_no = await merchant.signAgreement('WRONG');
    for (const [what, change, expected] of wrong) {
      const biz = {
        out_trade_no: 'WRONG1',
        total_amount: '19.90',
        subject: '月费',
        product_code: 'CYCLE_PAY_AUTH',
        agreement_params: { agreement_no },
        ...change,
      };
      assert.equal(resultOf(await merchant.call('alipay.trade.pay', biz)), expected, what);
    }
  });
});
