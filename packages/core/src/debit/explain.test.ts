import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aDebit,
  aMandate,
  aNotice,
  anAnnouncement,
  anAttempt,
  anInvoice,
  anUndeliveredNotice,
  at,
  facts,
  ZONE,
} from '../../../../test/kit/builders.ts';
import type { AttemptState } from './attempt.ts';
import type { DebitState } from './debit.ts';
import { type ExplainNames, explainDebit, explainInvoice } from './explain.ts';
import type { DebitFacts } from './submit.ts';

const ZH: ExplainNames = {
  locale: 'zh-CN',
  zone: ZONE,
  merchantName: '示例公司',
  planName: '基础版',
  railName: '微信支付',
};
const EN: ExplainNames = {
  locale: 'en',
  zone: ZONE,
  merchantName: 'Example Ltd',
  planName: 'Basic',
  railName: 'WeChat Pay',
};

function debitIn(state: DebitState, ...attempts: readonly AttemptState[]): DebitFacts {
  return facts({
    debit: aDebit({ state }),
    attempts: attempts.map((one, index) => anAttempt(index + 1, one)),
  });
}

describe('the sentence of a debit', () => {
  const golden: readonly (readonly [string, DebitFacts, string, string])[] = [
    [
      'scheduled',
      debitIn('scheduled'),
      '计划于 2026-03-10 通过微信支付扣款 ¥29.85：示例公司 基础版。尚未扣款。',
      '¥29.85 is to be debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd. ' +
        'No money has moved.',
    ],
    [
      'in flight',
      debitIn('in_flight', 'unknown'),
      '¥29.85 已提交微信支付，结果待确认：示例公司 基础版。确认前不会再次扣款。',
      '¥29.85 was sent to WeChat Pay for Basic from Example Ltd; the outcome is not known yet. ' +
        'Nothing more is taken before it is.',
    ],
    [
      'in flight, with late money',
      debitIn('in_flight', 'late_success', 'unknown'),
      '2026-03-10 通过微信支付扣款 ¥29.85：示例公司 基础版。另一笔订单结果待确认，如多扣应退还。',
      '¥29.85 was debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd. ' +
        'The outcome of another order is not known yet; whatever it takes is owed back.',
    ],
    [
      'succeeded',
      debitIn('succeeded', 'refused', 'succeeded'),
      '2026-03-10 通过微信支付扣款 ¥29.85：示例公司 基础版。',
      '¥29.85 was debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd.',
    ],
    [
      'succeeded late',
      debitIn('succeeded', 'late_success'),
      '2026-03-10 通过微信支付扣款 ¥29.85：示例公司 基础版。',
      '¥29.85 was debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd.',
    ],
    [
      'succeeded twice',
      debitIn('succeeded', 'late_success', 'succeeded'),
      '2026-03-10 通过微信支付扣款 ¥29.85：示例公司 基础版。另多扣 ¥29.85，应退还。',
      '¥29.85 was debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd. ' +
        'Another ¥29.85 was taken by mistake and is owed back.',
    ],
    [
      'failed',
      debitIn('failed', 'refused', 'refused'),
      '未扣款：示例公司 基础版 ¥29.85 扣款失败。',
      'No money has moved: the debit of ¥29.85 for Basic from Example Ltd failed.',
    ],
    [
      'cancelled',
      debitIn('canceled'),
      '不会扣款：示例公司 基础版 ¥29.85 的扣款已取消。',
      'No money will move: the debit of ¥29.85 for Basic from Example Ltd was cancelled.',
    ],
    [
      'cancelled, with money that nobody owed',
      debitIn('canceled', 'late_success'),
      '2026-03-10 通过微信支付扣款 ¥29.85，但示例公司 基础版已无应付款，应退还。',
      '¥29.85 was debited on 2026-03-10 through WeChat Pay for Basic from Example Ltd, ' +
        'when nothing was owed any more; it is owed back.',
    ],
  ];
  for (const [name, now, zh, en] of golden) {
    test(name, () => {
      assert.equal(explainDebit(now, ZH).sentence, zh);
      assert.equal(explainDebit(now, EN).sentence, en);
    });
  }

  test('names the day of the money, in the merchant’s zone', () => {
    const late = anAttempt(1, 'succeeded', { endedAt: at('2026-03-11 00:10') });
    const now = facts({ debit: aDebit({ state: 'succeeded' }), attempts: [late] });
    assert.match(explainDebit(now, EN).sentence, /on 2026-03-11/);
  });
});

/** Everything that can stand in an explanation at once. */
const FULL = facts({
  debit: aDebit({ state: 'succeeded' }),
  mandate: aMandate({ payerReference: 'payer-openid-1' }),
  invoices: [
    anInvoice({
      lines: anInvoice().lines.flatMap((line) => [
        line,
        { ...line, position: 2, rule: 'agreed_price' as const },
      ]),
    }),
  ],
  notices: [
    aNotice(),
    anUndeliveredNotice('failed', { channel: 'sms' }),
    anUndeliveredNotice('sent', { channel: 'sms', purpose: 'retry' }),
    anAnnouncement('2026-03-10', '2026-03-12'),
  ],
  attempts: (
    [
      'submitting',
      'accepted',
      'unknown',
      'refused',
      'closed',
      'never_sent',
      'late_success',
      'succeeded',
    ] as const
  ).map((state, index) => anAttempt(index + 1, state)),
});

describe('the arithmetic and the evidence', () => {
  const number = (ordinal: number) => anAttempt(ordinal, 'closed').orderNumber;
  const code = aMandate().contractCode;

  test('in Chinese', () => {
    const { arithmetic, evidence } = explainDebit(FULL, ZH);
    assert.deepEqual(arithmetic, [
      '账单 B202603-0000000000000001，2026-03-10 – 2026-04-09',
      '基础费: 1 × ¥29.85 = ¥29.85',
      '基础费（约定价）: 1 × ¥29.85 = ¥29.85',
      '合计 ¥29.85（含税 ¥1.69）',
    ]);
    assert.deepEqual(evidence, [
      `2026-02-01 在微信支付签署代扣协议 ${code}`,
      '邮件通知 2026-03-05 已送达：2026-03-10 扣款 ¥29.85',
      '短信通知 未送达：2026-03-10 扣款 ¥29.85',
      '短信通知 尚未送达：2026-03-10 扣款 ¥29.85',
      '支付平台通知 2026-03-05 已送达：2026-03-10 扣款 ¥29.85',
      `2026-03-10 第 1 次扣款 已提交，商户订单号 ${number(1)}`,
      `2026-03-10 第 2 次扣款 已受理，商户订单号 ${number(2)}`,
      `2026-03-10 第 3 次扣款 待确认，商户订单号 ${number(3)}`,
      `2026-03-10 第 4 次扣款 未成功（NOT_ENOUGH），商户订单号 ${number(4)}`,
      `2026-03-10 第 5 次扣款 已关闭，未扣款，商户订单号 ${number(5)}`,
      `2026-03-10 第 6 次扣款 未发出，商户订单号 ${number(6)}`,
      `2026-03-10 第 7 次扣款 成功（迟到），商户订单号 ${number(7)}，交易单号 T-7`,
      `2026-03-10 第 8 次扣款 成功，商户订单号 ${number(8)}，交易单号 T-8`,
    ]);
  });

  test('in English', () => {
    const { arithmetic, evidence } = explainDebit(FULL, EN);
    assert.deepEqual(arithmetic, [
      'Invoice B202603-0000000000000001, 2026-03-10 – 2026-04-09',
      'Base fee: 1 × ¥29.85 = ¥29.85',
      'Base fee (agreed price): 1 × ¥29.85 = ¥29.85',
      'Total ¥29.85 (tax ¥1.69 included)',
    ]);
    assert.deepEqual(evidence, [
      `Mandate ${code} signed with WeChat Pay on 2026-02-01`,
      'The notice by mail of ¥29.85 on 2026-03-10 was delivered on 2026-03-05',
      'The notice by SMS of ¥29.85 on 2026-03-10 could not be delivered',
      'The notice by SMS of ¥29.85 on 2026-03-10 is not delivered yet',
      'The notice by the payment platform of ¥29.85 on 2026-03-10 was delivered on 2026-03-05',
      `Attempt 1 on 2026-03-10 was submitted; order number ${number(1)}`,
      `Attempt 2 on 2026-03-10 was accepted; order number ${number(2)}`,
      `Attempt 3 on 2026-03-10 has no known outcome yet; order number ${number(3)}`,
      `Attempt 4 on 2026-03-10 was refused (NOT_ENOUGH); order number ${number(4)}`,
      `Attempt 5 on 2026-03-10 was closed unpaid; order number ${number(5)}`,
      `Attempt 6 on 2026-03-10 was never sent; order number ${number(6)}`,
      `Attempt 7 on 2026-03-10 succeeded late; order number ${number(7)}, rail number T-7`,
      `Attempt 8 on 2026-03-10 succeeded; order number ${number(8)}, rail number T-8`,
    ]);
  });

  test('a mandate that is not signed is said to be so', () => {
    const { signedAt: _signedAt, ...unsigned } = aMandate({ state: 'signing' });
    const now = facts({ mandate: unsigned });
    assert.equal(explainDebit(now, ZH).evidence[0], '代扣协议尚未签署');
    assert.equal(explainDebit(now, EN).evidence[0], 'The mandate is not signed');
  });

  test('names no address, phone, payer account or name of the customer', () => {
    for (const names of [ZH, EN]) {
      const { sentence, arithmetic, evidence } = explainDebit(FULL, names);
      const text = [sentence, ...arithmetic, ...evidence].join('\n');
      for (const secret of ['example.test', '5550123', 'payer-openid-1', '王小明', '@', '+1']) {
        assert.ok(!text.includes(secret), `${secret} is in the text`);
      }
    }
  });
});

describe('an invoice that no debit collects', () => {
  const table = [
    { state: 'draft', zh: '账单尚未开出，没有扣款。', en: 'the invoice is not issued yet' },
    { state: 'open', zh: '由您自行支付，不会自动扣款。', en: 'you pay it yourself' },
    { state: 'paid', zh: '已付清，没有自动扣款。', en: 'nothing was debited' },
    { state: 'void', zh: '账单已作废，不会扣款。', en: 'the invoice was voided' },
  ] as const;
  for (const { state, zh, en } of table) {
    test(`${state}: says that nothing is taken, and what it is for`, () => {
      const invoice = anInvoice({ state });
      const chinese = explainInvoice(invoice, ZH);
      assert.ok(chinese.sentence.endsWith(zh), chinese.sentence);
      assert.ok(explainInvoice(invoice, EN).sentence.includes(en));
      assert.equal(chinese.arithmetic.length, invoice.lines.length + 2);
      assert.deepEqual(chinese.evidence, []);
    });
  }
});
