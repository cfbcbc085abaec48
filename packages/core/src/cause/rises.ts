import type { ChangePart } from '../invoice/compare.ts';
import { add, type Money, money, zero } from '../money/money.ts';
import { divideDown } from '../money/rounding.ts';
import { formatMoney } from '../money/text.ts';
import { type ArrearsCauseKind, type Evidence, type EvidenceKey, WHOLE } from './cause.ts';
import type { ArrearsHistory } from './history.ts';

/** What can raise a bill; each is a cause of its own. */
export type RisingCause = Extract<
  ArrearsCauseKind,
  'price_or_policy_change' | 'growth' | 'contract_change'
>;

/** Less than a twentieth more than usual keeps nobody from paying. */
const RISE_IS_FELT = 500n;
/** From a tenth on the rise is what the money was not there for. */
const RISE_IS_MUCH = 1_000n;

/** By how much a bill is above the one before it, and by what. */
export type BillRise = {
  /** `felt`: 5 to 10 % above the bill before; `much`: 10 % and more. */
  readonly size: 'none' | 'felt' | 'much';
  readonly before: Money;
  readonly after: Money;
  /** What raised it, above zero each, the largest first. Empty when it did not rise. */
  readonly by: readonly {
    readonly cause: RisingCause;
    readonly amount: Money;
    readonly evidence: readonly Evidence[];
  }[];
};

/**
 * What raised the bill, from the comparison with the bill before. What the customer did (seats,
 * use, modules) is growth; what the merchant asks for the same is price or policy; minimums, agreed
 * prices and early ends are the contract's. Days of service, tax that follows and a smaller bill
 * raise nothing. A first bill has nothing before it; a price change that reached it is still one.
 */
export function riseOf(history: ArrearsHistory): BillRise {
  const { last, owed } = history;
  const { currency } = owed;
  if (last === undefined || last.total.currency !== currency) return riseOfConsents(history);
  const sums = new Map<RisingCause, Money>();
  for (const part of history.parts) {
    const cause = causeOfPart(part, history);
    if (cause === undefined) continue;
    sums.set(cause, add(sums.get(cause) ?? zero(currency), part.amount));
  }
  const net = [...sums.values()].reduce(add, zero(currency));
  const by = [...sums]
    .filter(([, { minor }]) => minor > 0n)
    .toSorted(([, left], [, right]) => (left.minor > right.minor ? -1 : 1))
    .map(([cause, amount]) => ({ cause, amount, evidence: evidenceOf(cause, amount, history) }));
  const size = sizeOf(net, last.total);
  const after = add(last.total, net);
  return { size, before: last.total, after, by: size === 'none' ? [] : by };
}

function sizeOf(rise: Money, before: Money): BillRise['size'] {
  if (rise.minor <= 0n) return 'none';
  if (rise.minor * WHOLE < before.minor * RISE_IS_FELT) return 'none';
  return rise.minor * WHOLE < before.minor * RISE_IS_MUCH ? 'felt' : 'much';
}

function causeOfPart(part: ChangePart, history: ArrearsHistory): RisingCause | undefined {
  const line = part.after ?? part.before;
  // What earlier arrears added is not why these began.
  if (line?.rule === 'late_fee' || line?.rule === 'top_up') return undefined;
  switch (part.cause) {
    case 'seats':
    case 'usage':
    case 'late_usage':
    case 'modules_added':
    case 'modules_removed':
    case 'one_off':
      return 'growth';
    case 'price':
      return line?.rule === 'agreed_price' ? 'contract_change' : 'price_or_policy_change';
    case 'discount':
      return 'price_or_policy_change';
    case 'tax':
      // The same rate on more is not the tax's doing.
      return part.before?.taxBasisPoints === part.after?.taxBasisPoints
        ? undefined
        : 'price_or_policy_change';
    case 'minimum_spend':
    case 'termination':
      return 'contract_change';
    case 'mid_period':
      return causeOfChanges(history);
    case 'proration':
    case 'other':
      return undefined;
  }
}

/** What a change in the middle of a period was, from the changes on file. */
function causeOfChanges({ changes }: ArrearsHistory): RisingCause {
  const types = new Set(changes.map(({ type }) => type));
  if (types.has('quantity') || types.has('add_item') || types.has('plan')) return 'growth';
  if (types.has('contract') || types.has('end') || types.has('align')) return 'contract_change';
  return types.has('prices') ? 'price_or_policy_change' : 'growth';
}

/** Without a bill before: what price changes that took effect brought. */
function riseOfConsents(history: ArrearsHistory): BillRise {
  const { owed } = history;
  const own = history.consents.filter(
    ({ outcome, before, after }) =>
      outcome === 'applied' && after.currency === owed.currency && before.minor < after.minor,
  );
  const more = own.reduce((total, { before, after }) => total + after.minor - before.minor, 0n);
  const amount = money(more, owed.currency);
  const before = money(owed.minor > more ? owed.minor - more : 0n, owed.currency);
  const size = sizeOf(amount, before);
  if (size === 'none') return { size, before: owed, after: owed, by: [] };
  const cause = 'price_or_policy_change';
  const by = [{ cause, amount, evidence: evidenceOf(cause, amount, history) }] as const;
  return { size, before, after: owed, by };
}

const RISE_KEYS: Readonly<Record<RisingCause, EvidenceKey>> = {
  price_or_policy_change: 'rise_by_price',
  growth: 'rise_by_growth',
  contract_change: 'rise_by_contract',
};

/** The changes of a subscription that stand for each cause. */
const CHANGES_OF: Readonly<Record<RisingCause, readonly string[]>> = {
  price_or_policy_change: ['prices'],
  growth: ['quantity', 'add_item', 'plan', 'resume'],
  contract_change: ['contract', 'end', 'align'],
};

function evidenceOf(
  cause: RisingCause,
  amount: Money,
  history: ArrearsHistory,
): readonly Evidence[] {
  const { invoice } = history;
  const changes = history.changes
    .filter(({ type }) => CHANGES_OF[cause].includes(type))
    .map(({ id, type, at, effectiveOn }): Evidence => {
      const facts = { type, on: effectiveOn.toString() };
      return { kind: 'subscription_change', ref: id, at, key: 'changed', facts };
    });
  return [
    {
      kind: 'invoice',
      ref: invoice.id,
      key: RISE_KEYS[cause],
      facts: { amount: formatMoney(amount) },
    },
    ...(cause === 'price_or_policy_change' ? consentEvidence(history) : []),
    ...changes,
  ];
}

/** Whether the customer had been told of the price, and when. */
function consentEvidence({ consents }: ArrearsHistory): readonly Evidence[] {
  return consents.map(({ priceChangeId, noticedAt, createdAt }): Evidence => {
    const common = { kind: 'consent', ref: priceChangeId, facts: {} } as const;
    return noticedAt === undefined
      ? { ...common, at: createdAt, key: 'price_not_told' }
      : { ...common, at: noticedAt, key: 'price_told' };
  });
}

/** `whole` basis points split over what raised the bill, by how much each did. */
export function shareRise(
  { by }: BillRise,
  whole: bigint,
): readonly {
  readonly cause: RisingCause;
  readonly share: bigint;
  readonly evidence: readonly Evidence[];
}[] {
  const total = by.reduce((sum, { amount }) => sum + amount.minor, 0n);
  const shares = by.map(({ cause, amount, evidence }) => {
    const share = divideDown(amount.minor * whole, total);
    return { cause, share, evidence };
  });
  const rest = whole - shares.reduce((sum, { share }) => sum + share, 0n);
  return shares.map((one, index) => (index === 0 ? { ...one, share: one.share + rest } : one));
}
