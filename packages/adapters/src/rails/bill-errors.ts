/** What made a bill unreadable. */
export type BillProblem =
  /** The columns that we need are not in the header. */
  | 'header_unknown'
  /** A row has an amount, a time or a kind that cannot be read. */
  | 'row_unreadable'
  /** The file ends before its summary, or holds bytes of another encoding. */
  | 'file_damaged'
  /** The rows do not add up to the summary that the rail wrote. */
  | 'totals_differ'
  /** The file is of another merchant or another date than was asked for. */
  | 'other_bill';

/**
 * Thrown while a bill is streamed. The rows that were read so far must not be booked as a whole
 * bill: a bill that cannot be proved complete is not a bill.
 */
export class BillUnreadable extends Error {
  override readonly name = 'BillUnreadable';
  readonly problem: BillProblem;
  /** The data row, counted from 1; absent where the file as a whole is meant. */
  readonly lineNumber: number | undefined;

  constructor(problem: BillProblem, sentence: string, lineNumber?: number) {
    super(lineNumber === undefined ? sentence : `row ${lineNumber}: ${sentence}`);
    this.problem = problem;
    this.lineNumber = lineNumber;
  }
}
