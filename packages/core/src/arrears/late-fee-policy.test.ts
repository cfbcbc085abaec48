import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInvoice, day } from '../../../../test/kit/builders.ts';
import type { JsonObject, Policy } from '../policy/policy.ts';
import { declaredLateFees, lateFeeFor } from './late-fee-declared.ts';
import { lateFeeExamples } from './late-fee-examples.ts';
import { type LateFeePolicy, readLateFeePolicy } from './late-fee-policy.ts';
import { lateFeeWords } from './late-fee-words.ts';

const SOUND: JsonObject = {
  rate: { per: 'day', basis_points: '5' },
  grace_days: 3,
  cap: { basis_points: 3000 },
  customers: ['person', 'organisation'],
  from: '2026-12-01',
};
const TODAY = day('2026-11-22');

function read(changes: JsonObject, dropped: readonly string[] = []): LateFeePolicy {
  const result = readLateFeePolicy(documentOf(changes, dropped), { today: TODAY });
  assert.ok(result.ok, result.ok ? '' : result.refusal.sentence);
  return result.value;
}

function documentOf(changes: JsonObject, dropped: readonly string[] = []): JsonObject {
  return Object.fromEntries(
    Object.entries({ ...SOUND, ...changes }).filter(([field]) => !dropped.includes(field)),
  );
}

describe('what is refused', () => {
  const organisations = { customers: ['organisation'] };
  const CASES: readonly [
    what: string,
    changes: JsonObject,
    code: string,
    field: string,
    dropped?: readonly string[],
  ][] = [
    ['no cap', {}, 'cap_missing', 'cap', ['cap']],
    ['a cap of nothing', { cap: { basis_points: 0 } }, 'cap_missing', 'cap'],
    ['a cap above 30 %', { cap: { basis_points: 3001 } }, 'fee_above_ceiling', 'cap.basis_points'],
    [
      'more than 5 basis points a day',
      { rate: { per: 'day', basis_points: '5.01' } },
      'fee_above_ceiling',
      'rate.basis_points',
    ],
    [
      'more than that by the month',
      { rate: { per: 'month', basis_points: '151' } },
      'fee_above_ceiling',
      'rate.basis_points',
    ],
    [
      'for organisations without a reason',
      { ...organisations, rate: { per: 'day', basis_points: '10' } },
      'ceiling_needs_reason',
      'rate.basis_points',
    ],
    [
      'with a reason, but for persons too',
      { cap: { basis_points: 4000 }, above_default_because: 'agreed' },
      'fee_above_ceiling',
      'cap.basis_points',
    ],
    [
      'beyond what any reason lifts',
      { ...organisations, cap: { basis_points: 10_001 }, above_default_because: 'agreed' },
      'fee_above_ceiling',
      'cap.basis_points',
    ],
    [
      'a negative rate',
      { rate: { per: 'day', basis_points: '-1' } },
      'rate_negative',
      'rate.basis_points',
    ],
    ['a grace below zero', { grace_days: -1 }, 'grace_negative', 'grace_days'],
    [
      'an unknown currency',
      { rate: { per: 'invoice', amounts: { XXX: 1 } } },
      'policy_field_not_valid',
      'rate.amounts.XXX',
    ],
    ['yesterday', { from: '2026-11-21' }, 'fee_retroactive', 'from'],
    ['no date', { from: '2026-02-30' }, 'date_not_valid', 'from'],
    [
      'late fees on late fees of persons',
      { compounding: true },
      'compounding_for_persons',
      'compounding',
    ],
    ['nobody', { customers: [] }, 'customers_missing', 'customers'],
    ['no rate', {}, 'rate_missing', 'rate', ['rate']],
    ['a misspelt cap', { caps: { basis_points: 1 } }, 'policy_field_unknown', 'caps'],
    ['a number that is a fraction', { grace_days: 1.5 }, 'policy_field_not_valid', 'grace_days'],
  ];
  for (const [what, changes, code, field, dropped] of CASES) {
    test(`${what}: ${code}`, () => {
      const result = readLateFeePolicy(documentOf(changes, dropped), { today: TODAY });
      assert.ok(!result.ok);
      assert.deepEqual([result.refusal.code, result.refusal.field], [code, field]);
    });
  }
  test('organisations may agree on more, with the reason in the document', () => {
    const policy = read({
      ...organisations,
      rate: { per: 'day', basis_points: '10' },
      above_default_because: 'framework contract 2026, §7',
    });
    assert.deepEqual(policy.customers, ['organisation']);
  });
  test('a published document is read again after its first day has passed', () => {
    assert.ok(readLateFeePolicy(documentOf({ from: '2020-01-01' })).ok);
  });
});

describe('the rule in one sentence', () => {
  const CASES: readonly [changes: JsonObject, zh: string, en: string][] = [
    [
      {},
      '逾期第 4 天起，每天按未付金额的 0.05% 收取滞纳金，最高不超过未付金额的 30%',
      'From the 4th day overdue, a late fee of 0.05% of the unpaid amount a day is due, ' +
        'at most 30% of the unpaid amount',
    ],
    [
      {
        grace_days: 0,
        rate: { per: 'month', basis_points: '100' },
        cap: { basis_points: 1000, amounts: { CNY: 50_000 } },
      },
      '逾期第 1 天起，每月（按 30 天计）按未付金额的 1% 收取滞纳金，最高不超过未付金额的 10%，且不超过 ¥500.00',
      'From the 1st day overdue, a late fee of 1% of the unpaid amount a month (of 30 days) is ' +
        'due, at most 10% of the unpaid amount and never more than ¥500.00',
    ],
    [
      { grace_days: 10, rate: { per: 'invoice', amounts: { CNY: 1000 } } },
      '逾期第 11 天起，一次性收取滞纳金 ¥10.00，最高不超过未付金额的 30%',
      'From the 11th day overdue, a late fee of ¥10.00 is due once, ' +
        'at most 30% of the unpaid amount',
    ],
  ];
  for (const [changes, zh, en] of CASES) {
    test(zh, () => {
      const policy = read(changes);
      assert.equal(lateFeeWords(policy, 'zh-CN'), zh);
      assert.equal(lateFeeWords(policy, 'en'), en);
    });
  }
});

test('the table that is shown before it is published', () => {
  assert.deepEqual(
    lateFeeExamples(read({})).map(({ daysOverdue, amount, isCapped }) => [
      daysOverdue,
      amount.minor,
      isCapped,
    ]),
    [
      [3, 0n, false],
      [4, 50n, false],
      [13, 500n, false],
      [33, 1_500n, false],
      [603, 30_000n, true],
    ],
  );
});

describe('which late fee holds for an invoice', () => {
  const published = (code: string, on: string, changes: JsonObject = {}): Policy => ({
    id: `pol_${on.replaceAll('-', '')}${'0'.repeat(24)}`,
    merchantId: anInvoice().merchantId,
    kind: 'late_fee',
    code,
    version: 1,
    body: documentOf({ from: '2026-01-01', ...changes }),
    publishedBy: 'An',
    publishedAt: Temporal.Instant.from(`${on}T00:00:00Z`),
  });
  const declared = declaredLateFees([
    published('all', '2026-05-01', { customers: ['person'], grace_days: 9 }),
    published('all', '2026-02-01', { grace_days: 7 }),
    published('firms', '2026-03-01', { customers: ['organisation'], grace_days: 8 }),
    published('broken', '2026-02-01', { cap: {} }),
    published('later', '2026-02-01', { from: '2026-09-01', grace_days: 5 }),
  ]);
  const CASES = [
    ['2026-01-31', 'person', undefined, 'nothing was published yet'],
    ['2026-02-01', 'person', 7, 'the first version'],
    ['2026-04-01', 'organisation', 8, 'of two that fit the one published last'],
    ['2026-04-30', 'person', 7, 'the version before the next one'],
    ['2026-05-02', 'person', 9, 'the next version'],
    ['2026-05-02', 'organisation', 8, 'a version that names persons alone has replaced the first'],
    ['2026-09-02', 'person', 9, 'one that begins later was published earlier'],
    ['2026-05-02', 'department', undefined, 'who does not pay'],
  ] as const;
  for (const [on, to, grace, why] of CASES) {
    test(`${to}, issued on ${on}: ${why}`, () => {
      const at = Temporal.Instant.from(`${on}T12:00:00Z`);
      const found = lateFeeFor(declared, { at, to, zone: 'Asia/Shanghai' });
      assert.equal(found?.rule.graceDays, grace);
    });
  }
});
