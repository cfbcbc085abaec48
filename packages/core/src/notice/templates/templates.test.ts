import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MESSAGE_TEMPLATES } from './index.ts';
import { renderTemplate, variablesIn } from './template.ts';

const VARIABLES = {
  merchantName: '云笔记',
  planName: '专业版',
  amount: '¥29.85',
  collectDate: '2026-12-06',
  railName: '微信支付',
  howToCancel: 'https://pay.example.test/stop',
  lateFeeRule: '逾期第 4 天起',
};

describe('every notice says what the payer must know', () => {
  for (const locale of ['zh-CN', 'en'] as const) {
    for (const purpose of ['renewal', 'retry'] as const) {
      test(`${locale} ${purpose}`, () => {
        const { subject, text } = renderTemplate(
          MESSAGE_TEMPLATES[purpose].texts[locale],
          VARIABLES,
        );
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
  const { subject, text } = renderTemplate(MESSAGE_TEMPLATES.renewal.texts['zh-CN'], variables);
  assert.ok(!/[\r\n]/.test(subject));
  assert.ok(text.includes('专业版 Bcc: all@example.test'));
});

describe('every message that we send', () => {
  for (const [key, template] of Object.entries(MESSAGE_TEMPLATES)) {
    for (const locale of ['zh-CN', 'en'] as const) {
      test(`${key} in ${locale} uses what it has and all that it requires`, () => {
        const used = variablesIn(template.texts[locale]);
        for (const name of used) assert.ok(Object.hasOwn(template.samples[locale], name), name);
        for (const name of template.required) assert.ok(used.includes(name), name);
        const { subject, text } = renderTemplate(template.texts[locale], template.samples[locale]);
        assert.ok(!/[{}]/.test(subject + text), 'nothing is left unfilled');
      });
    }
  }
});
