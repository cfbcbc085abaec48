import {
  businessDate,
  explainLine,
  type Invoice,
  instantAt,
  type Locale,
  ok,
  type PriceVersionId,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionId,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import type { CommandReader } from './change.ts';
import { planChange } from './change-plan.ts';
import { draftContextOf } from './draft.ts';
import { previewNext } from './preview-next.ts';

export type PreviewRequest = {
  readonly subscriptionId: SubscriptionId;
  /** After this change; without it, the next invoice as things stand. */
  readonly read?: CommandReader;
  /** As if it were this day; today when absent. */
  readonly asOf?: Temporal.PlainDate;
  readonly locale: Locale;
};

export type Preview = {
  /** Absent: nothing is to be billed, or the draft would be parked. */
  readonly invoice?: Invoice;
  /** One for each line of the invoice, in order. */
  readonly sentences: readonly string[];
};

/**
 * The next invoice of a subscription, or the one after a change that nobody has made yet. It calls
 * the decisions of the change and of the draft on the facts that they read, and saves nothing, so
 * the real invoice is equal to it to the fen as long as nothing else happens in between.
 */
export async function previewInvoice(
  job: Job,
  request: PreviewRequest,
): Promise<Result<Preview, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [subscription] = await tx.loadSubscriptions([request.subscriptionId]);
    if (subscription === undefined) return refuse(notFound('subscription'));
    const catalog = await tx.loadCatalog();
    const context = draftContextOf(job, catalog, whenOf(job, request));
    if (request.read === undefined) {
      const invoice = await previewNext(tx, { subscription }, context);
      return ok(explained(invoice, request.locale, context.prices));
    }
    const today = businessDate(context.now, context.zone);
    const command = request.read({ catalog, subscription, today });
    if (!command.ok) return command;
    const planned = await planChange(tx, { subscription, command: command.value }, context);
    if (!planned.ok) return planned;
    const after = { subscription: planned.value.decision.subscription, planned: planned.value };
    const invoice = await previewNext(tx, after, context);
    return ok(explained(invoice, request.locale, context.prices));
  });
}

const NOON = Temporal.PlainTime.from('12:00');

/** Noon of the day that is asked for, or now. */
function whenOf(job: Job, { asOf }: PreviewRequest): Temporal.Instant {
  return asOf === undefined
    ? nowOf(job.engine, job.merchant)
    : instantAt(asOf, NOON, job.merchant.zone);
}

function explained(
  invoice: Invoice | undefined,
  locale: Locale,
  prices: ReadonlyMap<PriceVersionId, { readonly version: { readonly version: number } }>,
): Preview {
  if (invoice === undefined) return { sentences: [] };
  const versions = new Map([...prices].map(([id, { version }]) => [id, version.version]));
  return { invoice, sentences: invoice.lines.map((line) => explainLine(line, locale, versions)) };
}
