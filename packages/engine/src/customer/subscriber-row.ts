import type { Money } from '@daikou/core';

/** The columns of a subscriber file that are modules of the plan. */
export type ModuleColumn =
  | 'MultipleLines'
  | 'OnlineSecurity'
  | 'OnlineBackup'
  | 'DeviceProtection'
  | 'TechSupport'
  | 'StreamingTV'
  | 'StreamingMovies';

/** Why one row of a subscriber file was refused. The header is line 1. */
export type Rejection = {
  readonly line: number;
  readonly field: string;
  readonly reason: string;
};

export type RowWarning = {
  readonly line: number;
  readonly field: string;
  readonly warning: string;
};

/** One row that can be imported. */
export type SubscriberRow = {
  readonly line: number;
  readonly externalReference: string;
  readonly tenureMonths: number;
  readonly internet: 'DSL' | 'Fiber optic' | 'No';
  /** The names of its module columns. */
  readonly modules: readonly ModuleColumn[];
  readonly termMonths: 0 | 12 | 24;
  readonly paperless: boolean;
  readonly paymentMethod: string;
  readonly monthly: Money;
  /** How to reach the customer, where the file says. */
  readonly contact: { readonly name?: string; readonly mail?: string; readonly phone?: string };
  readonly warnings: readonly RowWarning[];
};
