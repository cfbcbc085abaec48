import { businessDate } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { compare, type Money, subtract } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { refusalOf } from './by-person.ts';
import type { Campaign } from './campaign.ts';
import type { DunningCase, PaymentPromise } from './case.ts';
import { dunningEvent } from './events.ts';
import { owedOf } from './facts.ts';
import type { DunningChange, DunningContext } from './moves.ts';
import { nextStepAt, startOf } from './next-step.ts';
import { type DunningRefusal, dunningRefusal } from './refusals.ts';

type PromiseContext = DunningContext & { readonly campaign: Campaign };

/** A promise to pay pauses the steps until the day after its date. */
export function decidePromise(
  dunning: DunningCase,
  wish: { readonly date: Temporal.PlainDate; readonly amount?: Money; readonly by: string },
  about: { readonly overdue: readonly Invoice[]; readonly context: PromiseContext },
): Result<DunningChange, DunningRefusal> {
  const { overdue, context } = about;
  const { campaign, now, zone } = context;
  const refused = refusalOf(dunning, { by: wish.by, reason: 'promise' });
  if (refused !== undefined) return refuse(refused);
  if (dunning.promise !== undefined) return refuse(dunningRefusal('promise_open'));
  if (dunning.plan !== undefined) return refuse(dunningRefusal('plan_open'));
  if (dunning.promiseCount >= campaign.promises.most) {
    return refuse(dunningRefusal('promises_used_up'));
  }
  const today = businessDate(now, zone);
  const latest = addDays(today, campaign.promises.withinDays);
  const isInRange =
    Temporal.PlainDate.compare(wish.date, today) >= 0 &&
    Temporal.PlainDate.compare(wish.date, latest) <= 0;
  if (!isInRange) return refuse(dunningRefusal('promise_date_not_valid'));
  const owed = owedOf(overdue, dunning.currency);
  const amount = wish.amount ?? owed;
  const isPart = amount.currency === owed.currency && amount.minor > 0n;
  if (!isPart || compare(amount, owed) > 0) {
    return refuse(dunningRefusal('promise_amount_not_valid'));
  }
  const promise: PaymentPromise = {
    date: wish.date,
    amount,
    by: wish.by.trim(),
    madeAt: now,
    owed,
    invoiceIds: overdue.map(({ id }) => id),
  };
  const promised: DunningCase = {
    ...dunning,
    promise,
    promiseCount: dunning.promiseCount + 1,
    nextStepAt: startOf(addDays(wish.date, 1), zone),
    waitsFor: 'promised',
    timeline: [...dunning.timeline, { at: now, what: 'promised', why: wish.date.toString() }],
  };
  const data = { date: wish.date.toString(), minor: amount.minor.toString() };
  const event = dunningEvent(promised, { type: 'dunning.promised', data }, context);
  return ok({ dunning: promised, events: [event] });
}

/** Whether what was promised is paid: that much less is owed of what was overdue then. */
export function isPromiseKept(
  promise: Pick<PaymentPromise, 'amount' | 'owed' | 'invoiceIds'>,
  overdue: readonly Invoice[],
): boolean {
  const left = overdue.filter(({ id }) => promise.invoiceIds.includes(id));
  const paid = subtract(promise.owed, owedOf(left, promise.owed.currency));
  return compare(paid, promise.amount) >= 0;
}

/** The day after a promise: kept or broken, the campaign goes on with what is still owed. */
export function judgePromise(
  dunning: DunningCase,
  overdue: readonly Invoice[],
  context: PromiseContext,
): DunningChange & { readonly isKept: boolean } {
  const { promise, waitsFor: _waits, ...rest } = dunning;
  const isKept = isPromiseKept(present(promise, 'the promise of a case'), overdue);
  const what = isKept ? 'promise_kept' : 'promise_broken';
  const judged: DunningCase = {
    ...rest,
    nextStepAt: nextStepAt(dunning, context),
    timeline: [...dunning.timeline, { at: context.now, what }],
  };
  const type = isKept ? 'dunning.promise_kept' : 'dunning.promise_broken';
  return { dunning: judged, isKept, events: [dunningEvent(judged, { type }, context)] };
}
