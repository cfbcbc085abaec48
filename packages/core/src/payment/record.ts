import { businessDate } from '../calendar/business-time.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import { bucketOf, type InvoiceId } from '../ids/ids.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import { grantEvent } from '../invoice/grant.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import { type HandAccount, postHandPayment } from '../ledger/hand-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { compare, type Money, subtract, sum, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { coverByBalance, type InPart, partOf } from './cover.ts';
import { handInvoiceEvent, handPaymentEvent, partPaidEvent } from './events.ts';
import type { HandAllocation, HandPayment } from './hand-payment.ts';
import type { HandContext, OwedInvoice } from './owed.ts';
import { type HandPaymentRefusal, handPaymentRefusal } from './refusals.ts';

/** Characters of a reference and of the name of who records, at most. */
export const REFERENCE_MAX_LENGTH = 128;
export const RECORDER_MAX_LENGTH = 80;

/** Money that came, as whoever saw it arrive tells it. */
export type HandPaymentRequest = Pick<
  HandPayment,
  | 'method'
  | 'rail'
  | 'amount'
  | 'reference'
  | 'receivedAt'
  | 'bankLineId'
  | 'payLinkId'
  | 'recordedBy'
  | 'note'
> & {
  /** What the payer said it is for; absent: all that is open, the oldest due first. */
  readonly invoiceIds?: readonly InvoiceId[];
};

const NO_INVOICES: InPart['invoiceIds'] = new Set();

export type HandPaymentFacts = {
  readonly customer: Customer;
  /** The customer's open invoices, and those that the request names in whatever state. */
  readonly invoices: readonly OwedInvoice[];
  /** With something left. */
  readonly grants: readonly CreditGrant[];
  /** Invoices of an instalment plan, kept or broken: they take money that pays them in part. */
  readonly inPart?: InPart['invoiceIds'];
};

/** Why an invoice was left open: its debit is on its way, or the money does not pay it whole. */
export type LeftOpen = {
  readonly invoiceId: InvoiceId;
  readonly code: 'debit_in_flight' | 'not_covered';
};

export type HandPaymentDecision = {
  readonly payment: HandPayment;
  /** Now paid, by the money itself or by the balance. */
  readonly invoices: readonly Invoice[];
  /** Still open, and asking for less: the money was a part of an instalment plan. */
  readonly partPaid: readonly Invoice[];
  readonly grants: readonly CreditGrant[];
  readonly uses: readonly GrantUse[];
  readonly journals: readonly Journal[];
  readonly leftOpen: readonly LeftOpen[];
  readonly events: readonly NewEvent[];
};

/**
 * Books money that a customer paid by hand. It pays open invoices whole: those that are named, else
 * all, the oldest due first; one that it does not cover whole is passed over. What is left is the
 * customer's balance, and an invoice that the balance then covers whole is paid from it. An invoice
 * of an instalment plan, whose turn it is, takes a part too: nothing newer is paid before it. One
 * whose debit may be taking money at this moment is never touched: the money waits as balance, as
 * nothing is paid two ways at once.
 */
export function decideHandPayment(
  request: HandPaymentRequest,
  facts: HandPaymentFacts,
  context: HandContext,
): Result<HandPaymentDecision, HandPaymentRefusal> {
  const refused = checkRequest(request, facts, context);
  if (refused !== undefined) return refuse(refused);
  const wanted = inOrderOfPaying(request, facts);
  const inPart = facts.inPart ?? NO_INVOICES;
  const { allocations, left } = allocate(request.amount, wanted, inPart);
  const id = context.ids('hpy', bucketOf(facts.customer.id));
  const grant = left.minor === 0n ? undefined : grantOf(request, { ...facts, left }, context);
  const payment = paymentOf(request, { id, allocations, left, grant, facts }, context);
  const paid = wanted.flatMap(({ invoice }) =>
    allocations.some((one) => one.invoiceId === invoice.id) ? [pay(invoice, request)] : [],
  );
  const paidIds = new Set(paid.map((invoice) => invoice.id));
  const rest = wanted.filter(({ invoice }) => !paidIds.has(invoice.id));
  const grants = grant === undefined ? [] : [...facts.grants, grant];
  const source = {
    id: payment.id,
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    currency: payment.amount.currency,
  };
  const covered = coverByBalance(rest, grants, {
    source,
    context,
    ...(grant === undefined
      ? {}
      : { inPart: { invoiceIds: inPart, grantIds: new Set([grant.id]) } }),
  });
  const coveredIds = new Set(covered.invoices.map((invoice) => invoice.id));
  const leftOpen = rest
    .filter(({ invoice }) => !coveredIds.has(invoice.id))
    .map(({ invoice, isDebitInFlight }): LeftOpen => {
      return { invoiceId: invoice.id, code: isDebitInFlight ? 'debit_in_flight' : 'not_covered' };
    });
  const changedGrants = new Map(
    [...(grant === undefined ? [] : [grant]), ...covered.grants].map(
      (one) => [one.id, one] as const,
    ),
  );
  const invoices = [...paid, ...covered.invoices];
  return ok({
    payment,
    invoices,
    partPaid: covered.partPaid,
    grants: [...changedGrants.values()],
    uses: covered.uses,
    journals: [journalOf(payment, context), ...covered.journals],
    leftOpen,
    events: [
      handPaymentEvent(payment, 'payment.received', context),
      ...(grant === undefined ? [] : [grantedEvent(grant, context)]),
      ...invoices.map((invoice) =>
        handInvoiceEvent(invoice, {
          payment,
          by: paidIds.has(invoice.id) ? payment.method : 'balance',
          context,
        }),
      ),
      ...covered.partPaid.map((invoice) => {
        return partPaidEvent(invoice, { amount: partOf(invoice, covered.uses), payment, context });
      }),
    ],
  });
}

function checkRequest(
  request: HandPaymentRequest,
  { customer, invoices }: HandPaymentFacts,
  { now }: HandContext,
): HandPaymentRefusal | undefined {
  const { amount, reference, recordedBy, receivedAt, invoiceIds = [] } = request;
  if (!isPayer(customer)) return handPaymentRefusal('customer_does_not_pay');
  if (amount.minor <= 0n) return handPaymentRefusal('amount_not_positive');
  if (reference.trim() === '' || reference.length > REFERENCE_MAX_LENGTH) {
    return handPaymentRefusal('reference_missing');
  }
  if (recordedBy.trim() === '' || recordedBy.length > RECORDER_MAX_LENGTH) {
    return handPaymentRefusal('recorder_missing');
  }
  if (Temporal.Instant.compare(receivedAt, now) > 0)
    return handPaymentRefusal('received_in_future');
  for (const id of invoiceIds) {
    const invoice = invoices.find((one) => one.invoice.id === id)?.invoice;
    if (invoice?.customerId !== customer.id) return handPaymentRefusal('invoice_of_another');
    if (invoice.total.currency !== amount.currency) return handPaymentRefusal('currency_mix');
    // A rail that took the money of a link asks nobody: what is paid by then goes to the balance.
    if (invoice.state !== 'open' && request.method !== 'pay_link') {
      return handPaymentRefusal(
        'invoice_not_open',
        `Invoice ${invoice.number} is ${invoice.state}.`,
      );
    }
  }
  return undefined;
}

/** Open invoices in the currency of the money: named ones first, then by due date and number. */
function inOrderOfPaying(
  { amount, invoiceIds = [] }: HandPaymentRequest,
  { invoices }: HandPaymentFacts,
): readonly (OwedInvoice & { readonly isNamed: boolean })[] {
  const named = new Set<InvoiceId>(invoiceIds);
  return invoices
    .filter(({ invoice }) => invoice.state === 'open' && invoice.total.currency === amount.currency)
    .map((one) => ({ ...one, isNamed: named.size === 0 || named.has(one.invoice.id) }))
    .sort((left, right) => {
      if (left.isNamed !== right.isNamed) return left.isNamed ? -1 : 1;
      const byDate = Temporal.PlainDate.compare(left.invoice.dueDate, right.invoice.dueDate);
      return byDate !== 0 ? byDate : left.invoice.number < right.invoice.number ? -1 : 1;
    });
}

/** What the money pays whole, in this order, and what is left of it. */
function allocate(
  amount: Money,
  wanted: readonly (OwedInvoice & { readonly isNamed: boolean })[],
  inPart: InPart['invoiceIds'],
): { readonly allocations: readonly HandAllocation[]; readonly left: Money } {
  const allocations: HandAllocation[] = [];
  let left = amount;
  for (const { invoice, isDebitInFlight, isNamed } of wanted) {
    const due = amountDue(invoice);
    if (!isNamed || isDebitInFlight || due.minor <= 0n) continue;
    if (compare(due, left) > 0) {
      // The rest is a part of its plan: it pays nothing that is newer.
      if (inPart.has(invoice.id)) break;
      continue;
    }
    allocations.push({ invoiceId: invoice.id, amount: due });
    left = subtract(left, due);
  }
  return { allocations, left };
}

function paymentOf(
  request: HandPaymentRequest,
  about: Pick<HandPayment, 'id' | 'allocations'> & {
    readonly left: Money;
    readonly grant: CreditGrant | undefined;
    readonly facts: HandPaymentFacts;
  },
  { now, zone }: HandContext,
): HandPayment {
  const { invoiceIds: _named, ...told } = request;
  const { id, allocations, left, grant, facts } = about;
  return {
    id,
    merchantId: facts.customer.merchantId,
    customerId: facts.customer.id,
    ...told,
    businessDate: businessDate(request.receivedAt, zone),
    recordedAt: now,
    allocations,
    toBalance: left,
    ...(grant === undefined ? {} : { grantId: grant.id }),
    state: 'booked',
  };
}

/** What no invoice takes stays the customer's, under the number of its payment. */
function grantOf(
  { reference }: HandPaymentRequest,
  { customer, left }: HandPaymentFacts & { readonly left: Money },
  { now, ids }: HandContext,
): CreditGrant {
  return {
    id: ids('crg', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    kind: 'prepaid',
    amount: left,
    left,
    nameZh: `预存款 ${reference}`,
    nameEn: `Prepaid balance ${reference}`,
    reference,
    createdAt: now,
  };
}

function grantedEvent(grant: CreditGrant, { now, zone, ids }: HandContext): NewEvent {
  const context = { now, ids, businessDate: businessDate(now, zone) };
  return grantEvent(grant, 'credit.granted', { context, amount: grant.amount });
}

function pay(invoice: Invoice, { receivedAt }: HandPaymentRequest): Invoice {
  assertMove(INVOICE_MOVES, invoice.state, 'paid');
  return { ...invoice, state: 'paid', paidAt: receivedAt };
}

function journalOf(payment: HandPayment, context: HandContext): Journal {
  const { amount, toBalance } = payment;
  return postHandPayment({
    ...bookingFacts(payment, context),
    account: accountOf(payment),
    toInvoices: subtract(amount, toBalance),
    toBalance,
  });
}

function accountOf({ method, rail }: HandPayment): HandAccount {
  if (rail !== undefined) return { kind: 'rail', rail };
  return { kind: method === 'cash' ? 'cash' : 'bank' };
}

function bookingFacts(payment: HandPayment, { now, ids }: HandContext) {
  return {
    id: ids('jrn', bucketOf(payment.customerId)),
    merchantId: payment.merchantId,
    customerId: payment.customerId,
    sourceId: payment.id,
    businessDate: payment.businessDate,
    postedAt: now,
  };
}

/** What of a payment paid invoices at once. */
export function paidToInvoices({ allocations, amount }: HandPayment): Money {
  return allocations.length === 0
    ? zero(amount.currency)
    : sum(
        allocations.map((one) => one.amount),
        amount.currency,
      );
}
