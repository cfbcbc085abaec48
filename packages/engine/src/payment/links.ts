import {
  type AttemptOutcome,
  beforeAskingLink,
  type CustomerId,
  decideLinkEnd,
  decideOpenLink,
  endLink,
  handPaymentRefusal,
  type InvoiceId,
  isLinkToClose,
  ok,
  type Page,
  type PayLink,
  type PayLinkId,
  type PayLinkStarted,
  parsePayLinkNumber,
  type Rail,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import {
  callOffDebits,
  holdInvoices,
  openInvoicesOf,
  payerOf,
  planDebitsAnew,
  theCustomer,
} from '../debit/call-off.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, type Job, nowOf, railOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { handContext, recordWithin } from './record.ts';

/** What a rail is told of the payer where nobody has opened the page yet. */
const NO_CLIENT = '127.0.0.1';

/** After a restore nothing new asks for money until the merchant is released. */
const IN_QUARANTINE: Refusal = {
  code: 'merchant_in_quarantine',
  sentence: 'The merchant is in quarantine after a restore: no link is made.',
  next: 'Release the quarantine first.',
};

/**
 * A page of a rail on which the customer pays invoices by hand. The debits that wait for them are
 * called off while the link is open and planned anew when it ends unpaid: what is not planned can
 * never be sent by mistake. In three steps: the link with its number is committed, the rail is
 * called, and what it said is saved. A rail that does not answer leaves the link open until it is
 * asked, and no second link for the same invoices is made.
 */
export async function createPayLink(
  job: Job,
  customerId: CustomerId,
  wish: {
    readonly rail: string;
    readonly invoiceIds?: readonly InvoiceId[];
    readonly expiresAt: Temporal.Instant;
    readonly by: string;
    readonly dryRun?: boolean;
  },
): Promise<Result<PayLink, Refusal>> {
  const rail = job.engine.rails.get(wish.rail);
  const begin = rail?.beginPayment;
  if (rail === undefined || begin === undefined)
    return refuse(handPaymentRefusal('rail_has_no_links'));
  if (await isHeld(job)) return refuse(IN_QUARANTINE);
  const opened = await job.engine.store.transact(job.merchant.id, (tx) =>
    openWithin(tx, job, { ...wish, customerId }),
  );
  if (!opened.ok || wish.dryRun === true) return opened;
  const link = opened.value;
  const started = await begun(rail, begin, {
    orderNumber: link.orderNumber,
    amount: link.amount,
    description: job.merchant.name.slice(0, 40),
    expiresAt: link.expiresAt,
    clientIp: NO_CLIENT,
  });
  if (started.kind === 'unknown') return ok(link);
  if (started.kind === 'open_url') {
    const shown: PayLink = { ...link, url: started.url };
    await job.engine.store.transact(job.merchant.id, async (tx) => {
      const [held] = await tx.lockPayLinks([link.id]);
      if (held !== undefined) await tx.save({ payLinks: [{ ...held, url: started.url }] });
    });
    return ok(shown);
  }
  await endUnpaid(job, link.id, (held, now) => endLink(held, 'closed', now));
  return refuse(handPaymentRefusal('link_refused', `${started.code}: ${started.message}`));
}

async function begun(
  rail: Rail,
  begin: NonNullable<Rail['beginPayment']>,
  request: Parameters<NonNullable<Rail['beginPayment']>>[0],
): Promise<PayLinkStarted> {
  try {
    return await begin.call(rail, request);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function openWithin(
  tx: Tx,
  job: Job,
  wish: Parameters<typeof createPayLink>[2] & { readonly customerId: CustomerId },
): Promise<Result<PayLink, Refusal>> {
  const customer = await payerOf(tx, wish.customerId);
  if (customer === undefined) return refuse(notFound('customer', 'customer'));
  const ids = wish.invoiceIds ?? (await openInvoicesOf(tx, customer.id));
  const held = await holdInvoices(tx, ids);
  if (held.owed.length !== ids.length) return refuse(handPaymentRefusal('invoice_of_another'));
  const openLinks = await tx.findOpenPayLinks(ids);
  const facts = { customer, owed: held.owed, openLinks };
  const decided = decideOpenLink(wish, facts, handContext(job));
  if (!decided.ok || wish.dryRun === true) return decided;
  // Nothing of a debit's other invoices changes but their debit; theirs are planned at once.
  const asked = new Set<InvoiceId>(ids);
  const paid = held.waiting.flatMap(({ invoices }) =>
    invoices.filter(({ id }) => asked.has(id)).map((one) => ({ ...one, state: 'paid' as const })),
  );
  const plans = await callOffDebits(tx, job, {
    customer,
    waiting: held.waiting,
    paid,
    reason: 'pay_link_open',
  });
  await tx.save({ ...plans, payLinks: [decided.value] });
  return decided;
}

/** What a rail said of the order of a link. */
export type PayLinkNews = { readonly orderNumber: string; readonly outcome: AttemptOutcome };

export type PayLinkCounts = { readonly applied: number; readonly foreign: readonly string[] };

/** Applies what rails say of links' orders: replies, callbacks and queries, in any order, twice. */
export async function settlePayLinks(
  job: Job,
  news: readonly PayLinkNews[],
): Promise<PayLinkCounts> {
  const foreign: string[] = [];
  let applied = 0;
  for (const { orderNumber, outcome } of news) {
    const id = parsePayLinkNumber(orderNumber);
    const isOurs = id !== undefined && (await settleOne(job, id, outcome));
    if (isOurs) applied += 1;
    else foreign.push(orderNumber);
  }
  return { applied, foreign };
}

/** False where there is no such link. */
async function settleOne(job: Job, id: PayLinkId, outcome: AttemptOutcome): Promise<boolean> {
  if (outcome.kind !== 'succeeded') {
    return endUnpaid(job, id, (link, now) => decideLinkEnd(link, outcome, now));
  }
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const paid = await settlePaidLink(tx, job, { id, outcome });
    if (paid === undefined) return false;
    if (!paid.ok) throw new Error(`A payment of ${id} is not booked: ${paid.refusal.code}`);
    return true;
  });
}

/**
 * Books the money of a link in a commit that the caller has open; the same money again changes
 * nothing. Undefined: there is no such link.
 */
export async function settlePaidLink(
  tx: Tx,
  job: Job,
  paid: {
    readonly id: PayLinkId;
    readonly outcome: Extract<AttemptOutcome, { readonly kind: 'succeeded' }>;
  },
): Promise<Result<PayLink, Refusal> | undefined> {
  const { id, outcome } = paid;
  const [seen] = await tx.loadPayLinks([id]);
  if (seen === undefined) return undefined;
  const recorded = await recordWithin(tx, job, {
    customerId: seen.customerId,
    request: {
      method: 'pay_link',
      rail: seen.rail,
      amount: outcome.paid,
      reference: outcome.railReference,
      receivedAt: earlier(outcome.paidAt, nowOf(job.engine, job.merchant)),
      payLinkId: id,
      recordedBy: seen.createdBy,
      note: seen.orderNumber,
      invoiceIds: seen.invoiceIds,
    },
  });
  if (!recorded.ok) return recorded;
  const [link = seen] = await tx.lockPayLinks([id]);
  if (link.state === 'paid') return ok(link);
  const ended = endLink(link, 'paid', nowOf(job.engine, job.merchant));
  await tx.save({ payLinks: [ended] });
  return ok(ended);
}

/** A rail's clock may run ahead of ours by seconds. */
function earlier(left: Temporal.Instant, right: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(left, right) <= 0 ? left : right;
}

/** Ends a link without money, and plans the debits of its invoices anew; false: no such link. */
async function endUnpaid(
  job: Job,
  id: PayLinkId,
  decide: (link: PayLink, now: Temporal.Instant) => PayLink | undefined,
): Promise<boolean> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [seen] = await tx.loadPayLinks([id]);
    if (seen === undefined) return false;
    const held = await holdInvoices(tx, seen.invoiceIds);
    const [link = seen] = await tx.lockPayLinks([id]);
    const ended = decide(link, nowOf(job.engine, job.merchant));
    if (ended === undefined || ended.state === link.state) return true;
    const planned = new Set(held.waiting.flatMap(({ debit }) => debit.invoiceIds));
    const invoices = held.owed
      .filter(({ invoice, isDebitInFlight }) => invoice.state === 'open' && !isDebitInFlight)
      .map(({ invoice }) => invoice)
      .filter((invoice) => !planned.has(invoice.id));
    const customer = await theCustomer(tx, link.customerId);
    const plans = await planDebitsAnew(tx, job, { customer, invoices });
    await tx.save({ ...plans, payLinks: [ended] });
    return true;
  });
}

/** Asks for a link to be closed at its rail with the next question, which is due at once. */
export async function closePayLink(job: Job, id: PayLinkId): Promise<Result<PayLink, Refusal>> {
  const wanted = await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [link] = await tx.lockPayLinks([id]);
    if (link === undefined) return refuse(notFound('pay link'));
    if (link.state !== 'open') return refuse(handPaymentRefusal('link_ended'));
    const askAt = nowOf(job.engine, job.merchant);
    await tx.save({ payLinks: [{ ...link, closeWanted: true, askAt }] });
    return ok(link);
  });
  if (!wanted.ok) return wanted;
  await askPayLinks(job);
  const link = await findPayLink(job, id);
  return link === undefined ? refuse(notFound('pay link')) : ok(link);
}

/**
 * Asks rails about links whose time has come, and has those closed that are over or not wanted any
 * more. The next time is committed before the question. Returns how many were asked.
 */
export async function askPayLinks(job: Job): Promise<number> {
  let asked = 0;
  let claimed = BATCH_ROWS;
  while (claimed === BATCH_ROWS) {
    const links = await claimLinks(job);
    claimed = links.length;
    const news = await mapAtOnce(links, CALLS_AT_ONCE, (link) => askOne(job, link));
    await settlePayLinks(job, news);
    asked += claimed;
  }
  return asked;
}

async function claimLinks(job: Job): Promise<readonly PayLink[]> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const now = nowOf(job.engine, job.merchant);
    const due = await tx.claimPayLinksToAsk({
      buckets: job.buckets,
      dueBy: now,
      limit: BATCH_ROWS,
    });
    const links = due.map((link) => beforeAskingLink(link, now));
    if (links.length > 0) await tx.save({ payLinks: links });
    return links;
  });
}

async function askOne(job: Job, link: PayLink): Promise<PayLinkNews> {
  const { orderNumber } = link;
  const rail = railOf(job.engine, link.rail);
  try {
    const isToClose = isLinkToClose(link, nowOf(job.engine, job.merchant));
    const outcome = await (isToClose ? rail.close(orderNumber) : rail.ask(orderNumber));
    return { orderNumber, outcome };
  } catch (error) {
    const detail = error instanceof Error ? error.name : 'thrown';
    return { orderNumber, outcome: { kind: 'unknown', detail } };
  }
}

export async function findPayLink(job: Job, id: PayLinkId): Promise<PayLink | undefined> {
  return job.engine.store.transact(job.merchant.id, async (tx) => (await tx.loadPayLinks([id]))[0]);
}

export async function listPayLinks(
  job: Job,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly PayLink[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listPayLinks(page));
}
