import { type Ratio, ratio, reduceRatio } from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import type { RatedStep, RatedStepKind } from './rate-step.ts';

/** The stored form of a step; every number is an exact text, see `toExactText`. */
export type RatedStepJson = {
  readonly kind: RatedStepKind;
  readonly quantity: string;
  readonly price?: string;
  readonly amount: string;
  readonly tier?: { readonly number: number; readonly from: string; readonly up_to?: string };
  readonly size?: string;
  readonly bucket?: number;
};

/** The stored form of a step; `fromRatedStepJson` reads it back to the same numbers. */
export function toRatedStepJson(step: RatedStep): RatedStepJson {
  const { kind, quantity, price, amount, tier, size, bucket } = step;
  return {
    kind,
    quantity: toExactText(quantity),
    ...(price && { price: toExactText(price) }),
    amount: toExactText(amount),
    ...(tier && { tier: toTierJson(tier) }),
    ...(size && { size: toExactText(size) }),
    ...(bucket !== undefined && { bucket }),
  };
}

/** Reads what `toRatedStepJson` wrote; a broken number in the store is our bug, so it throws. */
export function fromRatedStepJson(json: RatedStepJson): RatedStep {
  const { kind, quantity, price, amount, tier, size, bucket } = json;
  return {
    kind,
    quantity: fromExactText(quantity),
    ...(price !== undefined && { price: fromExactText(price) }),
    amount: fromExactText(amount),
    ...(tier && {
      tier: {
        number: tier.number,
        from: fromExactText(tier.from),
        ...(tier.up_to !== undefined && { upTo: fromExactText(tier.up_to) }),
      },
    }),
    ...(size !== undefined && { size: fromExactText(size) }),
    ...(bucket !== undefined && { bucket }),
  };
}

/** An exact number as text: "5", "-3/4". A decimal text would cut the thirds of a proration. */
export function toExactText(value: Ratio): string {
  const { numerator, denominator } = reduceRatio(value);
  if (numerator === 0n) return '0';
  return denominator === 1n ? numerator.toString() : `${numerator}/${denominator}`;
}

/** Reads what `toExactText` wrote; anything else throws. */
export function fromExactText(text: string): Ratio {
  const match = /^(-?\d+)(?:\/(\d+))?$/.exec(text);
  invariant(match !== null, 'an exact number is whole or a fraction of whole numbers');
  const [, numerator = '0', denominator = '1'] = match;
  return ratio(BigInt(numerator), BigInt(denominator));
}

function toTierJson({ number, from, upTo }: NonNullable<RatedStep['tier']>) {
  const bounds = { number, from: toExactText(from) };
  return upTo === undefined ? bounds : { ...bounds, up_to: toExactText(upTo) };
}
