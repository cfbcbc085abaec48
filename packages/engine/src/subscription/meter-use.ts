import {
  checkMeterUse,
  type DraftContext,
  type Refusal,
  type Subscription,
  type Tx,
} from '@daikou/core';

/** Refuses what another subscription of the same user meters already: usage is billed once. */
export async function refuseMeters(
  tx: Tx,
  subscription: Subscription,
  context: Pick<DraftContext, 'prices'>,
): Promise<Refusal | undefined> {
  if (!subscription.items.some(({ kind }) => kind === 'metered')) return undefined;
  const user = subscription.beneficiaryId ?? subscription.customerId;
  const others = await tx.lockSubscriptionsOfUser(subscription.customerId, user);
  return checkMeterUse(subscription, others, context.prices);
}
