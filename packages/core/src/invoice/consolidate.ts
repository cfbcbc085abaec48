import { earlierDate, laterDate } from '../calendar/periods.ts';
import { add } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';

/**
 * The `number`-th consolidated invoice of one payer and due date. The first has no number; another
 * one is made when the first was issued before a late draft came.
 */
export function payerBillingKey(dueDate: Temporal.PlainDate, number: number): string {
  return number === 1 ? `payer:${dueDate}` : `payer:${dueDate}:${number}`;
}

/** Whether two drafts may be one invoice: one payer, day, currency and way of collecting. */
export function canConsolidate(left: Invoice, right: Invoice): boolean {
  return (
    left.customerId === right.customerId &&
    left.collection === right.collection &&
    left.total.currency === right.total.currency &&
    Temporal.PlainDate.compare(left.dueDate, right.dueDate) === 0
  );
}

/** A draft of one subscription as the beginning of its payer's consolidated invoice. */
export function toConsolidated(draft: Invoice, billingKey: string): Invoice {
  const { subscriptionId: _subscriptionId, ...rest } = draft;
  return { ...rest, billingKey };
}

/**
 * The consolidated draft with the lines of another draft after its own. Lines keep their
 * subscription and beneficiary, so that the sum can be allocated to departments; amounts and tax
 * were rounded per line and are only added.
 */
export function mergeDraft(into: Invoice, draft: Invoice): Invoice {
  invariant(into.state === 'draft' && draft.state === 'draft', 'only drafts are merged');
  invariant(canConsolidate(into, draft), 'drafts of one payer, day and currency are merged');
  const last = into.lines.at(-1)?.position ?? 0;
  const lines = draft.lines.map((line, index) => ({ ...line, position: last + index + 1 }));
  const isEarlier = Temporal.Instant.compare(draft.issueAt, into.issueAt) < 0;
  return {
    ...into,
    period: {
      start: earlierDate(into.period.start, draft.period.start),
      end: laterDate(into.period.end, draft.period.end),
    },
    issueAt: isEarlier ? draft.issueAt : into.issueAt,
    lines: [...into.lines, ...lines],
    total: add(into.total, draft.total),
    net: add(into.net, draft.net),
    tax: add(into.tax, draft.tax),
  };
}

/**
 * The consolidated draft without the lines of one subscription, whose change asks for new ones;
 * undefined when nothing is left of it.
 */
export function withoutSubscription(
  invoice: Invoice,
  subscriptionId: InvoiceLine['subscriptionId'],
): Invoice | undefined {
  invariant(invoice.state === 'draft', 'only a draft loses lines');
  const kept = invoice.lines.filter((line) => line.subscriptionId !== subscriptionId);
  if (kept.length === 0) return undefined;
  const lines = kept.map((line, index) => ({ ...line, position: index + 1 }));
  const total = (read: (line: InvoiceLine) => Invoice['total']) =>
    lines.map(read).reduce((left, right) => add(left, right));
  return {
    ...invoice,
    lines,
    period: {
      start: lines.map(({ period }) => period.start).reduce(earlierDate),
      end: lines.map(({ period }) => period.end).reduce(laterDate),
    },
    total: total(({ amount }) => amount),
    net: total(({ net }) => net),
    tax: total(({ tax }) => tax),
  };
}

/** The invoice that a draft was merged into, by the key that it has there. */
export function consolidatedOf(drafts: readonly Invoice[], draft: Invoice): Invoice | undefined {
  return drafts.find((one) => one.state === 'draft' && canConsolidate(one, draft));
}

/** The first key of this payer and day that no invoice has taken. */
export function freePayerKey(taken: ReadonlySet<string>, dueDate: Temporal.PlainDate): string {
  let number = 1;
  while (taken.has(payerBillingKey(dueDate, number))) number += 1;
  return payerBillingKey(dueDate, number);
}
