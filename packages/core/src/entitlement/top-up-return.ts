import { bucketOf } from '../ids/ids.ts';
import type { BalanceContext } from '../invoice/balance.ts';
import { paidEvent } from '../invoice/credit.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import { amountDue, type Invoice, isTopUp } from '../invoice/invoice.ts';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import { postBalanceUsed } from '../ledger/balance-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { add, type Money, subtract, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import type { TopUp } from './top-up.ts';
import { topUpEvent } from './top-up-look.ts';

/** What becomes of a top-up whose money went back; saved together. */
export type TopUpReturned = {
  readonly topUp: TopUp;
  /** Paid where nothing of it had been used; else open, over what had been. */
  readonly invoice: Invoice;
  /** Without what was left of it; absent where nothing was. */
  readonly grant?: CreditGrant;
  readonly uses: readonly GrantUse[];
  readonly journal?: Journal;
  /** What had been used, and is owed. */
  readonly owed: Money;
  readonly events: readonly NewEvent[];
};

/**
 * The money of a top-up went back after its balance was granted: its bank returned it, or the
 * payment was reversed, and its invoice is open again. What is left of its own grant pays that
 * invoice (Dr 预收账款; Cr 应收账款), which takes the balance back to the fen; what had been used is
 * what the invoice asks for from then on. No other balance pays it. Undefined where nothing was
 * granted: an unpaid top-up is given up by its own look.
 */
export function decideTopUpReturn(
  topUp: TopUp,
  facts: { readonly invoice: Invoice; readonly grant: CreditGrant | undefined },
  context: BalanceContext,
): TopUpReturned | undefined {
  if (topUp.state !== 'paid') return undefined;
  const { invoice, grant } = facts;
  invariant(isTopUp(invoice) && invoice.state === 'open', 'its invoice is open again');
  invariant(grant === undefined || grant.id === topUp.grantId, 'only its own grant is taken');
  const due = amountDue(invoice);
  const takenBack = grant?.left ?? zero(due.currency);
  const owed = subtract(due, takenBack);
  invariant(owed.minor >= 0n, 'no more is taken back than was granted');
  const returned: TopUp = { ...topUp, state: 'returned' };
  const settled = settle(invoice, takenBack, context);
  const event = topUpEvent(returned, 'top_up.returned', context);
  const data = { taken_back: takenBack.minor.toString(), owed: owed.minor.toString() };
  const journal = postBalanceUsed({
    id: context.ids('jrn', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    own: takenBack,
    gift: zero(due.currency),
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  return {
    topUp: returned,
    invoice: settled,
    ...(grant === undefined ? {} : { grant: { ...grant, left: zero(due.currency) } }),
    uses:
      grant === undefined || takenBack.minor === 0n
        ? []
        : [{ grantId: grant.id, invoiceId: invoice.id, amount: takenBack }],
    ...(journal === undefined ? {} : { journal }),
    owed,
    events: [
      { ...event, data: { ...event.data, ...data } },
      ...(settled.state === 'paid' ? [paidEvent(settled, context)] : []),
    ],
  };
}

function settle(invoice: Invoice, takenBack: Money, { now }: BalanceContext): Invoice {
  const after = { ...invoice, balanceApplied: add(invoice.balanceApplied, takenBack) };
  if (amountDue(after).minor > 0n) return after;
  assertMove(INVOICE_MOVES, invoice.state, 'paid');
  return { ...after, state: 'paid', paidAt: now };
}
