import {
  type Catalog,
  type NewItem,
  newestVersion,
  ok,
  type Plan,
  type Price,
  type PriceModel,
  type PriceVersionId,
  type Refusal,
  type Result,
  refuse,
  versionOn,
} from '@daikou/core';

/** A thing that is asked for: by the price's code in the plan, or by the id of a version. */
export type ItemRequest = {
  readonly price?: string;
  readonly priceVersionId?: PriceVersionId;
  readonly quantity?: bigint;
  readonly agreedModel?: PriceModel;
};

export type ItemRefusal = Refusal<
  'plan_unknown' | 'price_unknown' | 'price_not_named' | 'price_not_effective' | 'plan_has_no_price'
>;

/** The plan of this code. */
export function findPlan(catalog: Catalog, code: string): Result<Plan, ItemRefusal> {
  const plan = catalog.plans.find((one) => one.code === code);
  if (plan !== undefined) return ok(plan);
  return refuse({
    code: 'plan_unknown',
    sentence: `There is no plan “${code}”.`,
    next: 'Publish the plan, or correct the code.',
    field: 'plan',
  });
}

/**
 * The items of a request as core wants them: a code becomes the version in force on `day`. Without
 * a list, one of each recurring price of the plan that has a version in force.
 */
export function resolveItems(
  catalog: Catalog,
  requests: readonly ItemRequest[] | undefined,
  about: { readonly plan: Plan; readonly day: Temporal.PlainDate },
): Result<readonly NewItem[], ItemRefusal> {
  const wanted = requests ?? wholePlan(catalog, about.plan);
  if (wanted.length === 0) {
    return refuse({
      code: 'plan_has_no_price',
      sentence: 'The plan has no recurring price that can be taken.',
      next: 'Name the items, or publish a price of the plan.',
      field: 'items',
    });
  }
  const items: NewItem[] = [];
  for (const [index, request] of wanted.entries()) {
    const item = resolveItem(catalog, request, { ...about, field: `items[${index}]` });
    if (!item.ok) return item;
    items.push(item.value);
  }
  return ok(items);
}

function wholePlan(catalog: Catalog, plan: Plan): readonly ItemRequest[] {
  return catalog.prices
    .filter(({ planId, kind }) => planId === plan.id && kind !== 'one_off')
    .map(({ code }) => ({ price: code }));
}

/** One item of a request; `field` is its path, '' where its fields stand in the body itself. */
export function resolveItem(
  catalog: Catalog,
  request: ItemRequest,
  about: { readonly plan: Plan; readonly day: Temporal.PlainDate; readonly field: string },
): Result<NewItem, ItemRefusal> {
  const version = resolveVersion(catalog, request, about);
  if (!version.ok) return version;
  const { quantity = 1n, agreedModel } = request;
  return ok({
    priceVersionId: version.value,
    quantity,
    ...(agreedModel === undefined ? {} : { agreedModel }),
  });
}

function resolveVersion(
  catalog: Catalog,
  request: ItemRequest,
  about: { readonly plan: Plan; readonly day: Temporal.PlainDate; readonly field: string },
): Result<PriceVersionId, ItemRefusal> {
  const at = (name: string) => (about.field === '' ? name : `${about.field}.${name}`);
  const { price: code, priceVersionId } = request;
  if (priceVersionId !== undefined) {
    const known = catalog.versions.some(({ id }) => id === priceVersionId);
    return known
      ? ok(priceVersionId)
      : refuse(priceUnknown('There is no such price version.', at('price_version_id')));
  }
  if (code === undefined) {
    return refuse({
      code: 'price_not_named',
      sentence: 'The item names neither a price nor a price version.',
      next: 'Name the price by its code, or a version by its id.',
      field: at('price'),
    });
  }
  const price = catalog.prices.find((one) => one.planId === about.plan.id && one.code === code);
  if (price === undefined) {
    const sentence = `The plan “${about.plan.code}” has no price “${code}”.`;
    return refuse(priceUnknown(sentence, at('price')));
  }
  const version = versionOn(catalog.versions, price, about.day);
  return version === undefined ? refuse(notEffective(catalog, price, at('price'))) : ok(version.id);
}

function priceUnknown(sentence: string, field: string): ItemRefusal {
  return { code: 'price_unknown', sentence, next: 'Check the catalogue.', field };
}

function notEffective(catalog: Catalog, price: Price, field: string): ItemRefusal {
  const from = newestVersion(catalog.versions, price)?.effectiveFrom.toString() ?? 'never';
  return {
    code: 'price_not_effective',
    sentence: `The price “${price.code}” has no version in force on that day; it begins ${from}.`,
    next: 'Choose a later day, or publish a version that is in force.',
    field,
  };
}
