import {
  bucketOf,
  businessDate,
  type CustomerId,
  decidePackSale,
  decideResourcePack,
  type Invoice,
  isPayer,
  type Meter,
  type MeterId,
  ok,
  type PendingLine,
  type PriceVersionId,
  type Ratio,
  type Refusal,
  type ResourcePack,
  type Result,
  refuse,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { findMeter } from '../usage/find-meter.ts';
import { billWaiting } from './bill-now.ts';
import { draftContext } from './draft.ts';

/** A resource pack to give or to sell to a customer. */
export type PackRequest = {
  readonly customerId: CustomerId;
  /** The meter's code. */
  readonly meter: string;
  readonly units: Ratio;
  /** Today when absent. */
  readonly validFrom?: Temporal.PlainDate;
  readonly expiresOn: Temporal.PlainDate;
  /** Sold through a one-off price, on the invoices of a subscription; absent: granted. */
  readonly sale?: {
    readonly subscriptionId: SubscriptionId;
    readonly priceVersionId: PriceVersionId;
    readonly bill?: 'now' | 'next_invoice';
  };
};

/** A pack with the code of its meter. */
export type MeteredPack = { readonly pack: ResourcePack; readonly meter: string };

/** What was added, and how it is paid. */
export type AddedPack = MeteredPack & {
  /** Lines that wait for an invoice, or that `billed` has; none where the pack was granted. */
  readonly lines: readonly PendingLine[];
  readonly billed?: Invoice;
};

/**
 * Gives a customer units of a meter beforehand (资源包), or sells them. They are burnt from the next
 * draft on, the earliest expiry first. The pack and its line are saved in one commit; the pack
 * holds at once, before its invoice is paid.
 */
export async function addResourcePack(
  job: Job,
  request: PackRequest,
): Promise<Result<AddedPack, Refusal>> {
  const now = nowOf(job.engine, job.merchant);
  const today = businessDate(now, job.merchant.zone);
  const ids = idSource(job.engine);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const { customerId, sale } = request;
    const meter = await findParties(tx, request);
    if (!meter.ok) return meter;
    const decided = decideResourcePack(
      {
        ...request,
        meterId: meter.value.id,
        ...(sale === undefined ? {} : { priceVersionId: sale.priceVersionId }),
      },
      { id: ids('rsp', bucketOf(customerId)), merchantId: job.merchant.id, today },
    );
    if (!decided.ok) return decided;
    const pack = decided.value;
    const sold = sale === undefined ? ok({ lines: [] }) : await sell(tx, job, { pack, sale });
    if (!sold.ok) return sold;
    await tx.saveResourcePacks([pack]);
    return ok({ pack, meter: meter.value.code, ...sold.value });
  });
}

/** Whoever pays has packs: its invoices burn them, also for its departments and members. */
async function findParties(
  tx: Tx,
  { customerId, meter: code }: PackRequest,
): Promise<Result<Meter, Refusal>> {
  const [customer] = await tx.loadCustomers([customerId]);
  if (customer === undefined) return refuse(notFound('customer'));
  if (!isPayer(customer)) {
    return refuse({
      code: 'customer_does_not_pay',
      sentence: 'A department or a member does not pay for itself.',
      next: 'Give the pack to its organisation.',
      field: 'id',
    });
  }
  return findMeter(await tx.loadMeters(), code);
}

type Sale = NonNullable<PackRequest['sale']>;

async function sell(
  tx: Tx,
  job: Job,
  { pack, sale }: { readonly pack: ResourcePack; readonly sale: Sale },
): Promise<Result<Pick<AddedPack, 'lines' | 'billed'>, Refusal>> {
  const [subscription] = await tx.lockSubscriptions([sale.subscriptionId]);
  if (subscription === undefined || subscription.customerId !== pack.customerId) {
    return refuse({
      code: 'subscription_not_of_customer',
      sentence: 'The customer has no such subscription.',
      next: 'Name a subscription of this customer; its invoices carry the pack.',
      field: 'sale.subscriptionId',
    });
  }
  const context = await draftContext(tx, job, nowOf(job.engine, job.merchant));
  const today = businessDate(context.now, context.zone);
  const { priceVersionId } = sale;
  const lines = decidePackSale({ subscription, priceVersionId }, { ...context, today });
  if (!lines.ok) return lines;
  await tx.save({ pendingLines: lines.value });
  if (sale.bill !== 'now') return ok({ lines: lines.value });
  // Later instalments wait for their periods; only what is due today is billed at once.
  const due = lines.value.filter(({ notBefore }) => notBefore.equals(today));
  const waiting = { subscription, pendingLines: due, billingKey: `one_off:${pack.id}` };
  const billed = await billWaiting(tx, waiting, context);
  return ok({ lines: lines.value, ...(billed === undefined ? {} : { billed }) });
}

/** A customer's packs with what is left of each, the earliest expiry first; used-up ones too. */
export async function listResourcePacks(
  job: Job,
  customerId: CustomerId,
): Promise<Result<readonly MeteredPack[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const meters = await tx.loadMeters();
    const codes = new Map<MeterId, string>(meters.map(({ id, code }) => [id, code]));
    const packs = await tx.loadResourcePacks(customerId);
    return ok(packs.map((pack) => ({ pack, meter: codes.get(pack.meterId) ?? '' })));
  });
}
