import {
  afterStep,
  type Currency,
  type CustomerId,
  type DunningCaseId,
  formatMoney,
  type InvoiceId,
  type Mandate,
  type PayLink,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { createPayLink } from '../payment/links.ts';
import { tell } from './act.ts';
import { beginLook } from './begin.ts';
import type { Acting } from './facts.ts';
import { linkRail } from './facts.ts';

/** Hours for which a customer can pay by the link of a campaign. */
const LINK_HOURS = 3 * 24;

/** Who made a link that a campaign asked for. */
const BY = 'dunning';

export type LinkStep = {
  readonly caseId: DunningCaseId;
  readonly customerId: CustomerId;
  readonly currency: Currency;
  readonly invoiceIds: readonly InvoiceId[];
  readonly mandates: readonly Mandate[];
  /** The step that it does; absent: it comes before the steps. */
  readonly through?: number;
};

/**
 * Makes a pay link for what a case chases and tells the customer: the link is committed, the rail
 * is called, then the case goes on in a commit of its own. A crash in between leaves an open link,
 * beside which nothing is debited; the step is passed over at the next look.
 */
export async function sendPayLink(job: Job, step: LinkStep): Promise<void> {
  const rail = linkRail(job, step, step.currency);
  if (rail === undefined) return;
  const expiresAt = nowOf(job.engine, job.merchant).add({ hours: LINK_HOURS });
  const link = await createPayLink(job, step.customerId, {
    rail,
    invoiceIds: step.invoiceIds,
    expiresAt,
    by: BY,
  });
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const acting = await beginLook(tx, job, step.caseId);
    if (acting !== undefined) await noteLink(tx, acting, { step, link });
  });
}

async function noteLink(
  tx: Tx,
  acting: Acting,
  about: {
    readonly step: LinkStep;
    readonly link: Awaited<ReturnType<typeof createPayLink>>;
  },
): Promise<void> {
  const { step, link } = about;
  const { through } = step;
  if (!link.ok) {
    const why = link.refusal.code;
    // Said under its own name, so that a link which cannot be made is not asked for in a loop.
    const done = afterStep(acting.dunning, { what: 'pay_link', through, why }, acting.context);
    await tx.save({ dunningCases: [done.dunning], events: done.events });
    return;
  }
  const { id: subjectId } = link.value;
  const done = afterStep(acting.dunning, { what: 'pay_link', through, subjectId }, acting.context);
  const notice = linkMessage(acting, link.value);
  await tx.save({
    dunningCases: [noted(done.dunning, notice?.id, acting.context.now)],
    notices: notice === undefined ? [] : [notice],
    events: done.events,
  });
}

function noted(
  dunning: Acting['dunning'],
  subjectId: `not_${string}` | undefined,
  at: Temporal.Instant,
): Acting['dunning'] {
  if (subjectId === undefined) return dunning;
  const entry = { at, what: 'message' as const, why: 'pay_link', subjectId };
  return { ...dunning, timeline: [...dunning.timeline, entry] };
}

/** Without an address there is nothing to open: the rail has not answered yet. */
function linkMessage(acting: Acting, link: PayLink) {
  if (link.url === undefined) return undefined;
  const expiresOn = link.expiresAt.toZonedDateTimeISO(acting.context.zone).toPlainDate();
  return tell(acting, 'pay_link', {
    merchantName: acting.job.merchant.name,
    amount: formatMoney(link.amount),
    payUrl: link.url,
    expiresOn: expiresOn.toString(),
  });
}
