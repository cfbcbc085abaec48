import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addRatio, compareRatio, formatRatio, RATIO_ZERO, ratio } from '../money/ratio.ts';
import { burnPacks, type ResourcePack } from './resource-pack.ts';

const day = (text: string) => Temporal.PlainDate.from(text);
const NOVEMBER = { start: day('2026-11-01'), end: day('2026-12-01') };

function pack(name: string, units: bigint, changes: Partial<ResourcePack> = {}): ResourcePack {
  return {
    id: `rsp_${name}`,
    merchantId: 'mer_01',
    customerId: 'cus_01',
    meterId: 'mtr_01',
    unitsBought: ratio(units),
    unitsLeft: ratio(units),
    validFrom: day('2026-01-01'),
    expiresOn: day('2027-01-01'),
    ...changes,
  };
}

const plainly = (result: ReturnType<typeof burnPacks>) => ({
  burns: result.burns.map(({ packId, units }) => `${packId} ${formatRatio(units)}`),
  left: formatRatio(result.unitsLeft),
});

describe('resource packs', () => {
  test('burn the earliest expiry first; the rest is priced', () => {
    const packs = [pack('late', 100n), pack('soon', 30n, { expiresOn: day('2026-11-15') })];
    assert.deepEqual(plainly(burnPacks(packs, ratio(150n), NOVEMBER)), {
      burns: ['rsp_soon 30', 'rsp_late 100'],
      left: '20',
    });
  });

  test('that are not valid on any day of the period are not burnt', () => {
    const packs = [
      pack('over', 10n, { expiresOn: day('2026-11-01') }),
      pack('future', 10n, { validFrom: day('2026-12-01') }),
      pack('lastday', 10n, { validFrom: day('2026-11-30') }),
      pack('firstday', 10n, { expiresOn: day('2026-11-02') }),
    ];
    assert.deepEqual(plainly(burnPacks(packs, ratio(25n), NOVEMBER)), {
      burns: ['rsp_firstday 10', 'rsp_lastday 10'],
      left: '5',
    });
  });

  test('of a fraction of a unit burn exactly', () => {
    const result = burnPacks([pack('one', 1n)], ratio(1n, 3n), NOVEMBER);
    assert.equal(compareRatio(result.packs[0]?.unitsLeft ?? RATIO_ZERO, ratio(2n, 3n)), 0);
  });

  test('never go below zero, and burnt plus left is what was used', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 50n }), { maxLength: 6 }),
        fc.bigInt({ min: 0n, max: 200n }),
        (sizes, used) => {
          const packs = sizes.map((size, index) => pack(`p${index}`, size));
          const result = burnPacks(packs, ratio(used), NOVEMBER);
          const burnt = result.burns.reduce((sum, burn) => addRatio(sum, burn.units), RATIO_ZERO);
          assert.equal(compareRatio(addRatio(burnt, result.unitsLeft), ratio(used)), 0);
          for (const { unitsLeft } of result.packs) {
            assert.ok(compareRatio(unitsLeft, RATIO_ZERO) >= 0);
          }
        },
      ),
    );
  });
});
