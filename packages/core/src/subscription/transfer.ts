import { isDateBefore, laterDate } from '../calendar/periods.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import { bucketOf, type CustomerId, type MerchantId, type SubscriptionId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { SubscriptionCommand } from './change.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';
import { draftAt, type Timetable } from './timetable.ts';
import { type TransferRefusal, transferRefusal } from './transfer-refusals.ts';

/**
 * One side of a change of payer, kept with its subscription for good. `direction` "to" is the
 * subscription that ended and says where it went; "from" is the one that continues it.
 */
export type SubscriptionTransfer = {
  readonly merchantId: MerchantId;
  readonly subscriptionId: SubscriptionId;
  readonly customerId: CustomerId;
  readonly direction: 'from' | 'to';
  readonly otherSubscriptionId: SubscriptionId;
  readonly otherCustomerId: CustomerId;
  /** The first day that the new payer pays for. */
  readonly onDate: Temporal.PlainDate;
  /** The old payer kept what it had paid for beyond the day of the order. */
  readonly keepPaid: boolean;
  readonly at: Temporal.Instant;
};

export type PayerTransfer = {
  /** Who pays from `onDate` on. */
  readonly to: Customer;
  /** Who uses it there: a department or member of the new payer. Absent: the new payer itself. */
  readonly beneficiary?: Customer;
  readonly onDate: Temporal.PlainDate;
  /**
   * The old payer keeps what it has paid for: the new one starts where that ends. Otherwise the
   * old payer gets the days from `onDate` on credited.
   */
  readonly keepPaid: boolean;
};

export type TransferContext = {
  readonly now: Temporal.Instant;
  /** The merchant's business date. */
  readonly today: Temporal.PlainDate;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly ids: IdSource;
};

export type TransferDecision = {
  /**
   * What happens to the subscription of the old payer: its end, without a fee for leaving early, as
   * the contract goes on with the new payer. `decideChange` carries it out and makes the credit.
   */
  readonly end: SubscriptionCommand & { readonly type: 'end' };
  /** The first day of the new payer. */
  readonly startsOn: Temporal.PlainDate;
  readonly next: Subscription;
  readonly transfers: readonly [SubscriptionTransfer, SubscriptionTransfer];
  readonly events: readonly NewEvent[];
};

/**
 * Moves what is paid to another payer: the old subscription ends on the day on which the new one
 * starts, in the new payer's bucket, with the same items, prices, boundaries and contract, so that
 * no day is billed twice and none is missed. Mandates never move: the new payer pays through its
 * own, or by hand. Coupons, balance and lines that wait for the next invoice stay with the old
 * payer, who got or ordered them. Refuses a day in the past, an end that comes before the day, and
 * a payer that does not pay.
 */
export function decidePayerTransfer(
  subscription: Subscription,
  transfer: PayerTransfer,
  context: TransferContext,
): Result<TransferDecision, TransferRefusal> {
  const refusal = refusalOf(subscription, transfer, context);
  if (refusal !== undefined) return refuse(refusal);
  const startsOn = transfer.keepPaid
    ? laterDate(transfer.onDate, subscription.billedThrough)
    : transfer.onDate;
  const { endsOn } = subscription;
  if (endsOn !== undefined && !isDateBefore(startsOn, endsOn)) {
    return refuse(transferRefusal('transfer_after_end', 'on_date'));
  }
  const next = continuedBy(subscription, { ...transfer, startsOn }, context);
  return ok({
    end: { type: 'end', when: { at: 'date', date: startsOn }, waiveTermination: true },
    startsOn,
    next,
    transfers: sidesOf([subscription, next], {
      onDate: startsOn,
      keepPaid: transfer.keepPaid,
      at: context.now,
    }),
    events: eventsOf([subscription, next], startsOn, context),
  });
}

function refusalOf(
  subscription: Subscription,
  { to, beneficiary, onDate }: PayerTransfer,
  { today }: TransferContext,
): TransferRefusal | undefined {
  if (subscription.state === 'ended') return transferRefusal('subscription_ended', 'subscription');
  if (subscription.state === 'parked')
    return transferRefusal('subscription_parked', 'subscription');
  if (to.merchantId !== subscription.merchantId || !isPayer(to)) {
    return transferRefusal('payer_does_not_pay', 'to');
  }
  if (to.id === subscription.customerId) return transferRefusal('same_payer', 'to');
  if (beneficiary !== undefined && beneficiary.payerId !== to.id) {
    return transferRefusal('beneficiary_of_another', 'beneficiary');
  }
  if (isDateBefore(onDate, today)) return transferRefusal('transfer_in_past', 'on_date');
  if (!isDateBefore(subscription.startsOn, onDate)) {
    return transferRefusal('transfer_before_start', 'on_date');
  }
  return undefined;
}

/** The same subscription under its new payer, from `startsOn` on and not billed yet. */
function continuedBy(
  subscription: Subscription,
  { to, beneficiary, startsOn }: PayerTransfer & { readonly startsOn: Temporal.PlainDate },
  { now, timetable, zone, ids }: TransferContext,
): Subscription {
  const bucket = bucketOf(to.id);
  const { beneficiaryId: _user, trialEndsOn, items, pauses, ...kept } = subscription;
  const trialGoesOn = trialEndsOn !== undefined && isDateBefore(startsOn, trialEndsOn);
  return {
    ...kept,
    id: ids('sub', bucket),
    customerId: to.id,
    ...(beneficiary === undefined ? {} : { beneficiaryId: beneficiary.id }),
    ...(trialGoesOn ? { trialEndsOn } : {}),
    startsOn,
    pauses: pauses.flatMap((pause) =>
      isOver(pause, startsOn) ? [] : [{ ...pause, from: laterDate(pause.from, startsOn) }],
    ),
    billedThrough: startsOn,
    arrearsThrough: startsOn,
    nextBillAt: draftAt(startsOn, timetable, zone),
    items: itemsFrom(items, startsOn, { ids, bucket }),
    createdAt: now,
  };
}

/**
 * Items that still hold on `startsOn` or begin later; links among them are kept. One-off items are
 * not billed again.
 */
function itemsFrom(
  items: readonly SubscriptionItem[],
  startsOn: Temporal.PlainDate,
  { ids, bucket }: { readonly ids: IdSource; readonly bucket: number },
): readonly SubscriptionItem[] {
  const alive = items.filter((item) => item.kind !== 'one_off' && !isOver(item, startsOn));
  const renamed = new Map(alive.map((item) => [item.id, ids('sit', bucket)]));
  return alive.map(({ continues, ...item }) => {
    const before = continues === undefined ? undefined : renamed.get(continues);
    return {
      ...item,
      id: renamed.get(item.id) ?? item.id,
      from: laterDate(item.from, startsOn),
      ...(before === undefined ? {} : { continues: before }),
    };
  });
}

function isOver(
  span: { readonly until?: Temporal.PlainDate },
  startsOn: Temporal.PlainDate,
): boolean {
  return span.until !== undefined && !isDateBefore(startsOn, span.until);
}

function sidesOf(
  [before, after]: readonly [Subscription, Subscription],
  facts: Pick<SubscriptionTransfer, 'onDate' | 'keepPaid' | 'at'>,
): readonly [SubscriptionTransfer, SubscriptionTransfer] {
  const side = (
    direction: 'from' | 'to',
    own: Subscription,
    other: Subscription,
  ): SubscriptionTransfer => ({
    merchantId: own.merchantId,
    subscriptionId: own.id,
    customerId: own.customerId,
    direction,
    otherSubscriptionId: other.id,
    otherCustomerId: other.customerId,
    ...facts,
  });
  return [side('to', before, after), side('from', after, before)];
}

function eventsOf(
  [before, after]: readonly [Subscription, Subscription],
  startsOn: Temporal.PlainDate,
  { now, ids }: TransferContext,
): readonly NewEvent[] {
  const event = (subscription: Subscription, data: NewEvent['data']): NewEvent => ({
    id: ids('evt', bucketOf(subscription.id)),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    type: 'subscription.transferred',
    subjectId: subscription.id,
    at: now,
    data: { ...data, on_date: startsOn.toString() },
  });
  return [
    event(before, { transferred_to: after.id }),
    event(after, { transferred_from: before.id }),
  ];
}
