import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRatio, parseRatio, type Ratio } from '../money/ratio.ts';
import { roundUnits, takeFreeUnits } from './rate-units.ts';

function exact(text: string): Ratio {
  const parsed = parseRatio(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

test('units are rounded to places before and after the point', () => {
  const cases = [
    ['123.456', 'up', -2, '200'],
    ['123.456', 'down', -2, '100'],
    ['150', 'half_up', -2, '200'],
    ['123.456', 'up', 0, '124'],
    ['123.456', 'half_up', 1, '123.5'],
    ['123.45', 'half_up', 1, '123.5'],
    ['-123.45', 'half_up', 1, '-123.5'],
    ['-123.45', 'up', 0, '-123'],
    ['-123.45', 'down', 0, '-124'],
    ['5', 'up', 2, '5'],
  ] as const;
  for (const [units, mode, places, expected] of cases) {
    assert.equal(
      formatRatio(roundUnits(exact(units), { mode, places })),
      expected,
      `${units} ${mode}`,
    );
  }
});

test('earlier usage of the period consumes the free units first', () => {
  const cases = [
    ['15', '20', '10', ['15', '10', '0']],
    ['15', '0', '10', ['5', '0', '10']],
    ['15', '4', '10', ['9', '0', '6']],
    ['3', '4', '10', ['0', '0', '3']],
    ['0', '0', '10', ['0', '0', '0']],
  ] as const;
  for (const [units, priorUnits, freeUnits, expected] of cases) {
    const taken = takeFreeUnits({
      units: exact(units),
      priorUnits: exact(priorUnits),
      freeUnits: exact(freeUnits),
    });
    const { billableUnits, billablePriorUnits, discountedUnits } = taken;
    assert.deepEqual(
      [billableUnits, billablePriorUnits, discountedUnits].map((each) => formatRatio(each)),
      expected,
    );
  }
});
