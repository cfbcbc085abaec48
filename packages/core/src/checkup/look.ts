import { addSeconds, instantAt, isBefore } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { channelOf } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Notice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { openTask, type Task, type TaskOwner } from '../task/task.ts';
import { checkDebit, collectionOf, type LookContext } from './check-debit.ts';
import {
  type Checkup,
  type CheckupFinding,
  type CheckupVerdict,
  FINDING_MOVES,
} from './checkup.ts';
import { checkupEvent } from './events.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import { type FoundFinding, isForPayer } from './finding.ts';
import { planCheckupMessage } from './message.ts';
import type { CheckupRules } from './rules.ts';

/** A held debit is looked at again after this time, as often as the debit itself. */
export const HELD_LOOK_SECONDS = 60 * 60;

/** Days that a person has for a finding of ours. */
const TASK_DAYS = 2;

/** The last look that nothing asked for: on the day before the debit, at this hour. */
const LAST_LOOK_DAYS_BEFORE = 1;
const LAST_LOOK_TIME = Temporal.PlainTime.from('09:00');

/** The checkup and its findings as they are stored. */
export type KnownCheckup = {
  readonly checkup: Checkup;
  readonly findings: readonly CheckupFinding[];
};

/** What a look changes; rows that are as they were may be among them. */
export type LookDecision = KnownCheckup & {
  /** For people of ours, one for each new finding that is theirs to mend. */
  readonly tasks: readonly Task[];
  readonly taskEvents: readonly NewEvent[];
  /** Findings that mended themselves: their open tasks are dropped. */
  readonly mended: readonly CheckupFinding[];
  readonly message?: Notice;
  readonly events: readonly NewEvent[];
};

type About = { readonly rules: CheckupRules; readonly context: LookContext };

/**
 * One look at an invoice that a debit will collect: what is found is opened, what is no longer
 * found is cured, what a person accepted stays accepted while it says the same. The payer gets one
 * message for all that it can mend, and another only when something new is found. An invoice that
 * is paid or void ends its checkup; while its debit is on its way, and after it has ended unpaid,
 * nothing is looked at until there is another. Looking twice at an unchanged world changes nothing.
 */
export function decideLook(known: KnownCheckup, facts: CheckupFacts, about: About): LookDecision {
  const { context, rules } = about;
  if (!isToCollect(facts)) return endLook(known, context);
  if (!isToLeave(facts)) return { ...nothing(known), checkup: asleep(known) };
  const collection = collectionOf(facts, context);
  const current = checkDebit(facts, rules, context).map((one) =>
    toFinding(one, known, { ...context, on: collection.on }),
  );
  const gone = curedOf(known, current, context);
  const verdict = verdictOf(current);
  const checkup: Checkup = {
    ...asleep(known),
    verdict,
    debitDate: collection.on,
    ruleVersion: rules.version,
    lookedAt: context.now,
    ...nextLook({ verdict, isPlanned: facts.debit !== undefined }, collection, context),
  };
  const fresh = current.filter((one) => isNewlyOpen(one, known));
  const told = tellPayer(current, { facts, collection, ...about });
  const opened = fresh.filter(isOurs).map((one) => taskOf(one, context));
  return {
    checkup,
    findings: [...told.findings, ...gone],
    tasks: opened.map(({ task }) => task),
    taskEvents: opened.flatMap(({ events }) => events),
    mended: gone.filter(isOurs),
    ...(told.message === undefined ? {} : { message: told.message }),
    events: eventsOf(known.checkup, { checkup, fresh }, context),
  };
}

/** Whether a debit is still to leave: one on its way is not held, one that ended leaves no more. */
function isToLeave({ debit }: CheckupFacts): boolean {
  return debit === undefined || debit.state === 'scheduled';
}

function isToCollect({ invoice }: CheckupFacts): boolean {
  const isOwed = invoice.state === 'draft' || invoice.state === 'open';
  return isOwed && invoice.collection === 'auto_debit';
}

/** Nothing is left to debit: what was open is no longer in the way of anything. */
function endLook(known: KnownCheckup, context: LookContext): LookDecision {
  const gone = curedOf(known, [], context);
  return { ...nothing(known), checkup: asleep(known), findings: gone, mended: gone.filter(isOurs) };
}

function nothing({ checkup }: KnownCheckup): LookDecision {
  return { checkup, findings: [], tasks: [], taskEvents: [], mended: [], events: [] };
}

function asleep({ checkup }: KnownCheckup): Checkup {
  const { lookAt: _done, ...rest } = checkup;
  return rest;
}

function toFinding(
  found: FoundFinding,
  { checkup, findings }: KnownCheckup,
  context: LookContext & { readonly on: Temporal.PlainDate },
): CheckupFinding {
  const before = findings.find(({ code, about }) => code === found.code && about === found.about);
  if (before === undefined) {
    const { merchantId, customerId, invoiceId } = checkup;
    const id = context.ids('cfd', bucketOf(checkup.id));
    const of = { id, merchantId, customerId, checkupId: checkup.id, invoiceId };
    return { ...found, ...of, state: 'open', foundAt: context.now };
  }
  // That the debit is tried on another day is nothing new: the amount and the cause are.
  const [was, is] = [checkup.debitDate.toString(), context.on.toString()];
  const saysTheSame = before.sentenceEn.replaceAll(was, is) === found.sentenceEn;
  if (before.state === 'open') return { ...before, ...found };
  if (before.state === 'accepted' && saysTheSame) return { ...before, ...found };
  assertMove(FINDING_MOVES, before.state, 'open');
  const { endedAt: _ended, acceptedBy: _by, remark: _why, toldAt, ...rest } = before;
  const told = saysTheSame && toldAt !== undefined ? { toldAt } : {};
  return { ...rest, ...found, ...told, state: 'open', foundAt: context.now };
}

function curedOf(
  { findings }: KnownCheckup,
  current: readonly CheckupFinding[],
  { now }: LookContext,
): readonly CheckupFinding[] {
  return findings
    .filter(({ id, state }) => state === 'open' && !current.some((one) => one.id === id))
    .map((one) => ({ ...one, state: 'cured', endedAt: now }));
}

/** What is accepted is in nobody's way. */
export function verdictOf(findings: readonly CheckupFinding[]): CheckupVerdict {
  const open = findings.filter(({ state }) => state === 'open');
  if (open.some(({ severity }) => severity === 'blocks')) return 'blocked';
  return open.length === 0 ? 'ok' : 'findings';
}

/** Without a debit nothing is held: what plans one makes the next look due (LOOK_AGAIN_ON). */
function nextLook(
  { verdict, isPlanned }: { readonly verdict: CheckupVerdict; readonly isPlanned: boolean },
  { on }: Collection,
  { now, zone }: LookContext,
): Pick<Checkup, 'lookAt'> {
  const last = instantAt(addDays(on, -LAST_LOOK_DAYS_BEFORE), LAST_LOOK_TIME, zone);
  if (isBefore(now, last)) return { lookAt: last };
  const isHeld = verdict === 'blocked' && isPlanned;
  return isHeld ? { lookAt: addSeconds(now, HELD_LOOK_SECONDS) } : {};
}

function isNewlyOpen(finding: CheckupFinding, { findings }: KnownCheckup): boolean {
  if (finding.state !== 'open') return false;
  return findings.find(({ id }) => id === finding.id)?.state !== 'open';
}

/** A finding that people of ours or the customer's administrator have to look into. */
function isOurs({ owner, severity }: FoundFinding): boolean {
  return owner !== 'payer' && severity !== 'info';
}

function tellPayer(
  current: readonly CheckupFinding[],
  about: About & { readonly facts: CheckupFacts; readonly collection: Collection },
): { readonly findings: readonly CheckupFinding[]; readonly message?: Notice } {
  const { context, facts, rules } = about;
  const open = current.filter((one) => one.state === 'open' && isForPayer(one));
  const isNews = open.some(({ toldAt }) => toldAt === undefined);
  if (!isNews || !rules.tellsPayer || channelOf(facts.customer) === undefined) {
    return { findings: current };
  }
  const message = planCheckupMessage(open, about, context);
  const ids = new Set(open.map(({ id }) => id));
  const findings = current.map((one) => (ids.has(one.id) ? { ...one, toldAt: context.now } : one));
  return { findings, message };
}

function taskOf(finding: CheckupFinding, context: LookContext) {
  const owner: TaskOwner = finding.owner === 'payer' ? 'support' : finding.owner;
  return openTask(
    {
      kind: 'checkup_finding',
      subjectId: finding.id,
      owner,
      dueAt: context.now.add({ hours: 24 * TASK_DAYS }),
      data: { code: finding.code, invoice_id: finding.invoiceId, sentence: finding.sentenceEn },
    },
    finding,
    context,
  );
}

function eventsOf(
  before: Checkup,
  { checkup, fresh }: { readonly checkup: Checkup; readonly fresh: readonly CheckupFinding[] },
  context: LookContext,
): readonly NewEvent[] {
  const grave = fresh.filter(({ severity }) => severity !== 'info');
  if (grave.length > 0) {
    const codes = [...new Set(grave.map(({ code }) => code))].join(',');
    return [checkupEvent(checkup, { type: 'checkup.found', codes }, context)];
  }
  const isClear = before.verdict !== undefined && before.verdict !== 'ok';
  if (!isClear || checkup.verdict !== 'ok') return [];
  return [checkupEvent(checkup, { type: 'checkup.cleared' }, context)];
}
