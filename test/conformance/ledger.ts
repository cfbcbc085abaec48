import {
  type AccountFact,
  type AccountFactKind,
  add,
  type Currency,
  computeAccountPosition,
  type DrawSource,
  divideRatio,
  drawInOrder,
  type Money,
  RATIO_ONE,
  type Ratio,
  ratio,
  splitFirstServed,
  subtract,
  subtractRatio,
  sum,
  sumRatios,
  zero,
} from '../../packages/core/src/index.ts';
import { amountAt, exactOf } from './discounts-tax.ts';
import {
  CaseNotUnderstood,
  currencyAt,
  flagAt,
  type Given,
  has,
  isRecord,
  listAt,
  moneyText,
  recordsAt,
  textAt,
} from './kit.ts';
import type { Operation } from './run.ts';

// ledger.json: text of a case → types of core → one call of core → text.

/** Splits and transfers count smallest units of no currency in particular; yen have no decimals. */
const UNITS: Currency = 'JPY';

/** What the entries of a case are in our words. */
const KINDS: Readonly<Record<string, AccountFactKind>> = {
  charge: 'billed',
  invoice: 'billed',
  payment: 'paid',
  credit: 'credited',
  adjustment: 'credited',
  item_adjustment: 'credited',
  invoice_adjustment: 'credited',
  write_off: 'credited',
  repair: 'repaired',
  external_charge: 'billed',
  recurring: 'billed',
  fixed: 'billed',
  refund: 'refunded',
  refund_without_adjustment: 'refunded',
  refund_adjusted: 'refunded_adjusted',
  refund_with_adjustment: 'refunded_adjusted',
  chargeback: 'disputed',
};

function positionOf(given: Given) {
  const currency = currencyAt(given);
  const facts = recordsAt(given, 'entries').map((entry) => factOf(entry, currency));
  const { balance, credit } = computeAccountPosition(facts, currency);
  return {
    balance: moneyText(balance),
    account_balance: moneyText(balance),
    account_credit: moneyText(credit),
  };
}

function factOf(entry: Given, currency: Currency): AccountFact {
  const type = textAt(entry, 'type');
  const kind = KINDS[type];
  if (kind === undefined) throw new CaseNotUnderstood(`the entry ${type}`);
  const isAdjusted = kind === 'refunded' && flagAt(entry, 'adjusted');
  return {
    kind: isAdjusted ? 'refunded_adjusted' : kind,
    amount: amountAt(entry, 'amount', currency),
  };
}

function split(given: Given) {
  const parts = splitFirstServed(amountAt(given, 'amount', UNITS), sharesOf(given));
  return { parts: parts.map(moneyText) };
}

/** "1/3", "25%" or "0.25"; "remaining" is what the others leave of one. */
function sharesOf(given: Given): readonly Ratio[] {
  const texts = listAt(given, 'shares').map(String);
  const named = texts.map((text) => (text === 'remaining' ? undefined : shareOf(text)));
  const rest = subtractRatio(RATIO_ONE, sumRatios(named.filter((share) => share !== undefined)));
  return named.map((share) => share ?? rest);
}

function shareOf(text: string): Ratio {
  return text.endsWith('%') ? divideRatio(exactOf(text.slice(0, -1)), ratio(100n)) : exactOf(text);
}

/** How a case asks for all that its sources hold. */
const EVERYTHING: readonly string[] = ['*', 'all'];

/** A transfer is whole or not at all: when something is missing, nothing moves. */
function transfer(given: Given) {
  const currency = has(given, 'currency') ? currencyAt(given) : UNITS;
  const sources = sourcesOf(given).map((source) => sourceOf(source, given, currency));
  const amount = EVERYTHING.includes(String(given['amount']))
    ? sum(
        sources.map(({ balance }) => balance),
        currency,
      )
    : amountAt(given, 'amount', currency);
  const { draws, missing } = drawInOrder(amount, sources);
  const isWhole = missing.minor === 0n;
  const moved = isWhole ? draws : [];
  const destination = String(given['destination'] ?? given['to'] ?? 'destination');
  const balances = balancesAfter(given, moved, { currency, destination });
  return {
    ok: isWhole,
    ...(isWhole ? {} : { error: 'insufficient_funds' }),
    missing: moneyText(missing),
    drawn: Object.fromEntries(moved.map((draw) => [draw.account, moneyText(draw.amount)])),
    parts: sources.map((source) => moneyText(drawnFrom(source.account, moved, currency))),
    postings: moved.map((draw) => ({
      source: draw.account,
      destination,
      amount: moneyText(draw.amount),
    })),
    balances,
  };
}

/** Sources as objects, as pairs of account and balance, or as accounts by their balance. */
function sourcesOf(given: Given): readonly unknown[] {
  const named = isRecord(given['sources']) ? Object.entries(given['sources']) : undefined;
  return (named ?? listAt(given, 'sources')).map((source) =>
    Array.isArray(source) ? { account: source[0], balance: source[1] } : source,
  );
}

function sourceOf(source: unknown, given: Given, currency: Currency): DrawSource {
  const account = isRecord(source)
    ? String(source['account'] ?? source['name'] ?? source['id'])
    : String(source);
  const own = isRecord(source) ? source : {};
  const balances = isRecord(given['balances']) ? given['balances'] : {};
  const balance = has(own, 'balance')
    ? amountAt(own, 'balance', currency)
    : amountAt(balances, account, currency);
  return {
    account,
    balance,
    ...overdraftOf(own, account, currency),
    ...(has(own, 'max') ? { limit: amountAt(own, 'max', currency) } : {}),
  };
}

function overdraftOf(
  own: Given,
  account: string,
  currency: Currency,
): { readonly overdraft?: Money | 'unbounded' } {
  const overdraft = own['overdraft'];
  const isUnbounded = overdraft === true || overdraft === 'unbounded' || account === 'world';
  if (isUnbounded) return { overdraft: 'unbounded' };
  if (!has(own, 'overdraft') || overdraft === false) return {};
  return { overdraft: amountAt(own, 'overdraft', currency) };
}

function drawnFrom(account: string, draws: readonly Drawn[], currency: Currency): Money {
  const its = draws.filter((draw) => draw.account === account);
  return sum(
    its.map(({ amount }) => amount),
    currency,
  );
}

type Drawn = { readonly account: string; readonly amount: Money };

function balancesAfter(
  given: Given,
  moved: readonly Drawn[],
  place: { readonly currency: Currency; readonly destination: string },
) {
  const { currency, destination } = place;
  const before = isRecord(given['balances']) ? given['balances'] : {};
  const after = new Map(
    Object.keys(before).map((account) => [account, amountAt(before, account, currency)]),
  );
  for (const source of sourcesOf(given)) {
    const one = sourceOf(source, given, currency);
    after.set(one.account, one.balance);
  }
  for (const { account, amount } of moved) {
    after.set(account, subtract(after.get(account) ?? zero(currency), amount));
    after.set(destination, add(after.get(destination) ?? zero(currency), amount));
  }
  return Object.fromEntries([...after].map(([account, amount]) => [account, moneyText(amount)]));
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  split,
  transfer,
  account_balance: positionOf,
  account_with_credit: positionOf,
};
