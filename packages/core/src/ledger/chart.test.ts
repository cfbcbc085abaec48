import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvariantBroken } from '../result/invariant.ts';
import { assertChart, CHINA_CHART, type Chart, clearingAccountOf, findAccount } from './chart.ts';

describe('the Chinese chart of accounts', () => {
  test('is complete in itself', () => {
    assertChart(CHINA_CHART);
  });

  // 财会〔2006〕18号: the first digit of a code is the kind of the account.
  const kindOfFirstDigit: Readonly<Record<string, readonly string[]>> = {
    '1': ['asset'],
    '2': ['liability'],
    '4': ['equity'],
    '6': ['income', 'expense'],
  };
  for (const { code, kind, nameZh, nameEn } of CHINA_CHART.accounts) {
    test(`${code} ${nameZh} has a code of its kind`, () => {
      assert.ok(kindOfFirstDigit[code.slice(0, 1)]?.includes(kind));
      assert.match(code, /^\d{4}(\.\d{2})*$/);
      assert.ok(nameEn.length > 0);
    });
  }

  test('a detail account has the kind of the account above it', () => {
    for (const { code, kind } of CHINA_CHART.accounts) {
      const above = findAccount(CHINA_CHART, code.slice(0, 4));
      assert.equal(above?.kind, kind, code);
    }
  });

  test('only the allowance for bad debts and sales discounts grow against their kind', () => {
    const against = CHINA_CHART.accounts.filter(
      ({ kind, normalSide }) =>
        (kind === 'asset' || kind === 'expense' ? 'debit' : 'credit') !== normalSide,
    );
    assert.deepEqual(
      against.map(({ code }) => code),
      ['1231', '6001.01'],
    );
  });

  test('each rail has its own clearing account', () => {
    assert.equal(clearingAccountOf(CHINA_CHART, 'wechat'), '1012.01');
    assert.equal(clearingAccountOf(CHINA_CHART, 'alipay'), '1012.02');
    const codes = Object.values(CHINA_CHART.railClearing);
    assert.equal(new Set(codes).size, codes.length);
  });
});

describe('a chart that cannot be used', () => {
  const charts: readonly (readonly [string, Chart])[] = [
    [
      'an account listed twice',
      { ...CHINA_CHART, accounts: [...CHINA_CHART.accounts, ...CHINA_CHART.accounts] },
    ],
    [
      'a role without an account',
      { ...CHINA_CHART, roles: { ...CHINA_CHART.roles, railFee: '9999' } },
    ],
    ['a rail without an account', { ...CHINA_CHART, railClearing: { some_rail: '1012.99' } }],
  ];
  for (const [name, chart] of charts) {
    test(name, () => {
      assert.throws(() => assertChart(chart), InvariantBroken);
    });
  }

  test('a rail that it does not name', () => {
    assert.throws(() => clearingAccountOf(CHINA_CHART, 'unheard_of'), /unheard_of is missing/);
  });
});
