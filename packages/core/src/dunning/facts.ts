import type { Customer } from '../customer/customer.ts';
import type { Invoice, InvoiceState } from '../invoice/invoice.ts';
import { amountDue } from '../invoice/invoice.ts';
import { type Currency, type Money, sum } from '../money/money.ts';
import type { Collectable, Try } from './collect.ts';

/** Why no step is taken: money may be on its way or waits for somebody, or it is not clear owed. */
export const MOVING = [
  'attempt_open',
  'pay_link_settling',
  'refund_on_its_way',
  'money_waits_for_person',
  'invoice_disputed',
] as const;
export type Moving = (typeof MOVING)[number];

/** What decides about one case; the engine reads it while it holds the invoices. */
export type DunningFacts = {
  readonly customer: Customer;
  /** Open and past their due date, in the case's currency. */
  readonly overdue: readonly Invoice[];
  /** What became of the invoices that the case chases. */
  readonly states: readonly InvoiceState[];
  readonly moving?: Moving;
  /** A debit is planned for one of them and nothing is in its way. */
  readonly isDebitPlanned: boolean;
  readonly isLinkOpen: boolean;
  readonly tries: readonly Try[];
  /** Tries by any one method or debit, the newest of the overdue invoices. */
  readonly lastTryAt?: Temporal.Instant;
  /** What can be collected by a method now; absent: nothing. */
  readonly collectable?: Collectable;
  /** Whether some method of the customer could still be tried at all. */
  readonly hasMethod: boolean;
  /** Whether there ever was one; who always pays by hand has lost none. */
  readonly hadMethod: boolean;
  /** Balance that parts of a plan, now over, may have left: it pays no invoice in part. */
  readonly balanceOfPlan?: Money;
  /** Whether a rail makes pay links in this currency. */
  readonly canLink: boolean;
};

/** What is overdue in all. */
export function owedOf(overdue: readonly Invoice[], currency: Currency): Money {
  return sum(overdue.map(amountDue), currency);
}
