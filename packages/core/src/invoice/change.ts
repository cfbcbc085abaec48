import { businessDate } from '../calendar/business-time.ts';
import { earlierDate, isDateBefore } from '../calendar/periods.ts';
import { bucketOf, type SubscriptionItemId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type {
  ChangeTime,
  SubscriptionChange,
  SubscriptionCommand,
} from '../subscription/change.ts';
import { align, autoRenew, end, pause, resume, setContract } from '../subscription/change-dates.ts';
import {
  addItem,
  changePlan,
  changePrices,
  changeQuantity,
  type ItemContext,
  removeItem,
} from '../subscription/change-items.ts';
import { billingPeriodOn, nextBillAt, type Prices, stateAt } from '../subscription/next-period.ts';
import { refusalOfGrounds } from '../subscription/price-change-grounds.ts';
import type { PriceChangeRefusal } from '../subscription/price-change-refusals.ts';
import type { Redemption } from '../subscription/redemption.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from '../subscription/refusals.ts';
import { firstChargedDay } from '../subscription/service.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Timetable } from '../subscription/timetable.ts';
import { computeAdjustments } from './adjust.ts';
import type { BilledLine } from './billed-line.ts';
import type { CreditNote } from './credit-note.ts';
import { billingEvent } from './draft.ts';
import { type UndoDecision, undoDraft } from './draft-undo.ts';
import { instalmentLines } from './instalments.ts';
import type { Invoice, WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';
import { takeTerminationBack, terminationLine } from './termination.ts';

/** Everything that decides about a change, read beforehand and held until the commit. */
export type ChangeFacts = {
  readonly subscription: Subscription;
  /**
   * Lines of its invoices that are not void and that end after the start of the billing period
   * that runs today or was billed last; more of them do no harm.
   */
  readonly billed: readonly BilledLine[];
  /** Credit notes of those invoices. */
  readonly notes?: readonly CreditNote[];
  /** All of its lines that wait, and those that `draft` billed. */
  readonly pendingLines: readonly PendingLine[];
  /** All of its redemptions; read where there is a `draft`. */
  readonly redemptions: readonly Redemption[];
  /** The draft of a period that has not begun, where there is one: the change undoes it. */
  readonly draft?: Invoice;
};

export type ChangeContext = {
  readonly prices: Prices;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

/** A rule of subscriptions, or the gate of higher prices. */
export type ChangeRefusal = SubscriptionRefusal | PriceChangeRefusal;

export type ChangeDecision = {
  readonly subscription: Subscription;
  /** New lines that wait for the next invoice: adjustments, instalments, a termination. */
  readonly pendingLines: readonly PendingLine[];
  /** Lines that waited and that the change replaced. */
  readonly dropped: readonly PendingLine[];
  readonly change: SubscriptionChange;
  readonly effectiveOn: Temporal.PlainDate;
  /**
   * The draft of the coming period is void and its period has to be drafted again: save what
   * `undone` has as well; the subscription is due at once, so the next run of drafts makes it.
   */
  readonly redraft: boolean;
  readonly undone?: UndoDecision;
  readonly events: readonly NewEvent[];
};

/**
 * What a command makes of a subscription. The change day belongs to the new state (DESIGN §8). What
 * was billed for days that are now served otherwise is adjusted by lines that wait for the next
 * invoice; a draft of a period that has not begun is undone instead, and drafted anew.
 */
export function decideChange(
  facts: ChangeFacts,
  command: SubscriptionCommand,
  context: ChangeContext,
): Result<ChangeDecision, ChangeRefusal> {
  const { state } = facts.subscription;
  const today = businessDate(context.now, context.zone);
  if (state === 'ended') return refuse(subscriptionRefusal('subscription_ended', 'subscription'));
  const undone = undo(facts, command, { ...context, today });
  const subscription = undone?.subscription ?? facts.subscription;
  const billed = facts.billed.filter(({ invoiceId }) => invoiceId !== facts.draft?.id || !undone);
  const effective = effectiveDay(subscription, command, today);
  if (!effective.ok) return effective;
  const on = effective.value;
  const edited = edit(subscription, command, { ...context, today, on, billedItems: idsOf(billed) });
  if (!edited.ok) return edited;

  const pending = pendingAfter(facts, undone);
  const cause = { type: command.type, on };
  const adjusted = computeAdjustments({
    after: edited.value,
    billed,
    pending,
    prices: context.prices,
    change: cause,
    notes: facts.notes ?? [],
  });
  const ended = movesEnd(command, subscription, edited.value)
    ? takeTerminationBack({ billed, pending }, cause)
    : NO_TERMINATION;
  const dropped = [...adjusted.dropped, ...ended.dropped];
  const waiting = [
    ...adjusted.lines.map((line) => ({ line, notBefore: on })),
    // What is not owed any more is given back with the next invoice, whenever the new end is.
    ...ended.lines.map((line) => ({ line, notBefore: earlierDate(on, today) })),
    ...extraLines(subscription, edited.value, { command, on, prices: context.prices }),
  ];
  const moved = { ...edited.value, state: stateAfter(edited.value, command, context) };
  const after = { ...moved, nextBillAt: nextBillAt(moved, context.prices, context) };
  const pendingLines = waiting.map((row): PendingLine => toPending(row, subscription, context));
  const change = toChange(subscription, { command, on, pendingLines, dropped }, context);
  const data = { command: command.type, effective_on: on.toString() };
  return ok({
    subscription: after,
    pendingLines,
    dropped,
    change,
    effectiveOn: on,
    redraft: undone !== undefined,
    ...(undone === undefined ? {} : { undone }),
    events: [
      ...(undone?.events ?? []),
      billingEvent(subscription, { type: 'subscription.changed', data }, context),
    ],
  });
}

const NO_TERMINATION: ReturnType<typeof takeTerminationBack> = { lines: [], dropped: [] };

function movesEnd(command: SubscriptionCommand, before: Subscription, after: Subscription) {
  if (command.type === 'end') return true;
  return before.endsOn !== undefined && after.endsOn === undefined;
}

/** Commands that change nothing of what the coming period bills. */
const WITHOUT_REDRAFT: ReadonlySet<SubscriptionCommand['type']> = new Set(['unpark', 'contract']);

function undo(
  facts: ChangeFacts,
  command: SubscriptionCommand,
  context: ChangeContext & { readonly today: Temporal.PlainDate },
): UndoDecision | undefined {
  const { draft } = facts;
  if (draft === undefined || draft.state !== 'draft') return undefined;
  if (WITHOUT_REDRAFT.has(command.type)) return undefined;
  if (!draft.billingKey.startsWith('period:')) return undefined;
  if (!isDateBefore(context.today, draft.period.start)) return undefined;
  return undoDraft({ ...facts, invoice: draft }, context);
}

/** The first day of the new state, once it was checked against what is billed. */
function effectiveDay(
  subscription: Subscription,
  command: SubscriptionCommand,
  today: Temporal.PlainDate,
): Result<Temporal.PlainDate, SubscriptionRefusal> {
  if (!('when' in command)) return ok(today);
  const day = dayOf(subscription, command.when, today);
  if (isDateBefore(day, subscription.startsOn)) {
    return command.when.at === 'date'
      ? refuse(subscriptionRefusal('change_before_start', 'when'))
      : ok(subscription.startsOn);
  }
  return isDateBefore(day, earliestChange(subscription, today))
    ? refuse(subscriptionRefusal('change_before_last_invoice', 'when'))
    : ok(day);
}

function dayOf(
  subscription: Subscription,
  when: ChangeTime,
  today: Temporal.PlainDate,
): Temporal.PlainDate {
  switch (when.at) {
    case 'now':
      return today;
    case 'date':
      return when.date;
    case 'period_end': {
      const day = isDateBefore(today, subscription.startsOn) ? subscription.startsOn : today;
      return billingPeriodOn(subscription, day).end;
    }
  }
}

/**
 * The first day that a change may have: the first day of the newest billed period that has begun.
 * What lies before it is settled, and taken back by a credit note only.
 */
export function earliestChange(
  subscription: Subscription,
  today: Temporal.PlainDate,
): Temporal.PlainDate {
  const { billedThrough, startsOn } = subscription;
  if (!isDateBefore(firstChargedDay(subscription), billedThrough)) return startsOn;
  const lastBilled = billedThrough.subtract({ days: 1 });
  const day = isDateBefore(today, lastBilled) ? today : lastBilled;
  if (isDateBefore(day, startsOn)) return startsOn;
  const { start } = billingPeriodOn(subscription, day);
  return isDateBefore(start, startsOn) ? startsOn : start;
}

type EditContext = ChangeContext & {
  readonly today: Temporal.PlainDate;
  readonly on: Temporal.PlainDate;
  readonly billedItems: ItemContext['billedItems'];
};

function edit(
  subscription: Subscription,
  command: SubscriptionCommand,
  context: EditContext,
): Result<Subscription, ChangeRefusal> {
  switch (command.type) {
    case 'quantity':
      return changeQuantity(subscription, command, context);
    case 'add_item':
      return addItem(subscription, command, { ...context, field: 'item' });
    case 'remove_item':
      return removeItem(subscription, command, context);
    case 'plan':
      return changePlan(subscription, command, context);
    case 'prices': {
      const refusal = refusalOfGrounds(subscription, command, context);
      return refusal === undefined ? changePrices(subscription, command, context) : refuse(refusal);
    }
    case 'pause':
      return pause(subscription, command, context.on);
    case 'resume':
      return resume(subscription, context.on);
    case 'end':
      return end(subscription, context.on);
    case 'auto_renew':
      return autoRenew(subscription, command);
    case 'align':
      return align(subscription, command, context);
    case 'contract':
      return setContract(subscription, command.contract);
    case 'unpark': {
      if (subscription.state !== 'parked') {
        return refuse(subscriptionRefusal('not_parked', 'subscription'));
      }
      const { parked: _parked, ...rest } = subscription;
      return ok({ ...rest, state: 'active' });
    }
  }
}

/** Lines that a command brings beside adjustments: what is billed once, and a termination. */
function extraLines(
  before: Subscription,
  after: Subscription,
  about: {
    readonly command: SubscriptionCommand;
    readonly on: Temporal.PlainDate;
    readonly prices: Prices;
  },
): readonly WaitingRow[] {
  const { command, on, prices } = about;
  switch (command.type) {
    case 'add_item':
      return instalmentLines(after, [command], { on, prices });
    case 'plan':
      return instalmentLines(after, command.items, { on, prices });
    case 'end': {
      if (command.waiveTermination === true) return [];
      const line = terminationLine(before, on, prices);
      return line === undefined ? [] : [{ line, notBefore: on }];
    }
    default:
      return [];
  }
}

type WaitingRow = { readonly line: WaitingLine; readonly notBefore: Temporal.PlainDate };

/** A line as the row in which it waits. */
export function toPending(
  { line, notBefore }: WaitingRow,
  subscription: Pick<Subscription, 'id' | 'merchantId' | 'customerId'>,
  context: Pick<ChangeContext, 'ids' | 'now'>,
): PendingLine {
  return {
    id: context.ids('pli', bucketOf(subscription.id)),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    state: 'pending',
    notBefore,
    line,
    createdAt: context.now,
  };
}

function toChange(
  subscription: Subscription,
  about: {
    readonly command: SubscriptionCommand;
    readonly on: Temporal.PlainDate;
    readonly pendingLines: readonly PendingLine[];
    readonly dropped: readonly PendingLine[];
  },
  context: ChangeContext,
): SubscriptionChange {
  const totalOf = (rows: readonly PendingLine[]) =>
    rows.reduce((total, { line }) => total + line.amount.minor, 0n);
  return {
    id: context.ids('chg', bucketOf(subscription.id)),
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    command: about.command,
    effectiveOn: about.on,
    adjustedMinor: totalOf(about.pendingLines) - totalOf(about.dropped),
    at: context.now,
  };
}

function stateAfter(
  subscription: Subscription,
  command: SubscriptionCommand,
  context: ChangeContext,
): Subscription['state'] {
  if (subscription.state === 'parked' && command.type !== 'unpark') return 'parked';
  return stateAt(subscription, context);
}

function pendingAfter(
  { pendingLines }: ChangeFacts,
  undone: UndoDecision | undefined,
): readonly PendingLine[] {
  if (undone === undefined) return pendingLines;
  const again = new Map(undone.pendingLines.map((row) => [row.id, row]));
  return pendingLines.map((row) => again.get(row.id) ?? row);
}

function idsOf(billed: readonly BilledLine[]): ReadonlySet<SubscriptionItemId> {
  return new Set(billed.flatMap(({ line }) => (line.itemId === undefined ? [] : [line.itemId])));
}
