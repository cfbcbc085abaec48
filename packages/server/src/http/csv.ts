import { formatDecimal, type Money } from '@daikou/core';

/** A cell: texts are escaped, numbers and amounts are written as numbers. */
export type Cell = string | number | bigint | Money | undefined;

/**
 * Characters with which spreadsheets begin a formula: such a text could run when it is opened. The
 * full-width ones count as well where a Chinese or Japanese input method is usual.
 */
const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/;

/** One line of a table, for spreadsheets: RFC 4180, and no text of ours is taken for a formula. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'object') return formatDecimal(cell);
  if (typeof cell !== 'string') return cell.toString();
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
