import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ratio } from '../money/ratio.ts';
import { decideResourcePack } from './new-resource-pack.ts';

const day = (text: string) => Temporal.PlainDate.from(text);

function decide(wanted: {
  readonly units?: bigint;
  readonly from?: string;
  readonly until: string;
}) {
  const { units = 10n, from, until } = wanted;
  return decideResourcePack(
    {
      customerId: 'cus_01',
      meterId: 'mtr_01',
      units: ratio(units),
      expiresOn: day(until),
      ...(from === undefined ? {} : { validFrom: day(from) }),
    },
    { id: 'rsp_01', merchantId: 'mer_01', today: day('2026-11-21') },
  );
}

describe('a new resource pack', () => {
  test('is full, and holds from today when nothing else is said', () => {
    const made = decide({ until: '2026-11-22' });
    assert.ok(made.ok);
    assert.deepEqual(made.value.unitsLeft, made.value.unitsBought);
    assert.equal(made.value.validFrom.toString(), '2026-11-21');
  });

  test('may begin in the past, for usage that is not billed yet', () => {
    assert.ok(decide({ from: '2026-11-01', until: '2026-12-01' }).ok);
  });

  const refused = [
    ['of no units', { units: 0n, until: '2027-01-01' }, 'pack_units_not_positive'],
    ['of units below zero', { units: -1n, until: '2027-01-01' }, 'pack_units_not_positive'],
    ['that ends today', { until: '2026-11-21' }, 'pack_over_already'],
    ['that ended', { from: '2026-01-01', until: '2026-02-01' }, 'pack_over_already'],
    ['of no day', { from: '2027-01-01', until: '2027-01-01' }, 'pack_ends_before_it_starts'],
  ] as const;
  for (const [name, wanted, code] of refused) {
    test(`${name} is refused`, () => {
      const made = decide(wanted);
      assert.equal(made.ok ? 'made' : made.refusal.code, code);
    });
  }
});
