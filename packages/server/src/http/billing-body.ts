import type { ContractBody, NewCouponBody, NewItemBody } from '@daikou/api';
import {
  type Contract,
  type Coupon,
  type CouponDuration,
  type CouponKind,
  type EarlyTermination,
  money,
  ok,
  type PriceModelRefusal,
  parsePriceModel,
  percentOff,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import type { ItemRequest } from '@daikou/engine';

type AmountBody = { readonly amount: number; readonly currency: Parameters<typeof money>[1] };

/** A whole number of the smallest unit as money; the schema has refused everything else. */
export function toMoneyOf({ amount, currency }: AmountBody) {
  return money(BigInt(amount), currency);
}

/** A date of a body; its form was checked, its existence (30 February) is refused here. */
export function readDate(text: string, field: string): Result<Temporal.PlainDate, Refusal> {
  try {
    const date = Temporal.PlainDate.from(text, { overflow: 'reject' });
    // The form allows the year 0000, which the database has not.
    if (date.year >= 1) return ok(date);
  } catch {
    // Answered below, like every day that there is not.
  }
  return refuse({
    code: 'date_not_valid',
    sentence: `“${text}” is not a day of the calendar.`,
    next: 'Write it as 2026-12-01.',
    field,
  });
}

export function fieldMissing(field: string): Refusal {
  return {
    code: 'field_missing',
    sentence: `The field “${field}” is needed here.`,
    next: 'Add the field.',
    field,
  };
}

/** Items of a body; an agreed price model is read by the rules of the catalogue. */
export function readItems(
  items: readonly NewItemBody[] | undefined,
): Result<readonly ItemRequest[] | undefined, Refusal> {
  if (items === undefined) return ok(undefined);
  const read: ItemRequest[] = [];
  for (const [index, item] of items.entries()) {
    const one = readItem(item, `items[${index}].`);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return ok(read);
}

export function readItem(item: NewItemBody, path: string): Result<ItemRequest, Refusal> {
  const { price, price_version_id: version, quantity, agreed_model: json } = item;
  const model = json === undefined || json === null ? undefined : parsePriceModel(json);
  if (model?.ok === false) return refuse(insideModel(model.refusal, `${path}agreed_model`));
  return ok({
    ...(price === undefined ? {} : { price }),
    ...(version === undefined ? {} : { priceVersionId: version }),
    ...(quantity === undefined ? {} : { quantity: BigInt(quantity) }),
    ...(model === undefined ? {} : { agreedModel: model.value }),
  });
}

function insideModel(refusal: PriceModelRefusal, path: string): Refusal {
  const inside = refusal.field === undefined || refusal.field === '' ? '' : `.${refusal.field}`;
  return { ...refusal, field: `${path}${inside}` };
}

/** What leaving early costs is computed period by period over all that is left of the term. */
const LONGEST_TERM = { years: 50 } as const;

export function readContract(body: ContractBody): Result<Contract, Refusal> {
  const start = readDate(body.start, 'contract.start');
  if (!start.ok) return start;
  const end = readDate(body.end, 'contract.end');
  if (!end.ok) return end;
  if (Temporal.PlainDate.compare(end.value, start.value.add(LONGEST_TERM)) > 0) {
    return refuse({
      code: 'contract_too_long',
      sentence: 'The term is longer than 50 years.',
      next: 'Choose an earlier end, or let the contract renew itself.',
      field: 'contract.end',
    });
  }
  if (Temporal.PlainDate.compare(start.value, end.value) >= 0) {
    return refuse({
      code: 'contract_end_not_after_start',
      sentence: 'The term ends before it begins.',
      next: 'Choose an end after the start; the end is the first day outside the term.',
      field: 'contract.end',
    });
  }
  const earlyTermination = readEarlyTermination(body.early_termination);
  if (!earlyTermination.ok) return earlyTermination;
  const { minimum_per_period: perPeriod, minimum_for_term: forTerm } = body;
  return ok({
    start: start.value,
    end: end.value,
    renewal: body.renewal,
    earlyTermination: earlyTermination.value,
    ...(perPeriod === undefined ? {} : { minimumPerPeriod: toMoneyOf(perPeriod) }),
    ...(forTerm === undefined ? {} : { minimumForTerm: toMoneyOf(forTerm) }),
  });
}

function readEarlyTermination(
  body: ContractBody['early_termination'],
): Result<EarlyTermination, Refusal> {
  const { type, basis_points: basisPoints, amount } = body;
  if (type === 'free') return ok({ type });
  if (type === 'fixed') {
    return amount === undefined
      ? refuse(fieldMissing('contract.early_termination.amount'))
      : ok({ type, amount: toMoneyOf(amount) });
  }
  return basisPoints === undefined
    ? refuse(fieldMissing('contract.early_termination.basis_points'))
    : ok({ type, basisPoints: BigInt(basisPoints) });
}

/** A coupon as its body says; its id is made where it is saved. */
export function readCoupon(body: NewCouponBody): Result<Omit<Coupon, 'id'>, Refusal> {
  const kind = readCouponKind(body.kind);
  if (!kind.ok) return kind;
  const duration = readCouponDuration(body.duration);
  if (!duration.ok) return duration;
  const redeemBy = body.redeem_by === undefined ? undefined : readDate(body.redeem_by, 'redeem_by');
  if (redeemBy?.ok === false) return redeemBy;
  const { maximum_redemptions: maximum, price_codes: codes } = body;
  return ok({
    code: body.code,
    nameZh: body.name_zh,
    nameEn: body.name_en,
    kind: kind.value,
    duration: duration.value,
    appliesTo: codes === undefined ? 'all' : { priceCodes: codes },
    ...(redeemBy === undefined ? {} : { redeemBy: redeemBy.value }),
    ...(maximum === undefined ? {} : { maximumRedemptions: maximum }),
  });
}

function readCouponKind(body: NewCouponBody['kind']): Result<CouponKind, Refusal> {
  if (body.type === 'percentage') {
    return body.basis_points === undefined
      ? refuse(fieldMissing('kind.basis_points'))
      : ok(percentOff(BigInt(body.basis_points)));
  }
  if (body.amount === undefined) return refuse(fieldMissing('kind.amount'));
  const amount = toMoneyOf(body.amount);
  if (amount.minor > 0n) return ok({ type: 'fixed', amount });
  return refuse({
    code: 'amount_not_positive',
    sentence: 'A coupon takes off more than nothing.',
    next: 'Write an amount above zero.',
    field: 'kind.amount.amount',
  });
}

function readCouponDuration(body: NewCouponBody['duration']): Result<CouponDuration, Refusal> {
  if (body.type !== 'repeating') return ok({ type: body.type });
  return body.periods === undefined
    ? refuse(fieldMissing('duration.periods'))
    : ok({ type: 'repeating', periods: body.periods });
}
