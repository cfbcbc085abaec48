import {
  businessDate,
  type DeclaredLateFee,
  formatMoney,
  type Invoice,
  type InvoiceId,
  type LateFee,
  type LateFeeFigure,
  type LateFeeLine,
  type LateFeeWaiver,
  type Locale,
  lateFeeCharged,
  lateFeeFigureOf,
  lateFeeOwed,
  lateFeeWords,
  type Money,
  ok,
  type Result,
  refuse,
  sum,
  type Tx,
} from '@daikou/core';
import type { NotFound } from '../invoice/credit-locks.ts';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import {
  lateFeesFor,
  loadBalanceUses,
  loadDeclared,
  loadDisputedDays,
  sinceOf,
} from './late-fee.ts';

/** The late fee of an invoice as it stands at the end of a day. */
export type LateFeeView = {
  readonly invoice: Invoice;
  readonly on: Temporal.PlainDate;
  /** Absent where none applies to the invoice. */
  readonly declared?: DeclaredLateFee;
  /** The last day on which paying was in time; absent while our own first try is to come. */
  readonly since?: Temporal.PlainDate;
  /** Absent while nobody is late. */
  readonly figure?: LateFeeFigure;
  /** Once somebody was late. */
  readonly lateFee?: LateFee;
  readonly charges: readonly LateFeeLine[];
  readonly waivers: readonly LateFeeWaiver[];
  /** The figure less what was waived, and what of it stands charged. */
  readonly owed: Money;
  readonly charged: Money;
};

/** The late fee of an invoice at the end of `on`, today when left out, whatever it is. */
export async function findLateFee(
  job: Job,
  id: InvoiceId,
  on?: Temporal.PlainDate,
): Promise<Result<LateFeeView, NotFound>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const view = await viewLateFee(tx, job, { id, ...(on === undefined ? {} : { on }) });
    return view === undefined ? refuse(notFound('invoice')) : ok(view);
  });
}

/** The same inside a transaction that the caller has open; undefined for an unknown invoice. */
export async function viewLateFee(
  tx: Tx,
  job: Job,
  { id, on }: { readonly id: InvoiceId; readonly on?: Temporal.PlainDate },
): Promise<LateFeeView | undefined> {
  const [invoice] = await tx.loadInvoices([id]);
  if (invoice === undefined) return undefined;
  const { zone } = job.merchant;
  const [lateFee] = await tx.loadLateFees([id]);
  const declared = await declaredOf(tx, job, { invoice, lateFee });
  const day = on ?? businessDate(nowOf(job.engine, job.merchant), zone);
  const uses = await loadBalanceUses(tx, job, [invoice]);
  const disputes = await loadDisputedDays(tx, job, [invoice]);
  const since = sinceOf(invoice, await tx.loadFirstTries([id]), zone);
  const { charges, waivers } = await tx.loadLateFeeParts(lateFee === undefined ? [] : [lateFee.id]);
  const figure =
    declared === undefined
      ? undefined
      : lateFeeFigureOf(
          {
            lateFee: lateFee ?? { stops: [] },
            invoice,
            policy: declared.rule,
            balanceUses: uses.get(id) ?? [],
            disputes: disputes.get(id) ?? [],
            zone,
            ...since,
          },
          day,
        );
  return {
    invoice,
    on: day,
    ...(declared === undefined ? {} : { declared }),
    ...since,
    ...(figure === undefined ? {} : { figure }),
    ...(lateFee === undefined ? {} : { lateFee }),
    charges,
    waivers,
    owed: lateFeeOwed(figure, waivers, invoice),
    charged: lateFeeCharged(charges, invoice),
  };
}

async function declaredOf(
  tx: Tx,
  job: Job,
  about: { readonly invoice: Invoice; readonly lateFee: LateFee | undefined },
): Promise<DeclaredLateFee | undefined> {
  const { invoice, lateFee } = about;
  if (lateFee === undefined) return (await lateFeesFor(tx, job, [invoice])).get(invoice.id);
  return (await loadDeclared(tx)).find(({ policy }) => policy.id === lateFee.policyId);
}

/**
 * What the late fees of these invoices come to by now, as a sentence for messages about them
 * (`lateFee`); undefined where there is none.
 */
export async function lateFeeSentence(
  tx: Tx,
  job: Job,
  { invoices, locale }: { readonly invoices: readonly Invoice[]; readonly locale: Locale },
): Promise<string | undefined> {
  const views: LateFeeView[] = [];
  for (const { id } of invoices) {
    const view = await viewLateFee(tx, job, { id });
    if (view !== undefined && view.owed.minor > 0n) views.push(view);
  }
  const [first] = views;
  if (first?.declared === undefined) return undefined;
  const { currency } = first.owed;
  const same = views.filter(({ owed }) => owed.currency === currency);
  const total = formatMoney(
    sum(
      same.map(({ owed }) => owed),
      currency,
    ),
  );
  const rule = lateFeeWords(first.declared.rule, locale, currency);
  return locale === 'zh-CN'
    ? `截至 ${first.on} 的滞纳金为 ${total}，将计入下一张账单。${rule}。`
    : `The late fee up to ${first.on} is ${total}; it comes with the next invoice. ${rule}.`;
}
