import type {
  AttemptId,
  BankStatementId,
  BreakId,
  JournalId,
  RailBillId,
  SettlementId,
} from '../ids/ids.ts';
import type { Journal } from '../ledger/journal.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Currency, Money } from '../money/money.ts';
import type { StoredBankLine } from '../reconciliation/bank-match.ts';
import type { BankStatement } from '../reconciliation/bank-statement.ts';
import type { Break, BreakClass, BreakState } from '../reconciliation/break.ts';
import type { DayMove, ReconciliationDay, Unresolved } from '../reconciliation/day.ts';
import type { RailTerms } from '../reconciliation/fee.ts';
import type { Booked } from '../reconciliation/match.ts';
import type { DayState } from '../reconciliation/moves.ts';
import type { RailBill, RailBillLine, SettlementLine } from '../reconciliation/rail-bill.ts';
import type { Settlement, StatementTotals } from '../reconciliation/settlement.ts';
import type { BucketRange } from './claims.ts';

/** One date of one rail. */
export type RailDate = { readonly rail: RailId; readonly businessDate: Temporal.PlainDate };

/** Where money is looked up; `zone` is the merchant's, for the date of what has only a time. */
export type BookedAt = { readonly rail: RailId; readonly zone: string };

/** What a bill adds up to, as its lines stand in the database. */
export type BillTotals = {
  readonly rows: number;
  readonly lastLine: number;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly fee: bigint;
  /** The currency of most lines, which the sums are in; absent: there is no line. */
  readonly currency: Currency | undefined;
};

/** A number that several lines of one bill name, for the same kind. */
export type RepeatedNumber = {
  readonly kind: RailBillLine['kind'];
  /** The refund number of a refund, the order number of a payment. */
  readonly number: string;
  readonly firstLine: number;
  readonly times: number;
  readonly totalMinor: bigint;
};

/** Money of ours that a day's bill does not name. */
export type MissingMoney = {
  readonly kind: RailBillLine['kind'];
  readonly orderNumber: string;
  /** Ours; of money that a bank took back, the bank's. */
  readonly refundNumber?: string;
  /** Absent for money that was paid by hand. */
  readonly attemptId?: AttemptId;
  readonly amount: Money;
};

/** A bill that counts, and a number that it names. */
export type Naming = {
  readonly number: string;
  readonly bill: RailBillId;
  readonly businessDate: Temporal.PlainDate;
  /** A break says that all of it is too much, as another bill has the money of our books. */
  readonly isDuplicate: boolean;
};

export type NearBill = { readonly bill: RailBill; readonly nearDays: number };

/** A refund's line by its names: `number` is ours, or the rail's where it has none of ours. */
export type RefundName = { readonly number: string; readonly orderNumber: string };

export type BreakFilter = {
  readonly rail?: RailId;
  readonly businessDate?: Temporal.PlainDate;
  readonly state?: BreakState;
  /** Pooled and open ones only. */
  readonly isUnresolved?: boolean;
  readonly class?: BreakClass;
  readonly owner?: string;
};

/** A bank statement as it is kept, without its lines. */
export type StoredBankStatement = Omit<BankStatement, 'lines'> & {
  readonly id: BankStatementId;
  readonly lineCount: number;
  readonly importedAt: Temporal.Instant;
};

/** What reconciliation reads and writes. Every call takes a batch: one array statement. */
export type ReconciliationTx = {
  /** The last issue of this very file, whether it counts or not. */
  readonly findBill: (
    query: RailDate & { readonly contentHash: string },
  ) => Promise<RailBill | undefined>;
  /** The bill of the date that counts. */
  readonly findCountedBill: (query: RailDate) => Promise<RailBill | undefined>;
  /** Adds a bill, unless this issue of its file is there; returns the one that is there then. */
  readonly addBill: (bill: RailBill) => Promise<RailBill>;
  readonly saveBill: (bill: RailBill) => Promise<void>;
  /** Adds lines; a line number that is there already is left as it is. */
  readonly saveBillLines: (bill: RailBillId, lines: readonly RailBillLine[]) => Promise<void>;
  readonly sumBill: (bill: RailBillId) => Promise<BillTotals>;
  /** Lines of a counted or loading bill without any break but shortage, cut-off and fee. */
  readonly countMatchedLines: (bill: RailBillId) => Promise<number>;
  /**
   * Lines of the bill after one number up to another that are not plainly the same as our books:
   * same amount, currency and date, the fee as `terms` say, within a tolerance of one unit.
   */
  readonly findSuspectLines: (query: {
    readonly bill: RailBill;
    readonly afterLine: number;
    readonly untilLine: number;
    readonly terms?: RailTerms;
  }) => Promise<readonly RailBillLine[]>;
  /** Numbers that several lines of the bill name (重复), lines in the order of the file. */
  readonly findRepeatedNumbers: (bill: RailBillId) => Promise<readonly RepeatedNumber[]>;
  /** What our books hold for these order numbers, by number; absent: none of ours. */
  readonly findBookedOrders: (
    at: BookedAt,
    orderNumbers: readonly string[],
  ) => Promise<ReadonlyMap<string, Booked>>;
  /**
   * The same for refunds, and for money that a payer's bank took back, which the bank's number
   * names. By number.
   */
  readonly findBookedRefunds: (
    at: BookedAt,
    names: readonly RefundName[],
  ) => Promise<ReadonlyMap<string, Booked>>;
  /** Where the rail's bills that count name these numbers: one row for each bill and number. */
  readonly findNamings: (query: {
    readonly rail: RailId;
    readonly kind: RailBillLine['kind'];
    readonly numbers: readonly string[];
  }) => Promise<readonly Naming[]>;
  /**
   * First lines of the bill whose number has a cut-off or duplicate break on its date or one within
   * `nearDays`, or a break of this bill: what looks the same as our books may be named twice.
   */
  readonly findLinesBeside: (query: NearBill) => Promise<readonly RailBillLine[]>;
  /** Those breaks, whose numbers the bill names; held until the commit. */
  readonly lockBreaksBeside: (query: NearBill) => Promise<readonly Break[]>;
  /**
   * Money in and out of the bill's rail and date (payments, pay links, refunds, returns, parked
   * money) that neither a line of it nor one of a bill in `near` names, both ends in it, and that
   * has no break of this bill yet.
   */
  readonly findMissingMoney: (query: {
    readonly bill: RailBill;
    readonly near: { readonly from: Temporal.PlainDate; readonly until: Temporal.PlainDate };
    readonly buckets: BucketRange;
    readonly zone: string;
    readonly limit: number;
  }) => Promise<readonly MissingMoney[]>;

  /** Lines of the bill by their numbers, in order. */
  readonly loadBillLines: (
    bill: RailBillId,
    lineNumbers: readonly number[],
  ) => Promise<readonly RailBillLine[]>;

  /**
   * Adds breaks; one that is there already (bill, class, number) is left as it is. Returns the ids
   * of those that were added: only their journals are new.
   */
  readonly addBreaks: (breaks: readonly Break[]) => Promise<ReadonlySet<BreakId>>;
  /** Writes breaks that are there, whole. */
  readonly saveBreaks: (breaks: readonly Break[]) => Promise<void>;
  /** Held until the commit. */
  readonly lockBreak: (id: BreakId) => Promise<Break | undefined>;
  /**
   * Breaks of these orders at this rail: those of one bill, or those of all bills that are not
   * resolved or that a person ended. Held until the commit.
   */
  readonly lockBreaksOfOrders: (query: {
    readonly rail: RailId;
    readonly orderNumbers: readonly string[];
    readonly bill?: RailBillId;
  }) => Promise<readonly Break[]>;
  /** Breaks of a bill that are not resolved, or that people ended; held until the commit. */
  readonly lockBreaksOfBill: (query: {
    readonly bill: RailBillId;
    readonly which: 'unresolved' | 'ended_by_people';
    readonly limit: number;
  }) => Promise<readonly Break[]>;
  /** Unresolved breaks of a rail, oldest first; held until the commit. */
  readonly lockUnresolvedBreaks: (query: {
    readonly rail: RailId;
    readonly state: 'pooled' | 'open';
    readonly until: Temporal.PlainDate;
    readonly after?: BreakId;
    readonly limit: number;
  }) => Promise<readonly Break[]>;
  readonly listBreaks: (
    query: BreakFilter & { readonly after?: string; readonly limit: number },
  ) => Promise<readonly Break[]>;
  readonly countBreaksOfBill: (bill: RailBillId) => Promise<number>;
  readonly countUnresolved: (day: RailDate) => Promise<Unresolved>;
  /** Differences of a day's account statement, in any state; held until the commit. */
  readonly lockStatementBreaks: (day: RailDate) => Promise<readonly Break[]>;
  readonly loadJournals: (ids: readonly JournalId[]) => Promise<readonly Journal[]>;

  readonly loadTerms: (rail: RailId) => Promise<readonly RailTerms[]>;
  readonly saveTerms: (terms: RailTerms) => Promise<void>;

  /** Held until the commit where it is there. */
  readonly lockDay: (day: RailDate) => Promise<ReconciliationDay | undefined>;
  readonly loadDays: (query: {
    readonly rail: RailId;
    readonly from: Temporal.PlainDate;
    readonly until: Temporal.PlainDate;
  }) => Promise<readonly ReconciliationDay[]>;
  /**
   * The earliest date of a rail that is known of; while none is, the one on which it may have
   * brought us money first, or the date before.
   */
  readonly findFirstDate: (rail: RailId) => Promise<Temporal.PlainDate | undefined>;
  readonly saveDay: (day: ReconciliationDay) => Promise<void>;
  readonly addDayMove: (move: DayMove) => Promise<void>;
  readonly loadDayMoves: (day: RailDate) => Promise<readonly DayMove[]>;
  /** Newest date first; `before` is a date and rail that a page ended with. */
  readonly listDays: (query: {
    readonly rail?: RailId;
    readonly state?: DayState;
    readonly before?: RailDate;
    readonly limit: number;
  }) => Promise<readonly ReconciliationDay[]>;

  /** Adds rows of an account statement; a row that is there already is left as it is. */
  readonly saveSettlementLines: (
    statement: RailDate & { readonly contentHash: string },
    lines: readonly SettlementLine[],
  ) => Promise<void>;
  readonly sumSettlementLines: (
    statement: RailDate & { readonly contentHash: string },
  ) => Promise<{ readonly totals: StatementTotals; readonly currencies: readonly Currency[] }>;
  /** Rows of these kinds after a line, in the order of the file. */
  readonly loadSettlementLines: (
    query: RailDate & {
      readonly contentHash: string;
      readonly kinds: readonly SettlementLine['kind'][];
      readonly afterLine: number;
      readonly limit: number;
    },
  ) => Promise<readonly SettlementLine[]>;
  /** Adds payouts whose reference is new; returns those that were added. */
  readonly addSettlements: (rows: readonly Settlement[]) => Promise<readonly SettlementId[]>;
  readonly saveSettlements: (rows: readonly Settlement[]) => Promise<void>;
  readonly findSettlement: (rail: RailId, reference: string) => Promise<Settlement | undefined>;
  /** Payouts that no bank line proves yet, oldest first; held until the commit. */
  readonly lockOpenSettlements: (limit: number) => Promise<readonly Settlement[]>;
  readonly listSettlements: (query: {
    readonly rail?: RailId;
    readonly state?: Settlement['state'];
    readonly after?: string;
    readonly limit: number;
  }) => Promise<readonly Settlement[]>;

  /** False when this very file of the account was imported before. */
  readonly addBankStatement: (statement: StoredBankStatement) => Promise<boolean>;
  /** Adds lines whose bank reference is new to the account; returns how many were added. */
  readonly addBankLines: (lines: readonly StoredBankLine[]) => Promise<number>;
  readonly saveBankLines: (lines: readonly StoredBankLine[]) => Promise<void>;
  /** Lines that nothing explains yet, oldest first; held until the commit. */
  readonly lockWaitingBankLines: (
    states: readonly ('unmatched' | 'unclaimed')[],
    limit: number,
  ) => Promise<readonly StoredBankLine[]>;
  readonly listBankLines: (query: {
    readonly state?: StoredBankLine['state'];
    readonly after?: string;
    readonly limit: number;
  }) => Promise<readonly StoredBankLine[]>;
};
