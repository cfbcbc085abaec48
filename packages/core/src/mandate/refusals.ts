import type { Refusal } from '../result/result.ts';

export type MandateRefusalCode =
  | 'mandate_not_active'
  | 'mandate_cap_exceeded'
  | 'mandate_currency'
  | 'mandate_order_incomplete'
  | 'mandate_not_signed'
  | 'mandate_remark'
  | 'signing_flow_unknown'
  | 'rail_unknown'
  | 'signing_refused'
  | 'signing_not_waiting'
  | 'mandate_has_no_card';
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
  mandate_order_incomplete: {
    sentence: 'The order does not name each active mandate of the customer exactly once.',
    next: 'List the customer’s active mandates and send all of their ids, the first choice first.',
  },
  mandate_not_signed: {
    sentence: 'The mandate was never signed, so there is nothing to end.',
    next: 'Nothing to do: no debit can be made by it.',
  },
  mandate_remark: {
    sentence: 'The remark is empty or longer than 64 characters.',
    next: 'Say in a few words why the mandate ends.',
  },
  signing_flow_unknown: {
    sentence: 'The rail has no such way to sign, or this way needs more data.',
    next: 'Choose one of the rail’s signing flows and send what it needs.',
  },
  rail_unknown: {
    sentence: 'The merchant has no such rail.',
    next: 'Name a rail that is connected, or connect it first.',
  },
  signing_refused: {
    sentence: 'The rail refused to begin the signing.',
    next: 'Correct the data and begin a new signing.',
  },
  signing_not_waiting: {
    sentence: 'The mandate is not waiting for a code.',
    next: 'Begin a new signing.',
  },
  mandate_has_no_card: {
    sentence: 'No card is known behind this mandate.',
    next: 'Only an active mandate on a card has a last valid day.',
  },
};

export function mandateRefusal(code: MandateRefusalCode): MandateRefusal {
  return { code, ...REFUSALS[code] };
}
