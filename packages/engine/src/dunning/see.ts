import {
  businessDate,
  type Currency,
  type CustomerId,
  type Debit,
  type DunningCase,
  type DunningContext,
  type Invoice,
  joinCase,
  type NewEvent,
  type SeenOverdue,
  startCase,
  type Tx,
  whyNotChased,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { theCustomer } from '../debit/call-off.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { loadCampaigns } from './campaigns.ts';

/**
 * Looks at what became overdue: a new case, one more invoice of a running case, or the reason why
 * nobody is chased. One customer at a time, so that a row at fault holds up nobody else (I10).
 * Returns the customers seen.
 */
export async function seeOverdue(job: Job): Promise<number> {
  if (await isHeld(job)) return 0;
  const { store } = job.engine;
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const found = await store.transact(job.merchant.id, (tx) =>
    tx.findNewlyOverdue({ buckets: job.buckets, today, limit: BATCH_ROWS }),
  );
  const customers = [...new Set(found.map(({ customerId }) => customerId))];
  for (const customerId of customers) {
    try {
      await store.transact(job.merchant.id, (tx) => seeCustomer(tx, job, customerId));
    } catch (error) {
      if (!isOfTheRows(error)) throw error;
      const why = causeOf(error);
      job.engine.log.warn('arrears cannot be looked at yet', { customer: customerId, why });
    }
  }
  return customers.length;
}

async function seeCustomer(tx: Tx, job: Job, customerId: CustomerId): Promise<void> {
  const context = dunningContext(job);
  const today = businessDate(context.now, context.zone);
  const all = await tx.loadOverdueInvoices(customerId, today);
  const debits = await tx.findDebitsOfInvoices(all.map(({ id }) => id));
  const overdue = withoutLiveDebit(all, debits);
  if (overdue.length === 0) return;
  const returned = returnedOn(debits, context.zone);
  const customer = await theCustomer(tx, customerId);
  const { campaign, name, body } = (await loadCampaigns(tx))(customer);
  const open = await tx.findOpenDunningCases([customerId]);
  const dunningCases: DunningCase[] = [];
  const seenOverdue: SeenOverdue[] = [];
  const events: NewEvent[] = [];
  for (const [currency, group] of groupBy(overdue, currencyOf)) {
    const running = open.find((one) => one.currency === currency);
    if (running !== undefined) {
      const joined = joinCase(running, group, context.now);
      dunningCases.push(joined);
      seenOverdue.push(...group.map((invoice) => seen(invoice, { caseId: joined.id }, context)));
      continue;
    }
    const passedOver = whyNotChased({ customer, overdue: group, ...returned }, campaign, today);
    if (passedOver !== undefined) {
      seenOverdue.push(...group.map((invoice) => seen(invoice, { passedOver }, context)));
      continue;
    }
    const about = { customer, currency, overdue: group, campaign, name, body, ...returned };
    const started = startCase(about, context);
    dunningCases.push(started.dunning);
    events.push(...started.events);
    const { id: caseId } = started.dunning;
    seenOverdue.push(...group.map((invoice) => seen(invoice, { caseId }, context)));
  }
  await tx.save({ dunningCases, seenOverdue, events });
}

function currencyOf({ total }: Invoice): Currency {
  return total.currency;
}

function seen(
  invoice: Invoice,
  about: Pick<SeenOverdue, 'caseId' | 'passedOver'>,
  { now }: DunningContext,
): SeenOverdue {
  const { id: invoiceId, merchantId, customerId } = invoice;
  return { invoiceId, merchantId, customerId, ...about, isLive: true, seenAt: now };
}

/** Reasons that hold a debit back until the customer does something: its invoices are overdue. */
const WAITS_FOR_CUSTOMER: readonly string[] = [
  'mandate_not_active',
  'mandate_cap_exceeded',
  'mandate_currency',
];

/** Whether a debit may still collect by itself. */
export function mayCollect(debit: {
  readonly state: string;
  readonly blockedBy?: string;
}): boolean {
  if (debit.state === 'in_flight') return true;
  return debit.state === 'scheduled' && !WAITS_FOR_CUSTOMER.includes(debit.blockedBy ?? '');
}

function withoutLiveDebit(
  invoices: readonly Invoice[],
  debits: readonly Debit[],
): readonly Invoice[] {
  const held = new Set(debits.filter(mayCollect).flatMap(({ invoiceIds }) => invoiceIds));
  return invoices.filter(({ id }) => !held.has(id));
}

/** The last day on which a bank took money of these debits back. */
function returnedOn(debits: readonly Debit[], zone: string) {
  const last = debits
    .flatMap(({ returnedAt }) => (returnedAt === undefined ? [] : [returnedAt]))
    .toSorted(Temporal.Instant.compare)
    .at(-1);
  return last === undefined ? {} : { returnedOn: businessDate(last, zone) };
}

/** The merchant's business date at this moment. */
export function todayOf(job: Job): Temporal.PlainDate {
  return businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
}

export function dunningContext(job: Job): DunningContext {
  const { engine, merchant } = job;
  return { now: nowOf(engine, merchant), zone: merchant.zone, ids: idSource(engine) };
}
