import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEGAL_VARIABLES } from '../rules.ts';
import { checkWording, renderWith, templateFor, utf8Length } from './publish.ts';

const SOUND = {
  key: 'renewal',
  locale: 'en',
  subject: '{amount} on {collectDate}',
  paragraphs: ['{merchantName} collects {amount} on {collectDate}.', 'To stop: {howToCancel}'],
} as const;
const check = (change: object) => checkWording({ ...SOUND, ...change }, LEGAL_VARIABLES);

describe('a merchant’s own wording', () => {
  test('is shown with sample values before it is published', () => {
    const checked = check({});
    assert.ok(checked.ok);
    assert.equal(checked.value.rendered.subject, '¥29.85 on 2026-12-06');
  });

  const paragraphs = (...lines: readonly string[]) => ({
    paragraphs: [...SOUND.paragraphs, ...lines],
  });
  const refused: readonly (readonly [string, object, string])[] = [
    ['a message that there is not', { key: 'birthday' }, 'template_key_unknown'],
    ['a key of every object', { key: 'constructor' }, 'template_key_unknown'],
    ['an unknown variable', paragraphs('{password}'), 'template_variable_unknown'],
    ['a variable of every object', paragraphs('{__proto__}'), 'template_variable_unknown'],
    ['no way to stop', { paragraphs: ['{amount} {collectDate}'] }, 'template_variable_missing'],
    [
      'no amount',
      { subject: 'Soon', paragraphs: ['{collectDate} {howToCancel}'] },
      'template_variable_missing',
    ],
    ['a script', paragraphs('<script>alert(1)</script>'), 'template_markup'],
    ['a link with a script', paragraphs('javascript:alert(1)'), 'template_markup'],
    ['an entity', paragraphs('&lt;b&gt;'), 'template_markup'],
    ['a brace that is no variable', paragraphs('{amount:raw}'), 'template_markup'],
    ['a variable in a variable', paragraphs('{{amount}}'), 'template_markup'],
    [
      'a line end in the subject',
      { subject: 'x\r\nBcc: all@example.test' },
      'template_control_character',
    ],
    ['text that runs backwards', paragraphs('abc\u202edef'), 'template_control_character'],
    ['an empty paragraph', paragraphs(' '), 'template_empty'],
    ['nothing at all', { paragraphs: [] }, 'template_empty'],
    ['more than a robot takes', paragraphs('长'.repeat(1_400)), 'template_too_long'],
    ['a subject without end', { subject: 'x'.repeat(201) }, 'template_too_long'],
  ];
  for (const [what, change, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const checked = check(change);
      assert.ok(!checked.ok);
      assert.equal(checked.refusal.code, code);
    });
  }

  test('a comparison is no tag', () => {
    assert.ok(check(paragraphs('If 1 < 2 and 3 > 2, all is well.')).ok);
  });

  test('a merchant may ask for more in its notices than the law', () => {
    const checked = checkWording(SOUND, [...LEGAL_VARIABLES, 'planName']);
    assert.ok(!checked.ok && checked.refusal.sentence.includes('{planName}'));
  });
});

describe('the words that are sent', () => {
  const own = {
    ...SOUND,
    version: 4,
    merchantId: 'mer_1',
    publishedBy: 'Anna',
    publishedAt: Temporal.Instant.fromEpochMilliseconds(0),
  } as const;

  test('are the merchant’s newest in that language, else ours', () => {
    assert.equal(templateFor('renewal', 'en', [own]).version, 'own/4');
    assert.equal(templateFor('renewal', 'zh-CN', [own]).version, 'daikou/1');
    assert.equal(templateFor('retry', 'en', [own]).version, 'daikou/1');
  });

  test('a value never becomes a variable', () => {
    const { text } = renderWith(
      { subject: 's', paragraphs: ['{planName} {amount}'] },
      { planName: '{amount}', amount: '¥1.00' },
    );
    assert.equal(text, '{amount} ¥1.00\n');
  });

  test('bytes are those of UTF-8', () => {
    for (const text of ['', 'abc', 'ß', '长', '😀', 'a长😀ß']) {
      assert.equal(utf8Length(text), new TextEncoder().encode(text).length, text);
    }
  });
});
