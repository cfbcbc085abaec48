import type { Database } from '../array-write.ts';

/** What a statement that was typed in returned. */
export type RawResult = {
  readonly columns: readonly string[];
  /** Values in the order of `columns`: bigint for bigint, text for dates and instants. */
  readonly rows: readonly (readonly unknown[])[];
  /** Rows returned, or rows changed where none are returned. */
  readonly rowCount: number;
};

/** An open database, whichever it is. */
export type Backend = {
  readonly kind: 'pglite' | 'postgres';
  readonly db: Database;
  /** Runs SQL as the owner of the database, outside row-level security: for people and doctors. */
  readonly rawSql: (text: string) => Promise<RawResult>;
  readonly close: () => Promise<void>;
};
