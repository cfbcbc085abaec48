import type { Refusal } from '../result/result.ts';

export type MandateRefusalCode = 'mandate_not_active' | 'mandate_cap_exceeded' | 'mandate_currency';
export type MandateRefusal = Refusal<MandateRefusalCode>;

const REFUSALS: Record<MandateRefusalCode, { readonly sentence: string; readonly next: string }> = {
  mandate_not_active: {
    sentence: 'The customer has no active mandate for this debit.',
    next: 'Ask the customer to sign again, or to pay by link or transfer.',
  },
  mandate_cap_exceeded: {
    sentence: 'The amount is above the most that the customer allowed for one debit.',
    next: 'Ask the customer to sign a mandate with a higher limit, or to pay by hand.',
  },
  mandate_currency: {
    sentence: 'The amount is in another currency than the mandate.',
    next: 'Sign a mandate in the currency of the subscription.',
  },
};

export function mandateRefusal(code: MandateRefusalCode): MandateRefusal {
  return { code, ...REFUSALS[code] };
}
