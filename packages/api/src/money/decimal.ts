import { formatRatio, type Ratio } from '@daikou/core';
import { Type } from 'typebox';

/** An exact decimal on the wire: text, because a JSON number is rounded when it is read. */
export const DecimalSchema = Type.String({
  pattern: '^-?\\d+(\\.\\d{1,12})?$',
  description: 'An exact decimal as text, at most 12 places.',
  examples: ['0.0015'],
});

/** Decimal text of at most 12 places, the last one half up; no zeros at the end. */
export function toDecimalWire(value: Ratio): string {
  return formatRatio(value);
}
