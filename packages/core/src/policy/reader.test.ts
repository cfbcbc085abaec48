import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonObject, refusalOfPolicyCode } from './policy.ts';
import { PolicyReader } from './reader.ts';

const TONES = ['friendly', 'firm'] as const;

/** Reads a document that has one field of every kind. */
function read(json: JsonObject) {
  const reader = new PolicyReader(json, { path: '' });
  const value = {
    days: reader.whole('days', { least: 5, most: 60, otherwise: 5 }),
    isOn: reader.flag('is_on', true),
    name: reader.text('name', 'default'),
    tone: reader.word('tone', TONES, 'friendly'),
    tones: reader.words('tones', TONES, ['friendly']),
    from: reader.time('from', '09:00').toString(),
    caps: reader.amounts('caps').map(({ minor, currency }) => `${minor} ${currency}`),
    steps: reader.list('steps').map((step) => step.whole('day', { least: 0, most: 90 })),
  };
  const inner = reader.object('inner');
  if (inner !== undefined) inner.flag('deep');
  inner?.refuseUnread();
  reader.refuseUnread();
  return { value, found: reader.found };
}

describe('reading a policy', () => {
  test('what is left out holds by default', () => {
    const { value, found } = read({});
    assert.equal(found, undefined);
    assert.deepEqual(value, {
      days: 5,
      isOn: true,
      name: 'default',
      tone: 'friendly',
      tones: ['friendly'],
      from: '09:00:00',
      caps: [],
      steps: [],
    });
  });

  test('what is said is taken', () => {
    const { value, found } = read({
      days: 7,
      is_on: false,
      name: 'big customers',
      tone: 'firm',
      tones: ['firm', 'friendly'],
      from: '21:30',
      caps: { CNY: 10_000, JPY: 5 },
      steps: [{ day: 1 }, { day: 3 }],
      inner: { deep: true },
    });
    assert.equal(found, undefined);
    assert.deepEqual(value.steps, [1, 3]);
    assert.deepEqual(value.caps, ['10000 CNY', '5 JPY']);
    assert.equal(value.from, '21:30:00');
  });

  const wrong: readonly (readonly [string, JsonObject, string, string])[] = [
    ['fewer than the least', { days: 4 }, 'policy_field_not_valid', 'days'],
    ['a fraction', { days: 5.5 }, 'policy_field_not_valid', 'days'],
    ['a number as text', { days: '7' }, 'policy_field_not_valid', 'days'],
    ['null is no default', { days: null }, 'policy_field_not_valid', 'days'],
    ['a word that is none', { tone: 'rude' }, 'policy_field_not_valid', 'tone'],
    ['a word twice', { tones: ['firm', 'firm'] }, 'policy_field_not_valid', 'tones'],
    ['an hour that is none', { from: '24:00' }, 'policy_field_not_valid', 'from'],
    ['a currency that is none', { caps: { GOLD: 1 } }, 'policy_field_not_valid', 'caps.GOLD'],
    ['money below zero', { caps: { CNY: -1 } }, 'policy_field_not_valid', 'caps.CNY'],
    ['a step that is no object', { steps: [3] }, 'policy_field_not_valid', 'steps.0'],
    ['a field of a step missing', { steps: [{}] }, 'policy_field_missing', 'steps.0.day'],
    ['a field nobody knows', { capp: 1 }, 'policy_field_unknown', 'capp'],
    ['the same deeper', { inner: { deep: true, x: 1 } }, 'policy_field_unknown', 'inner.x'],
  ];
  for (const [name, json, code, field] of wrong) {
    test(`${name} is refused with its path`, () => {
      const { found } = read(json);
      assert.deepEqual([found?.code, found?.field], [code, field]);
    });
  }

  test('the first thing that is wrong is the one that is told', () => {
    assert.equal(read({ tone: 'rude', days: 1 }).found?.field, 'days');
  });
});

test('a code names a policy in small letters', () => {
  for (const code of ['default', 'a', '0', 'big-ones_2']) {
    assert.equal(refusalOfPolicyCode(code), undefined);
  }
  for (const code of ['', 'Big', '-a', 'a b', 'ä', 'a'.repeat(64)]) {
    assert.equal(refusalOfPolicyCode(code)?.code, 'policy_code_not_valid');
  }
});
