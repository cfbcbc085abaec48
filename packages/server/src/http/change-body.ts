import type { ChangeSubscriptionBody } from '@daikou/api';
import {
  type Catalog,
  type ChangeTime,
  ok,
  type Plan,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionCommand,
} from '@daikou/core';
import { findPlan, notFound, resolveItem, resolveItems } from '@daikou/engine';
import { fieldMissing, readContract, readDate, readItem, readItems } from './billing-body.ts';
import { readGrounds } from './price-change-body.ts';

/** What codes and days of a body are looked up in. */
export type ChangeFacts = {
  readonly catalog: Catalog;
  readonly subscription: Subscription;
  readonly today: Temporal.PlainDate;
};

type Read = Result<SubscriptionCommand, Refusal>;
type Body = ChangeSubscriptionBody;

/** Fields of a change by its type; any other one would be ignored in silence, so it is refused. */
const FIELDS: Readonly<Record<Body['type'], readonly (keyof Body)[]>> = {
  quantity: ['item_id', 'quantity', 'when'],
  add_item: ['price', 'price_version_id', 'quantity', 'agreed_model', 'when'],
  remove_item: ['item_id', 'when'],
  plan: ['plan', 'items', 'when'],
  prices: ['versions', 'consent', 'when'],
  pause: ['when', 'resumes_on'],
  resume: ['when'],
  end: ['when', 'waive_termination'],
  auto_renew: ['on'],
  align: ['expires_on'],
  contract: ['contract'],
  unpark: [],
};

/** The command that a body asks for, or the field that is missing, unknown here, or wrong. */
export function readChange(body: Body, facts: ChangeFacts): Read {
  const known: readonly string[] = ['type', 'bill', ...FIELDS[body.type]];
  const extra = Object.keys(body).find((name) => !known.includes(name));
  if (extra !== undefined) {
    return refuse({
      code: 'field_unknown',
      sentence: `A change of type “${body.type}” has no field “${extra}”.`,
      next: 'Remove the field: it would have no effect.',
      field: extra,
    });
  }
  const when = readWhen(body.when);
  return when.ok ? READERS[body.type](body, { ...facts, when: when.value }) : when;
}

type Facts = ChangeFacts & { readonly when: ChangeTime };

const READERS: Readonly<Record<Body['type'], (body: Body, facts: Facts) => Read>> = {
  quantity: ({ item_id: itemId, quantity }, { when }) => {
    if (itemId === undefined) return refuse(fieldMissing('item_id'));
    if (quantity === undefined) return refuse(fieldMissing('quantity'));
    return ok({ type: 'quantity', itemId, quantity: BigInt(quantity), when });
  },
  add_item: readAdd,
  remove_item: ({ item_id: itemId }, { when }) =>
    itemId === undefined
      ? refuse(fieldMissing('item_id'))
      : ok({ type: 'remove_item', itemId, when }),
  plan: readPlan,
  prices: ({ versions, consent }, { when }) => {
    if (versions === undefined) return refuse(fieldMissing('versions'));
    if (consent === undefined) return ok({ type: 'prices', versions, when });
    const grounds = readGrounds(consent);
    return grounds.ok ? ok({ type: 'prices', versions, when, grounds: grounds.value }) : grounds;
  },
  pause: ({ resumes_on: text }, { when }) => {
    if (text === undefined) return ok({ type: 'pause', when });
    const resumesOn = readDate(text, 'resumes_on');
    return resumesOn.ok ? ok({ type: 'pause', when, resumesOn: resumesOn.value }) : resumesOn;
  },
  resume: (_body, { when }) => ok({ type: 'resume', when }),
  end: ({ waive_termination: waiveTermination }, { when }) =>
    ok({ type: 'end', when, ...(waiveTermination === undefined ? {} : { waiveTermination }) }),
  auto_renew: ({ on }) =>
    on === undefined ? refuse(fieldMissing('on')) : ok({ type: 'auto_renew', on }),
  align: ({ expires_on: text }) => {
    if (text === undefined) return refuse(fieldMissing('expires_on'));
    const expiresOn = readDate(text, 'expires_on');
    return expiresOn.ok ? ok({ type: 'align', expiresOn: expiresOn.value }) : expiresOn;
  },
  contract: ({ contract: body }) => {
    if (body === undefined) return refuse(fieldMissing('contract'));
    const contract = readContract(body);
    return contract.ok ? ok({ type: 'contract', contract: contract.value }) : contract;
  },
  unpark: () => ok({ type: 'unpark' }),
};

/** When nothing is said, today: the day of the change belongs to the new state. */
function readWhen(text: string | undefined): Result<ChangeTime, Refusal> {
  if (text === undefined || text === 'now') return ok({ at: 'now' });
  if (text === 'period_end') return ok({ at: 'period_end' });
  const date = readDate(text, 'when');
  return date.ok ? ok({ at: 'date', date: date.value }) : date;
}

function dayOf({ when, today }: Facts): Temporal.PlainDate {
  return when.at === 'date' ? when.date : today;
}

function planOf({ catalog, subscription }: Facts): Result<Plan, Refusal> {
  const plan = catalog.plans.find(({ id }) => id === subscription.planId);
  return plan === undefined ? refuse(notFound('plan', 'plan')) : ok(plan);
}

function readAdd(body: Body, facts: Facts): Read {
  const { price, price_version_id, quantity, agreed_model } = body;
  const item = readItem(
    {
      ...(price === undefined ? {} : { price }),
      ...(price_version_id === undefined ? {} : { price_version_id }),
      ...(quantity === undefined ? {} : { quantity }),
      ...(agreed_model === undefined ? {} : { agreed_model }),
    },
    '',
  );
  if (!item.ok) return item;
  const plan = planOf(facts);
  if (!plan.ok) return plan;
  const about = { plan: plan.value, day: dayOf(facts), field: '' };
  const resolved = resolveItem(facts.catalog, item.value, about);
  return resolved.ok ? ok({ type: 'add_item', ...resolved.value, when: facts.when }) : resolved;
}

function readPlan(body: Body, facts: Facts): Read {
  if (body.plan === undefined) return refuse(fieldMissing('plan'));
  const plan = findPlan(facts.catalog, body.plan);
  if (!plan.ok) return plan;
  const requests = readItems(body.items);
  if (!requests.ok) return requests;
  const about = { plan: plan.value, day: dayOf(facts) };
  const items = resolveItems(facts.catalog, requests.value, about);
  if (!items.ok) return items;
  return ok({ type: 'plan', planId: plan.value.id, items: items.value, when: facts.when });
}
