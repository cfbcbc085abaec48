import { businessDate } from '../calendar/business-time.ts';
import { addDays, isDateBefore } from '../calendar/periods.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import {
  bucketOf,
  type CustomerId,
  type InvoiceId,
  type MerchantId,
  type OverrideId,
} from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type EntitlementRefusal, entitlementRefusal } from './refusals.ts';

/**
 * What a person can grant beside what is sold. `module`, `seats`, `limit`: more than the
 * subscriptions give. `no_suspension`: arrears do not stop the service (延期免停).
 * `disputed_invoice`: one invoice does not count as overdue, is not debited and grows no late fee.
 * `control_tag`: a mark that an arrears policy can ask about.
 */
export const OVERRIDE_KINDS = [
  'module',
  'seats',
  'limit',
  'no_suspension',
  'disputed_invoice',
  'control_tag',
] as const;
export type OverrideKind = (typeof OVERRIDE_KINDS)[number];

/** The longest that one decision of a person holds, in days; then it is decided again. */
export const OVERRIDE_MAX_DAYS = 366;

/** Something granted to one customer until a date, by a person who says why. Never endless. */
export type EntitlementOverride = {
  readonly id: OverrideId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly kind: OverrideKind;
  /** The module, seat, limit or tag. */
  readonly code?: string;
  /** Seats beside those of the subscriptions, or the limit itself; whole units. */
  readonly quantity?: bigint;
  readonly invoiceId?: InvoiceId;
  /** The first day on which it no longer holds. */
  readonly until: Temporal.PlainDate;
  readonly by: string;
  readonly why: string;
  readonly createdAt: Temporal.Instant;
  readonly withdrawn?: { readonly at: Temporal.Instant; readonly by: string };
};

export type OverrideWish = Pick<
  EntitlementOverride,
  'kind' | 'code' | 'quantity' | 'invoiceId' | 'until' | 'by' | 'why'
>;

export type OverrideContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

export type OverrideDecision = {
  readonly override: EntitlementOverride;
  readonly event: NewEvent;
};

/** Whether it holds on `on`. */
export function isInForce(override: EntitlementOverride, on: Temporal.PlainDate): boolean {
  return override.withdrawn === undefined && isDateBefore(on, override.until);
}

/** Whether it changes what arrears lead to, so that the customer is looked at again. */
export function touchesArrears({ kind }: EntitlementOverride): boolean {
  return kind === 'no_suspension' || kind === 'disputed_invoice' || kind === 'control_tag';
}

/**
 * Grants something until a date. Refuses one without an end in the next 366 days, without a name or
 * a reason, and one about arrears for somebody who does not pay.
 */
export function decideOverride(
  customer: Customer,
  wish: OverrideWish,
  context: OverrideContext,
): Result<OverrideDecision, EntitlementRefusal> {
  const refused = checkWish(customer, wish, businessDate(context.now, context.zone));
  if (refused !== undefined) return refuse(refused);
  const override: EntitlementOverride = {
    id: context.ids('ovr', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    kind: wish.kind,
    ...(wish.code === undefined ? {} : { code: wish.code }),
    ...(wish.quantity === undefined ? {} : { quantity: wish.quantity }),
    ...(wish.invoiceId === undefined ? {} : { invoiceId: wish.invoiceId }),
    until: wish.until,
    by: wish.by.trim(),
    why: wish.why.trim(),
    createdAt: context.now,
  };
  return ok({
    override,
    event: overrideEvent(override, 'entitlement.override_granted', context),
  });
}

/** Takes an override back before its end. Refuses one that was withdrawn or is over. */
export function decideWithdrawOverride(
  override: EntitlementOverride,
  by: string,
  context: OverrideContext,
): Result<OverrideDecision, EntitlementRefusal> {
  if (!isInForce(override, businessDate(context.now, context.zone))) {
    return refuse(entitlementRefusal('override_ended'));
  }
  if (by.trim() === '') return refuse(entitlementRefusal('override_without_name'));
  const withdrawn = { ...override, withdrawn: { at: context.now, by: by.trim() } };
  return ok({
    override: withdrawn,
    event: overrideEvent(withdrawn, 'entitlement.override_withdrawn', context),
  });
}

function checkWish(
  customer: Customer,
  wish: OverrideWish,
  today: Temporal.PlainDate,
): EntitlementRefusal | undefined {
  const { kind, until } = wish;
  if (!isDateBefore(today, until)) return entitlementRefusal('override_over');
  if (isDateBefore(addDays(today, OVERRIDE_MAX_DAYS), until)) {
    return entitlementRefusal('override_too_long');
  }
  if (wish.by.trim() === '') return entitlementRefusal('override_without_name');
  if (wish.why.trim() === '') return entitlementRefusal('override_without_reason');
  const isAboutArrears = kind === 'no_suspension' || kind === 'disputed_invoice';
  if (isAboutArrears && !isPayer(customer)) return entitlementRefusal('override_not_of_payer');
  return checkParts(wish);
}

function checkParts({ kind, code, quantity, invoiceId }: OverrideWish) {
  const wantsCode = kind !== 'no_suspension' && kind !== 'disputed_invoice';
  if (wantsCode !== (code !== undefined && code.trim() !== '')) {
    return entitlementRefusal('override_code_wrong');
  }
  const wantsQuantity = kind === 'seats' || kind === 'limit';
  const isSound = quantity === undefined ? !wantsQuantity : wantsQuantity && quantity > 0n;
  if (!isSound) return entitlementRefusal('override_quantity_wrong');
  if ((kind === 'disputed_invoice') !== (invoiceId !== undefined)) {
    return entitlementRefusal('override_invoice_wrong');
  }
  return undefined;
}

function overrideEvent(
  override: EntitlementOverride,
  type: 'entitlement.override_granted' | 'entitlement.override_withdrawn',
  context: OverrideContext,
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(override.customerId)),
    merchantId: override.merchantId,
    customerId: override.customerId,
    type,
    subjectId: override.id,
    at: context.now,
    data: {
      kind: override.kind,
      until: override.until.toString(),
      ...(override.code === undefined ? {} : { code: override.code }),
      ...(override.quantity === undefined ? {} : { quantity: override.quantity.toString() }),
      ...(override.invoiceId === undefined ? {} : { invoice_id: override.invoiceId }),
    },
  };
}
