import {
  businessDate,
  type Customer,
  type CustomerId,
  decideChildMove,
  decidePayerTransfer,
  ok,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionId,
  type TransferDecision,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf, timetableOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { changeWithin } from './change-within.ts';

/** Subscriptions that one request moves: one transaction, all or none. */
export const TRANSFERS_AT_ONCE = 500;

export type TransferOrder = {
  readonly to: CustomerId;
  /** A department or member of the new payer, who uses what it pays for. */
  readonly beneficiary?: CustomerId;
  readonly onDate: Temporal.PlainDate;
  /** The old payer keeps what it paid for; otherwise it is credited from `onDate` on. */
  readonly keepPaid: boolean;
};

/**
 * Moves subscriptions to another payer, all or none. Each ends for the old payer on the day on
 * which its continuation starts for the new one; credits, links, history and events are one commit.
 */
export async function transferSubscriptions(
  job: Job,
  ids: readonly SubscriptionId[],
  order: TransferOrder,
): Promise<Result<readonly TransferDecision[], Refusal>> {
  return await tryAll(job, async (tx) => {
    const parties = await loadParties(tx, order);
    if (!parties.ok) return parties;
    const { onDate, keepPaid } = order;
    return await transferAll(tx, job, { ...parties.value, onDate, keepPaid, ids });
  });
}

export type MovedChild = {
  readonly before: Customer;
  readonly after: Customer;
  readonly transfers: readonly TransferDecision[];
};

/** Moves a department or member to another organisation with everything that is paid for it. */
export async function moveChild(
  job: Job,
  id: CustomerId,
  order: Omit<TransferOrder, 'beneficiary'>,
): Promise<Result<MovedChild, Refusal>> {
  return await tryAll(job, async (tx): Promise<Result<MovedChild, Refusal>> => {
    const [child] = await tx.lockCustomers([id]);
    if (child === undefined) return refuse(notFound('customer', 'id'));
    const [to] = await tx.loadCustomers([order.to]);
    if (to === undefined) return refuse(notFound('customer', 'to'));
    const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
    const moved = decideChildMove(child, to, context);
    if (!moved.ok) return moved;
    const { before, after, events } = moved.value;
    const ids = await tx.listSubscriptionsFor(id, { limit: TRANSFERS_AT_ONCE + 1 });
    const inserted = await tx.insertNewCustomers([after]);
    if (!inserted.has(after.id)) return refuse(REFERENCE_THERE);
    await tx.save({ customers: [before], events });
    const transfers = await transferAll(tx, job, { ...order, to, beneficiary: after, ids });
    return transfers.ok ? ok({ before, after, transfers: transfers.value }) : transfers;
  });
}

const REFERENCE_THERE: Refusal = {
  code: 'reference_taken',
  sentence: 'The other organisation has a department or member of this reference already.',
  next: 'Transfer the subscriptions to that one, or change a reference.',
  field: 'to',
};

const TOO_MANY: Refusal = {
  code: 'too_many_subscriptions',
  sentence: 'More subscriptions would be moved at once than one commit takes.',
  next: 'Transfer at most 500 subscriptions at once, then move the rest.',
  field: 'subscription_ids',
};

type Parties = { readonly to: Customer; readonly beneficiary?: Customer };

async function loadParties(tx: Tx, order: TransferOrder): Promise<Result<Parties, Refusal>> {
  const { beneficiary: user } = order;
  const wanted = user === undefined ? [order.to] : [order.to, user];
  const found = new Map((await tx.loadCustomers(wanted)).map((one) => [one.id, one]));
  const to = found.get(order.to);
  if (to === undefined) return refuse(notFound('customer', 'to'));
  if (user === undefined) return ok({ to });
  const beneficiary = found.get(user);
  return beneficiary === undefined
    ? refuse(notFound('customer', 'beneficiary'))
    : ok({ to, beneficiary });
}

type Order = Parties &
  Pick<TransferOrder, 'onDate' | 'keepPaid'> & { readonly ids: readonly SubscriptionId[] };

async function transferAll(
  tx: Tx,
  job: Job,
  order: Order,
): Promise<Result<readonly TransferDecision[], Refusal>> {
  if (order.ids.length > TRANSFERS_AT_ONCE) return refuse(TOO_MANY);
  const transfers: TransferDecision[] = [];
  // In the order of ids, so that two requests never wait for each other.
  for (const id of [...new Set(order.ids)].sort()) {
    const moved = await transferOne(tx, job, { ...order, id });
    if (!moved.ok) return moved;
    transfers.push(moved.value);
  }
  return ok(transfers);
}

async function transferOne(
  tx: Tx,
  job: Job,
  { id, ...order }: Order & { readonly id: SubscriptionId },
): Promise<Result<TransferDecision, Refusal>> {
  const [subscription] = await tx.lockSubscriptions([id]);
  if (subscription === undefined) return refuse(notFound('subscription', 'subscription_ids'));
  const now = nowOf(job.engine, job.merchant);
  const decision = decidePayerTransfer(subscription, order, {
    now,
    today: businessDate(now, job.merchant.zone),
    timetable: timetableOf(job),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
  });
  if (!decision.ok) return decision;
  const { end, next, transfers, events } = decision.value;
  const ended = await changeWithin(tx, job, { subscriptionId: id, command: end });
  if (!ended.ok) return ended;
  await tx.save({ subscriptions: [next], transfers, events });
  return decision;
}

/** Thrown inside a transaction to roll it back; caught right outside. */
class RolledBack extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.sentence);
    this.refusal = refusal;
  }
}

/** Runs `work` in one transaction; a refusal rolls back what was written before it. */
async function tryAll<T>(
  job: Job,
  work: (tx: Tx) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  try {
    return await job.engine.store.transact(job.merchant.id, async (tx) => {
      const result = await work(tx);
      if (!result.ok) throw new RolledBack(result.refusal);
      return result;
    });
  } catch (error) {
    if (error instanceof RolledBack) return refuse(error.refusal);
    throw error;
  }
}
