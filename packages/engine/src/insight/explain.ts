import {
  type Customer,
  type CustomerId,
  type DebitBundle,
  type DebitId,
  type ExplainNames,
  type Explanation,
  explainDebit,
  explainFindings,
  explainHandMoney,
  explainInvoice,
  explainMoneyBack,
  type HandPaymentId,
  type Invoice,
  type InvoiceId,
  isId,
  isUnpaidRefund,
  kindOfId,
  type Locale,
  type MoneyException,
  type NoticeId,
  parseOrderNumber,
  parsePayLinkNumber,
  parseRefundNumber,
  type Refund,
  type RefundId,
  type Tx,
} from '@daikou/core';
import { causeLines } from '../cause/attribute.ts';
import { loadFindingsOfInvoices } from '../checkup/read.ts';
import { customersOf } from '../debit/settle.ts';
import type { Job } from '../job.ts';
import { compared, previousInvoice } from './comparison.ts';

export type ExplainAnswer =
  | {
      readonly kind: 'found';
      readonly debitId: DebitId;
      readonly orderNumbers: readonly string[];
      readonly state: string;
      readonly explanation: Explanation;
      readonly differences: readonly Difference[];
      /** Why what is overdue, or was, is so: a line for each such invoice. */
      readonly causes: readonly string[];
    }
  /** An invoice that no debit collects. */
  | {
      readonly kind: 'by_hand';
      readonly invoiceId: InvoiceId;
      readonly state: string;
      readonly explanation: Explanation;
      readonly differences: readonly Difference[];
      /** Why what is overdue, or was, is so: a line for each such invoice. */
      readonly causes: readonly string[];
    }
  /** Nothing here has that id or number; the same answer whether it never was or is another's. */
  | { readonly kind: 'not_found' };

/** Why an invoice is not what the one before it was, in sentences that add up. */
export type Difference = {
  readonly invoice: string;
  readonly before: string;
  readonly minor: bigint;
  readonly sentences: readonly string[];
};

/** Rows of a customer that are looked through for the newest. */
const NEWEST_OF = 100;

/**
 * Explains a charge from whatever its payer or the merchant has in hand: the id of a debit,
 * invoice, notice, refund, pay link, payment by hand or customer, our order or refund number, the
 * rail's own number, or the customer's reference. One sentence, the arithmetic, the evidence. Reads
 * only.
 */
export async function explain(job: Job, reference: string, locale: Locale): Promise<ExplainAnswer> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const found = await find(tx, reference.trim());
    if (found.debitId !== undefined) {
      const [bundle] = await tx.lockDebits([found.debitId]);
      const customer =
        bundle === undefined
          ? undefined
          : (await customersOf(tx, [bundle])).get(bundle.debit.customerId);
      if (bundle === undefined || customer === undefined) return { kind: 'not_found' };
      return explainBundle(tx, job, { bundle, customer, locale });
    }
    if (found.invoice === undefined) return { kind: 'not_found' };
    const invoices = [found.invoice];
    const names = await namesOf(tx, job, { invoices, locale });
    const of = explainInvoice(found.invoice, names);
    return {
      kind: 'by_hand',
      invoiceId: found.invoice.id,
      state: found.invoice.state,
      explanation: await withHandMoney(tx, job, { of, invoices, names }),
      differences: await differencesOf(tx, [found.invoice], locale),
      causes: await causeLines(tx, job, { invoices, locale }),
    };
  });
}

async function explainBundle(
  tx: Tx,
  job: Job,
  about: { readonly bundle: DebitBundle; readonly customer: Customer; readonly locale: Locale },
): Promise<ExplainAnswer> {
  const { bundle, customer, locale } = about;
  const names = await namesOf(tx, job, { invoices: bundle.invoices, locale });
  const railNames = job.engine.railNames.get(bundle.debit.rail);
  const railName = locale === 'zh-CN' ? railNames?.zh : railNames?.en;
  const debited = explainDebit(
    { ...bundle, customer },
    { ...names, railName: railName ?? bundle.debit.rail },
  );
  const { invoices } = bundle;
  const paid = await withHandMoney(tx, job, { of: debited, invoices, names });
  return {
    kind: 'found',
    debitId: bundle.debit.id,
    state: bundle.debit.state,
    orderNumbers: bundle.attempts.map((attempt) => attempt.orderNumber),
    explanation: await withFindings(tx, bundle, {
      of: await withMoneyBack(tx, bundle, { of: paid, names }),
      locale,
    }),
    differences: await differencesOf(tx, bundle.invoices, locale),
    causes: await causeLines(tx, job, { invoices, locale }),
  };
}

/** One line more where the checks before the debit had found something. */
async function withFindings(
  tx: Tx,
  { attempts, debit }: DebitBundle,
  explained: { readonly of: Explanation; readonly locale: Locale },
): Promise<Explanation> {
  const { of: explanation, locale } = explained;
  const leftAt = attempts.at(-1)?.submittedAt;
  const findings = await loadFindingsOfInvoices(tx, debit.invoiceIds);
  const about = { locale, ...(leftAt === undefined ? {} : { leftAt }) };
  const line = explainFindings(findings, about);
  if (line === undefined) return explanation;
  return { ...explanation, evidence: [...explanation.evidence, line] };
}

/** The debit's own words, and what of its money went back. */
async function withMoneyBack(
  tx: Tx,
  { debit, attempts }: DebitBundle,
  explained: { readonly of: Explanation; readonly names: Pick<ExplainNames, 'locale' | 'zone'> },
): Promise<Explanation> {
  const { of: explanation, names } = explained;
  const ids = attempts.map(({ id }) => id);
  if (ids.length === 0) return explanation;
  const payments = await tx.loadPaymentsOfDebits([debit.id]);
  const exceptions = await tx.loadExceptionsOfAttempts(ids);
  const refunds = await tx.loadRefundsOfAttempts(ids);
  const back = explainMoneyBack(
    {
      refunds: [...refunds, ...(await otherWays(tx, debit.customerId, exceptions))],
      returns: await tx.loadReturnsOfPayments(payments.map(({ id }) => id)),
      exceptions,
    },
    names,
  );
  return together(explanation, back, names);
}

/** Refunds of what a refund did not bring: they go by bank transfer and name no order. */
async function otherWays(
  tx: Tx,
  customerId: CustomerId,
  exceptions: readonly MoneyException[],
): Promise<readonly Refund[]> {
  const unpaid = new Set(exceptions.filter(({ kind }) => isUnpaidRefund(kind)).map(({ id }) => id));
  if (unpaid.size === 0) return [];
  const all = await tx.listRefunds({ customerId, limit: NEWEST_OF });
  return all.filter(({ exceptionId }) => exceptionId !== undefined && unpaid.has(exceptionId));
}

/** The words of a debit or an invoice, and what else paid the invoices. */
async function withHandMoney(
  tx: Tx,
  job: Job,
  explained: {
    readonly of: Explanation;
    readonly invoices: readonly Invoice[];
    readonly names: Pick<ExplainNames, 'locale' | 'zone'>;
  },
): Promise<Explanation> {
  const { of, invoices, names } = explained;
  const payments = await tx.findHandPaymentsOfInvoices(invoices.map(({ id }) => id));
  const railName = (rail: string) => {
    const known = job.engine.railNames.get(rail);
    return (names.locale === 'zh-CN' ? known?.zh : known?.en) ?? rail;
  };
  const told = explainHandMoney({ invoices, payments }, { ...names, railName });
  const whole = together(of, told, names);
  return { ...whole, arithmetic: [...whole.arithmetic, ...told.arithmetic] };
}

function together(
  explanation: Explanation,
  more: Pick<Explanation, 'evidence'> & { readonly sentences: readonly string[] },
  { locale }: Pick<ExplainNames, 'locale'>,
): Explanation {
  const gap = locale === 'zh-CN' ? '' : ' ';
  return {
    ...explanation,
    sentence: [explanation.sentence, ...more.sentences].join(gap),
    evidence: [...explanation.evidence, ...more.evidence],
  };
}

/** Nothing is said of a first invoice, and of one that is just like the one before it. */
async function differencesOf(
  tx: Tx,
  invoices: readonly Invoice[],
  locale: Locale,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const invoice of invoices) {
    const before = await previousInvoice(tx, invoice);
    const comparison = before === undefined ? undefined : compared(before, invoice, locale);
    if (before === undefined || comparison?.ok !== true) continue;
    const { parts, difference } = comparison.value;
    if (parts.length === 0) continue;
    differences.push({
      invoice: invoice.number,
      before: before.number,
      minor: difference.minor,
      sentences: parts.map(({ sentence }) => sentence),
    });
  }
  return differences;
}

async function namesOf(
  tx: Tx,
  job: Job,
  about: { readonly invoices: readonly Invoice[]; readonly locale: Locale },
): Promise<Omit<ExplainNames, 'railName'>> {
  const lines = about.invoices.flatMap((invoice) => invoice.lines);
  const ids = [...new Set(lines.map(({ subscriptionId }) => subscriptionId))];
  const planIds = new Set((await tx.loadSubscriptions(ids)).map(({ planId }) => planId));
  const plans = (await tx.loadCatalog()).plans.filter(({ id }) => planIds.has(id));
  const isZh = about.locale === 'zh-CN';
  return {
    locale: about.locale,
    zone: job.merchant.zone,
    merchantName: job.merchant.name,
    planName: plans.map(({ nameZh, nameEn }) => (isZh ? nameZh : nameEn)).join(isZh ? '、' : ', '),
  };
}

type Found = { readonly debitId?: DebitId | undefined; readonly invoice?: Invoice | undefined };

async function find(tx: Tx, reference: string): Promise<Found> {
  if (isId('dbt', reference)) return { debitId: reference };
  const numbered = parseOrderNumber(reference);
  if (numbered !== undefined) return { debitId: numbered.debitId };
  const refundId = isId('rfd', reference) ? reference : parseRefundNumber(reference);
  if (refundId !== undefined) return findByRefund(tx, refundId);
  const linkId = isId('plk', reference) ? reference : parsePayLinkNumber(reference);
  if (linkId !== undefined) {
    const [link] = await tx.loadPayLinks([linkId]);
    return findByInvoice(tx, link?.invoiceIds[0]);
  }
  switch (kindOfId(reference)) {
    case 'inv':
      return findByInvoice(tx, reference as InvoiceId);
    case 'hpy': {
      const [payment] = await tx.loadHandPayments([reference as HandPaymentId]);
      return findByInvoice(tx, payment?.allocations[0]?.invoiceId);
    }
    case 'not':
      return { debitId: (await tx.loadNotices([reference as NoticeId]))[0]?.debitId };
    default:
      return findByOther(tx, reference);
  }
}

async function findByRefund(tx: Tx, id: RefundId): Promise<Found> {
  const [refund] = await tx.loadRefunds([id]);
  const debitId = refund?.order?.debitId;
  return debitId === undefined ? findByInvoice(tx, refund?.takes[0]?.invoiceId) : { debitId };
}

async function findByInvoice(tx: Tx, id: InvoiceId | undefined): Promise<Found> {
  if (id === undefined) return {};
  const debitId = newest(await tx.findDebitsOfInvoices([id]))?.id;
  return debitId === undefined ? { invoice: (await tx.loadInvoices([id]))[0] } : { debitId };
}

/** The rail's own number, or a customer: then the newest debit, else the newest invoice. */
async function findByOther(tx: Tx, reference: string): Promise<Found> {
  const railed = await tx.findDebitByRailReference(reference);
  if (railed !== undefined) return { debitId: railed };
  const customer = await tx.findCustomerByReference(reference);
  const customerId = isId('cus', reference) ? reference : customer?.id;
  if (customerId === undefined) return {};
  const debit = newest(await tx.listDebits({ customerId, limit: NEWEST_OF }));
  if (debit !== undefined) return { debitId: debit.id };
  return { invoice: newest(await tx.listInvoices({ customerId, limit: NEWEST_OF })) };
}

function newest<T extends { readonly id: string }>(rows: readonly T[]): T | undefined {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
}
