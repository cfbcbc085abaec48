import { isDateBefore, laterDate } from '../calendar/periods.ts';
import { bucketOf, type SubscriptionItemId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { NewItem, SubscriptionCommand } from './change.ts';
import { checkNewItem, currencyOfItems, makeItem } from './new-item.ts';
import type { Prices } from './next-period.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from './refusals.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';

export type ItemContext = {
  readonly prices: Prices;
  readonly ids: IdSource;
  /** The day from which the new state holds. */
  readonly on: Temporal.PlainDate;
  /** Items that an invoice has billed: they stay in the list when they end before they began. */
  readonly billedItems: ReadonlySet<SubscriptionItemId>;
};

type Edited = Result<Subscription, SubscriptionRefusal>;
type Command<T extends SubscriptionCommand['type']> = Extract<SubscriptionCommand, { type: T }>;

/** Another number of units from the day on: the item ends and another one continues it. */
export function changeQuantity(
  subscription: Subscription,
  command: Command<'quantity'>,
  context: ItemContext,
): Edited {
  const found = findItem(subscription, command.itemId, context.on);
  if (!found.ok) return found;
  const item = found.value;
  if (item.kind === 'metered' || item.kind === 'one_off') {
    return refuse(subscriptionRefusal('item_has_no_quantity', 'itemId'));
  }
  if (command.quantity <= 0n)
    return refuse(subscriptionRefusal('quantity_not_positive', 'quantity'));
  if (command.quantity === item.quantity) return ok(subscription);
  const { quantity } = command;
  return ok(replaceItems(subscription, new Map([[item.id, { quantity }]]), context));
}

/** One more thing from the day on. What is billed once is a line that waits, not an item. */
export function addItem(
  subscription: Subscription,
  wanted: NewItem,
  context: ItemContext & { readonly field: string },
): Edited {
  const checked = checkNewItem(wanted, {
    ...context,
    subscription,
    currency: currencyOfItems(subscription.items, context.prices),
  });
  if (!checked.ok) return checked;
  const priced = checked.value;
  if (priced.price.kind === 'one_off') return ok(subscription);
  const item = makeItem(wanted, { subscription, priced, from: context.on, ids: context.ids });
  return ok({ ...subscription, items: [...subscription.items, item] });
}

export function removeItem(
  subscription: Subscription,
  command: Command<'remove_item'>,
  context: ItemContext,
): Edited {
  const found = findItem(subscription, command.itemId, context.on);
  if (!found.ok) return found;
  return ok({ ...subscription, items: endItems(subscription.items, [found.value], context) });
}

/** All that runs on the day ends, and the items of the new plan start. */
export function changePlan(
  subscription: Subscription,
  command: Command<'plan'>,
  context: ItemContext,
): Edited {
  if (command.items.length === 0) return refuse(subscriptionRefusal('no_items', 'items'));
  const running = subscription.items.filter((item) => isOpenOn(item, context.on));
  const currency = currencyOfItems(subscription.items, context.prices);
  const started: SubscriptionItem[] = [];
  for (const [index, wanted] of command.items.entries()) {
    const field = `items.${index}`;
    const checked = checkNewItem(wanted, { ...context, subscription, currency, field });
    if (!checked.ok) return checked;
    const priced = checked.value;
    if (priced.price.kind === 'one_off') continue;
    const made = makeItem(wanted, { subscription, priced, from: context.on, ids: context.ids });
    const before = running.find(
      ({ kind, id }) => kind === made.kind && !started.some((one) => one.continues === id),
    );
    started.push(before === undefined ? made : { ...made, continues: before.id });
  }
  const ended = endItems(subscription.items, running, context);
  return ok({ ...subscription, planId: command.planId, items: [...ended, ...started] });
}

/** The same items at other price versions: a new price, or a migration to it. */
export function changePrices(
  subscription: Subscription,
  command: Command<'prices'>,
  context: ItemContext,
): Edited {
  const changes = new Map<SubscriptionItemId, Partial<SubscriptionItem>>();
  const currency = currencyOfItems(subscription.items, context.prices);
  for (const [index, { from, to }] of command.versions.entries()) {
    const field = `versions.${index}`;
    const items = subscription.items.filter(
      (item) => item.priceVersionId === from && isOpenOn(item, context.on),
    );
    if (items.length === 0) return refuse(subscriptionRefusal('item_unknown', `${field}.from`));
    const wanted: NewItem = { priceVersionId: to, quantity: 1n };
    const checked = checkNewItem(wanted, { ...context, subscription, currency, field });
    if (!checked.ok) return checked;
    for (const { id } of items) changes.set(id, { priceVersionId: to });
  }
  return ok(replaceItems(subscription, changes, context));
}

/** Ends each item on the day and continues it with the change, as long as it was meant to last. */
function replaceItems(
  subscription: Subscription,
  changes: ReadonlyMap<SubscriptionItemId, Partial<SubscriptionItem>>,
  context: ItemContext,
): Subscription {
  const replaced = subscription.items.filter(({ id }) => changes.has(id));
  const left = endItems(subscription.items, replaced, context);
  const continued = replaced.map((item): SubscriptionItem => {
    const stays = left.some(({ id }) => id === item.id);
    return {
      ...item,
      ...changes.get(item.id),
      id: context.ids('sit', bucketOf(subscription.id)),
      from: laterDate(item.from, context.on),
      // An item that never held leaves no trace: this one continues what that one continued.
      ...(stays ? { continues: item.id } : {}),
    };
  });
  return { ...subscription, items: [...left, ...continued] };
}

/** The items without those that end on the day before they began, unless they were billed. */
function endItems(
  items: readonly SubscriptionItem[],
  ended: readonly SubscriptionItem[],
  { on, billedItems }: ItemContext,
): readonly SubscriptionItem[] {
  return items.flatMap((item) => {
    if (!ended.includes(item)) return [item];
    const until = laterDate(item.from, on);
    const neverHeld = until.equals(item.from) && !billedItems.has(item.id);
    return neverHeld ? [] : [{ ...item, until }];
  });
}

function findItem(
  subscription: Subscription,
  id: SubscriptionItemId,
  on: Temporal.PlainDate,
): Result<SubscriptionItem, SubscriptionRefusal> {
  const item = subscription.items.find((one) => one.id === id);
  if (item === undefined) return refuse(subscriptionRefusal('item_unknown', 'itemId'));
  return isOpenOn(item, on)
    ? ok(item)
    : refuse(subscriptionRefusal('item_already_ended', 'itemId'));
}

/** Whether the item holds on the day or later. */
function isOpenOn({ until, from }: SubscriptionItem, on: Temporal.PlainDate): boolean {
  if (until === undefined) return true;
  return isDateBefore(on, until) && isDateBefore(from, until);
}
