import { compare, type Money } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Mandate } from './mandate.ts';
import { type MandateRefusal, mandateRefusal } from './refusals.ts';

/** Whether `mandate` lets us take `amount` in one debit now (I7): state, currency, then cap. */
export function checkAuthority(mandate: Mandate, amount: Money): Result<Mandate, MandateRefusal> {
  if (mandate.state !== 'active' || mandate.railReference === undefined) {
    return refuse(mandateRefusal('mandate_not_active'));
  }
  if (mandate.singleCap.currency !== amount.currency) {
    return refuse(mandateRefusal('mandate_currency'));
  }
  if (compare(amount, mandate.singleCap) > 0) {
    return refuse(mandateRefusal('mandate_cap_exceeded'));
  }
  return ok(mandate);
}
