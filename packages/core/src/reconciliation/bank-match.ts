import { isWorkday } from '../calendar/holidays.ts';
import type { BankStatementId, BankStatementLineId, MerchantId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import { equals, type Money } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import type { BankStatementLine } from './bank-statement.ts';
import type { Settlement } from './settlement.ts';
import { type SettlesOn, settlementDaysAfter } from './settlement-days.ts';

/**
 * A line that is stored. `unclaimed`: money in from nobody we know, perhaps a customer's transfer.
 * `claimed`: it was booked as such. `other`: money out that is no business of collecting.
 */
export type StoredBankLine = BankStatementLine & {
  readonly id: BankStatementLineId;
  readonly merchantId: MerchantId;
  readonly statementId: BankStatementId;
  readonly account: string;
  readonly state: 'unmatched' | 'matched' | 'unclaimed' | 'claimed' | 'other';
};

/** What tells a rail's payouts on the bank's statement. */
export type PayingRail = {
  /** Names by which the bank calls it as payer. */
  readonly names: readonly string[];
  /** The days on which its banks settle; absent: China's workdays. */
  readonly settlesOn?: SettlesOn;
};

/** Workdays after a payout within which the bank shows it. */
export const PAYOUT_WORKDAYS = 3;

/** Payouts that are tried together as the sum of one bank line: 2^12 sums at most. */
export const SUBSET_LIMIT = 12;

export type BankMatch = {
  readonly line: StoredBankLine;
  readonly settlements: readonly Settlement[];
};

export type BankMatchResult = {
  readonly matches: readonly BankMatch[];
  /** Lines that name a rail and fit no payout: a person looks. They stay `unmatched`. */
  readonly left: readonly StoredBankLine[];
  /** Money in that names no rail: for customers' transfers. */
  readonly unclaimed: readonly StoredBankLine[];
  /** Money out that names no rail. */
  readonly other: readonly StoredBankLine[];
};

/**
 * Finds the payouts that each bank line brought: one, or several of one rail that were sent
 * together. Amounts are exact; the line is booked from the payout's date to three workdays after
 * it; a payer's name that is a rail's decides between equals, and of equals the oldest comes first.
 * Sums of several are tried for lines that name their rail only: of days in a row, as after a
 * holiday, and of any payouts where there are at most 12, so that strangers' money is never
 * explained by chance.
 */
export function matchBankLines(
  lines: readonly StoredBankLine[],
  payouts: readonly Settlement[],
  rails: ReadonlyMap<RailId, PayingRail>,
): BankMatchResult {
  const open = new Set(
    [...payouts].sort((left, right) =>
      Temporal.PlainDate.compare(left.businessDate, right.businessDate),
    ),
  );
  const matches: BankMatch[] = [];
  const left: StoredBankLine[] = [];
  const unclaimed: StoredBankLine[] = [];
  const other: StoredBankLine[] = [];
  for (const line of lines) {
    const rail = railNamed(line, rails);
    const candidates = [...open].filter(
      (one) =>
        (rail === undefined || rail === one.rail) &&
        couldBring(line, one, rails.get(one.rail)?.settlesOn),
    );
    const settlements = findPayouts(line, candidates, rail !== undefined);
    if (settlements !== undefined) {
      for (const one of settlements) open.delete(one);
      matches.push({ line, settlements });
    } else if (rail !== undefined) left.push(line);
    else if (line.amount.minor > 0n) unclaimed.push(line);
    else other.push(line);
  }
  return { matches, left, unclaimed, other };
}

function findPayouts(
  line: StoredBankLine,
  candidates: readonly Settlement[],
  isNamed: boolean,
): readonly Settlement[] | undefined {
  const same = candidates.filter((one) => equals(one.amount, line.amount));
  // A line that names no rail is taken for a payout only when nothing else could be meant.
  if (same[0] !== undefined && (isNamed || same.length === 1)) return [same[0]];
  if (!isNamed) return undefined;
  const run = findRun(candidates, line.amount);
  if (run !== undefined || candidates.length > SUBSET_LIMIT) return run;
  return findSum(candidates, line.amount);
}

/** The first payouts of dates in a row, at least two, with that sum: what waited over a holiday. */
function findRun(
  candidates: readonly Settlement[],
  target: Money,
): readonly Settlement[] | undefined {
  for (const [first, one] of candidates.entries()) {
    const run = [one];
    let { minor } = one.amount;
    for (const next of candidates.slice(first + 1)) {
      const last = run.at(-1) ?? one;
      if (Temporal.PlainDate.compare(last.businessDate, next.businessDate) >= 0) break;
      run.push(next);
      minor += next.amount.minor;
      if (minor === target.minor) return run;
    }
  }
  return undefined;
}

/** The first subset of at least two whose sum is `target`; few enough to try them all. */
function findSum(
  candidates: readonly Settlement[],
  target: Money,
): readonly Settlement[] | undefined {
  let sums: readonly { readonly chosen: readonly Settlement[]; readonly minor: bigint }[] = [
    { chosen: [], minor: 0n },
  ];
  for (const one of candidates) {
    const larger = sums.map(({ chosen, minor }) => ({
      chosen: [...chosen, one],
      minor: minor + one.amount.minor,
    }));
    const hit = larger.find(({ chosen, minor }) => chosen.length > 1 && minor === target.minor);
    if (hit !== undefined) return hit.chosen;
    sums = [...sums, ...larger];
  }
  return undefined;
}

function couldBring(
  line: StoredBankLine,
  payout: Settlement,
  settlesOn: SettlesOn | undefined,
): boolean {
  if (payout.amount.currency !== line.amount.currency) return false;
  const { bookedOn } = line;
  const isAfter = Temporal.PlainDate.compare(bookedOn, payout.businessDate) >= 0;
  return isAfter && Temporal.PlainDate.compare(bookedOn, lastDayOf(payout, settlesOn)) <= 0;
}

/** The last date on which the bank should show a payout: three workdays after it left. */
export function lastDayOf(
  payout: Pick<Settlement, 'businessDate' | 'source'>,
  settlesOn: SettlesOn = isWorkday,
): Temporal.PlainDate {
  // A bill's net leaves on the workday after the bill's date at the earliest.
  const workdays = payout.source === 'bill' ? PAYOUT_WORKDAYS + 1 : PAYOUT_WORKDAYS;
  const days = settlementDaysAfter(payout.businessDate, workdays, settlesOn);
  return present(days.at(-1), 'the last workday of a payout');
}

/** The rail whose name the payer or the wording carries; none when two rails' names do. */
function railNamed(
  line: BankStatementLine,
  rails: ReadonlyMap<RailId, PayingRail>,
): RailId | undefined {
  const text = `${line.counterparty ?? ''} ${line.remittance ?? ''}`.toLowerCase();
  const named = [...rails].filter(([, { names }]) =>
    names.some((name) => name !== '' && text.includes(name.toLowerCase())),
  );
  return named.length === 1 ? named[0]?.[0] : undefined;
}
