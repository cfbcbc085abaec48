import type { Refusal } from '../result/result.ts';

export type HandPaymentRefusalCode =
  | 'amount_not_positive'
  | 'reference_missing'
  | 'reference_used'
  | 'recorder_missing'
  | 'received_in_future'
  | 'customer_does_not_pay'
  | 'invoice_of_another'
  | 'invoice_not_open'
  | 'currency_mix'
  | 'reason_missing'
  | 'payment_reversed'
  | 'payment_not_of_today'
  | 'payment_by_rail'
  | 'balance_used_since'
  | 'invoice_changed_since'
  | 'line_not_unclaimed'
  | 'line_not_incoming'
  | 'rail_has_no_links'
  | 'nothing_to_pay'
  | 'debit_in_flight'
  | 'pay_link_open'
  | 'expiry_not_valid'
  | 'link_refused'
  | 'link_ended';

/** Why a payment by hand is not booked, claimed or reversed. */
export type HandPaymentRefusal = Refusal<HandPaymentRefusalCode>;

const REFUSALS: Record<HandPaymentRefusalCode, Omit<HandPaymentRefusal, 'code'>> = {
  amount_not_positive: {
    sentence: 'A payment is more than nothing.',
    next: 'Give an amount above zero.',
    field: 'amount',
  },
  reference_missing: {
    sentence: 'A payment by hand is known by its number.',
    next: 'Give the number of the transfer or the receipt, 1 to 128 characters.',
    field: 'reference',
  },
  reference_used: {
    sentence: 'Another payment of this number is booked already.',
    next: 'Look it up; if it belongs to somebody else, reverse it first.',
    field: 'reference',
  },
  recorder_missing: {
    sentence: 'Nobody is named who does this.',
    next: 'Say who does it, in 1 to 80 characters.',
    field: 'by',
  },
  received_in_future: {
    sentence: 'The money would arrive after now.',
    next: 'Give the moment at which it arrived.',
    field: 'receivedAt',
  },
  customer_does_not_pay: {
    sentence: 'Departments and members have no invoices: their organisation pays.',
    next: 'Name the organisation.',
    field: 'customer',
  },
  invoice_of_another: {
    sentence: 'A named invoice is not one of this customer.',
    next: 'Name invoices of the customer who paid, or none.',
    field: 'invoices',
  },
  invoice_not_open: {
    sentence: 'A named invoice is not open: it is a draft, paid or void.',
    next: 'Name open invoices, or none: what pays no invoice becomes the balance.',
    field: 'invoices',
  },
  currency_mix: {
    sentence: 'A named invoice is in another currency than the money.',
    next: 'Name invoices in the currency of the payment.',
    field: 'invoices',
  },
  reason_missing: {
    sentence: 'A payment is reversed for a reason.',
    next: 'Say why, in 1 to 200 characters.',
    field: 'reason',
  },
  payment_reversed: {
    sentence: 'The payment is reversed already.',
    next: 'Record the right one under the same number.',
  },
  payment_not_of_today: {
    sentence: 'A payment is reversed on the day on which it was recorded, not later.',
    next: 'Refund the balance, or credit the invoice that it paid.',
  },
  payment_by_rail: {
    sentence: 'The rail has the money of this payment: an entry cannot take it back.',
    next: 'Refund it.',
  },
  balance_used_since: {
    sentence: 'The balance that this payment made has been used or paid out.',
    next: 'Void or credit what it paid first, or leave it.',
  },
  invoice_changed_since: {
    sentence: 'An invoice that this payment paid was credited since, or is not paid any more.',
    next: 'Leave the payment, and settle the difference with the customer’s balance.',
  },
  line_not_unclaimed: {
    sentence: 'The line of the bank is not waiting for an owner.',
    next: 'List the unclaimed lines; this one is claimed, or brought a rail’s payout.',
    field: 'line',
  },
  line_not_incoming: {
    sentence: 'The line of the bank shows money that left.',
    next: 'Claim lines that brought money in.',
    field: 'line',
  },
  rail_has_no_links: {
    sentence: 'This rail has no page on which a payer pays one order.',
    next: 'Choose another rail.',
    field: 'rail',
  },
  nothing_to_pay: {
    sentence: 'Nothing is open that a link could ask for.',
    next: 'Name open invoices of the customer in one currency.',
    field: 'invoices',
  },
  debit_in_flight: {
    sentence: 'A debit may be taking the money of such an invoice at this moment.',
    next: 'Wait until the debit has ended: nothing is paid two ways at once.',
    field: 'invoices',
  },
  pay_link_open: {
    sentence: 'Another link for such an invoice is open.',
    next: 'Send that one, or close it and wait until it has ended.',
    field: 'invoices',
  },
  expiry_not_valid: {
    sentence: 'A link lasts from five minutes to seven days.',
    next: 'Choose an end within the next seven days.',
    field: 'expiresAt',
  },
  link_refused: {
    sentence: 'The rail refused the link.',
    next: 'See what the rail says, or choose another rail.',
  },
  link_ended: {
    sentence: 'The link has ended already.',
    next: 'Look it up.',
  },
};

/** The refusal of this code; `more` is added to its sentence. */
export function handPaymentRefusal(
  code: HandPaymentRefusalCode,
  more?: string,
): HandPaymentRefusal {
  const { sentence, ...rest } = REFUSALS[code];
  return { code, sentence: more === undefined ? sentence : `${sentence} ${more}`, ...rest };
}
