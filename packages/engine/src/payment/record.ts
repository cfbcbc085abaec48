import {
  businessDate,
  type Customer,
  type CustomerId,
  decideHandPayment,
  type HandContext,
  type HandPayment,
  type HandPaymentDecision,
  type HandPaymentRefusal,
  type HandPaymentRequest,
  handPaymentRefusal,
  type Invoice,
  type InvoiceId,
  isDateBefore,
  type LeftOpen,
  ok,
  type PayLink,
  type PaymentReference,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import {
  callOffDebits,
  type HeldInvoices,
  holdInvoices,
  openInvoicesOf,
  payerOf,
} from '../debit/call-off.ts';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** What booking a payment by hand did, or would do. */
export type Recorded = {
  readonly dryRun: boolean;
  /** The same payment was booked before; nothing changed. */
  readonly isKnown: boolean;
  readonly payment: HandPayment;
  /** Numbers of the invoices that are paid now. */
  readonly paid: readonly string[];
  /** Invoices that stay open, and why. */
  readonly leftOpen: readonly (LeftOpen & { readonly number: string })[];
};

export function handContext(job: Job): HandContext {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
  };
}

/**
 * Books money that a customer paid by hand, in one commit: the invoices that it pays, the balance,
 * the books, and the debits that waited for those invoices, which are called off. The same request
 * again gets the payment that is there. `dryRun` says what would happen and changes nothing.
 */
export async function recordHandPayment(
  job: Job,
  customerId: CustomerId,
  wish: { readonly request: HandPaymentRequest; readonly dryRun?: boolean },
): Promise<Result<Recorded, Refusal>> {
  return job.engine.store.transact(job.merchant.id, (tx) =>
    recordWithin(tx, job, { ...wish, customerId }),
  );
}

/** The same inside a commit that the caller has open. */
export async function recordWithin(
  tx: Tx,
  job: Job,
  wish: {
    readonly customerId: CustomerId;
    readonly request: HandPaymentRequest;
    readonly dryRun?: boolean;
  },
): Promise<Result<Recorded, Refusal>> {
  const { customerId, request: told, dryRun = false } = wish;
  const customer = await payerOf(tx, customerId);
  if (customer === undefined) return refuse(notFound('customer', 'customer'));
  const request = trimmed(told);
  const known = await findKnown(tx, { customer, request });
  if (known !== undefined) return known.ok ? ok({ ...known.value, dryRun }) : known;
  const open = await openInvoicesOf(tx, customerId);
  const ids = [...new Set([...open, ...(request.invoiceIds ?? [])])];
  const held = await holdInvoices(tx, ids);
  const inPart = await invoicesInPart(tx, job, { customerId, held });
  const grants = await tx.lockCreditGrants([customerId]);
  const facts = { customer, invoices: held.owed, grants, inPart };
  const decision = decideHandPayment(request, facts, handContext(job));
  if (!decision.ok) return decision;
  const numbers = new Map(held.owed.map(({ invoice }) => [invoice.id, invoice.number] as const));
  const recorded: Recorded = {
    dryRun,
    isKnown: false,
    payment: decision.value.payment,
    paid: decision.value.invoices.map(({ number }) => number),
    leftOpen: decision.value.leftOpen.map((one) => ({
      ...one,
      number: numbers.get(one.invoiceId) ?? '',
    })),
  };
  if (dryRun) return ok(recorded);
  const isTaken = await tx.takePaymentReference(referenceOf(request), recorded.payment.id);
  if (!isTaken) return answerTaken(tx, { customer, request });
  await save(tx, job, { customer, waiting: held.waiting, decision: decision.value });
  return ok(recorded);
}

type Asked = { readonly customer: Customer; readonly request: HandPaymentRequest };

function trimmed(request: HandPaymentRequest): HandPaymentRequest {
  const { reference, recordedBy, note } = request;
  return {
    ...request,
    reference: reference.trim(),
    recordedBy: recordedBy.trim(),
    note: note.trim(),
  };
}

/** What a number is taken under. Two rails may give the same one, so a rail's carry its name. */
export function referenceOf(
  payment: Pick<HandPayment, 'method' | 'rail' | 'reference'>,
): PaymentReference {
  const { method, rail, reference } = payment;
  return { method, reference: rail === undefined ? reference : `${rail} ${reference}` };
}

/** The payment or the prepaid money that has this number already; undefined: none has. */
async function findKnown(
  tx: Tx,
  { customer, request }: Asked,
): Promise<Result<Recorded, HandPaymentRefusal> | undefined> {
  const known = await tx.findHandPaymentByReference(referenceOf(request));
  if (known !== undefined) return repeat(known, { customer, request });
  // Prepaid money of this number was recorded as such: it is the same transfer.
  const grant = await tx.findGrantByReference(customer.id, request.reference);
  if (grant === undefined) return undefined;
  return refuse(handPaymentRefusal('reference_used', `It is the balance ${grant.id}.`));
}

async function answerTaken(tx: Tx, asked: Asked): Promise<Result<Recorded, HandPaymentRefusal>> {
  const known = await tx.findHandPaymentByReference(referenceOf(asked.request));
  if (known === undefined) return refuse(handPaymentRefusal('reference_used'));
  return repeat(known, asked);
}

/** Who lost an answer gets the same payment again; another one of its number is refused. */
function repeat(
  payment: HandPayment,
  { customer, request }: Asked,
): Result<Recorded, HandPaymentRefusal> {
  const isSame =
    payment.customerId === customer.id &&
    payment.amount.minor === request.amount.minor &&
    payment.amount.currency === request.amount.currency &&
    payment.bankLineId === request.bankLineId;
  if (!isSame) return refuse(handPaymentRefusal('reference_used', `It is ${payment.id}.`));
  return ok({ dryRun: false, isKnown: true, payment, paid: [], leftOpen: [] });
}

async function save(
  tx: Tx,
  job: Job,
  about: Pick<Asked, 'customer'> & {
    readonly waiting: Parameters<typeof callOffDebits>[2]['waiting'];
    readonly decision: HandPaymentDecision;
  },
): Promise<void> {
  const { customer, waiting, decision } = about;
  const paid = [...decision.invoices, ...decision.partPaid];
  const plans = await callOffDebits(tx, job, { customer, waiting, paid });
  await tx.save({
    invoices: paid,
    payLinks: await linksToClose(tx, job, decision.partPaid),
    creditGrants: decision.grants,
    grantUses: decision.uses,
    debits: plans.debits,
    notices: plans.notices,
    handPayments: [decision.payment],
    journals: decision.journals,
    events: [...decision.events, ...plans.events],
  });
}

/**
 * The invoices that take a part of the money: those of an instalment plan, and of a case whose plan
 * is over. An invoice for which a part of a plan has its debit is left to that: its date and its
 * amount were agreed. The cases are held, so that no plan ends in between.
 */
async function invoicesInPart(
  tx: Tx,
  job: Job,
  about: { readonly customerId: CustomerId; readonly held: HeldInvoices },
): Promise<ReadonlySet<InvoiceId>> {
  const { owed, waiting } = about.held;
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const isOverdue = owed.some(
    ({ invoice: { state, dueDate } }) => state === 'open' && isDateBefore(dueDate, today),
  );
  if (!isOverdue) return new Set();
  const cases = await tx.findOpenDunningCases([about.customerId]);
  const debited = new Set(waiting.flatMap(({ debit }) => debit.invoiceIds));
  return new Set(
    cases.flatMap(({ plan, invoiceIds, timeline }) => {
      if (plan !== undefined) return plan.invoiceIds.filter((id) => !debited.has(id));
      return timeline.some(({ what }) => what === 'plan_made') ? invoiceIds : [];
    }),
  );
}

/** Links that still ask for the whole of what was paid in part: closed when next asked about. */
async function linksToClose(
  tx: Tx,
  job: Job,
  partPaid: readonly Invoice[],
): Promise<readonly PayLink[]> {
  if (partPaid.length === 0) return [];
  const open = await tx.findOpenPayLinks(partPaid.map(({ id }) => id));
  const links = await tx.lockPayLinks(open.map(({ id }) => id));
  return links
    .filter(({ state }) => state === 'open')
    .map((link) => ({ ...link, closeWanted: true, askAt: nowOf(job.engine, job.merchant) }));
}
