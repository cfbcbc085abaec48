import { type CustomerId, isId, type SubscriptionId } from '@daikou/core';
import { type Job, notFound } from '@daikou/engine';
import { CommandFailure, EXIT } from './failures.ts';

/** Subscriptions of one customer that a failure lists. */
const LISTED = 20;

/** The customer that a person means: by id, or by the reference of the merchant's own books. */
export async function findCustomer(job: Job, text: string): Promise<CustomerId> {
  if (isId('cus', text)) return text;
  const found = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.findCustomerIds([text]),
  );
  const id = found.get(text);
  if (id === undefined) throw new CommandFailure(notFound('customer'));
  return id;
}

/**
 * The subscription that a person means: by id, or the only one of a customer. Refused with the list
 * where a customer has several.
 */
export async function findSubscription(job: Job, text: string): Promise<SubscriptionId> {
  if (isId('sub', text)) return text;
  if (text.startsWith('sub_')) {
    throw new CommandFailure({
      code: 'id_not_valid',
      sentence: `“${text}” is not the id of a subscription.`,
      next: 'Give sub_ and 32 hexadecimal digits as we gave it, or the customer’s reference.',
      exitCode: EXIT.usage,
    });
  }
  const customerId = await findCustomer(job, text);
  const [only, ...others] = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.listSubscriptions({ customerId, limit: LISTED }),
  );
  if (only !== undefined && others.length === 0) return only.id;
  if (only === undefined) throw new CommandFailure(notFound('subscription'));
  throw new CommandFailure({
    code: 'subscription_not_named',
    sentence: `The customer “${text}” has more than one subscription.`,
    next: `Name one: ${[only, ...others].map(({ id, state }) => `${id} (${state})`).join(', ')}.`,
  });
}
