import type { Refusal } from '../result/result.ts';

export type TransferRefusalCode =
  | 'subscription_ended'
  | 'subscription_parked'
  | 'payer_does_not_pay'
  | 'same_payer'
  | 'beneficiary_of_another'
  | 'transfer_in_past'
  | 'transfer_before_start'
  | 'transfer_after_end';
export type TransferRefusal = Refusal<TransferRefusalCode>;

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Record<TransferRefusalCode, Words> = {
  subscription_ended: {
    sentence: 'The subscription has ended, so nobody pays for it any more.',
    next: 'Start a subscription for the new payer.',
  },
  subscription_parked: {
    sentence: 'The subscription is parked, so what it owes is not known.',
    next: 'Clear up why it is parked and unpark it first.',
  },
  payer_does_not_pay: {
    sentence: 'The new payer is a department, a member or a customer of somebody else.',
    next: 'Name a person or an organisation; a department can be the beneficiary.',
  },
  same_payer: {
    sentence: 'This customer pays for the subscription already.',
    next: 'Name another payer.',
  },
  beneficiary_of_another: {
    sentence: 'The beneficiary is not a department or a member of the new payer.',
    next: 'Move it to the new payer first, or name one that is there.',
  },
  transfer_in_past: {
    sentence: 'The day of the transfer is over.',
    next: 'Choose today or a later day; correct what was paid with a credit note.',
  },
  transfer_before_start: {
    sentence: 'The old payer would not have one day of the subscription.',
    next: 'Choose a day after its start, or end it and start one for the new payer.',
  },
  transfer_after_end: {
    sentence: 'The subscription ends before the new payer would start.',
    next: 'Choose an earlier day, or extend the subscription first.',
  },
};

/** The refusal with its sentence; `field` names the input that caused it. */
export function transferRefusal(code: TransferRefusalCode, field: string): TransferRefusal {
  return { code, ...REFUSALS[code], field };
}
