import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutToBytes, toGroupMarkdown } from './markdown.ts';

describe('what a name could do to a group', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['专业版 ¥29.85 将于 2026-12-06 扣款', '专业版 ¥29.85 将于 2026-12-06 扣款'],
    ['# 大字', '＃ 大字'],
    ['**粗** __体__', '＊＊粗＊＊ ＿＿体＿＿'],
    ['[点我](https://evil.example.test/x)', '［点我］(https://evil.example.test/x%29'],
    ['![图](x)', '!［图］(x)'],
    ['<font color="warning">急</font>', '＜font color="warning"＞急＜/font＞'],
    ['`code` | ~删~', '｀code｀ ｜ ～删～'],
    ['\\*', '＼＊'],
    ['@所有人', '＠所有人'],
    // An address stays the same address (RFC 3986), and nothing in it makes structure.
    ['https://pay.example.test/a_b*c~d?x=1#y', 'https://pay.example.test/a%5Fb%2Ac%7Ed?x=1#y'],
  ];
  for (const [text, expected] of cases) {
    test(text, () => assert.equal(toGroupMarkdown(text), expected));
  }

  test('no character that makes structure is left outside addresses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const outside = toGroupMarkdown(text.replaceAll('://', ''));
        assert.doesNotMatch(outside, /[\\`*_[\]<>#~|@]/u);
      }),
    );
  });
});

describe('what does not belong into a group', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['回电 +12125550147', '回电 ＊＊＊0147'],
    // Eleven, nineteen and eighteen digits of nobody.
    [`手机 13${'0'.repeat(9)} 号`, '手机 ＊＊＊0000 号'],
    [`卡 ${'6'.repeat(15)}0000`, '卡 ＊＊＊0000'],
    [`证 ${'0'.repeat(17)}X`, '证 ＊＊＊000X'],
    ['payer@customers.example.test 的账单', '＊＊＊ 的账单'],
    ['客户 cus_0193aabbccddeeff00112233', '客户 ＊＊＊'],
    ['账单 20261206 共 1234567 分', '账单 20261206 共 1234567 分'],
  ];
  for (const [text, expected] of cases) {
    test(text, () => assert.equal(toGroupMarkdown(text), expected));
  }
});

describe('lengths are bytes of UTF-8', () => {
  test('a text that fits is not touched', () => {
    assert.equal(cutToBytes('专业版', 9), '专业版');
  });
  test('a cut text ends at a character and with an ellipsis', () => {
    assert.equal(cutToBytes('专业版', 8), '专…');
    assert.equal(cutToBytes('💥💥', 7), '💥…');
    assert.equal(cutToBytes('💥💥', 6), '…');
  });
  test('never longer than the limit, always whole characters of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 3, max: 60 }), (text, limit) => {
        const cut = cutToBytes(text, limit);
        assert.ok(Buffer.byteLength(cut) <= Math.max(limit, 3));
        if (cut !== text) assert.ok(text.startsWith(cut.slice(0, -1)));
        assert.ok(text.isWellFormed() ? cut.isWellFormed() : true);
      }),
    );
  });
});
