import { stringify } from 'csv-stringify/sync';
import iconv from 'iconv-lite';

/** Whose bill it is and of which dates: from `first` until before `next`. */
export interface Span {
  readonly sellerId: string;
  readonly first: string;
  readonly next: string;
}

/** Writes a bill file: comment lines, the rows, and comment lines again (rails.md §2.10). */
export function framed(
  frame: Span & { readonly name: string },
  rows: readonly string[][],
  totals: readonly string[],
): string {
  const day = (date: string) => `${date.replace('-', '年').replace('-', '月')}日 00:00:00`;
  const dashes = '-'.repeat(40);
  return [
    `#支付宝${frame.name}查询`,
    `#账号：[${frame.sellerId}0156]`,
    `#起始日期：[${day(frame.first)}]   终止日期：[${day(frame.next)}]`,
    `#${dashes}${frame.name}列表${dashes}`,
    stringify(rows as string[][], { record_delimiter: '\r\n' }).trimEnd(),
    `#${dashes}${frame.name}列表结束${dashes}`,
    ...totals,
    `#导出时间：[${day(frame.next)}]`,
    '',
  ].join('\r\n');
}

export function gbk(text: string): Uint8Array {
  return iconv.encode(text, 'gbk');
}
