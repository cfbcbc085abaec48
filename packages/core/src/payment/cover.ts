import { businessDate } from '../calendar/business-time.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { MerchantId } from '../ids/ids.ts';
import {
  type AttemptId,
  bucketOf,
  type CreditGrantId,
  type CustomerId,
  type EventId,
  type HandPaymentId,
  type InvoiceId,
} from '../ids/ids.ts';
import { applyBalance } from '../invoice/balance.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { postHandBalanceUsed } from '../ledger/hand-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { type Money, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { balanceInvoiceEvent, partPaidEvent } from './events.ts';
import type { HandContext, OwedInvoice } from './owed.ts';

/** What made the balance pay: money by hand, the end of the debit that it waited for, of a plan. */
type CoverSource = {
  readonly id: HandPaymentId | AttemptId | EventId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly currency: Money['currency'];
};

/**
 * Invoices that take what there is even where it pays them only in part: those of an instalment
 * plan, kept or broken. Everything else is paid whole or not at all.
 */
export type InPart = {
  readonly invoiceIds: ReadonlySet<InvoiceId>;
  /** Only of these grants; absent: of the whole purse. */
  readonly grantIds?: ReadonlySet<CreditGrantId>;
};

export type Covered = {
  /** Now paid. */
  readonly invoices: readonly Invoice[];
  /** Still open, and asking for less. */
  readonly partPaid: readonly Invoice[];
  readonly grants: readonly CreditGrant[];
  readonly uses: readonly GrantUse[];
  readonly journals: readonly Journal[];
};

/**
 * The invoices that the balance now covers whole, in their order, and those of `inPart` of which it
 * pays a part; others keep what they had.
 */
export function coverByBalance(
  owed: readonly OwedInvoice[],
  purse: readonly CreditGrant[],
  about: {
    readonly source: CoverSource;
    readonly context: HandContext;
    readonly inPart?: InPart;
  },
): Covered {
  const { source, context, inPart } = about;
  const { now, zone, ids } = context;
  const at = { now, businessDate: businessDate(now, zone), ids };
  const held = new Map(purse.map((grant) => [grant.id, grant] as const));
  const used = new Map<CreditGrant['id'], CreditGrant>();
  const uses: GrantUse[] = [];
  const invoices: Invoice[] = [];
  const partPaid: Invoice[] = [];
  for (const { invoice, isDebitInFlight } of owed) {
    if (isDebitInFlight) continue;
    const whole = applyBalance(invoice, [...held.values()], at);
    const isWhole = amountDue(whole.invoice).minor <= 0n;
    if (!isWhole && inPart?.invoiceIds.has(invoice.id) !== true) continue;
    const some = [...held.values()].filter(({ id }) => inPart?.grantIds?.has(id) ?? true);
    const applied = isWhole ? whole : applyBalance(invoice, some, at);
    if (applied.uses.length === 0) continue;
    for (const grant of applied.grants) {
      held.set(grant.id, grant);
      used.set(grant.id, grant);
    }
    uses.push(...applied.uses);
    if (isWhole) invoices.push({ ...applied.invoice, state: 'paid', paidAt: now });
    else partPaid.push(applied.invoice);
  }
  const isGift = (use: GrantUse) => held.get(use.grantId)?.kind === 'promotional';
  const totalOf = (some: readonly GrantUse[]) =>
    sum(
      some.map(({ amount }) => amount),
      source.currency,
    );
  const journal = postHandBalanceUsed({
    id: ids('jrn', bucketOf(source.customerId)),
    merchantId: source.merchantId,
    customerId: source.customerId,
    sourceId: source.id,
    postedAt: now,
    businessDate: at.businessDate,
    own: totalOf(uses.filter((use) => !isGift(use))),
    gift: totalOf(uses.filter(isGift)),
  });
  return {
    invoices,
    partPaid,
    grants: [...used.values()],
    uses,
    journals: journal === undefined ? [] : [journal],
  };
}

export type WaitingBalanceUsed = Covered & { readonly events: readonly NewEvent[] };

/**
 * What the balance pays once an attempt has ended without money: a transfer that came while the
 * debit was on its way waited for that. Invoices are paid whole, the oldest due first; a part is
 * left, as the debit goes on for the rest. Undefined where it pays none.
 */
export function decideUseWaitingBalance(
  attempt: Pick<Attempt, 'id' | 'merchantId' | 'customerId' | 'amount'>,
  facts: { readonly owed: readonly OwedInvoice[]; readonly grants: readonly CreditGrant[] },
  context: HandContext,
): WaitingBalanceUsed | undefined {
  const { id, merchantId, customerId, amount } = attempt;
  const source = { id, merchantId, customerId, currency: amount.currency };
  const open = facts.owed
    .filter(({ invoice: { state, total } }) => {
      return state === 'open' && total.currency === amount.currency;
    })
    .toSorted(byDueDate);
  const covered = coverByBalance(open, facts.grants, { source, context });
  if (covered.invoices.length === 0) return undefined;
  const events = covered.invoices.map((invoice) => balanceInvoiceEvent(invoice, context));
  return { ...covered, events };
}

/**
 * What the balance pays once an instalment plan has ended, kept or not: its invoices, the oldest
 * due first, the last one in part. What the customer paid by parts is never asked for again.
 * `source` is the event that told the end. Undefined where there is nothing to pay or to pay with.
 */
export function decideEndOfPlanPaid(
  source: CoverSource,
  facts: { readonly owed: readonly OwedInvoice[]; readonly grants: readonly CreditGrant[] },
  context: HandContext,
): WaitingBalanceUsed | undefined {
  const open = facts.owed
    .filter(({ invoice: { state, total } }) => {
      return state === 'open' && total.currency === source.currency;
    })
    .toSorted(byDueDate);
  const invoiceIds = new Set(open.map(({ invoice }) => invoice.id));
  const covered = coverByBalance(open, facts.grants, { source, context, inPart: { invoiceIds } });
  if (covered.uses.length === 0) return undefined;
  const events = [
    ...covered.invoices.map((invoice) => balanceInvoiceEvent(invoice, context)),
    ...covered.partPaid.map((invoice) => {
      return partPaidEvent(invoice, { amount: partOf(invoice, covered.uses), context });
    }),
  ];
  return { ...covered, events };
}

/** What these uses gave to one invoice. */
export function partOf({ id, total }: Invoice, uses: readonly GrantUse[]): Money {
  const own = uses.filter(({ invoiceId }) => invoiceId === id);
  return sum(
    own.map(({ amount }) => amount),
    total.currency,
  );
}

function byDueDate(left: OwedInvoice, right: OwedInvoice): number {
  const byDate = Temporal.PlainDate.compare(left.invoice.dueDate, right.invoice.dueDate);
  return byDate !== 0 ? byDate : left.invoice.number < right.invoice.number ? -1 : 1;
}
