import type { PricedVersion } from '../catalog/catalog.ts';
import { rate } from '../catalog/rate.ts';
import { allocate } from '../money/money.ts';
import { divideRatio, fromMoney, ratio, toMoney } from '../money/ratio.ts';
import type { NewItem } from '../subscription/change.ts';
import { nextBoundary, type Prices } from '../subscription/next-period.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import { type LineSubject, lineOf, modelOf, stepsOf } from './draft-line.ts';
import type { WaitingLine } from './invoice.ts';

/**
 * The lines of what is billed once, in the order of `wanted`: whole, or in equal parts by largest
 * remainder, one for each billing period from `on`. An amount that is billed once is never
 * prorated. What recurs is passed over.
 */
export function instalmentLines(
  subscription: Subscription,
  wanted: readonly NewItem[],
  about: { readonly on: Temporal.PlainDate; readonly prices: Prices },
): readonly { readonly line: WaitingLine; readonly notBefore: Temporal.PlainDate }[] {
  return wanted.flatMap((one) => {
    const priced = about.prices.get(one.priceVersionId);
    if (priced === undefined || priced.price.kind !== 'one_off') return [];
    return partsOf(subscription, one, { on: about.on, priced });
  });
}

function partsOf(
  subscription: Subscription,
  wanted: NewItem,
  { on, priced }: { readonly on: Temporal.PlainDate; readonly priced: PricedVersion },
) {
  const count = priced.version.instalments ?? 1;
  const subject = subjectOf(subscription, wanted, { on, priced });
  const model = modelOf(subject);
  const rated = rate(model, { units: ratio(wanted.quantity) });
  const whole = toMoney(rated.amount, priced.version.currency);
  const parts = allocate(whole, Array<bigint>(count).fill(1n));
  let day = on;
  return parts.map((subtotal, index) => {
    const notBefore = day;
    const end = nextBoundary(subscription, day);
    const days = { start: day, end };
    day = end;
    const { itemId: _itemId, ...line } = lineOf(
      subject,
      { service: days, full: days },
      {
        rule: count === 1 ? 'list_price' : 'instalment',
        quantity: ratio(wanted.quantity),
        unitAmount: divideRatio(fromMoney(subtotal), ratio(wanted.quantity)),
        subtotal,
        why: {
          ...stepsOf(model, rated),
          ...(count === 1 ? {} : { instalment: { number: index + 1, of: count } }),
        },
      },
    );
    return { line, notBefore };
  });
}

/** Nothing of it recurs, so it is no item of the subscription; its line names none. */
function subjectOf(
  subscription: Subscription,
  wanted: NewItem,
  { on, priced }: { readonly on: Temporal.PlainDate; readonly priced: PricedVersion },
): LineSubject {
  const item: SubscriptionItem = {
    id: 'sit_',
    kind: 'one_off',
    priceVersionId: wanted.priceVersionId,
    quantity: wanted.quantity,
    from: on,
    ...(wanted.agreedModel === undefined ? {} : { agreedModel: wanted.agreedModel }),
  };
  return { subscription, item, priced };
}
