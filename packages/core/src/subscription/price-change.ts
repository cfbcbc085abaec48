import { isDateBefore } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import type { MerchantId, PlanId, PriceChangeId, PriceVersionId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type PriceChangeRefusal, priceChangeRefusal } from './price-change-refusals.ts';

export type PriceChangeState = 'draft' | 'published' | 'applied' | 'withdrawn';

/** One price version that another replaces, for those who have the first. */
export type PriceStep = { readonly from: PriceVersionId; readonly to: PriceVersionId };

/**
 * Whose rules hold. `business` says that the merchant's contracts with organisations count silence
 * as consent, which the law allows only where the parties agreed it (民法典 Art. 140). It never
 * holds for a person, whatever a price change says.
 */
export type PriceAudience = 'consumer' | 'business';

/** What happens to whoever does not consent to a rise. Nobody of them ever pays the new price. */
export type PriceFallback =
  /** The old price until the first boundary on or after this day; then service ends, free. */
  | { readonly type: 'stay_until'; readonly until: Temporal.PlainDate }
  /** Another plan from the effective day on, where it costs no more than what the customer has. */
  | { readonly type: 'downgrade'; readonly planId: PlanId; readonly steps: readonly PriceStep[] }
  | { readonly type: 'leave_without_penalty' };

/** A change of what existing customers pay, from a day on, with what each of them says to it. */
export type PriceChange = {
  readonly id: PriceChangeId;
  readonly merchantId: MerchantId;
  readonly state: PriceChangeState;
  readonly steps: readonly PriceStep[];
  /** New prices hold from the first period that starts on this day or later. */
  readonly effectiveOn: Temporal.PlainDate;
  readonly audience: PriceAudience;
  readonly fallback: PriceFallback;
  /** Whole days between a delivered notice and the first day of what follows from silence. */
  readonly noticeDays: number;
  /** Why, in the merchant's words; customers and auditors read it. */
  readonly reason: string;
  readonly createdAt: Temporal.Instant;
  readonly publishedAt?: Temporal.Instant;
  readonly appliedAt?: Temporal.Instant;
  readonly withdrawnAt?: Temporal.Instant;
};

/**
 * The fewest days of notice. Chinese law names no number for a change of price: it wants agreement
 * (民法典 Art. 543) and clear notice of what burdens the other side (消费者权益保护法 Art. 26).
 * Thirty days is our convention: a whole monthly period in which to object.
 */
export const LEAST_NOTICE_DAYS = 30;

/** Steps that one price change may have. */
const STEPS_AT_ONCE = 200;

export type NewPriceChange = Pick<
  PriceChange,
  'steps' | 'effectiveOn' | 'audience' | 'fallback' | 'reason'
> & { readonly noticeDays?: number };

export type PriceChangeContext = {
  readonly merchantId: MerchantId;
  readonly prices: ReadonlyMap<PriceVersionId, PricedVersion>;
  /** The merchant's business date. */
  readonly today: Temporal.PlainDate;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

/**
 * Makes the draft of a price change; nobody is told yet. Refuses versions that are unknown, belong
 * to another price or currency, or occur twice, a notice of less than 30 days, an effective day
 * that leaves no time for the notice, and a fallback that ends before it begins.
 */
export function decidePriceChange(
  command: NewPriceChange,
  context: PriceChangeContext,
): Result<PriceChange, PriceChangeRefusal> {
  const noticeDays = command.noticeDays ?? LEAST_NOTICE_DAYS;
  const refusal =
    refusalOfSteps(command.steps, { ...context, ...command }, 'steps') ??
    refusalOfDates({ ...command, noticeDays }, context.today) ??
    refusalOfFallback(command, context) ??
    (command.reason.trim() === '' ? priceChangeRefusal('reason_missing', 'reason') : undefined);
  if (refusal !== undefined) return refuse(refusal);
  return ok({
    ...command,
    noticeDays,
    id: context.ids('pch', 0),
    merchantId: context.merchantId,
    state: 'draft',
    createdAt: context.now,
  });
}

/** Publishes a draft, which plans its notices; refuses when the notice would now be too late. */
export function decidePricePublication(
  change: PriceChange,
  context: Pick<PriceChangeContext, 'today' | 'now'>,
): Result<PriceChange, PriceChangeRefusal> {
  if (change.state !== 'draft') {
    return refuse(priceChangeRefusal('price_change_not_draft', 'state'));
  }
  const refusal = refusalOfDates(change, context.today);
  if (refusal !== undefined) return refuse(refusal);
  return ok({ ...change, state: 'published', publishedAt: context.now });
}

/**
 * Takes a price change back. Refused once it was decided for anybody: their invoices may be drafted
 * (T−8), and a second price change is the honest way back.
 */
export function decidePriceWithdrawal(
  change: PriceChange,
  context: { readonly decided: number; readonly now: Temporal.Instant },
): Result<PriceChange, PriceChangeRefusal> {
  if (change.state !== 'draft' && change.state !== 'published') {
    return refuse(priceChangeRefusal('price_change_over', 'state'));
  }
  if (context.decided > 0) return refuse(priceChangeRefusal('price_change_begun', 'state'));
  return ok({ ...change, state: 'withdrawn', withdrawnAt: context.now });
}

/** A published change whose day has come and that waits for nobody any more is applied. */
export function decidePriceCompletion(
  change: PriceChange,
  context: {
    readonly waiting: number;
    readonly today: Temporal.PlainDate;
    readonly now: Temporal.Instant;
  },
): PriceChange | undefined {
  const isOver =
    change.state === 'published' &&
    context.waiting === 0 &&
    !isDateBefore(context.today, change.effectiveOn);
  return isOver ? { ...change, state: 'applied', appliedAt: context.now } : undefined;
}

function refusalOfSteps(
  steps: readonly PriceStep[],
  { prices, effectiveOn }: Pick<PriceChangeContext, 'prices'> & Pick<PriceChange, 'effectiveOn'>,
  field: string,
): PriceChangeRefusal | undefined {
  if (steps.length === 0) return priceChangeRefusal('steps_missing', field);
  if (steps.length > STEPS_AT_ONCE) return priceChangeRefusal('too_many_steps', field);
  const seen = new Set<PriceVersionId>();
  for (const [index, { from, to }] of steps.entries()) {
    const [before, after] = [prices.get(from), prices.get(to)];
    if (before === undefined) {
      return priceChangeRefusal('price_version_unknown', `${field}/${index}/from`);
    }
    if (after === undefined) {
      return priceChangeRefusal('price_version_unknown', `${field}/${index}/to`);
    }
    if (seen.has(from)) return priceChangeRefusal('step_twice', `${field}/${index}/from`);
    if (from === to) return priceChangeRefusal('step_changes_nothing', `${field}/${index}/to`);
    if (before.version.currency !== after.version.currency) {
      return priceChangeRefusal('currency_mix', `${field}/${index}/to`);
    }
    if (field === 'steps' && before.version.priceId !== after.version.priceId) {
      return priceChangeRefusal('version_of_another_price', `${field}/${index}/to`);
    }
    if (isDateBefore(effectiveOn, after.version.effectiveFrom)) {
      return priceChangeRefusal('version_not_effective', `${field}/${index}/to`);
    }
    seen.add(from);
  }
  // A version that is replaced and brought at once would be changed again at its next look.
  const again = steps.findIndex(({ to }) => seen.has(to));
  return again < 0 ? undefined : priceChangeRefusal('step_twice', `${field}/${again}/to`);
}

function refusalOfDates(
  { noticeDays, effectiveOn }: Pick<PriceChange, 'noticeDays' | 'effectiveOn'>,
  today: Temporal.PlainDate,
): PriceChangeRefusal | undefined {
  if (!Number.isSafeInteger(noticeDays) || noticeDays < LEAST_NOTICE_DAYS) {
    return priceChangeRefusal('notice_days_too_few', 'notice_days');
  }
  if (isDateBefore(effectiveOn, today.add({ days: noticeDays }))) {
    return priceChangeRefusal('effective_too_early', 'effective_on');
  }
  return undefined;
}

function refusalOfFallback(
  { fallback, effectiveOn, steps }: NewPriceChange,
  context: PriceChangeContext,
): PriceChangeRefusal | undefined {
  switch (fallback.type) {
    case 'leave_without_penalty':
      return undefined;
    case 'stay_until':
      return isDateBefore(effectiveOn, fallback.until)
        ? undefined
        : priceChangeRefusal('fallback_too_early', 'fallback/until');
    case 'downgrade': {
      const covered = new Set(fallback.steps.map(({ from }) => from));
      if (steps.some(({ from }) => !covered.has(from))) {
        return priceChangeRefusal('fallback_incomplete', 'fallback/steps');
      }
      return refusalOfSteps(fallback.steps, { ...context, effectiveOn }, 'fallback/steps');
    }
  }
}
