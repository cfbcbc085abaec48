import { add, type Currency, equals, type Money, zero } from '../money/money.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';

/** The form in which a bank hands out a statement. */
export type StatementFormat = 'camt.053' | 'mt940' | 'ofx' | 'csv' | 'xls';

/** One movement of a bank account, as the bank wrote it. */
export type BankStatementLine = {
  /** 1 for the oldest line of the statement: lines stand in the order in which they were booked. */
  readonly lineNumber: number;
  readonly bookedOn: Temporal.PlainDate;
  readonly valueOn?: Temporal.PlainDate;
  /** More than zero: money came in. Less than zero: money went out. Never zero. */
  readonly amount: Money;
  /** The balance of the account after this line, where the bank tells it. */
  readonly balanceAfter?: Money;
  /** Whose account the money came from or went to: the name only, never the account's number. */
  readonly counterparty?: string;
  /** 摘要, 用途, 附言: what the payer or the bank wrote about it. */
  readonly remittance?: string;
  /**
   * The bank's number of the line (流水号, `AcctSvcrRef`, `FITID`). Where a bank gives none, the
   * reader writes the raw line's hash here, so that every line has one name within its account.
   */
  readonly bankReference: string;
  /** SHA-256 (hex) of the raw line: proof of what was read. */
  readonly rawHash: string;
};

/** One account's statement of a run of days, oldest line first. */
export type BankStatement = {
  /** The merchant's name for its account (招行基本户), never the account's number. */
  readonly account: string;
  readonly format: StatementFormat;
  readonly currency: Currency;
  /** The first and the last day that it covers, both included. */
  readonly from: Temporal.PlainDate;
  readonly until: Temporal.PlainDate;
  /** Absent where the bank's file does not tell it. */
  readonly opening?: Money;
  readonly closing?: Money;
  /** SHA-256 (hex) of the file's bytes: the same file again changes nothing. */
  readonly contentHash: string;
  readonly lines: readonly BankStatementLine[];
};

export type StatementRefusalCode =
  | 'statement_is_empty'
  | 'statement_currency_differs'
  | 'statement_line_is_zero'
  | 'statement_line_outside_period'
  | 'statement_line_twice'
  | 'statement_running_balance_breaks'
  | 'statement_totals_do_not_match';

/** Why a statement is not taken in. Nothing of it is kept. */
export type StatementRefusal = Refusal<StatementRefusalCode>;

const ASK_AGAIN = 'Download the statement again and import the whole file.';

const SENTENCES: Record<StatementRefusalCode, string> = {
  statement_is_empty: 'The statement has neither lines nor balances.',
  statement_currency_differs: 'A line or balance is in another currency than the statement.',
  statement_line_is_zero: 'A line moves no money.',
  statement_line_outside_period: 'A line is booked outside the days of the statement.',
  statement_line_twice: 'Two lines carry the same bank reference.',
  statement_running_balance_breaks: 'The balance after a line is not the one before it plus it.',
  statement_totals_do_not_match: 'The opening balance and all lines do not make the closing one.',
};

/**
 * Whether a statement proves itself: one currency, every line inside its days and once, every
 * running balance, and opening + Σ lines = closing, as far as the bank tells them. Returns the sum
 * of the lines; refuses with the first line that breaks a rule.
 */
export function checkStatement(statement: BankStatement): Result<Money, StatementRefusal> {
  const { lines, opening, closing, currency } = statement;
  if (lines.length === 0 && opening === undefined && closing === undefined) {
    return no('statement_is_empty');
  }
  const balances = [opening, closing].filter((balance) => balance !== undefined);
  if (balances.some((balance) => balance.currency !== currency)) {
    return no('statement_currency_differs');
  }
  const references = new Set<string>();
  let balance = opening;
  let total = zero(currency);
  for (const line of lines) {
    const fault = faultOf(line, statement) ?? (references.has(line.bankReference) && 'twice');
    if (fault) return no(fault === 'twice' ? 'statement_line_twice' : fault, line);
    references.add(line.bankReference);
    total = add(total, line.amount);
    const expected = balance === undefined ? undefined : add(balance, line.amount);
    const told = line.balanceAfter;
    if (told !== undefined && expected !== undefined && !equals(told, expected)) {
      return no('statement_running_balance_breaks', line);
    }
    balance = told ?? expected;
  }
  const isWhole = closing === undefined || balance === undefined || equals(balance, closing);
  return isWhole ? ok(total) : no('statement_totals_do_not_match');
}

function faultOf(
  line: BankStatementLine,
  { currency, from, until }: BankStatement,
): StatementRefusalCode | undefined {
  const { amount, balanceAfter, bookedOn } = line;
  if (amount.currency !== currency) return 'statement_currency_differs';
  if (balanceAfter !== undefined && balanceAfter.currency !== currency) {
    return 'statement_currency_differs';
  }
  if (amount.minor === 0n) return 'statement_line_is_zero';
  const isInside =
    Temporal.PlainDate.compare(bookedOn, from) >= 0 &&
    Temporal.PlainDate.compare(bookedOn, until) <= 0;
  return isInside ? undefined : 'statement_line_outside_period';
}

function no(code: StatementRefusalCode, line?: BankStatementLine) {
  const where = line === undefined ? '' : ` Line ${line.lineNumber}.`;
  return refuse<StatementRefusal>({
    code,
    sentence: `${SENTENCES[code]}${where}`,
    next: ASK_AGAIN,
  });
}
