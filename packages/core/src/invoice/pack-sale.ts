import type { PriceVersionId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import { checkNewItem, currencyOfItems } from '../subscription/new-item.ts';
import type { Prices } from '../subscription/next-period.ts';
import { subscriptionRefusal } from '../subscription/refusals.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { toPending } from './change.ts';
import { instalmentLines } from './instalments.ts';
import type { PendingLine } from './pending-line.ts';

/**
 * The lines by which a resource pack is sold through a one-off price of the catalogue, on the
 * invoices of `subscription`: one, or one for each instalment. They wait from today on. Refused are
 * a price that recurs, one that is not in force, another currency, and a subscription that is over.
 * Fields are named as in a request: `sale.subscriptionId`, `sale.priceVersionId`.
 */
export function decidePackSale(
  sale: { readonly subscription: Subscription; readonly priceVersionId: PriceVersionId },
  context: {
    readonly prices: Prices;
    readonly today: Temporal.PlainDate;
    readonly now: Temporal.Instant;
    readonly ids: IdSource;
  },
): Result<readonly PendingLine[], Refusal> {
  const { subscription, priceVersionId } = sale;
  const { prices, today } = context;
  if (subscription.state === 'ended') {
    return refuse(subscriptionRefusal('subscription_ended', 'sale.subscriptionId'));
  }
  const wanted = { priceVersionId, quantity: 1n };
  const priced = checkNewItem(wanted, {
    subscription,
    prices,
    on: today,
    currency: currencyOfItems(subscription.items, prices),
    field: 'sale',
  });
  if (!priced.ok) return priced;
  if (priced.value.price.kind !== 'one_off') return refuse(PRICE_RECURS);
  const lines = instalmentLines(subscription, [wanted], { on: today, prices });
  return ok(lines.map((line) => toPending(line, subscription, context)));
}

const PRICE_RECURS: Refusal = {
  code: 'pack_price_recurs',
  sentence: 'The price recurs, and a resource pack is bought once.',
  next: 'Name a version of a one-off price, or leave the sale out to grant the pack.',
  field: 'sale.priceVersionId',
};
