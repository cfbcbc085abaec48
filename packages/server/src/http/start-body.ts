import type { StartSubscriptionBody } from '@daikou/api';
import {
  type BoundaryChoice,
  type Catalog,
  type Contract,
  type Interval,
  type MerchantId,
  type NewItem,
  ok,
  type Refusal,
  type Result,
  refuse,
  type StartCommand,
  type Trial,
} from '@daikou/core';
import { findPlan, resolveItems } from '@daikou/engine';
import { readContract, readDate, readItems } from './billing-body.ts';

type Body = StartSubscriptionBody;

export type StartFacts = {
  readonly catalog: Catalog;
  readonly today: Temporal.PlainDate;
  readonly merchantId: MerchantId;
};

/** The start that a body asks for, or the field that is wrong; codes are those of the catalogue. */
export function readStart(body: Body, facts: StartFacts): Result<StartCommand, Refusal> {
  const plan = findPlan(facts.catalog, body.plan);
  if (!plan.ok) return plan;
  const startsOn = readOptional(body.starts_on, 'starts_on');
  if (!startsOn.ok) return startsOn;
  const day = startsOn.value ?? facts.today;
  const requests = readItems(body.items);
  if (!requests.ok) return requests;
  const items = resolveItems(facts.catalog, requests.value, { plan: plan.value, day });
  if (!items.ok) return items;
  const boundaries = readBoundaries(body);
  if (!boundaries.ok) return boundaries;
  const trial = readTrial(body);
  if (!trial.ok) return trial;
  const contract = readTerm(body);
  if (!contract.ok) return contract;
  const { beneficiary_id: beneficiaryId, backdated } = body;
  return ok({
    merchantId: facts.merchantId,
    customerId: body.customer_id,
    ...(beneficiaryId === undefined ? {} : { beneficiaryId }),
    planId: plan.value.id,
    items: items.value,
    interval: body.interval ?? shortestInterval(facts.catalog, items.value),
    startsOn: day,
    boundaries: boundaries.value,
    ...(trial.value === undefined ? {} : { trial: trial.value }),
    ...(contract.value === undefined ? {} : { contract: contract.value }),
    autoRenew: body.auto_renew ?? true,
    collection: body.collection ?? 'auto_debit',
    paymentMethodLabel: body.payment_method_label ?? body.collection ?? 'auto_debit',
    ...(backdated === undefined ? {} : { backdated }),
  });
}

type Optional<T> = Result<T | undefined, Refusal>;

function readOptional(text: string | undefined, field: string): Optional<Temporal.PlainDate> {
  return text === undefined ? ok(undefined) : readDate(text, field);
}

function readTerm({ contract }: Body): Optional<Contract> {
  return contract === undefined ? ok(undefined) : readContract(contract);
}

/** At most one way of placing the boundaries; on the first charged day when nothing is said. */
function readBoundaries(body: Body): Result<BoundaryChoice, Refusal> {
  const named = (['billing_day', 'anchor', 'calendar_month', 'expires_on'] as const).filter(
    (name) => body[name] !== undefined && body[name] !== false,
  );
  const [first, second] = named;
  if (second !== undefined) {
    return refuse({
      code: 'boundaries_named_twice',
      sentence: `The fields “${first}” and “${second}” both say where the periods begin.`,
      next: 'Name one of them.',
      field: second,
    });
  }
  if (body.billing_day !== undefined) return ok({ at: 'billing_day', day: body.billing_day });
  if (body.calendar_month === true) return ok({ at: 'calendar' });
  const date = readOptional(body.anchor ?? body.expires_on, first ?? 'anchor');
  if (!date.ok) return date;
  return ok(date.value === undefined ? { at: 'start' } : { at: 'date', date: date.value });
}

function readTrial({ trial_days: days, trial_ends_on: text }: Body): Optional<Trial> {
  if (days !== undefined) return ok({ days });
  if (text === undefined) return ok(undefined);
  const endsOn = readDate(text, 'trial_ends_on');
  return endsOn.ok ? ok({ endsOn: endsOn.value }) : endsOn;
}

const DAYS_OF = { day: 1, week: 7, month: 30, year: 360 } as const;

/** The shortest rhythm of what recurs: everything longer is a whole number of it, or is refused. */
function shortestInterval(catalog: Catalog, items: readonly NewItem[]): Interval {
  const kinds = new Map(catalog.prices.map(({ id, kind }) => [id, kind]));
  const wanted = new Set(items.map(({ priceVersionId }) => priceVersionId));
  const intervals = catalog.versions
    .filter(({ id, priceId }) => wanted.has(id) && kinds.get(priceId) !== 'one_off')
    .map(({ interval }) => interval);
  const size = ({ unit, count }: Interval) => DAYS_OF[unit] * count;
  return intervals.toSorted((left, right) => size(left) - size(right))[0] ?? MONTHLY;
}

const MONTHLY: Interval = { unit: 'month', count: 1 };
