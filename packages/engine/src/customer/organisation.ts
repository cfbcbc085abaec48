import {
  type Customer,
  type CustomerId,
  type CustomersDecision,
  decideChildren,
  decidePayer,
  decidePayerChange,
  type NewChild,
  type NewPayer,
  ok,
  organisationRefusal,
  type PayerChange,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** A customer as it is now, and whether this call made it. */
export type MadeCustomer = { readonly customer: Customer; readonly created: boolean };

/**
 * Makes a person or an organisation. The same reference again answers with who is there; a
 * reference that belongs to a customer of another kind is refused.
 */
export async function createPayer(
  job: Job,
  payer: NewPayer,
): Promise<Result<MadeCustomer, Refusal>> {
  const merchantId = job.merchant.id;
  const decision = decidePayer(payer, { ...contextOf(job), merchantId });
  if (!decision.ok) return decision;
  return await job.engine.store.transact(merchantId, async (tx) => {
    const { customers } = await insertNew(tx, decision.value);
    const [made] = customers;
    if (made !== undefined) return ok({ customer: made, created: true });
    const there = await tx.findCustomerByReference(payer.externalReference);
    if (there === undefined || there.kind !== payer.kind) {
      return refuse(organisationRefusal('reference_taken', 'external_reference'));
    }
    return ok({ customer: there, created: false });
  });
}

/**
 * Makes departments and members of an organisation, in the order given; those that are there
 * already (by reference) come back as they are, so that a request may be sent again. Requests that
 * run at the same time never wait for each other: nothing of the organisation itself is written.
 */
export async function createChildren(
  job: Job,
  payerId: CustomerId,
  children: readonly NewChild[],
): Promise<Result<readonly MadeCustomer[], Refusal>> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [payer] = await tx.loadCustomers([payerId]);
    if (payer === undefined) return refuse(notFound('customer', 'id'));
    const decision = decideChildren(payer, children, contextOf(job));
    if (!decision.ok) return decision;
    const { ids } = await insertNew(tx, decision.value);
    const references = children.map(({ externalReference }) => externalReference);
    const all = await tx.findChildren(payerId, references);
    const byReference = new Map(all.map((one) => [one.externalReference, one]));
    const made: MadeCustomer[] = [];
    for (const [index, child] of children.entries()) {
      const customer = byReference.get(child.externalReference);
      if (customer === undefined || customer.kind !== child.kind) {
        const field = `children/${index}/external_reference`;
        return refuse(organisationRefusal('reference_taken', field));
      }
      made.push({ customer, created: ids.has(customer.id) });
    }
    return ok(made);
  });
}

/** Changes who pays: a person becomes an organisation, one invoice for everything or one each. */
export async function changePayer(
  job: Job,
  id: CustomerId,
  change: PayerChange,
): Promise<Result<Customer, Refusal>> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.lockCustomers([id]);
    if (customer === undefined) return refuse(notFound('customer', 'id'));
    const decision = decidePayerChange(customer, change);
    if (decision.ok) await tx.save({ customers: [decision.value] });
    return decision;
  });
}

function contextOf(job: Job) {
  return { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
}

/** Writes who is new, with the events of those only. */
async function insertNew(tx: Tx, { customers, events }: CustomersDecision) {
  const ids = await tx.insertNewCustomers(customers);
  await tx.save({ events: events.filter(({ customerId }) => ids.has(customerId)) });
  return { ids, customers: customers.filter(({ id }) => ids.has(id)) };
}
