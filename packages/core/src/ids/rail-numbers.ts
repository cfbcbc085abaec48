import { invariant } from '../result/invariant.ts';
import type { DebitId, MandateId, PayLinkId, RefundId } from './ids.ts';

/**
 * Numbers that we give to rails are the id in base 36, so that a callback finds its rows from the
 * number alone. Letters and digits only, at most 32 characters: the narrowest rail rule
 * (WeChat Pay `out_trade_no` and `contract_code`).
 */
const ORDER_NUMBER = /^D([0-9A-Z]{25})N([1-9]\d{0,3})$/;
const CONTRACT_CODE = /^C([0-9A-Z]{25})$/;
const REFUND_NUMBER = /^R([0-9A-Z]{25})$/;
const PAY_LINK_NUMBER = /^P([0-9A-Z]{25})$/;

function toBase36(id: string): string {
  return BigInt(`0x${id.slice(4)}`)
    .toString(36)
    .toUpperCase()
    .padStart(25, '0');
}

function fromBase36(text: string): string {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value.toString(16).padStart(32, '0');
}

/** The most numbers that one debit may use: four digits, far more than any retry rule allows. */
export const ORDER_NUMBER_MAX_ORDINAL = 9_999;

/** The order number of the `ordinal`-th number (1, 2, … 9,999) used for a debit. */
export function toOrderNumber(debitId: DebitId, ordinal: number): string {
  invariant(
    Number.isInteger(ordinal) && ordinal >= 1 && ordinal <= ORDER_NUMBER_MAX_ORDINAL,
    'an order number has an ordinal from 1 to 9,999',
  );
  return `D${toBase36(debitId)}N${ordinal}`;
}

/**
 * The debit and ordinal behind an order number, or undefined when it is not one of ours.
 * Only the form that we write is read, so that one number never has two spellings.
 */
export function parseOrderNumber(
  text: string,
): { readonly debitId: DebitId; readonly ordinal: number } | undefined {
  const match = ORDER_NUMBER.exec(text);
  if (match === null) return undefined;
  const hex = fromBase36(match[1] ?? '');
  if (hex.length !== 32) return undefined;
  return { debitId: `dbt_${hex}`, ordinal: Number.parseInt(match[2] ?? '', 10) };
}

/** The merchant's contract number of a mandate; never used twice, as mandates are not reused. */
export function toContractCode(mandateId: MandateId): string {
  return `C${toBase36(mandateId)}`;
}

export function parseContractCode(text: string): MandateId | undefined {
  const hex = fromNumber(CONTRACT_CODE, text);
  return hex === undefined ? undefined : `man_${hex}`;
}

/** Our number of a refund at the rail: one for its whole life, so that a retry never pays twice. */
export function toRefundNumber(refundId: RefundId): string {
  return `R${toBase36(refundId)}`;
}

export function parseRefundNumber(text: string): RefundId | undefined {
  const hex = fromNumber(REFUND_NUMBER, text);
  return hex === undefined ? undefined : `rfd_${hex}`;
}

/** The order number of a pay link, which the payer pays by hand; told from debits by its letter. */
export function toPayLinkNumber(payLinkId: PayLinkId): string {
  return `P${toBase36(payLinkId)}`;
}

export function parsePayLinkNumber(text: string): PayLinkId | undefined {
  const hex = fromNumber(PAY_LINK_NUMBER, text);
  return hex === undefined ? undefined : `plk_${hex}`;
}

/** The 32 hexadecimal digits behind a number of ours, or undefined when it is none. */
function fromNumber(form: RegExp, text: string): string | undefined {
  const digits = form.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const hex = fromBase36(digits);
  return hex.length === 32 ? hex : undefined;
}
