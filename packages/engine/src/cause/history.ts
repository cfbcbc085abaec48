import {
  type ArrearsHistory,
  type ArrearsRows,
  addSeconds,
  amountDue,
  type Customer,
  compareInvoices,
  type Debit,
  type Invoice,
  isDateBefore,
  type RailIncident,
  type Subscription,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';

/** What one pass over some invoices reads; the histories are made of it without another look. */
export type ArrearsFacts = {
  readonly invoices: readonly Invoice[];
  readonly customers: ReadonlyMap<string, Customer>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly rows: ArrearsRows;
  readonly incidents: readonly RailIncident[];
};

/** Half a year: how far back paying habits and changes count. */
const LOOK_BACK_MONTHS = 6;
/** An hour before the first and after the last try: an incident is wider than one try. */
const AROUND_SECONDS = 3_600;
/** Customers with trouble on one rail in one hour that make an incident of it. */
export const INCIDENT_CUSTOMERS = 3;

/**
 * Everything on file of these invoices, in a fixed number of statements: what is asked of the
 * database does not grow with the batch.
 */
export async function loadArrearsFacts(
  tx: Tx,
  ids: readonly Invoice['id'][],
): Promise<ArrearsFacts | undefined> {
  const invoices = await tx.loadInvoices(ids);
  const earliest = invoices
    .map(({ dueDate }) => dueDate)
    .reduce<Temporal.PlainDate | undefined>(
      (first, date) => (first === undefined || isDateBefore(date, first) ? date : first),
      undefined,
    );
  if (earliest === undefined) return undefined;
  const subscriptionIds = [...new Set(invoices.flatMap(subscriptionsOf))];
  const rows = await tx.loadArrearsRows({
    invoices,
    subscriptions: subscriptionIds,
    since: earliest.subtract({ months: LOOK_BACK_MONTHS }),
  });
  const customerIds = [...new Set(invoices.map(({ customerId }) => customerId))];
  const customers = await tx.loadCustomers(customerIds);
  const subscriptions = await tx.loadSubscriptions(subscriptionIds);
  return {
    invoices,
    customers: new Map(customers.map((customer) => [customer.id, customer])),
    subscriptions: new Map(subscriptions.map((one) => [one.id, one])),
    rows,
    incidents: await loadIncidents(tx, rows),
  };
}

/** Only where a try of these invoices was in trouble: most batches ask nothing. */
async function loadIncidents(tx: Tx, { attempts }: ArrearsRows): Promise<readonly RailIncident[]> {
  const troubled = attempts.filter(
    ({ state, refusal }) =>
      refusal?.class === 'technical' || state === 'unknown' || state === 'closed',
  );
  const times = troubled
    .map(({ submittedAt }) => submittedAt)
    .toSorted((left, right) => Temporal.Instant.compare(left, right));
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined) return [];
  return await tx.findRailIncidents({
    rails: [...new Set(troubled.map(({ rail }) => rail))],
    from: addSeconds(first, -AROUND_SECONDS),
    until: addSeconds(last, AROUND_SECONDS),
    least: INCIDENT_CUSTOMERS,
  });
}

/** The subscriptions that an invoice is for. */
export function subscriptionsOf({ subscriptionId, lines }: Invoice): readonly SubscriptionId[] {
  if (subscriptionId !== undefined) return [subscriptionId];
  return [...new Set(lines.map((line) => line.subscriptionId))];
}

/** The history of one invoice out of what was read for all; undefined: its customer is gone. */
export function historyOf(
  invoice: Invoice,
  facts: ArrearsFacts,
  context: { readonly zone: string; readonly now: Temporal.Instant },
): ArrearsHistory | undefined {
  const { rows } = facts;
  const customer = facts.customers.get(invoice.customerId);
  if (customer === undefined) return undefined;
  const last = rows.before.get(invoice.id);
  const debits = rows.debits.filter(({ invoiceIds }) => invoiceIds.includes(invoice.id));
  const debitIds = new Set<string>(debits.map(({ id }) => id));
  const disputed = rows.disputes.get(invoice.id);
  const parked = parkingOf(invoice, facts);
  return {
    invoice,
    owed: amountDue(invoice),
    ...context,
    customer,
    ...(last === undefined ? {} : { last }),
    parts: last === undefined ? [] : compareInvoices(last, invoice),
    mandates: rows.mandates.filter(({ customerId }) => customerId === invoice.customerId),
    debits: debits.map(lastOfItsKind),
    attempts: rows.attempts.filter(({ debitId }) => debitIds.has(debitId)),
    notices: rows.notices.filter(
      ({ debitId, subjectId }) =>
        subjectId === invoice.id || (debitId !== undefined && debitIds.has(debitId)),
    ),
    incidents: facts.incidents,
    ...changesOf(invoice, { rows, last }),
    returns: rows.returns.filter(({ debitId }) => debitIds.has(debitId)),
    ...(disputed === undefined ? {} : { disputed }),
    ...(parked === undefined ? {} : { parked }),
    habit: rows.habits.get(invoice.customerId) ?? { invoices: 0, fundsRefused: 0, paidLate: 0 },
  };
}

/** A debit that has ended is held back by nothing any more, whatever it waited for before. */
function lastOfItsKind(debit: Debit): Debit {
  if (debit.state === 'scheduled' || debit.state === 'failed') return debit;
  const { blockedBy: _waited, ...rest } = debit;
  return rest;
}

/** Price changes and changes of its subscriptions that this bill is the first to show. */
function changesOf(
  invoice: Invoice,
  { rows, last }: { readonly rows: ArrearsRows; readonly last: Invoice | undefined },
): Pick<ArrearsHistory, 'consents' | 'changes'> {
  const own = new Set<string>(subscriptionsOf(invoice));
  const isNew = (on: Temporal.PlainDate | undefined) =>
    on !== undefined && (last === undefined || isDateBefore(last.period.start, on));
  return {
    consents: rows.consents
      .filter(({ subscriptionId, effectiveOn }) => own.has(subscriptionId) && isNew(effectiveOn))
      .map(({ notice: { noticedAt }, ...consent }) => ({
        ...consent,
        ...(noticedAt === undefined ? {} : { noticedAt }),
      })),
    changes: rows.changes
      .filter(({ subscriptionId, effectiveOn }) => own.has(subscriptionId) && isNew(effectiveOn))
      .map(({ id, command, effectiveOn, at }) => ({ id, type: command.type, effectiveOn, at })),
  };
}

function parkingOf(invoice: Invoice, facts: ArrearsFacts): ArrearsHistory['parked'] {
  for (const id of subscriptionsOf(invoice)) {
    const parked = facts.subscriptions.get(id)?.parked;
    if (parked !== undefined) return { id, at: parked.at };
  }
  return undefined;
}
