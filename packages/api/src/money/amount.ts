import { CURRENCY_EXPONENTS, type Currency, invariant, type Money } from '@daikou/core';
import { Type } from 'typebox';

const CURRENCIES = Object.keys(CURRENCY_EXPONENTS) as Currency[];

/** An amount on the wire: a whole number of the smallest unit (分 for CNY) and its currency. */
export const AmountSchema = Type.Object(
  {
    amount: Type.Integer({
      minimum: Number.MIN_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Whole number of the smallest unit of the currency: 分 for CNY.',
    }),
    currency: Type.Enum(CURRENCIES, { type: 'string', description: 'ISO 4217 code.' }),
  },
  {
    title: 'Amount',
    additionalProperties: false,
    description: 'Money. Never a decimal: ¥29.85 is 2985 in CNY.',
    examples: [{ amount: 2985, currency: 'CNY' }],
  },
);

export type AmountWire = Type.Static<typeof AmountSchema>;

/** A whole number in its wire form. One that JSON cannot hold exactly is our bug and throws. */
export function toIntegerWire(value: bigint): number {
  const integer = Number(value);
  invariant(Number.isSafeInteger(integer), 'a number on the wire is exact');
  return integer;
}

/**
 * Money in its wire form. JSON numbers are exact up to 2^53 − 1, that is 90 trillion yuan; more
 * is our bug and throws instead of being sent rounded.
 */
export function toAmountWire(money: Money): AmountWire {
  return { amount: toIntegerWire(money.minor), currency: money.currency };
}
