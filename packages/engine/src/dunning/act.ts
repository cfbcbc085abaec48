import {
  afterStep,
  type Campaign,
  type CampaignAction,
  type Collectable,
  type CollectDecision,
  type CustomerMessage,
  clearedVariables,
  computeBestHour,
  type Debit,
  type DunningCase,
  decideCollectArrears,
  type EndedAs,
  endCase,
  type Invoice,
  type MessageVariables,
  type NewEvent,
  type NextStep,
  type NoticeId,
  overdueVariables,
  planMessage,
  preferPayday,
  present,
  type SeenOverdue,
  TEMPLATE_OF,
  type TemplateKey,
  type Tx,
  windowOf,
} from '@daikou/core';
import { lateFeeSentence } from '../arrears/late-fee-read.ts';
import { scheduleContext } from '../job.ts';
import type { Acting } from './facts.ts';
import { caseTask } from './tasks.ts';

/** Payments whose hours are looked at. */
const HISTORY = 24;
/** Days after the earliest one within which a payday is waited for. */
const PAYDAY_DAYS = 5;

/** Does a step that calls nobody outside, in the transaction that the caller has open. */
export async function actInside(
  tx: Tx,
  acting: Acting,
  step: Extract<NextStep, { readonly kind: 'do' }>,
): Promise<void> {
  const { action } = step;
  if (action.kind === 'message') return tellOverdue(tx, acting, { ...step, action });
  if (action.kind === 'collect') return collectStep(tx, acting, step);
  if (action.kind === 'call_task') return callStep(tx, acting, step);
}

type Through = { readonly through?: number };

async function tellOverdue(
  tx: Tx,
  acting: Acting,
  step: Through & { readonly action: Extract<CampaignAction, { readonly kind: 'message' }> },
): Promise<void> {
  const { dunning, facts, campaign, job, context } = acting;
  const { customer, overdue } = facts;
  const { tone } = step.action;
  const { locale } = customer;
  const lateFee = await lateFeeSentence(tx, job, { invoices: overdue, locale });
  const variables = overdueVariables(
    { ...dunning, nextStep: step.through ?? dunning.nextStep },
    {
      merchantName: job.merchant.name,
      overdue,
      campaign,
      locale,
      hasMethod: facts.hasMethod,
      ...(lateFee === undefined ? {} : { lateFee }),
    },
  );
  const notice = tell(acting, TEMPLATE_OF[tone], variables);
  const done = { what: 'message' as const, through: step.through, why: tone };
  const next = afterStep(dunning, { ...done, subjectId: notice.id }, context);
  await tx.save({ dunningCases: [next.dunning], notices: [notice], events: next.events });
}

/** A message about a case, to the customer's first channel. */
export function tell(
  { dunning, facts, context }: Pick<Acting, 'dunning' | 'facts' | 'context'>,
  templateKey: TemplateKey,
  variables: MessageVariables,
): CustomerMessage {
  const plan = { purpose: 'overdue' as const, subjectId: dunning.id, dueAt: context.now };
  return planMessage({ ...plan, templateKey, variables }, { customer: facts.customer }, context);
}

async function callStep(tx: Tx, acting: Acting, step: Through): Promise<void> {
  const opened = await caseTask(tx, acting, 'call');
  const done = {
    what: 'call_task' as const,
    through: step.through,
    ...(opened === undefined ? { why: 'open_already' } : { subjectId: opened.task.id }),
  };
  const next = afterStep(acting.dunning, done, acting.context);
  await tx.save({
    dunningCases: [next.dunning],
    tasks: opened === undefined ? [] : [opened.task],
    events: [...next.events, ...(opened?.events ?? [])],
  });
}

async function collectStep(tx: Tx, acting: Acting, step: Through): Promise<void> {
  const { dunning, facts, context } = acting;
  const collectable = present(facts.collectable, 'what a collect step collects');
  const hours = acting.campaign.steps[step.through ?? -1];
  const made = await planArrears(tx, acting, { collectable, ...(hours && { hours }) });
  const done = {
    what: made === undefined ? ('skipped' as const) : ('collect' as const),
    through: step.through,
    ...(made === undefined ? { why: 'no_date_at_rail' } : made.entry),
  };
  const next = afterStep(dunning, done, context);
  await tx.save({
    dunningCases: [next.dunning],
    debits: made === undefined ? [] : [made.decision.debit],
    notices: made?.decision.notice === undefined ? [] : [made.decision.notice],
    events: [...(made?.decision.events ?? []), ...next.events],
  });
}

/** The debit of a step with what the timeline says of it. */
export type PlannedArrears = {
  readonly decision: CollectDecision;
  readonly entry: { readonly why: string; readonly subjectId: Debit['id'] };
};

/**
 * Plans a debit of arrears: in the hour in which this customer pays, on the payday where one is
 * near, not before the hours between two tries are over. Undefined: its rail has no date for it.
 */
export async function planArrears(
  tx: Tx,
  acting: Pick<Acting, 'job' | 'campaign' | 'context' | 'facts'>,
  about: {
    readonly collectable: Collectable;
    readonly hours?: Campaign['steps'][number];
    /** The date of a plan’s part; nothing is collected before it. */
    readonly notBefore?: Temporal.PlainDate;
    readonly by?: string;
  },
): Promise<PlannedArrears | undefined> {
  const { job, campaign, context, facts } = acting;
  const { collectable, hours } = about;
  const schedule = scheduleContext(job, collectable.mandate.rail, context.now);
  const { zone } = context;
  const paid = campaign.debit.bestHour ? await tx.loadPaidTimes(facts.customer.id, HISTORY) : [];
  const rail = schedule.capabilities.submitWindow;
  const best = computeBestHour(paid, {
    zone,
    fallback: schedule.timetable.retryTime,
    windows: [...(hours === undefined ? [] : [windowOf(hours, zone)]), ...(rail ? [rail] : [])],
  });
  const earliest = earliestDate(acting);
  const latest = earliest.add({ days: PAYDAY_DAYS });
  const notBefore = about.notBefore ?? preferPayday(earliest, latest, best.payday);
  const first = await firstDebit(tx, collectable.invoices);
  const decision = decideCollectArrears(
    collectable,
    {
      customer: facts.customer,
      notBefore,
      ...(first === undefined ? {} : { first }),
      ...(about.by === undefined ? {} : { by: about.by }),
    },
    {
      ...schedule,
      timetable: { ...schedule.timetable, retryTime: best.time, collectTime: best.time },
    },
  );
  if (decision === undefined) return undefined;
  const why = `${best.why} ${best.time.toString({ smallestUnit: 'minute' })}`;
  return { decision, entry: { why, subjectId: decision.debit.id } };
}

function earliestDate({
  campaign,
  context,
  facts,
}: Pick<Acting, 'campaign' | 'context' | 'facts'>) {
  const { now, zone } = context;
  const after = facts.lastTryAt?.add({ hours: campaign.debit.hoursBetween }) ?? now;
  const from = Temporal.Instant.compare(after, now) > 0 ? after : now;
  return from.toZonedDateTimeISO(zone).toPlainDate();
}

/** The first debit of a single invoice, whose notice told the customer what is owed. */
async function firstDebit(tx: Tx, invoices: readonly Invoice[]) {
  const [only, ...others] = invoices;
  if (only === undefined || others.length > 0) return undefined;
  const debits = await tx.findDebitsOfInvoices([only.id]);
  const first = debits.find(({ movedFrom }) => movedFrom === undefined) ?? debits[0];
  if (first === undefined) return undefined;
  const [bundle] = await tx.lockDebits([first.id]);
  return bundle === undefined ? undefined : { debit: bundle.debit, notices: bundle.notices };
}

/** A step that cannot be done now is passed over, with its reason. */
export async function passOver(
  tx: Tx,
  acting: Acting,
  step: Extract<NextStep, { readonly kind: 'skip' }>,
): Promise<void> {
  const { through, why } = step;
  const next = afterStep(acting.dunning, { what: 'skipped', through, why }, acting.context);
  await tx.save({ dunningCases: [next.dunning], events: next.events });
}

/**
 * Ends a case. What was planned about it and is not sent yet is stopped; who was reminded and has
 * paid hears that all is paid. Invoices of a case that was paid are seen anew, were they ever owed
 * again. Returns the event that tells it.
 */
export async function endWithin(
  tx: Tx,
  acting: Acting,
  end: { readonly as: EndedAs; readonly by?: string; readonly reason?: string },
): Promise<NewEvent> {
  const { as } = end;
  const { dunning, facts, context, job } = acting;
  const stopped = await stopMessages(tx, dunning);
  const wasTold = dunning.timeline.some(({ what }) => what === 'message' || what === 'pay_link');
  const paid = (await tx.loadInvoices(dunning.invoiceIds)).filter(({ state }) => state === 'paid');
  const cleared =
    as === 'paid' && wasTold
      ? [
          tell(
            acting,
            'arrears_cleared',
            clearedVariables(
              job.merchant.name,
              paid.map(({ total }) => total),
              dunning.currency,
            ),
          ),
        ]
      : [];
  const ended = endCase(dunning, end, context);
  await tx.save({
    dunningCases: [ended.dunning],
    seenOverdue: as === 'paid' ? letGo(dunning, facts.customer.id, context.now) : [],
    notices: [...stopped, ...cleared],
    events: ended.events,
  });
  return present(ended.events[0], 'what tells the end of a case');
}

function letGo(
  dunning: DunningCase,
  customerId: SeenOverdue['customerId'],
  seenAt: Temporal.Instant,
): readonly SeenOverdue[] {
  const { merchantId, id: caseId } = dunning;
  return dunning.invoiceIds.map((invoiceId) => {
    return { invoiceId, merchantId, customerId, caseId, isLive: false, seenAt };
  });
}

/** Messages about the case that wait to be sent: nobody who has paid is reminded. */
async function stopMessages(tx: Tx, dunning: DunningCase) {
  const ids = dunning.timeline.flatMap(({ subjectId }) =>
    subjectId?.startsWith('not_') === true ? [subjectId as NoticeId] : [],
  );
  if (ids.length === 0) return [];
  const notices = await tx.lockNotices(ids);
  return notices
    .filter(({ state }) => state === 'planned')
    .map((notice) => ({ ...notice, state: 'failed' as const, failureCode: 'case_ended' }));
}
