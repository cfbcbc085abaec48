import { invariant, type PriceModel, parsePriceModel, toPriceModelJson } from '@daikou/core';
import type { Shape } from '../json-shape.ts';

/** Price models are stored as core writes them, and read with its own checks. */
export const priceModel: Shape<PriceModel> = {
  to: toPriceModelJson,
  from: (json) => {
    const parsed = parsePriceModel(json);
    invariant(parsed.ok, 'a stored price model is one that core wrote');
    return parsed.value;
  },
};
