import { businessDate } from '../calendar/business-time.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { MerchantId } from '../ids/ids.ts';
import { type AttemptId, bucketOf, type CustomerId, type HandPaymentId } from '../ids/ids.ts';
import { applyBalance } from '../invoice/balance.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { postHandBalanceUsed } from '../ledger/hand-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { type Money, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { balanceInvoiceEvent } from './events.ts';
import type { HandContext, OwedInvoice } from './owed.ts';

/** What made the balance pay: money by hand, or the end of the debit that it waited for. */
type CoverSource = {
  readonly id: HandPaymentId | AttemptId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly currency: Money['currency'];
};

export type Covered = {
  /** Now paid. */
  readonly invoices: readonly Invoice[];
  readonly grants: readonly CreditGrant[];
  readonly uses: readonly GrantUse[];
  readonly journals: readonly Journal[];
};

/** The invoices that the balance now covers whole, in their order; others keep what they had. */
export function coverByBalance(
  owed: readonly OwedInvoice[],
  purse: readonly CreditGrant[],
  about: { readonly source: CoverSource; readonly context: HandContext },
): Covered {
  const { source, context } = about;
  const { now, zone, ids } = context;
  const at = { now, businessDate: businessDate(now, zone), ids };
  const held = new Map(purse.map((grant) => [grant.id, grant] as const));
  const used = new Map<CreditGrant['id'], CreditGrant>();
  const uses: GrantUse[] = [];
  const invoices: Invoice[] = [];
  for (const { invoice, isDebitInFlight } of owed) {
    if (isDebitInFlight) continue;
    const applied = applyBalance(invoice, [...held.values()], at);
    if (applied.uses.length === 0 || amountDue(applied.invoice).minor > 0n) continue;
    for (const grant of applied.grants) {
      held.set(grant.id, grant);
      used.set(grant.id, grant);
    }
    uses.push(...applied.uses);
    invoices.push({ ...applied.invoice, state: 'paid', paidAt: now });
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
    .toSorted((left, right) => {
      const byDate = Temporal.PlainDate.compare(left.invoice.dueDate, right.invoice.dueDate);
      return byDate !== 0 ? byDate : left.invoice.number < right.invoice.number ? -1 : 1;
    });
  const covered = coverByBalance(open, facts.grants, { source, context });
  if (covered.invoices.length === 0) return undefined;
  const events = covered.invoices.map((invoice) => balanceInvoiceEvent(invoice, context));
  return { ...covered, events };
}
