import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../policy/policy.ts';
import { countsAsDelivered, DEFAULT_NOTICE_RULES, readNoticeRules } from './rules.ts';

describe('a merchant’s rules about notices', () => {
  test('an empty document is the default', () => {
    const read = readNoticeRules({});
    assert.ok(read.ok);
    assert.deepEqual(
      { ...read.value, quietFrom: String(read.value.quietFrom), quietUntil: '' },
      { ...DEFAULT_NOTICE_RULES, quietFrom: '21:00:00', quietUntil: '' },
    );
  });

  test('more days, shorter patience and other quiet hours are taken', () => {
    const read = readNoticeRules({
      lead_days: 7,
      quiet_from: '22:30',
      quiet_until: '07:00',
      patience_minutes: { sms: 30 },
      must_contain: ['amount', 'collectDate', 'howToCancel', 'planName'],
    });
    assert.ok(read.ok);
    assert.equal(read.value.leadDays, 7);
    assert.equal(read.value.patience.sms, 1_800);
    assert.equal(read.value.patience.mail, DEFAULT_NOTICE_RULES.patience.mail);
    assert.ok(read.value.mustContain.includes('planName'));
  });

  const refused: readonly (readonly [string, JsonObject, string, string])[] = [
    ['four days', { lead_days: 4 }, 'notice_below_the_law', 'lead_days'],
    ['no day', { lead_days: 0 }, 'notice_below_the_law', 'lead_days'],
    ['a year', { lead_days: 365 }, 'policy_field_not_valid', 'lead_days'],
    [
      'without the way to stop',
      { must_contain: ['amount', 'collectDate'] },
      'notice_below_the_law',
      'must_contain',
    ],
    ['a robot’s reply alone', { proofs: ['reply'] }, 'notice_proof_missing', 'proofs'],
    ['no proof at all', { proofs: [] }, 'notice_proof_missing', 'proofs'],
    ['a misspelt field', { lead_day: 9 }, 'policy_field_unknown', 'lead_day'],
    [
      'patience with a pigeon',
      { patience_minutes: { pigeon: 5 } },
      'policy_field_unknown',
      'patience_minutes.pigeon',
    ],
  ];
  for (const [what, body, code, field] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const read = readNoticeRules(body);
      assert.ok(!read.ok);
      assert.deepEqual([read.refusal.code, read.refusal.field], [code, field]);
    });
  }

  test('fewer days than the law are refused by its name', () => {
    const read = readNoticeRules({ lead_days: 3 });
    assert.ok(!read.ok && read.refusal.sentence.includes('网络交易监督管理办法'));
  });
});

describe('what proves a delivery', () => {
  const cases = [
    ['report', 'person', true],
    ['read', 'person', true],
    ['query', 'organisation', true],
    ['reply', 'organisation', true],
    ['reply', 'person', false],
  ] as const;
  for (const [proof, kind, counts] of cases) {
    test(`${proof} for a ${kind}: ${counts ? 'counts' : 'does not count'}`, () => {
      assert.equal(countsAsDelivered(proof, kind, DEFAULT_NOTICE_RULES), counts);
    });
  }

  test('a proof that the merchant does not count counts for nobody', () => {
    const rules = { ...DEFAULT_NOTICE_RULES, proofs: ['report'] as const };
    assert.equal(countsAsDelivered('query', 'organisation', rules), false);
  });
});
