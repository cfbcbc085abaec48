import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, at, countingIds, day } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { decideGrant, decideGrantExpiry, decideRepeatedGrant, type GrantRequest } from './grant.ts';

const CONTEXT = {
  now: at('2026-03-10 09:00'),
  businessDate: day('2026-03-10'),
  ids: countingIds(),
};

function request(changes: Partial<GrantRequest> = {}): GrantRequest {
  const { id: customerId, merchantId } = aCustomer();
  return {
    merchantId,
    customerId,
    kind: 'prepaid',
    amount: money(5_000n, 'CNY'),
    reference: 'BANK-1',
    ...changes,
  };
}

function granted(changes: Partial<GrantRequest> = {}) {
  const decision = decideGrant(request(changes), CONTEXT);
  assert.ok(decision.ok);
  return decision.value;
}

function on(text: string) {
  return { ...CONTEXT, businessDate: day(text) };
}

describe('money for coming invoices', () => {
  test('prepaid money is booked as an advance, and names its transfer', () => {
    const { grant, journal } = granted();
    assert.equal(grant.left.minor, 5_000n);
    assert.match(grant.nameZh, /BANK-1/);
    const entries = journal?.entries.map(({ minor }) => minor);
    assert.deepEqual(entries, [5_000n, -5_000n]);
    assert.equal(journal?.sourceId, grant.id);
  });

  test('a gift is no fact of the books', () => {
    const { grant, journal, events } = granted({ kind: 'promotional' });
    assert.equal(journal, undefined);
    assert.equal(grant.kind, 'promotional');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['credit.granted'],
    );
  });

  const { reference: _reference, ...unnamed } = request();
  const refused: readonly (readonly [string, GrantRequest, string, string])[] = [
    ['nothing', request({ amount: money(0n, 'CNY') }), 'amount_not_positive', 'amount.amount'],
    [
      'less than nothing',
      request({ amount: money(-1n, 'CNY') }),
      'amount_not_positive',
      'amount.amount',
    ],
    [
      'until today',
      request({ expiresOn: day('2026-03-10') }),
      'grant_expired_already',
      'expiresOn',
    ],
    ['prepaid from nowhere', unnamed, 'reference_missing', 'reference'],
  ];
  for (const [name, wrong, code, field] of refused) {
    test(`${name} is refused`, () => {
      const decision = decideGrant(wrong, CONTEXT);
      assert.ok(!decision.ok);
      assert.deepEqual([decision.refusal.code, decision.refusal.field], [code, field]);
    });
  }
});

describe('a reference that the customer has a grant of', () => {
  const own = request({ expiresOn: day('2026-12-31') });
  const { grant } = granted({ expiresOn: day('2026-12-31') });
  const { expiresOn: _expiresOn, ...endless } = own;

  const repeated: readonly (readonly [string, GrantRequest])[] = [
    ['the same', own],
    ['the same under another name', { ...own, nameEn: 'Deposit' }],
  ];
  for (const [name, again] of repeated) {
    test(`${name} is the grant that is there, used up or not`, () => {
      const used = { ...grant, left: money(0n, 'CNY') };
      for (const one of [grant, used]) {
        assert.deepEqual(decideRepeatedGrant(again, one), { ok: true, value: one });
      }
    });
  }

  const refused: readonly (readonly [string, GrantRequest])[] = [
    ['another amount', { ...own, amount: money(5_001n, 'CNY') }],
    ['another currency', { ...own, amount: money(5_000n, 'EUR') }],
    ['another kind', { ...own, kind: 'promotional' }],
    ['another last day', { ...own, expiresOn: day('2027-12-31') }],
    ['no last day', endless],
  ];
  for (const [name, other] of refused) {
    test(`${name} is refused`, () => {
      const decision = decideRepeatedGrant(other, grant);
      assert.ok(!decision.ok);
      const { code, field } = decision.refusal;
      assert.deepEqual([code, field], ['reference_used', 'reference']);
    });
  }
});

describe('a grant on its last day', () => {
  const expiresOn = day('2026-04-01');

  test('can still be used on the day before, and no more on the day', () => {
    const { grant } = granted({ expiresOn });
    assert.equal(decideGrantExpiry(grant, on('2026-03-31')), undefined);
    const expired = decideGrantExpiry(grant, on('2026-04-01'));
    assert.equal(expired?.grant.left.minor, 0n);
    assert.equal(expired?.grant.amount.minor, 5_000n);
    assert.equal(expired?.events[0]?.data['minor'], '5000');
  });

  test('prepaid money that is left becomes income; a gift just ends', () => {
    const own = decideGrantExpiry(granted({ expiresOn }).grant, on('2026-05-01'));
    assert.equal(own?.journal?.entries[0]?.minor, 5_000n);
    const gift = granted({ kind: 'promotional', expiresOn }).grant;
    assert.equal(decideGrantExpiry(gift, on('2026-05-01'))?.journal, undefined);
  });

  test('ends once: what has nothing left, or never ends, stays as it is', () => {
    const { grant } = granted({ expiresOn });
    const expired = decideGrantExpiry(grant, on('2026-04-01'));
    assert.ok(expired);
    assert.equal(decideGrantExpiry(expired.grant, on('2026-04-02')), undefined);
    assert.equal(decideGrantExpiry(granted().grant, on('2036-04-02')), undefined);
  });
});
