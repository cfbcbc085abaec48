import {
  businessDate,
  type Catalog,
  type DraftContext,
  type Invoice,
  ok,
  type PendingLine,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionChange,
  type SubscriptionCommand,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { billWaiting } from './bill-now.ts';
import { changesOf, type PlannedChange, planChange } from './change-plan.ts';
import { decideDrafts, draftContext, draftContextOf, saveDrafts } from './draft.ts';
import { previewNext } from './preview-next.ts';
import { refuseTermination } from './termination-policy.ts';

/** Reads a command from what somebody sent: codes are looked up in the catalogue of the day. */
export type CommandReader = (facts: {
  readonly catalog: Catalog;
  readonly subscription: Subscription;
  readonly today: Temporal.PlainDate;
}) => Result<SubscriptionCommand, Refusal>;

export type ChangeRequest = {
  readonly subscriptionId: SubscriptionId;
  readonly read: CommandReader;
  /** Whether the difference is billed at once, where money is owed; else on the next invoice. */
  readonly bill?: 'now' | 'next_invoice';
  readonly dryRun?: boolean;
};

/** What a change did, or would do. */
export type ChangeOutcome = {
  readonly dryRun: boolean;
  readonly subscription: Subscription;
  readonly change: SubscriptionChange;
  /** New lines that wait, or that `billed` has. */
  readonly lines: readonly PendingLine[];
  readonly dropped: readonly PendingLine[];
  /** The draft of the coming period was made again. */
  readonly redrafted?: Invoice;
  /** The invoice that was made at once. */
  readonly billed?: Invoice;
  /** What comes next, as it stands now; absent where nothing is to come. */
  readonly next?: Invoice;
};

/**
 * Changes a subscription: the command is decided on what is billed and waits, under the row's lock.
 * A draft of a period that has not begun is void and made again in the same commit, so that nobody
 * is announced an amount that is known to be wrong. A dry run decides alike and saves nothing.
 */
export async function changeSubscription(
  job: Job,
  request: ChangeRequest,
): Promise<Result<ChangeOutcome, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [subscription] = await tx.lockSubscriptions([request.subscriptionId]);
    if (subscription === undefined) return refuse(notFound('subscription'));
    const catalog = await tx.loadCatalog();
    const context = draftContextOf(job, catalog, nowOf(job.engine, job.merchant));
    const today = businessDate(context.now, context.zone);
    const command = request.read({ catalog, subscription, today });
    if (!command.ok) return command;
    const { customerId } = subscription;
    const contract = command.value.type === 'contract' ? command.value.contract : undefined;
    const refused = await refuseTermination(tx, job, { customerId, contract });
    if (refused !== undefined) return refuse(refused);
    const planned = await planChange(tx, { subscription, command: command.value }, context);
    if (!planned.ok) return planned;
    return ok(await carryOut(tx, job, { planned: planned.value, request, context }));
  });
}

async function carryOut(
  tx: Tx,
  job: Job,
  about: {
    readonly planned: PlannedChange;
    readonly request: ChangeRequest;
    readonly context: DraftContext;
  },
): Promise<ChangeOutcome> {
  const { planned, request, context } = about;
  const { decision } = planned;
  const outcome = {
    change: decision.change,
    lines: decision.pendingLines,
    dropped: decision.dropped,
  };
  if (request.dryRun === true) {
    const next = await previewNext(tx, { subscription: decision.subscription, planned }, context);
    return {
      ...outcome,
      dryRun: true,
      subscription: decision.subscription,
      ...(next === undefined ? {} : { next }),
    };
  }
  await tx.save(changesOf(planned));
  const { subscription: changed, pendingLines, change } = decision;
  const waiting = { subscription: changed, pendingLines, billingKey: `change:${change.id}` };
  const billed = request.bill === 'now' ? await billWaiting(tx, waiting, context) : undefined;
  const again = decision.redraft ? await draftAgain(tx, job, decision.subscription) : undefined;
  const subscription = again?.subscription ?? decision.subscription;
  const next = await previewNext(tx, { subscription }, await draftContext(tx, job, context.now));
  return {
    ...outcome,
    dryRun: false,
    subscription,
    ...(again?.invoice === undefined ? {} : { redrafted: again.invoice }),
    ...(billed === undefined ? {} : { billed }),
    ...(next === undefined ? {} : { next }),
  };
}

async function draftAgain(tx: Tx, job: Job, subscription: Subscription) {
  const now = nowOf(job.engine, job.merchant);
  const [decision] = await decideDrafts(tx, job, { due: [subscription], now });
  if (decision === undefined) return undefined;
  await saveDrafts(tx, job, [decision]);
  return decision;
}

/** Everything that was done to a subscription, oldest first. */
export async function listChanges(
  job: Job,
  id: SubscriptionId,
): Promise<Result<readonly SubscriptionChange[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [known] = await tx.loadSubscriptions([id]);
    return known === undefined
      ? refuse(notFound('subscription'))
      : ok(await tx.listSubscriptionChanges(id));
  });
}
