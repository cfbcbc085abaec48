import type { BankStatement, StatementFormat } from '../reconciliation/bank-statement.ts';

/** A bank's file as it was uploaded. */
export type StatementFile = {
  /** The file's own name, for its ending and for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** SHA-256 (hex) of `bytes`; becomes the statement's `contentHash`. */
  readonly contentHash: string;
  /** The merchant's name for the account. Numbers of accounts in the file are not handed on. */
  readonly account: string;
};

export type StatementReading =
  /** A file may hold several statements of one account (one a day). */
  | { readonly kind: 'ready'; readonly statements: readonly BankStatement[] }
  /** The file is not of this reader's format: the next reader may know it. */
  | { readonly kind: 'other_format' }
  /** Of this format, but cut off, contradictory or unreadable: nothing of it counts. */
  | { readonly kind: 'damaged'; readonly detail: string };

/**
 * Reads one form of bank statement. Readers are asked in order until one knows the file. What they
 * hand out is checked again by `checkStatement`; a reader never guesses an amount.
 */
export type StatementReader = {
  /** Unique among readers: a format, or a bank's layout of one (`csv-cmb`). */
  readonly id: string;
  readonly format: StatementFormat;
  readonly read: (file: StatementFile) => StatementReading;
};
