import type { BreakId, SettlementId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { CHINA_CHART, type Chart, clearingAccountOf } from './chart.ts';
import type { Entry, Journal } from './journal.ts';
import { balanced, type JournalFacts } from './templates.ts';

/** The names of the templates of reconciliation, as journals carry them. Never renamed. */
export const BREAK_TEMPLATES = {
  parked: 'break_parked',
  unparked: 'break_unparked',
  writtenOff: 'break_written_off',
  feeClaimed: 'fee_claimed',
  feeUnclaimed: 'fee_unclaimed',
  payoutSent: 'payout_sent',
  payoutArrived: 'payout_arrived',
} as const;

/** What the end of one break may write. `parked` comes first; the others end what it began. */
export type BreakTemplate = 'parked' | 'unparked' | 'writtenOff' | 'feeClaimed';

/** The same, and what the rail's own correction writes after an end. */
export type BreakPosting = BreakTemplate | 'feeUnclaimed';

/**
 * The entries of a break. `difference`: how much more the rail has than our books (长款, above zero)
 * or less (短款, below zero); of a fee claim, how much more the rail kept than the contract says.
 *
 * - `parked`: the clearing account follows the rail: Dr clearing, Cr 2241 其他应付款 for a surplus;
 *   Dr 1221 其他应收款, Cr clearing for a shortage.
 * - `unparked`: the opposite, as the money is booked where it belongs by another journal.
 * - `writtenOff`: what is parked becomes a gain (营业外收入) or a loss (营业外支出).
 * - `feeClaimed`: Dr 1221, Cr 6603: the rail owes what it kept beyond the contract.
 * - `feeUnclaimed`: the opposite, as a bill that was issued again has another fee, which is posted.
 */
export function breakEntries(
  template: BreakPosting,
  about: { readonly rail: string; readonly difference: Money; readonly chart?: Chart },
): readonly Entry[] {
  const chart = about.chart ?? CHINA_CHART;
  const { roles } = chart;
  const { minor } = about.difference;
  invariant(minor !== 0n, 'a posting of a break has an amount');
  const clearing = clearingAccountOf(chart, about.rail);
  const suspense = minor > 0n ? roles.suspensePayable : roles.suspenseReceivable;
  const result = minor > 0n ? roles.differenceGain : roles.differenceLoss;
  const [plus, minus] = (
    {
      parked: [clearing, suspense],
      unparked: [suspense, clearing],
      writtenOff: [suspense, result],
      feeClaimed: [roles.suspenseReceivable, roles.railFee],
      feeUnclaimed: [roles.railFee, roles.suspenseReceivable],
    } as const
  )[template];
  return [
    { account: plus, minor },
    { account: minus, minor: -minor },
  ];
}

/** The journal of `breakEntries`; its source is the break, so that each is posted once. */
export function postBreak(
  template: BreakPosting,
  facts: JournalFacts & {
    readonly breakId: BreakId;
    readonly rail: string;
    readonly difference: Money;
  },
): Journal {
  return balanced({
    id: facts.id,
    merchantId: facts.merchantId,
    template: BREAK_TEMPLATES[template],
    sourceId: facts.breakId,
    businessDate: facts.businessDate,
    currency: facts.difference.currency,
    entries: breakEntries(template, facts),
    postedAt: facts.postedAt,
  });
}

type PayoutFacts = JournalFacts & {
  readonly settlementId: SettlementId;
  readonly rail: string;
  readonly amount: Money;
};

/**
 * The rail's account statement says that money was sent to the bank: Dr 银行在途, Cr clearing. The
 * clearing account is then zero for what was paid out, whether or not the bank has it yet.
 */
export function postPayoutSent(facts: PayoutFacts): Journal {
  const chart = facts.chart ?? CHINA_CHART;
  const clearing = clearingAccountOf(chart, facts.rail);
  return postPayout(facts, 'payoutSent', [chart.roles.inTransit, clearing]);
}

/**
 * A line of the bank's statement proves a payout: Dr 银行存款, Cr 银行在途; of a rail that has no
 * account statement, Cr its clearing account, as nothing was posted before.
 */
export function postPayoutArrived(
  facts: PayoutFacts & { readonly source: 'statement' | 'bill' },
): Journal {
  const chart = facts.chart ?? CHINA_CHART;
  const from =
    facts.source === 'statement' ? chart.roles.inTransit : clearingAccountOf(chart, facts.rail);
  return postPayout(facts, 'payoutArrived', [chart.roles.bank, from]);
}

function postPayout(
  facts: PayoutFacts,
  template: 'payoutSent' | 'payoutArrived',
  [plus, minus]: readonly [string, string],
): Journal {
  const { id, merchantId, businessDate, postedAt, amount } = facts;
  invariant(amount.minor !== 0n, 'a payout has an amount');
  return balanced({
    id,
    merchantId,
    template: BREAK_TEMPLATES[template],
    sourceId: facts.settlementId,
    businessDate,
    currency: amount.currency,
    entries: [
      { account: plus, minor: amount.minor },
      { account: minus, minor: -amount.minor },
    ],
    postedAt,
  });
}
