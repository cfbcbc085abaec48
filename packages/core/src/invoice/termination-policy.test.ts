import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInvoice, day } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { JsonObject, Policy } from '../policy/policy.ts';
import type { EarlyTermination } from '../subscription/subscription.ts';
import {
  readTerminationPolicy,
  refusalOfTermination,
  terminationPolicyFor,
  terminationWords,
} from './termination-policy.ts';

const SOUND: JsonObject = {
  share_of_remaining: 2000,
  fixed: { CNY: 50_000 },
  customers: ['person', 'organisation'],
  from: '2026-12-01',
};
const TODAY = day('2026-11-22');

function read(changes: JsonObject = {}) {
  return readTerminationPolicy({ ...SOUND, ...changes }, { today: TODAY });
}

describe('what is refused', () => {
  const CASES: readonly [what: string, changes: JsonObject, code: string][] = [
    ['neither share nor amount', { share_of_remaining: 0, fixed: {} }, 'termination_missing'],
    ['a share above 30 %', { share_of_remaining: 3001 }, 'termination_above_ceiling'],
    [
      'the same with a reason, but for persons too',
      { share_of_remaining: 5000, above_default_because: 'agreed' },
      'termination_above_ceiling',
    ],
    ['nobody', { customers: [] }, 'customers_missing'],
    ['yesterday', { from: '2026-11-21' }, 'termination_retroactive'],
    ['no date', { from: '2026-02-30' }, 'date_not_valid'],
    ['below zero', { share_of_remaining: -1 }, 'policy_field_not_valid'],
    ['an unknown currency', { fixed: { XXX: 1 } }, 'policy_field_not_valid'],
    ['a misspelt field', { share: 1 }, 'policy_field_unknown'],
  ];
  for (const [what, changes, code] of CASES) {
    test(`${what}: ${code}`, () => {
      const result = read(changes);
      assert.equal(result.ok ? 'ok' : result.refusal.code, code);
    });
  }
  test('organisations may agree on more, with the reason in the document', () => {
    const agreed = { customers: ['organisation'], above_default_because: 'frame contract §4' };
    assert.ok(read({ ...agreed, share_of_remaining: 8000 }).ok);
  });
});

describe('what a contract may say under it', () => {
  const policy = read();
  assert.ok(policy.ok);
  const share = (basisPoints: bigint) => ({ type: 'share_of_remaining', basisPoints }) as const;
  const fixed = (minor: bigint, currency: 'CNY' | 'EUR' = 'CNY') =>
    ({ type: 'fixed', amount: money(minor, currency) }) as const;
  const CASES: readonly [rule: EarlyTermination, field: string | undefined][] = [
    [{ type: 'free' }, undefined],
    [share(2_000n), undefined],
    [share(2_001n), 'contract.early_termination.basis_points'],
    [fixed(50_000n), undefined],
    [fixed(50_001n), 'contract.early_termination.amount'],
    [fixed(1n, 'EUR'), 'contract.early_termination.amount'],
  ];
  for (const [rule, field] of CASES) {
    const what = rule.type === 'fixed' ? `${rule.amount.minor} ${rule.amount.currency}` : rule.type;
    test(`${what}: ${field ?? 'allowed'}`, () => {
      assert.equal(refusalOfTermination(rule, policy.value)?.field, field);
    });
  }
  test('it is said in one sentence', () => {
    assert.equal(
      terminationWords(policy.value, 'zh-CN'),
      '提前终止合同的违约金：不超过剩余合同期费用的 20%，或固定金额不超过 ¥500.00',
    );
    assert.equal(
      terminationWords(policy.value, 'en'),
      'Leaving before the end of the contract costs at most 20% of what the remaining term would ' +
        'have cost, or a fixed amount of at most ¥500.00',
    );
  });
});

test('it holds for what is signed after its publication, by those whom it names', () => {
  const published = (code: string, on: string, changes: JsonObject): Policy => ({
    id: `pol_${on.replaceAll('-', '')}${'0'.repeat(24)}`,
    merchantId: anInvoice().merchantId,
    kind: 'termination_fee',
    code,
    version: 1,
    body: { ...SOUND, from: '2026-01-01', ...changes },
    publishedBy: 'An',
    publishedAt: Temporal.Instant.from(`${on}T00:00:00Z`),
  });
  const policies = [
    published('all', '2026-02-01', { share_of_remaining: 1000 }),
    published('all', '2026-05-01', { share_of_remaining: 500, customers: ['person'] }),
  ];
  const shareOf = (on: string, by: 'person' | 'organisation') => {
    const at = Temporal.Instant.from(`${on}T12:00:00Z`);
    return terminationPolicyFor(policies, { at, by, zone: 'Asia/Shanghai' })?.shareBasisPoints;
  };
  assert.equal(shareOf('2026-01-31', 'person'), undefined);
  assert.equal(shareOf('2026-02-02', 'organisation'), 1_000n);
  assert.equal(shareOf('2026-05-02', 'person'), 500n);
  assert.equal(shareOf('2026-05-02', 'organisation'), undefined);
});
