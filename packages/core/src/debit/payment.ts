import type { AttemptId, CustomerId, DebitId, MerchantId, PaymentId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** Money that arrived. At most one per debit (I1). */
export type Payment = {
  readonly id: PaymentId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly debitId: DebitId;
  readonly attemptId: AttemptId;
  readonly rail: RailId;
  readonly railReference: string;
  readonly amount: Money;
  readonly paidAt: Temporal.Instant;
  /** The business date of `paidAt`: the date of the rail bill that must name it. */
  readonly businessDate: Temporal.PlainDate;
};
