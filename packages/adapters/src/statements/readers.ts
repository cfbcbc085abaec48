import type { StatementFile, StatementReader, StatementReading } from '@daikou/core';
import { bankCsvReader } from './bank-csv.ts';
import { camt053Reader } from './camt053.ts';
import { mt940Reader } from './mt940.ts';

/** The forms of bank statements that we read, the strictest first. */
export const STATEMENT_READERS: readonly StatementReader[] = [
  camt053Reader,
  mt940Reader,
  bankCsvReader,
];

/** What the first reader says that knows the form of the file. */
export function readStatement(file: StatementFile): StatementReading {
  for (const reader of STATEMENT_READERS) {
    const answer = reader.read(file);
    if (answer.kind !== 'other_format') return answer;
  }
  return { kind: 'other_format' };
}
