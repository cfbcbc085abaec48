import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  anInvoice,
  anotherId,
  aSubscription,
  at,
  countingIds,
  day,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { applyBalance, giveBackGrants } from './balance.ts';
import type { CreditGrant } from './credit-grant.ts';
import { decideIssue } from './issue.ts';
import { decideLeftover } from './leftover.ts';
import type { PendingLine } from './pending-line.ts';

const CONTEXT = {
  now: at('2026-03-05 09:00'),
  businessDate: day('2026-03-05'),
  ids: countingIds(),
};
const { issuedAt: _issuedAt, ...DRAFT } = anInvoice({ state: 'draft' });

function grant(minor: bigint, changes: Partial<CreditGrant> & { name?: string } = {}): CreditGrant {
  const { name = 'grant', ...rest } = changes;
  return {
    id: anotherId('crg', 0),
    merchantId: DRAFT.merchantId,
    customerId: DRAFT.customerId,
    kind: 'prepaid',
    amount: money(minor, 'CNY'),
    left: money(minor, 'CNY'),
    nameZh: name,
    nameEn: name,
    createdAt: at('2026-01-01 09:00'),
    ...rest,
  };
}

const expires = (text: string) => ({ expiresOn: day(text) });

describe('what a balance pays of an invoice of ¥29.85', () => {
  const cases: readonly (readonly [string, readonly CreditGrant[], readonly string[]])[] = [
    ['nothing when there is none', [], []],
    ['all of it', [grant(5_000n, { name: 'wallet' })], ['wallet 2985']],
    ['a part of it', [grant(1_000n, { name: 'wallet' })], ['wallet 1000']],
    [
      'the soonest expiry first',
      [
        grant(5_000n, { name: 'never' }),
        grant(2_000n, { name: 'june', ...expires('2026-06-01') }),
        grant(500n, { name: 'april', ...expires('2026-04-01') }),
      ],
      ['april 500', 'june 2000', 'never 485'],
    ],
    [
      'a gift before the customer’s own money, where both expire together',
      [
        grant(100n, { name: 'own', ...expires('2026-04-01') }),
        grant(100n, { name: 'gift', kind: 'promotional', ...expires('2026-04-01') }),
      ],
      ['gift 100', 'own 100'],
    ],
    [
      'nothing that has expired, on its last day neither, or is in another currency',
      [
        grant(100n, expires('2026-03-05')),
        grant(100n, expires('2026-03-01')),
        grant(100n, { left: money(100n, 'EUR') }),
        grant(100n, { left: money(0n, 'CNY') }),
        grant(100n, { name: 'tomorrow', ...expires('2026-03-06') }),
      ],
      ['tomorrow 100'],
    ],
  ];
  for (const [name, grants, expected] of cases) {
    test(name, () => {
      const names = new Map(grants.map(({ id, nameEn }) => [id, nameEn]));
      const { uses } = applyBalance(DRAFT, grants, CONTEXT);
      assert.deepEqual(
        uses.map(({ grantId, amount }) => `${names.get(grantId)} ${amount.minor}`),
        expected,
      );
    });
  }

  test('is booked: own money from what was paid in advance, a gift as a sales discount', () => {
    const grants = [grant(1_000n), grant(500n, { kind: 'promotional', ...expires('2026-04-01') })];
    const { invoice, journal, grants: left } = applyBalance(DRAFT, grants, CONTEXT);
    assert.equal(invoice.balanceApplied.minor, 1_500n);
    assert.deepEqual(
      journal?.entries.map(({ account, minor }) => [account, minor]),
      [
        ['2203', 1_000n],
        ['6001.01', 500n],
        ['1122', -1_500n],
      ],
    );
    assert.deepEqual(
      left.map((one) => one.left.minor),
      [0n, 0n],
    );
  });

  test('never takes more than is due or than a grant has, and can be given back', () => {
    const grants = fc.array(fc.bigInt({ min: 1n, max: 4_000n }), { maxLength: 6 });
    fc.assert(
      fc.property(grants, (amounts) => {
        const made = amounts.map((minor) => grant(minor));
        const { invoice, grants: after, uses } = applyBalance(DRAFT, made, CONTEXT);
        const used = uses.reduce((total, { amount }) => total + amount.minor, 0n);
        const had = amounts.reduce((total, minor) => total + minor, 0n);
        assert.equal(invoice.balanceApplied.minor, used);
        assert.equal(used, had < 2_985n ? had : 2_985n);
        for (const { left } of after) assert.ok(left.minor >= 0n);
        for (const { left, amount } of giveBackGrants(after, uses)) {
          assert.equal(left.minor, amount.minor);
        }
      }),
    );
  });
});

describe('an invoice that is issued with a balance', () => {
  const issue = (...grants: readonly CreditGrant[]) => {
    const decided = decideIssue(DRAFT, { ...CONTEXT, grants });
    assert.ok(decided.ok);
    return decided.value;
  };

  test('is paid at once when nothing is left to collect', () => {
    const { invoice, journal, balance, events } = issue(grant(5_000n));
    assert.equal(invoice.state, 'paid');
    assert.equal(journal?.template, 'invoice_issued');
    assert.equal(balance?.journal?.template, 'balance_used');
    assert.equal(balance?.grants[0]?.left.minor, 2_015n);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['invoice.issued', 'invoice.paid'],
    );
  });

  test('stays open for the rest', () => {
    const { invoice, balance } = issue(grant(985n));
    assert.equal(invoice.state, 'open');
    assert.equal(invoice.balanceApplied.minor, 985n);
    assert.equal(balance?.uses.length, 1);
  });

  test('has no balance where none is there', () => {
    assert.equal(issue().balance, undefined);
  });
});

describe('credits that wait when a subscription has ended', () => {
  const line = anInvoice().lines[0];
  assert.ok(line);
  const { position: _position, ...paid } = line;
  const credit: PendingLine = {
    id: anotherId('pli', 0),
    merchantId: DRAFT.merchantId,
    customerId: DRAFT.customerId,
    subscriptionId: aSubscription().id,
    state: 'pending',
    notBefore: day('2026-03-01'),
    line: {
      ...paid,
      subtotal: money(-2_985n, 'CNY'),
      amount: money(-2_985n, 'CNY'),
      net: money(-2_816n, 'CNY'),
      tax: money(-169n, 'CNY'),
      rule: 'change_credit',
    },
    createdAt: CONTEXT.now,
  };

  test('become the customer’s balance, and are booked back', () => {
    const left = decideLeftover(aSubscription({ state: 'ended' }), [credit], CONTEXT);
    assert.equal(left?.grant.left.minor, 2_985n);
    assert.deepEqual(
      left?.dropped.map(({ state }) => state),
      ['dropped'],
    );
    assert.deepEqual(
      left?.journal.entries.map(({ account, minor }) => [account, minor]),
      [
        ['2205', 2_816n],
        ['2221.01', 169n],
        ['2203', -2_985n],
      ],
    );
  });

  test('wait while it goes on; nothing waiting is nothing', () => {
    assert.equal(decideLeftover(aSubscription(), [credit], CONTEXT), undefined);
    const ended = aSubscription({ state: 'ended' });
    assert.equal(decideLeftover(ended, [{ ...credit, state: 'billed' }], CONTEXT), undefined);
  });
});
