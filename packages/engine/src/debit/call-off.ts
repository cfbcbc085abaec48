import {
  type Customer,
  type CustomerId,
  type Debit,
  type DebitBundle,
  type DebitNotice,
  decideRecollect,
  decideSchedule,
  type Invoice,
  type InvoiceId,
  inOrder,
  isInFlight,
  type NewEvent,
  type OwedInvoice,
  present,
  type RecollectReason,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { usableMandate } from '../invoice/credit-locks.ts';
import { type Job, nowOf, scheduleContext } from '../job.ts';

/** Open invoices of one customer that are read at a time. */
const PAGE = 500;

/** Invoices with every debit that may collect them, held until the commit. */
export type HeldInvoices = {
  readonly owed: readonly OwedInvoice[];
  /** Debits that wait, with all that they collect. */
  readonly waiting: readonly DebitBundle[];
};

/** What calling debits off, or planning them anew, changes. */
export type DebitPlans = {
  readonly debits: readonly Debit[];
  readonly notices: readonly DebitNotice[];
  readonly events: readonly NewEvent[];
};

/** The ids of all open invoices of a customer. */
export async function openInvoicesOf(
  tx: Tx,
  customerId: CustomerId,
): Promise<readonly InvoiceId[]> {
  const ids: InvoiceId[] = [];
  let after: InvoiceId | undefined;
  do {
    const page = await tx.listInvoices({
      customerId,
      state: 'open',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    ids.push(...page.map(({ id }) => id));
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
  return ids;
}

/**
 * Holds invoices and their debits in the order of settling: debits first, so that nothing is sent
 * or paid between the decision and its commit. A debit that was planned between the two locks is
 * found by the second look.
 */
export async function holdInvoices(tx: Tx, ids: readonly InvoiceId[]): Promise<HeldInvoices> {
  const seen = await lockDebitsOf(tx, ids);
  const sisters = seen.flatMap(({ debit }) =>
    debit.state === 'scheduled' ? debit.invoiceIds : [],
  );
  const invoices = await tx.lockInvoices([...new Set([...ids, ...sisters])].sort());
  const now = await tx.findDebitsOfInvoices(ids);
  const isSame = now.every((debit) => seen.some((bundle) => bundle.debit.id === debit.id));
  const bundles = isSame ? seen : await lockDebitsOf(tx, ids);
  const byId = new Map(invoices.map((invoice) => [invoice.id, invoice] as const));
  const inFlight = new Set(
    bundles
      .filter(({ debit, attempts }) => isInFlight(debit, attempts))
      .flatMap(({ debit }) => debit.invoiceIds),
  );
  const waiting = bundles.filter(
    ({ debit, attempts }) => debit.state === 'scheduled' && !isInFlight(debit, attempts),
  );
  return {
    owed: ids.flatMap((id) => {
      const invoice = byId.get(id);
      return invoice === undefined ? [] : [{ invoice, isDebitInFlight: inFlight.has(id) }];
    }),
    waiting: await Promise.all(
      waiting.map(async (bundle) => ({
        ...bundle,
        invoices: await tx.lockInvoices(bundle.debit.invoiceIds),
      })),
    ),
  };
}

async function lockDebitsOf(tx: Tx, ids: readonly InvoiceId[]): Promise<readonly DebitBundle[]> {
  if (ids.length === 0) return [];
  const debits = await tx.findDebitsOfInvoices(ids);
  const live = debits.filter(({ state }) => state === 'scheduled' || state === 'in_flight');
  return live.length === 0 ? [] : await tx.lockDebits(live.map(({ id }) => id));
}

/**
 * Calls off the debits that wait for invoices which are paid now; what they collect besides gets a
 * debit and a notice of its own.
 */
export async function callOffDebits(
  tx: Tx,
  job: Job,
  about: {
    readonly customer: Customer;
    readonly waiting: readonly DebitBundle[];
    readonly paid: readonly Invoice[];
    /** Paid by hand where none is given. */
    readonly reason?: RecollectReason;
  },
): Promise<DebitPlans> {
  const { customer, waiting, paid, reason = 'paid_by_hand' } = about;
  const paidById = new Map(paid.map((invoice) => [invoice.id, invoice] as const));
  const plans: DebitPlans[] = [];
  for (const bundle of waiting) {
    if (!bundle.debit.invoiceIds.some((id) => paidById.has(id))) continue;
    const mandate = await usableMandate(tx, bundle);
    const invoices = bundle.invoices.map((one) => paidById.get(one.id) ?? one);
    const context = scheduleContext(
      job,
      mandate?.rail ?? bundle.debit.rail,
      nowOf(job.engine, job.merchant),
    );
    plans.push(decideRecollect(bundle, { invoices, customer, mandate, reason }, context));
  }
  return together(plans);
}

/**
 * Debits for invoices that are open and have none, by the customer's first active mandate. What a
 * dunning case chases is left to its campaign, which decides about tries and methods.
 */
export async function planDebitsAnew(
  tx: Tx,
  job: Job,
  about: { readonly customer: Customer; readonly invoices: readonly Invoice[] },
): Promise<DebitPlans> {
  const { customer } = about;
  const mandate = inOrder(await tx.loadActiveMandatesOf([customer.id]))[0];
  const chased = await tx.findChasedInvoices(about.invoices.map(({ id }) => id));
  const toCollect = about.invoices.filter(
    ({ id, collection }) => collection === 'auto_debit' && !chased.includes(id),
  );
  if (mandate === undefined || toCollect.length === 0) return together([]);
  const context = scheduleContext(job, mandate.rail, nowOf(job.engine, job.merchant));
  const plans = [...groupBy(toCollect, ({ dueDate }) => dueDate.toString()).values()].map(
    (invoices): DebitPlans => {
      const { debit, notice, events } = decideSchedule(invoices, { customer, mandate }, context);
      return { debits: [debit], notices: notice === undefined ? [] : [notice], events };
    },
  );
  return together(plans);
}

function together(plans: readonly DebitPlans[]): DebitPlans {
  return {
    debits: plans.flatMap(({ debits }) => debits),
    notices: plans.flatMap(({ notices }) => notices),
    events: plans.flatMap(({ events }) => events),
  };
}

/** One customer, held for a decision about its money. */
export async function payerOf(tx: Tx, id: CustomerId): Promise<Customer | undefined> {
  return (await tx.loadCustomers([id]))[0];
}

/** The one customer of a decision that was found before. */
export async function theCustomer(tx: Tx, id: CustomerId): Promise<Customer> {
  return present(await payerOf(tx, id), 'the customer of a payment');
}
