import type { Customer } from '../customer/customer.ts';
import type { MandateId } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { Attempt } from './attempt.ts';
import type { BudgetUse } from './budget.ts';
import type { Debit } from './debit.ts';

/** What decides about one debit; the engine reads it under the debit's row lock. */
export type DebitFacts = {
  readonly debit: Debit;
  readonly mandate: Mandate;
  readonly customer: Customer;
  readonly invoices: readonly Invoice[];
  readonly notices: readonly DebitNotice[];
  readonly attempts: readonly Attempt[];
  /** Notices of the first debit for the same invoices, where this one took them over. */
  readonly earlier?: readonly DebitNotice[];
  /** What the mandate has used of its rail's budgets; absent: nothing. */
  readonly use?: BudgetUse;
  /** The customer's last successful debits, newest first. */
  readonly history?: readonly Money[];
  /** What the checks before it found, and a person decided; absent: nothing. */
  readonly checkup?: DebitCheckup;
  /** A person has noted that one of its invoices is in dispute; absent: none is. */
  readonly isDisputed?: boolean;
  /** What is known of the customer's methods; absent: there is no other. */
  readonly methods?: CustomerMethods;
  /** Money of its attempts that is parked or booked already; looked at where some came late. */
  readonly parked?: readonly ParkedMoney[];
  /** Whether another debit collects one of the invoices by now. */
  readonly isHeldElsewhere?: boolean;
};

/** What findings of the checks before a debit do to it. */
export type DebitCheckup = {
  /** Codes of open findings that hold it back. */
  readonly open: readonly string[];
  /** A person accepted the amount though it is unlike the history. */
  readonly isAmountAccepted: boolean;
};

/** Money of an attempt whose purpose is settled, or waits for somebody, elsewhere. */
export type ParkedMoney = {
  readonly attemptId: Attempt['id'];
  /** The kind of exception, or `payment`. */
  readonly kind: string;
  readonly railReference: string;
};

/** The methods of one customer, as far as choosing among them goes. */
export type CustomerMethods = {
  /** All mandates of the customer, in any order. */
  readonly mandates: readonly Mandate[];
  /** Methods that refused these invoices definitely. */
  readonly refusedBy?: readonly MandateId[];
  /** What each mandate has used of its rail's budgets today; absent: nothing. */
  readonly useOf?: (mandate: MandateId) => BudgetUse;
};
