import { businessDate, instantAt, laterOf } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import type { Customer } from '../customer/customer.ts';
import { formatMoney } from '../money/text.ts';
import type { CustomerMessage } from '../notice/notice.ts';
import { planMessage } from '../notice/plan.ts';
import { isServiceOff, severity } from './arrears.ts';
import type { ArrearsContext, ArrearsLook } from './look.ts';
import { type ArrearsPolicy, daysBetween, stopsOf } from './policy.ts';

type Key = 'service_warned' | 'service_suspended' | 'service_restored' | 'service_deletion_due';

/** In words, where a policy names no date for it. */
const NO_DATE = { 'zh-CN': '另行通知的日期', en: 'a date that you will be told' } as const;
const NOTHING = { 'zh-CN': '¥0.00', en: '¥0.00' } as const;

/**
 * The message that a look causes, if any: a warning with the date of the suspension (also a second
 * one, where the first reached nobody and there is another way now), the
 * suspension, the date until which data are kept, or the end of it all. Bad news wait for the
 * policy's hour; the good one leaves at once.
 */
export function arrearsMessage(
  look: ArrearsLook,
  about: { readonly customer: Customer; readonly merchantName: string },
  context: ArrearsContext,
): CustomerMessage | undefined {
  const key = keyOf(look);
  if (key === undefined) return undefined;
  const { customer, merchantName } = about;
  const { policy, now, zone } = context;
  const hour = instantAt(businessDate(now, zone), policy.at, zone);
  const isGood = key === 'service_restored';
  const { unpaid, earliestUnpaid } = look.arrears;
  return planMessage(
    {
      purpose: 'service',
      templateKey: key,
      subjectId: customer.id,
      dueAt: isGood ? now : laterOf(now, hour),
      variables: {
        merchantName,
        amount: unpaid.map(formatMoney).join(' + ') || NOTHING[customer.locale],
        dueDate: earliestUnpaid?.toString() ?? businessDate(now, zone).toString(),
        suspendDate: textOf(dateOf(look, 'suspended', policy), customer),
        deletionDate: textOf(dateOf(look, 'deletable', policy), customer),
      },
    },
    { customer },
    context,
  );
}

function keyOf({ from, arrears, warnsNow }: ArrearsLook): Key | undefined {
  const { state } = arrears;
  if (isServiceOff(from) && !isServiceOff(state)) return 'service_restored';
  if (warnsNow) return 'service_warned';
  if (severity(state) <= severity(from)) return undefined;
  if (state === 'warned') return 'service_warned';
  if (state === 'suspended') return 'service_suspended';
  return state === 'retained' ? 'service_deletion_due' : undefined;
}

/** The first date on which a state that stops the service is possible after this look. */
function dateOf(
  { arrears }: ArrearsLook,
  wanted: 'suspended' | 'deletable',
  policy: ArrearsPolicy,
): Temporal.PlainDate | undefined {
  const { nextChange, state, since } = arrears;
  if (wanted === 'suspended') return isServiceOff(state) ? since : nextChange?.on;
  const steps = stopsOf(policy).filter((stop) => severity(stop) > severity(state));
  if (steps.at(-1) !== 'deletable') return undefined;
  let [at, date] = [state, since];
  for (const step of steps) {
    date = addDays(date, daysBetween(policy, at, step));
    at = step;
  }
  return date;
}

function textOf(date: Temporal.PlainDate | undefined, { locale }: Customer): string {
  return date?.toString() ?? NO_DATE[locale];
}
