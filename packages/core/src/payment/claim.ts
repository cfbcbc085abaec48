import type { Customer } from '../customer/customer.ts';
import type { CustomerId, InvoiceId } from '../ids/ids.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { equals, type Money, sum } from '../money/money.ts';
import { similarity } from './name.ts';

/** What a bank tells of money that came: enough to find whose it is. */
export type ReceivedMoney = {
  readonly amount: Money;
  readonly counterparty?: string;
  readonly remittance?: string;
};

/** A customer who may have sent it, with what it owes and what of ours the payer wrote down. */
export type ClaimCandidate = {
  readonly customer: Customer;
  readonly invoices: readonly Invoice[];
  /** One of our order numbers in the wording is this customer's. */
  readonly isOrderNamed: boolean;
};

export type ClaimReason =
  | 'customer_reference'
  | 'invoice_number'
  | 'order_number'
  | 'exact_amount'
  | 'payer_name';

export type ClaimSuggestion = {
  readonly customerId: CustomerId;
  /** What the money pays to the fen; empty where the amount fits nothing. */
  readonly invoiceIds: readonly InvoiceId[];
  /** 0 to 100: the weights of the reasons added up. For the order of a list, not a probability. */
  readonly confidence: number;
  readonly reasons: readonly ClaimReason[];
  /** A number of ours and the exact amount, and nobody else has both: booked without a person. */
  readonly isCertain: boolean;
};

/** Shorter words of a wording are too common to name anybody. */
export const CLAIM_WORD_MIN_LENGTH = 4;

/** Words of one wording that are looked up, at most. */
export const CLAIM_WORDS = 20;

/** Names are alike from this part of a hundred on (Dice over pairs of letters). */
export const NAME_LIKENESS = 80;

const WEIGHTS: Record<ClaimReason, number> = {
  customer_reference: 50,
  invoice_number: 50,
  order_number: 50,
  exact_amount: 35,
  payer_name: 15,
};

/** The words of a wording that may be a number of ours, each as it stands and in capitals. */
export function wordsOf({ remittance = '', counterparty = '' }: ReceivedMoney): readonly string[] {
  const text = `${remittance} ${counterparty}`.normalize('NFKC');
  const words = text.match(/[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9]/g) ?? [];
  const long = words.filter((word) => word.length >= CLAIM_WORD_MIN_LENGTH);
  return [...new Set(long.flatMap((word) => [word, word.toUpperCase()]))].slice(0, CLAIM_WORDS);
}

/**
 * Whose money it may be, the likeliest first: by a number of ours in the wording, an amount that is
 * due to the fen, and a payer's name that is the customer's or nearly so. Who has none of the three
 * is left out. An amount or a name alone never books anything: a person confirms.
 */
export function suggestClaims(
  money: ReceivedMoney,
  candidates: readonly ClaimCandidate[],
): readonly ClaimSuggestion[] {
  const words = new Set(wordsOf(money).map((word) => word.toUpperCase()));
  const found = candidates
    .map((candidate) => weigh(money, candidate, words))
    .filter(({ reasons }) => reasons.length > 0)
    .sort((left, right) => right.confidence - left.confidence || byId(left, right));
  const strong = found.filter(isStrong);
  return found.map((one) => ({ ...one, isCertain: strong.length === 1 && strong[0] === one }));
}

type Weighed = Omit<ClaimSuggestion, 'isCertain'>;

function weigh(
  money: ReceivedMoney,
  { customer, invoices, isOrderNamed }: ClaimCandidate,
  words: ReadonlySet<string>,
): Weighed {
  const open = invoices.filter(
    ({ state, total }) => state === 'open' && total.currency === money.amount.currency,
  );
  const named = open.filter(({ number }) => words.has(number.toUpperCase()));
  const invoiceIds = exactly(money.amount, named, open);
  const isNamed = words.has(customer.externalReference.normalize('NFKC').toUpperCase());
  const name = money.counterparty;
  const reasons: ClaimReason[] = [];
  if (isNamed) reasons.push('customer_reference');
  if (named.length > 0) reasons.push('invoice_number');
  if (isOrderNamed) reasons.push('order_number');
  if (invoiceIds.length > 0) reasons.push('exact_amount');
  if (name !== undefined && similarity(name, customer.name) >= NAME_LIKENESS) {
    reasons.push('payer_name');
  }
  const weight = reasons.reduce((total, reason) => total + WEIGHTS[reason], 0);
  return { customerId: customer.id, invoiceIds, confidence: Math.min(weight, 100), reasons };
}

/** The invoices that the amount pays to the fen: those named, one of the open, or all of them. */
function exactly(
  amount: Money,
  named: readonly Invoice[],
  open: readonly Invoice[],
): readonly InvoiceId[] {
  const isWhole = (some: readonly Invoice[]) =>
    some.length > 0 && equals(sum(some.map(amountDue), amount.currency), amount);
  if (named.length > 0) return isWhole(named) ? named.map(({ id }) => id) : [];
  // Of several that ask for the same, the oldest due is meant.
  const [one] = open
    .filter((invoice) => equals(amountDue(invoice), amount))
    .sort((left, right) => Temporal.PlainDate.compare(left.dueDate, right.dueDate));
  if (one !== undefined) return [one.id];
  return isWhole(open) ? open.map(({ id }) => id) : [];
}

function isStrong({ reasons }: Weighed): boolean {
  const hasNumber = reasons.some((reason) => reason !== 'exact_amount' && reason !== 'payer_name');
  return hasNumber && reasons.includes('exact_amount');
}

function byId(left: Weighed, right: Weighed): number {
  return left.customerId < right.customerId ? -1 : 1;
}
