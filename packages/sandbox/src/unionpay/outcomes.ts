/** Codes that a debit can be told to get: below 60 from UnionPay, from 60 on from the issuer. */
const CODES = [
  '01',
  '02',
  '06',
  '30',
  '33',
  '38',
  '39',
  '40',
  '44',
  '60',
  '61',
  '62',
  '63',
  '64',
  '65',
  '66',
  '67',
  '68',
  '72',
  '73',
  '77',
  '78',
  '80',
  '81',
  '90',
  '91',
  '99',
];

/**
 * How a debit can end, besides the names that all rails share. `03_THEN_…`: the reply says nothing
 * of use, and then the issuer answers. `A6` is a success with a defect.
 */
export const CARD_OUTCOMES: ReadonlySet<string> = new Set([
  'SUCCESS',
  'TIMEOUT_THEN_PAID',
  'TIMEOUT_NOT_RECEIVED',
  'LOST_CALLBACK',
  'A6',
  '03_THEN_PAID',
  '04_THEN_PAID',
  '05_THEN_PAID',
  '03_THEN_FAILED',
  '71',
  ...CODES,
]);

/** How a refund can end. From 60 on it is taken first and fails at the card's bank. */
export const CARD_REFUND_OUTCOMES: ReadonlySet<string> = new Set([
  'A6',
  '01',
  '02',
  '06',
  '31',
  '39',
  '61',
  '63',
  '64',
  '73',
  '90',
  '03_THEN_DONE',
  '03_THEN_FAILED',
  'LOST_CALLBACK',
  'TIMEOUT_THEN_PAID',
]);
