import {
  type Customer,
  type DebitBundle,
  type DebitId,
  type Explanation,
  explainDebit,
  type InvoiceId,
  isId,
  kindOfId,
  type Locale,
  parseOrderNumber,
  type Tx,
} from '@daikou/core';
import { customersOf } from '../debit/settle.ts';
import type { Job } from '../job.ts';

export type ExplainAnswer =
  | {
      readonly kind: 'found';
      readonly debitId: DebitId;
      readonly orderNumbers: readonly string[];
      readonly state: string;
      readonly explanation: Explanation;
    }
  /** Nothing here has that id or number; the same answer whether it never was or is another's. */
  | { readonly kind: 'not_found' };

/**
 * Explains a charge from any id of its life (debit, attempt, invoice, notice, payment's order
 * number): one sentence, the arithmetic, the evidence. Reads only.
 */
export async function explain(job: Job, reference: string, locale: Locale): Promise<ExplainAnswer> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const debitId = await findDebit(tx, reference.trim());
    if (debitId === undefined) return { kind: 'not_found' };
    const [bundle] = await tx.lockDebits([debitId]);
    if (bundle === undefined) return { kind: 'not_found' };
    const customer = (await customersOf(tx, [bundle])).get(bundle.debit.customerId);
    if (customer === undefined) return { kind: 'not_found' };
    return {
      kind: 'found',
      debitId,
      state: bundle.debit.state,
      orderNumbers: bundle.attempts.map((attempt) => attempt.orderNumber),
      explanation: await explainBundle(tx, job, { bundle, customer, locale }),
    };
  });
}

async function explainBundle(
  tx: Tx,
  job: Job,
  about: { readonly bundle: DebitBundle; readonly customer: Customer; readonly locale: Locale },
): Promise<Explanation> {
  const { bundle, customer, locale } = about;
  const isZh = locale === 'zh-CN';
  const subscriptions = await tx.loadSubscriptions(
    bundle.invoices.map((invoice) => invoice.subscriptionId),
  );
  const plans = (await tx.loadCatalog()).plans;
  const plan = plans.find((one) => subscriptions.some((sub) => sub.planId === one.id));
  const names = job.engine.railNames.get(bundle.debit.rail);
  return explainDebit(
    { ...bundle, customer },
    {
      locale,
      zone: job.merchant.zone,
      merchantName: job.merchant.name,
      planName: (isZh ? plan?.nameZh : plan?.nameEn) ?? '',
      railName: (isZh ? names?.zh : names?.en) ?? bundle.debit.rail,
    },
  );
}

async function findDebit(tx: Tx, reference: string): Promise<DebitId | undefined> {
  if (isId('dbt', reference)) return reference;
  const numbered = parseOrderNumber(reference);
  if (numbered !== undefined) return numbered.debitId;
  switch (kindOfId(reference)) {
    case 'inv':
      return newest(await tx.findDebitsOfInvoices([reference as InvoiceId]));
    case 'not':
      return (await tx.loadNotices([reference as `not_${string}`]))[0]?.debitId;
    default: {
      const customer = await tx.findCustomerByReference(reference);
      const id = isId('cus', reference) ? reference : customer?.id;
      if (id === undefined) return undefined;
      return newest(await tx.listDebits({ customerId: id, limit: 100 }));
    }
  }
}

function newest(debits: readonly { readonly id: DebitId }[]): DebitId | undefined {
  return debits
    .map((debit) => debit.id)
    .sort()
    .at(-1);
}
