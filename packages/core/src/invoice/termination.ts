import { isDateBefore, laterDate } from '../calendar/periods.ts';
import { type Money, money, negate, shareOf, sum } from '../money/money.ts';
import { fromMoney } from '../money/ratio.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { BilledLine } from './billed-line.ts';
import { linesWithin } from './draft-advance.ts';
import { mainSubject } from './draft-commitment.ts';
import { lineOf, ONCE } from './draft-line.ts';
import type { LineWhy, WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';
import { splitTax } from './tax.ts';

/**
 * The line that leaving before the contract's end adds, as it was declared when it was signed: an
 * amount, or a share of what the remaining term would have cost at the present items. Undefined
 * where leaving is free or the contract is over by then. Its amount has its tax inside.
 */
export function terminationLine(
  subscription: Subscription,
  on: Temporal.PlainDate,
  prices: Prices,
): WaitingLine | undefined {
  const { contract } = subscription;
  if (contract === undefined || !isDateBefore(on, contract.end)) return undefined;
  const subject = mainSubject({ subscription, prices });
  if (subject === undefined) return undefined;
  const days = { start: laterDate(on, contract.start), end: contract.end };
  const amount = amountOf(subscription, days, prices);
  if (amount === undefined || amount.minor <= 0n) return undefined;
  const { net, tax } = splitTax(amount, subject.priced.version.taxBasisPoints);
  const isInclusive = subject.priced.version.taxBehavior === 'inclusive';
  const line = lineOf(
    subject,
    { service: days, full: days },
    {
      rule: 'termination',
      quantity: ONCE,
      unitAmount: fromMoney(amount),
      subtotal: amount,
      why: { change: { type: 'end', on } },
      names: { nameZh: '提前解约违约金', nameEn: 'Early termination of the contract' },
    },
  );
  return { ...line, subtotal: isInclusive ? amount : net, amount, net, tax };
}

/**
 * What an end that moves, or is taken back, makes of the termination that it added before: a line
 * that waits is dropped, one that was billed is credited whole. Leaving is paid for once.
 */
export function takeTerminationBack(
  facts: { readonly billed: readonly BilledLine[]; readonly pending: readonly PendingLine[] },
  change: NonNullable<LineWhy['change']>,
): { readonly lines: readonly WaitingLine[]; readonly dropped: readonly PendingLine[] } {
  const waiting = facts.pending.filter(
    ({ state, line }) => state === 'pending' && line.rule === 'termination',
  );
  const credited = new Set(
    [...facts.billed, ...facts.pending.filter(({ state }) => state === 'pending')].flatMap(
      ({ line }) => (line.why.credits === undefined ? [] : [keyOf(line.why.credits)]),
    ),
  );
  const lines = facts.billed.flatMap(({ line, invoiceId }): readonly WaitingLine[] => {
    const ref = { invoiceId, position: line.position };
    if (line.rule !== 'termination' || credited.has(keyOf(ref))) return [];
    const { position: _position, ...rest } = line;
    const isInclusive = line.subtotal.minor - line.discount.minor === line.amount.minor;
    return [
      {
        ...rest,
        // It takes back an amount and no days of service.
        serviceDays: 0,
        subtotal: negate(isInclusive ? line.amount : line.net),
        discount: money(0n, line.amount.currency),
        amount: negate(line.amount),
        net: negate(line.net),
        tax: negate(line.tax),
        rule: 'change_credit',
        why: { change, credits: ref },
      },
    ];
  });
  return { lines, dropped: waiting.map((row) => ({ ...row, state: 'dropped' as const })) };
}

function keyOf({ invoiceId, position }: NonNullable<LineWhy['credits']>): string {
  return `${invoiceId} ${position}`;
}

function amountOf(
  subscription: Subscription,
  days: { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate },
  prices: Prices,
): Money | undefined {
  const rule = subscription.contract?.earlyTermination;
  switch (rule?.type) {
    case undefined:
    case 'free':
      return undefined;
    case 'fixed':
      return rule.amount;
    case 'share_of_remaining': {
      const { endsOn: _endsOn, ...open } = subscription;
      const lines = subscription.items.flatMap((item) => {
        const priced = prices.get(item.priceVersionId);
        const isPriced = item.kind !== 'one_off' && item.kind !== 'metered';
        if (priced === undefined || !isPriced) return [];
        return linesWithin({ subscription: open, item, priced }, days);
      });
      const [first] = lines;
      if (first === undefined) return undefined;
      const amounts = lines.map(({ amount }) => amount);
      return shareOf(sum(amounts, first.amount.currency), rule.basisPoints);
    }
  }
}
