import { CURRENCY_EXPONENTS } from '../money/currencies.ts';
import { add, type Currency, type Money, money, negate } from '../money/money.ts';
import { multiplyRatio, type Ratio, ratio, roundRatio, toMoney } from '../money/ratio.ts';

/**
 * What moves a customer's balance. `billed`: owed by an invoice. `paid`: arrived. `credited`: given
 * by the merchant. `repaired`: an invoice amount taken back because what it billed changed.
 * `refunded`: returned, and what it had paid is owed again. `refunded_adjusted`: returned together
 * with the invoice amount, so that nothing is owed again. `disputed`: taken back by the payer's
 * bank, owed again.
 */
export type AccountFactKind =
  | 'billed'
  | 'paid'
  | 'credited'
  | 'repaired'
  | 'refunded'
  | 'refunded_adjusted'
  | 'disputed';

export type AccountFact = { readonly kind: AccountFactKind; readonly amount: Money };

export type AccountPosition = {
  /** Above zero: the customer owes. Below zero: the merchant holds money of the customer. */
  readonly balance: Money;
  readonly owed: Money;
  /** What the customer paid beyond what is owed (账户余额); the next invoices use it first. */
  readonly credit: Money;
};

/** How a fact moves what the customer owes: 1 more, −1 less, 0 not at all. */
const DIRECTIONS = {
  billed: 1,
  paid: -1,
  credited: -1,
  repaired: -1,
  refunded: 1,
  refunded_adjusted: 0,
  disputed: 1,
} as const satisfies Record<AccountFactKind, -1 | 0 | 1>;

/**
 * Where a customer stands after `facts`, in any order. Credit is used by any invoice that is open,
 * so a customer never owes and holds credit at once: one of `owed` and `credit` is zero, and
 * `balance` = `owed` − `credit`.
 */
export function computeAccountPosition(
  facts: readonly AccountFact[],
  currency: Currency,
): AccountPosition {
  const balance = facts.reduce(
    (total, { kind, amount }) => {
      const direction = DIRECTIONS[kind];
      if (direction === 0) return total;
      return add(total, direction === 1 ? amount : negate(amount));
    },
    money(0n, currency),
  );
  const nothing = money(0n, currency);
  return balance.minor >= 0n
    ? { balance, owed: balance, credit: nothing }
    : { balance, owed: nothing, credit: negate(balance) };
}

/**
 * A top-up of a prepaid account: `credits` are rounded half up at the currency's exponent before
 * they are billed at `rate` money for one, so that the customer never pays for what is not granted.
 */
export function computeTopUp(
  credits: Ratio,
  rate: Ratio,
  currency: Currency,
): { readonly credits: Ratio; readonly amount: Money } {
  const exponent = CURRENCY_EXPONENTS[currency];
  const granted = ratio(roundRatio(credits, exponent), 10n ** BigInt(exponent));
  return { credits: granted, amount: toMoney(multiplyRatio(granted, rate), currency) };
}

/** A place that money can be drawn from, in the order in which it is asked. */
export type DrawSource = {
  readonly account: string;
  readonly balance: Money;
  /** How far below zero it may go: `unbounded` for the outside world. Not at all when absent. */
  readonly overdraft?: Money | 'unbounded';
  /** At most this is drawn from it. */
  readonly limit?: Money;
};

export type Draw = { readonly account: string; readonly amount: Money };

/**
 * Draws `amount` from `sources` in their order, each as far as it goes; `missing` is what no source
 * had. Draws and missing add up to the amount; sources that gave nothing are left out. The caller
 * decides whether a part is welcome: a transfer is whole or not at all.
 */
export function drawInOrder(
  amount: Money,
  sources: readonly DrawSource[],
): { readonly draws: readonly Draw[]; readonly missing: Money } {
  let missing = amount;
  const drawn = new Map<string, bigint>();
  const draws: Draw[] = [];
  for (const source of sources) {
    const { account } = source;
    const before = drawn.get(account) ?? 0n;
    const part = partOf(source, missing, before);
    if (part.minor <= 0n) continue;
    drawn.set(account, before + part.minor);
    draws.push({ account, amount: part });
    missing = add(missing, negate(part));
  }
  return { draws, missing };
}

function partOf(source: DrawSource, wanted: Money, drawnBefore: bigint): Money {
  const { balance, overdraft, limit } = source;
  const capped = limit !== undefined && limit.minor < wanted.minor ? limit : wanted;
  if (overdraft === 'unbounded') return capped;
  const reach = balance.minor - drawnBefore + (overdraft?.minor ?? 0n);
  return reach < capped.minor ? money(reach, capped.currency) : capped;
}
