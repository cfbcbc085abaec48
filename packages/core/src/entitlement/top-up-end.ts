import { businessDate, instantAt } from '../calendar/business-time.ts';
import { addDays, isDateBefore } from '../calendar/periods.ts';
import type { IdSource } from '../ids/source.ts';
import type { GrantDecision } from '../invoice/grant.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { decideTopUpGrant } from '../invoice/top-up-sale.ts';
import type { NewEvent } from '../result/event.ts';
import type { TopUp } from './top-up.ts';
import { topUpEvent } from './top-up-look.ts';

type Context = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

/** What becomes of a requested top-up now. */
export type TopUpEnd =
  | { readonly kind: 'waits'; readonly topUp: TopUp }
  /** Its invoice is voided first; the next look finds it void. */
  | { readonly kind: 'give_up' }
  | { readonly kind: 'refused'; readonly topUp: TopUp; readonly events: readonly NewEvent[] }
  | {
      readonly kind: 'paid';
      readonly topUp: TopUp;
      readonly granted: Required<GrantDecision>;
      readonly events: readonly NewEvent[];
    };

/**
 * The balance comes when the invoice is paid, never before. A top-up that is not paid when its due
 * date is over is given up, so that it never becomes arrears: nobody is chased or stopped for a
 * balance that was not bought. `isCollecting`: a debit of it is on its way, or none was tried yet
 * and its day is still to come; then it waits, whatever the date (I3).
 */
export function decideTopUpEnd(
  topUp: TopUp,
  facts: { readonly invoice: Invoice; readonly isCollecting: boolean },
  context: Context,
): TopUpEnd {
  const { invoice, isCollecting } = facts;
  const { now, zone } = context;
  const today = businessDate(now, zone);
  const { nextLookAt: _done, ...rest } = topUp;
  const refused = (): TopUpEnd => {
    const ended: TopUp = { ...rest, state: 'refused', endedAt: now };
    return {
      kind: 'refused',
      topUp: ended,
      events: [topUpEvent(ended, 'top_up.refused', context)],
    };
  };
  if (invoice.state === 'void') return refused();
  if (invoice.state === 'paid') {
    const granted = decideTopUpGrant(invoice, { ...context, businessDate: today });
    if (granted === undefined) return refused();
    const { id: grantId } = granted.grant;
    const ended: TopUp = { ...rest, state: 'paid', grantId, endedAt: now };
    const events = [...granted.events, topUpEvent(ended, 'top_up.paid', context)];
    return { kind: 'paid', topUp: ended, granted, events };
  }
  if (isCollecting || !isDateBefore(invoice.dueDate, today)) {
    const next = instantAt(addDays(today, 1), MIDNIGHT, zone);
    return { kind: 'waits', topUp: { ...rest, nextLookAt: next } };
  }
  return { kind: 'give_up' };
}

const MIDNIGHT = Temporal.PlainTime.from('00:00');
