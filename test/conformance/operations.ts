import { OPERATIONS as charges } from './charges.ts';
import { OPERATIONS as dates } from './dates.ts';
import { OPERATIONS as discountsTax } from './discounts-tax.ts';
import { OPERATIONS as dunning } from './dunning.ts';
import { OPERATIONS as ledger } from './ledger.ts';
import { OPERATIONS as overdue } from './overdue.ts';
import { OPERATIONS as proration } from './proration.ts';
import type { Operation } from './run.ts';

/** Every operation that we can run. Names are unique over the files of cases. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...dates,
  ...proration,
  ...charges,
  ...discountsTax,
  ...ledger,
  ...dunning,
  ...overdue,
};
