import { ok, type Result, refuse } from '../result/result.ts';
import type { Mandate } from './mandate.ts';
import { type MandateRefusal, mandateRefusal } from './refusals.ts';

/** An active mandate on a card keeps its last valid day, as the payer or the issuer told it. */
export function decideCardExpiry(
  mandate: Mandate,
  expiresOn: Temporal.PlainDate,
): Result<Mandate, MandateRefusal> {
  if (mandate.state !== 'active') return refuse(mandateRefusal('mandate_not_active'));
  if (mandate.account?.kind !== 'card') return refuse(mandateRefusal('mandate_has_no_card'));
  return ok({ ...mandate, account: { ...mandate.account, expiresOn } });
}
