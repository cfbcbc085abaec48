import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noticeText, smsVariables } from './templates.ts';

const VARIABLES = {
  merchantName: '云笔记',
  planName: '专业版',
  amount: '¥29.85',
  collectDate: '2026-12-06',
  railName: '微信支付',
  howToCancel: 'https://pay.example.test/stop',
};

describe('every notice says what the payer must know', () => {
  for (const locale of ['zh-CN', 'en'] as const) {
    for (const purpose of ['renewal', 'retry'] as const) {
      test(`${locale} ${purpose}`, () => {
        const { subject, text } = noticeText({ locale, purpose, variables: VARIABLES });
        for (const value of Object.values(VARIABLES)) assert.ok(text.includes(value), value);
        assert.ok(subject.includes('¥29.85') && subject.includes('2026-12-06'));
        // Whether money has moved, and that stopping is possible.
        assert.match(
          text,
          locale === 'en' ? /No money has moved|no money was taken/ : /尚未扣款|没有扣走/,
        );
        assert.match(text, locale === 'en' ? /stop/ : /关闭自动续费/);
      });
    }
  }
});

test('a line end in a name cannot begin a header or a paragraph', () => {
  const variables = { ...VARIABLES, planName: '专业版\r\nBcc: all@example.test\u2028' };
  const { subject, text } = noticeText({ locale: 'zh-CN', purpose: 'renewal', variables });
  assert.ok(!/[\r\n]/.test(subject));
  assert.ok(text.includes('专业版 Bcc: all@example.test'));
});

test('variables of an SMS are cut to what Aliyun takes', () => {
  const variables = smsVariables({ ...VARIABLES, planName: '很'.repeat(50) });
  assert.equal(variables['plan']?.length, 35);
  assert.deepEqual(Object.keys(variables), ['plan', 'amount', 'date', 'rail', 'cancel']);
});
