import type { Refusal } from '../result/result.ts';

export type RefundRefusalCode =
  | 'payment_not_refundable'
  | 'payment_returned'
  | 'amount_not_positive'
  | 'currency_mix'
  | 'more_than_payment_has_left'
  | 'more_than_invoices_have_left'
  | 'rail_returns_nothing'
  | 'refund_too_late'
  | 'refund_not_partial'
  | 'refunds_used_up'
  | 'balance_too_low'
  | 'requester_missing'
  | 'refund_not_waiting'
  | 'approval_expired'
  | 'approval_of_another'
  | 'second_person_wanted'
  | 'refund_on_its_way'
  | 'refund_ended'
  | 'outcome_not_known'
  | 'not_for_a_person'
  | 'transfer_reference_missing'
  | 'exception_not_open'
  | 'nothing_arrived'
  | 'owner_is_known'
  | 'only_by_transfer'
  | 'exception_owner_missing'
  | 'top_up_is_balance';

/** Why a refund is not made or decided; `field` names the input where one caused it. */
export type RefundRequestRefusal = Refusal<RefundRefusalCode>;

const REFUSALS: Record<RefundRefusalCode, Omit<RefundRequestRefusal, 'code'>> = {
  payment_not_refundable: {
    sentence: 'Nothing was paid under this id.',
    next: 'Name a payment, a debit that succeeded or an invoice that a debit paid.',
    field: 'payment_id',
  },
  payment_returned: {
    sentence: 'The payer’s bank has taken this payment back already.',
    next: 'Nothing is left to refund; what the customer owes again stands on the invoice.',
    field: 'payment_id',
  },
  amount_not_positive: {
    sentence: 'The amount to refund is not more than zero.',
    next: 'Give an amount of at least one unit of the currency (one fen for CNY).',
    field: 'amount',
  },
  currency_mix: {
    sentence: 'The amount is not in the currency of the payment.',
    next: 'Give the amount in the currency of the payment.',
    field: 'amount',
  },
  more_than_payment_has_left: {
    sentence: 'This is more than is left of the payment after its other refunds.',
    next: 'Ask for less, or withdraw a refund that waits.',
    field: 'amount',
  },
  more_than_invoices_have_left: {
    sentence: 'This is more than the invoices of the payment have left after their credit notes.',
    next: 'Ask for less; what was credited to the balance is refunded from the balance.',
    field: 'amount',
  },
  top_up_is_balance: {
    sentence: 'The payment bought prepaid balance: its money is the customer’s balance.',
    next: 'Refund the customer’s balance instead.',
    field: 'amount',
  },
  rail_returns_nothing: {
    sentence: 'The rail of this payment returns no money by itself.',
    next: 'Ask with the route bank_transfer, or credit the amount to the balance.',
    field: 'route',
  },
  refund_too_late: {
    sentence: 'The rail takes no refund of this payment any more: its days are over.',
    next: 'Ask with the route bank_transfer, or credit the amount to the balance.',
    field: 'route',
  },
  refund_not_partial: {
    sentence: 'The rail refunds this payment whole or not at all.',
    next: 'Refund the whole payment, or ask with the route bank_transfer.',
    field: 'amount',
  },
  refunds_used_up: {
    sentence: 'The rail allows no further refund of this payment.',
    next: 'Ask with the route bank_transfer, or credit the amount to the balance.',
    field: 'route',
  },
  balance_too_low: {
    sentence: 'The customer’s own balance is lower than this.',
    next: 'Ask for at most what is left; vouchers are not paid out.',
    field: 'amount',
  },
  requester_missing: {
    sentence: 'The request does not say who asks.',
    next: 'Say by whom it is asked, as the approver must be somebody else.',
    field: 'by',
  },
  refund_not_waiting: {
    sentence: 'The refund does not wait for an approval.',
    next: 'Look it up: it was approved or has ended.',
  },
  approval_expired: {
    sentence: 'The time in which this refund could be approved is over.',
    next: 'Withdraw it and ask again.',
  },
  approval_of_another: {
    sentence: 'The approval is for another amount, number or target than this refund has.',
    next: 'Look the refund up again and approve the hash that it shows.',
    field: 'approval_hash',
  },
  second_person_wanted: {
    sentence: 'A refund above the merchant’s limit is approved by another person.',
    next: 'Have somebody else than the requester approve it.',
    field: 'by',
  },
  refund_on_its_way: {
    sentence: 'The refund is with the rail and its outcome is not known yet.',
    next: 'Wait until the rail has answered; it is asked on a schedule.',
  },
  refund_ended: {
    sentence: 'The refund has ended.',
    next: 'Look it up; ask for a new one if more is to go back.',
  },
  outcome_not_known: {
    sentence: 'The rail never said what became of this refund, so its money may have moved.',
    next: 'Have the rail asked again (retry); only its definite answer can end the refund.',
  },
  not_for_a_person: {
    sentence: 'The refund does not wait for a person.',
    next: 'Look it up: it goes out by itself.',
  },
  transfer_reference_missing: {
    sentence: 'A bank transfer is proved by the bank’s number of it.',
    next: 'Give the number of the transfer.',
    field: 'reference',
  },
  exception_not_open: {
    sentence: 'The exception is decided already.',
    next: 'Look it up, with its refund or grant.',
  },
  nothing_arrived: {
    sentence: 'Of this exception money left; there is nothing to return or to credit.',
    next: 'Find out why the rail paid it out, then book it.',
  },
  owner_is_known: {
    sentence: 'The money of this exception is the customer’s.',
    next: 'Refund it or credit it to the balance.',
  },
  only_by_transfer: {
    sentence: 'The refund of this money has left once, and its order takes no second one.',
    next: 'Send it by bank transfer (route bank_transfer), or credit it to the balance.',
    field: 'route',
  },
  exception_owner_missing: {
    sentence: 'An exception is given to a role or a person.',
    next: 'Give a name of at most 100 characters.',
    field: 'owner',
  },
};

export function refundRefusal(code: RefundRefusalCode): RefundRequestRefusal {
  return { code, ...REFUSALS[code] };
}
