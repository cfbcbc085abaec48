import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, day } from '../../../../test/kit/builders.ts';
import { newId } from '../../../../test/kit/life.ts';
import { CHINA_CHART, clearingAccountOf } from '../ledger/chart.ts';
import type { Journal } from '../ledger/journal.ts';
import { money } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import type { Break } from './break.ts';
import { decideLeavePool, endByFiles, park, type StepContext } from './pool.ts';
import { decideAssign, decideResolve, endsOf, proposePosting } from './resolve.ts';

const RAIL = present(Object.keys(CHINA_CHART.railClearing)[0], 'a rail');
const CLEARING = clearingAccountOf(CHINA_CHART, RAIL);
const CONTEXT: StepContext = {
  newJournalId: () => newId('jrn', 7),
  now: at('2026-03-13 10:00'),
  today: day('2026-03-13'),
};

function aBreak(changes: Partial<Break> = {}): Break {
  return {
    id: newId('brk', 7),
    merchantId: newId('mer'),
    billId: newId('bil', 7),
    rail: RAIL,
    businessDate: day('2026-03-10'),
    class: 'surplus',
    orderNumber: 'D1',
    railAmount: money(700n, 'CNY'),
    difference: money(700n, 'CNY'),
    owner: 'finance',
    suggestedAction: 'complete_order',
    rootCause: 'success_not_learned',
    state: 'open',
    openedAt: at('2026-03-11 10:00'),
    ...changes,
  };
}

/** "借 1012.01 700, 贷 2241 700". */
function written(journals: readonly Journal[]): string {
  return journals
    .flatMap(({ entries }) => entries)
    .map(
      ({ account, minor }) =>
        `${minor > 0n ? '借' : '贷'} ${account} ${minor < 0n ? -minor : minor}`,
    )
    .join(', ');
}

describe('the postings of a break', () => {
  const cases: readonly (readonly [string, bigint, string, string])[] = [
    ['a surplus', 700n, `借 ${CLEARING} 700, 贷 2241 700`, '借 2241 700, 贷 6301 700'],
    ['a shortage', -700n, `贷 ${CLEARING} 700, 借 1221 700`, '贷 1221 700, 借 6711 700'],
  ];
  for (const [name, minor, parked, writtenOff] of cases) {
    const one = aBreak({ difference: money(minor, 'CNY') });
    test(`${name} is parked: ${parked}`, () => {
      assert.equal(written(park(one, CONTEXT).journals), parked);
    });
    test(`${name} is written off: ${writtenOff}`, () => {
      const { found } = park(one, CONTEXT);
      const command = { how: 'write_off', by: 'Anna', approvedBy: 'Ben' } as const;
      const ended = decideResolve(found, command, CONTEXT);
      assert.ok(ended.ok);
      assert.equal(written(ended.value.journals), writtenOff);
      assert.deepEqual(proposePosting(found)?.entries, ended.value.journals[0]?.entries);
    });
  }

  test('a fee beyond the contract becomes the rail’s debt, and was never parked', () => {
    const fee = aBreak({ class: 'fee_mismatch', difference: money(4n, 'CNY') });
    const step = park(fee, CONTEXT);
    assert.deepEqual(step.journals, []);
    const command = { how: 'claim_fee', by: 'Anna', note: 'case 17' } as const;
    const ended = decideResolve(step.found, command, CONTEXT);
    assert.ok(ended.ok);
    assert.equal(written(ended.value.journals), '借 1221 4, 贷 6603 4');
  });

  test('what waits in the pool is parked when it leaves it, on the date of its bill', () => {
    const pooled = aBreak({ class: 'shortage', state: 'pooled', difference: money(-700n, 'CNY') });
    assert.deepEqual(park(pooled, CONTEXT).journals, []);
    const { found, journals } = decideLeavePool(pooled, CONTEXT);
    assert.equal(found.state, 'open');
    assert.equal(found.parkedBy, journals[0]?.id);
    assert.equal(journals[0]?.businessDate.toString(), '2026-03-10');
  });

  test('parked and ended, nothing of a break is left in clearing or suspense', () => {
    const minor = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).filter((one) => one !== 0n);
    fc.assert(
      fc.property(minor, fc.boolean(), (difference, isWrittenOff) => {
        const first = park(aBreak({ difference: money(difference, 'CNY') }), CONTEXT);
        const evidence = { kind: 'bill', reference: 'bil' } as const;
        const approval = { how: 'write_off', by: 'A', approvedBy: 'B' } as const;
        const resolved = decideResolve(first.found, approval, CONTEXT);
        assert.ok(resolved.ok);
        const last = isWrittenOff
          ? resolved.value
          : endByFiles(first.found, { how: 'superseded', evidence }, CONTEXT);
        const sums = new Map<string, bigint>();
        for (const { account, minor: part } of [...first.journals, ...last.journals].flatMap(
          (journal) => journal.entries,
        )) {
          sums.set(account, (sums.get(account) ?? 0n) + part);
        }
        assert.equal(sums.get('2241') ?? 0n, 0n);
        assert.equal(sums.get('1221') ?? 0n, 0n);
        assert.equal(sums.get(CLEARING) ?? 0n, isWrittenOff ? difference : 0n);
      }),
    );
  });
});

describe('the end of a break', () => {
  const parked = park(aBreak(), CONTEXT).found;
  const payment = { kind: 'payment', reference: `pay_${'0'.repeat(32)}` } as const;
  const cases: readonly (readonly [string, Break, Parameters<typeof decideResolve>[1], string])[] =
    [
      ['booked, on a payment', parked, { how: 'booked', by: 'Anna', evidence: payment }, 'ok'],
      ['booked, on nothing', parked, { how: 'booked', by: 'Anna' }, 'resolution_needs_evidence'],
      [
        'booked, on a note',
        parked,
        { how: 'booked', by: 'Anna', note: 'trust me' },
        'resolution_needs_evidence',
      ],
      [
        'written off alone',
        parked,
        { how: 'write_off', by: 'Anna', approvedBy: ' Anna' },
        'resolution_needs_second_person',
      ],
      [
        'written off without approval',
        parked,
        { how: 'write_off', by: 'Anna' },
        'resolution_needs_evidence',
      ],
      ['by nobody', parked, { how: 'booked', by: ' ', evidence: payment }, 'break_owner_missing'],
      [
        'accepted, though money is parked',
        parked,
        { how: 'accepted', by: 'Anna', note: 'fine' },
        'resolution_not_for_class',
      ],
      [
        'from the pool',
        aBreak({ state: 'pooled' }),
        { how: 'booked', by: 'Anna', evidence: payment },
        'break_is_pooled',
      ],
    ];
  for (const [name, one, command, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const result = decideResolve(one, command, CONTEXT);
      assert.equal(result.ok ? 'ok' : result.refusal.code, expected);
    });
  }

  test('each break names its own ends', () => {
    const dates = aBreak({ class: 'state_mismatch' });
    const { difference: _difference, ...dated } = dates;
    assert.deepEqual(endsOf(parked), ['booked', 'reversed', 'write_off']);
    assert.deepEqual(endsOf(dated), ['accepted']);
    assert.deepEqual(endsOf(aBreak({ class: 'fee_mismatch' })), ['claim_fee', 'accepted']);
    assert.deepEqual(endsOf(aBreak({ state: 'pooled' })), []);
  });

  test('a break goes to an owner who has a name', () => {
    const assigned = decideAssign(parked, { owner: ' Chen ' });
    assert.equal(assigned.ok && assigned.value.owner, 'Chen');
    const nobody = decideAssign(parked, { owner: ' ' });
    assert.equal(!nobody.ok && nobody.refusal.code, 'break_owner_missing');
  });
});
