import type { Summary } from '@daikou/core';
import { formatMoney, money } from '@daikou/core';
import type { ImportResult, Rejection } from '@daikou/engine';
import { type Io, padEnd } from '../cli/io.ts';
import { SUMMARY_WORDS } from '../cli/words.ts';

/** What `daikou demo --json` prints: stable names, amounts as integers of the smallest unit. */
export type DemoReport = {
  readonly customers: number;
  readonly refused_rows: number;
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly string[];
  readonly blank_total_charges: number;
  readonly invoices: number;
  readonly invoiced_minor: number;
  readonly by_method: Readonly<Record<string, { readonly count: number; readonly minor: number }>>;
  readonly notices: {
    readonly sent: number;
    readonly delivered: number;
    readonly failed: number;
    readonly announced: number;
  };
  readonly debits: {
    readonly succeeded: number;
    readonly refused: number;
    readonly unknown: number;
    readonly blocked: number;
    /** Given a new date after the first was missed; not counted in `blocked`. */
    readonly waiting: number;
    readonly succeeded_minor: number;
  };
  readonly reconciliation: {
    readonly rail_rows: number;
    readonly matched: number;
    readonly breaks: number;
    readonly fee_minor: number;
  };
  readonly ledger: { readonly balanced: boolean; readonly journals: number };
  /** Read from the simulators' own books: contracts that were debited more than once in a cycle. */
  readonly double_debits: number;
  readonly seconds: number;
};

export function toReport(facts: {
  readonly imported: ImportResult;
  readonly summary: Summary;
  readonly doubleDebits: number;
  readonly seconds: number;
}): DemoReport {
  const { imported, summary } = facts;
  const { notices, debits, reconciliation } = summary;
  return {
    customers: summary.customers,
    refused_rows: imported.refused,
    rejections: imported.rejections,
    warnings: imported.warnings,
    blank_total_charges: imported.blankTotals,
    invoices: summary.invoices,
    invoiced_minor: Number(summary.invoicedMinor),
    by_method: Object.fromEntries(
      summary.byMethod.map(({ method, count, minor }) => [method, { count, minor: Number(minor) }]),
    ),
    notices: {
      sent: notices.sent,
      delivered: notices.delivered,
      failed: notices.failed,
      announced: notices.announced,
    },
    debits: {
      succeeded: debits.succeeded,
      refused: debits.refused,
      unknown: debits.unknown,
      blocked: debits.blocked,
      waiting: debits.scheduled - debits.blocked,
      succeeded_minor: Number(debits.succeededMinor),
    },
    reconciliation: {
      rail_rows: reconciliation.railRows,
      matched: reconciliation.matched,
      breaks: reconciliation.breaks,
      fee_minor: Number(reconciliation.feeMinor),
    },
    ledger: summary.ledger,
    double_debits: facts.doubleDebits,
    seconds: Math.round(facts.seconds * 10) / 10,
  };
}

const LABEL_WIDTH = 34;

/** Refused rows that a terminal names; `--json` has them all. */
const NAMED_ROWS = 10;

function yuan(minor: number): string {
  return formatMoney(money(BigInt(minor), 'CNY'));
}

/** The summary that a run ends with; fits 80 columns. */
export function printReport(io: Io, report: DemoReport): void {
  const word = (key: keyof typeof SUMMARY_WORDS) => SUMMARY_WORDS[key][io.language];
  const row = (label: string, value: string) => io.err(`  ${padEnd(label, LABEL_WIDTH)}${value}\n`);
  const { notices, debits, reconciliation, ledger } = report;
  io.err('\n');
  printRefusals(io, report);
  row(word('customers'), report.customers.toString());
  if (report.refused_rows > 0) row(word('refused'), report.refused_rows.toString());
  row(word('invoices'), `${report.invoices}  ${yuan(report.invoiced_minor)}`);
  for (const [method, { count, minor }] of Object.entries(report.by_method)) {
    row(`  ${method}`, `${count}  ${yuan(minor)}`);
  }
  row(word('notices'), `${notices.delivered} / ${notices.sent} / ${notices.failed}`);
  row(word('debits'), `${debits.succeeded}  ${yuan(debits.succeeded_minor)}`);
  row(word('debitsRefused'), debits.refused.toString());
  row(word('debitsUnknown'), debits.unknown.toString());
  row(word('debitsBlocked'), debits.blocked.toString());
  row(word('debitsWaiting'), debits.waiting.toString());
  const { rail_rows: rows, matched, breaks } = reconciliation;
  row(word('reconciliation'), `${rows} / ${matched} / ${breaks}`);
  const state = ledger.balanced ? word('balanced') : word('unbalanced');
  row(word('ledger'), `${state}, ${ledger.journals} ${word('journals')}`);
  row(word('seconds'), report.seconds.toString());
  io.err('\n');
}

/** What of the file was not taken as it stood: unknown columns, refused rows with their lines. */
function printRefusals(io: Io, report: DemoReport): void {
  const isZh = io.language === 'zh';
  for (const warning of report.warnings) io.err(`  ! ${warning}\n`);
  for (const { line, field, reason } of report.rejections.slice(0, NAMED_ROWS)) {
    io.err(
      isZh
        ? `  ! 第 ${line} 行 ${field}：${reason}\n`
        : `  ! line ${line}${field === '' ? '' : `, ${field}`}: ${reason}\n`,
    );
  }
  const more = report.refused_rows - NAMED_ROWS;
  if (more > 0)
    io.err(isZh ? `  ! 另有 ${more} 行被拒收\n` : `  ! and ${more} more rows refused\n`);
}
