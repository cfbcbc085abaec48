import {
  businessDate,
  type Catalog,
  type Customer,
  type DraftContext,
  decideStart,
  type Invoice,
  isPayer,
  ok,
  type Redemption,
  type Refusal,
  type Result,
  refuse,
  type StartCommand,
  type StartDecision,
  type Subscription,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { redemptionOf } from '../subscription/coupon.ts';
import { refuseMeters } from '../subscription/meter-use.ts';
import { draftContextOf } from './draft.ts';
import { factsOf, loadBatchFacts } from './draft-facts.ts';
import { firstInvoice } from './preview-next.ts';
import { refuseTermination } from './termination-policy.ts';

/** Reads a start from what somebody sent: codes are looked up in the catalogue of the day. */
export type StartReader = (facts: {
  readonly catalog: Catalog;
  readonly today: Temporal.PlainDate;
}) => Result<StartCommand, Refusal>;

export type StartRequest = {
  readonly read: StartReader;
  /** Codes of coupons that come off from the first invoice on, in this order. */
  readonly coupons?: readonly string[];
  readonly dryRun?: boolean;
};

/** What was started, with the first charge as it will be. */
export type Started = {
  readonly dryRun: boolean;
  readonly subscription: Subscription;
  /** The first day that is charged. */
  readonly firstChargeOn: Temporal.PlainDate;
  /** The first invoice; absent where nothing is to come. */
  readonly firstInvoice?: Invoice;
};

/**
 * Starts a subscription of a customer. The answer carries the first charge, its day and amount, by
 * the same decision as the draft that follows, so that a customer is told on day one.
 */
export async function startSubscription(
  job: Job,
  request: StartRequest,
): Promise<Result<Started, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const catalog = await tx.loadCatalog();
    const context = draftContextOf(job, catalog, nowOf(job.engine, job.merchant));
    const today = businessDate(context.now, context.zone);
    const command = request.read({ catalog, today });
    if (!command.ok) return command;
    const { customerId, contract } = command.value;
    const refused =
      (await refuseParties(tx, command.value)) ??
      (await refuseTermination(tx, job, { customerId, contract }));
    if (refused !== undefined) return refuse(refused);
    const decision = decideStart(command.value, context);
    if (!decision.ok) return decision;
    const { subscription } = decision.value;
    const isTaken = await refuseMeters(tx, subscription, context);
    if (isTaken !== undefined) return refuse(isTaken);
    const redemptions = await readRedemptions(tx, { subscription, request, today }, context);
    if (!redemptions.ok) return redemptions;
    return ok(
      await carryOut(tx, { ...decision.value, redemptions: redemptions.value, request }, context),
    );
  });
}

/** Who pays is a person or an organisation; who uses it belongs to the payer. */
async function refuseParties(tx: Tx, command: StartCommand): Promise<Refusal | undefined> {
  const { customerId, beneficiaryId } = command;
  const ids = beneficiaryId === undefined ? [customerId] : [customerId, beneficiaryId];
  const found = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one]));
  const payer = found.get(customerId);
  if (payer === undefined) return { ...UNKNOWN_CUSTOMER, field: 'customerId' };
  if (!isPayer(payer)) return NOT_A_PAYER;
  if (beneficiaryId === undefined || beneficiaryId === customerId) return undefined;
  const user = found.get(beneficiaryId);
  if (user === undefined) return { ...UNKNOWN_CUSTOMER, field: 'beneficiaryId' };
  return belongsTo(user, payer) ? undefined : NOT_OF_PAYER;
}

function belongsTo(user: Customer, payer: Customer): boolean {
  return user.payerId === payer.id;
}

const UNKNOWN_CUSTOMER: Refusal = {
  code: 'customer_unknown',
  sentence: 'There is no such customer.',
  next: 'Check the id and that the key belongs to the same merchant.',
};

const NOT_A_PAYER: Refusal = {
  code: 'customer_does_not_pay',
  sentence: 'A department or a member does not pay for itself.',
  next: 'Name its organisation as the customer and it as the beneficiary.',
  field: 'customerId',
};

const NOT_OF_PAYER: Refusal = {
  code: 'beneficiary_not_of_payer',
  sentence: 'The beneficiary is not a department or member of the customer.',
  next: 'Add it to the organisation first, or name another payer.',
  field: 'beneficiaryId',
};

async function readRedemptions(
  tx: Tx,
  about: {
    readonly subscription: Subscription;
    readonly request: StartRequest;
    readonly today: Temporal.PlainDate;
  },
  context: DraftContext,
): Promise<Result<readonly Redemption[], Refusal>> {
  const redemptions: Redemption[] = [];
  for (const [index, code] of (about.request.coupons ?? []).entries()) {
    const redemption = await redemptionOf(tx, { ...about, code }, context);
    if (!redemption.ok) {
      return refuse({ ...redemption.refusal, field: `coupons.${index}` });
    }
    redemptions.push(redemption.value);
  }
  return ok(redemptions);
}

async function carryOut(
  tx: Tx,
  about: StartDecision & {
    readonly redemptions: readonly Redemption[];
    readonly request: StartRequest;
  },
  context: DraftContext,
): Promise<Started> {
  const { subscription, pendingLines, redemptions, events, firstChargeOn } = about;
  const dryRun = about.request.dryRun === true;
  if (!dryRun) {
    await tx.save({ subscriptions: [subscription], pendingLines, redemptions, events });
  }
  const facts = await loadBatchFacts(tx, [subscription], context);
  const first = firstInvoice(
    {
      ...factsOf(subscription, facts),
      pendingLines,
      redemptions,
      packs: facts.packs.get(subscription.customerId) ?? [],
    },
    context,
  );
  return {
    dryRun,
    subscription,
    firstChargeOn,
    ...(first === undefined ? {} : { firstInvoice: first }),
  };
}
