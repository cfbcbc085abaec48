import { bucketOf, type InvoiceId } from '../ids/ids.ts';
import { postLeftoverCredit } from '../ledger/balance-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { type Money, negate, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { BalanceContext } from './balance.ts';
import type { CreditRequest } from './credit.ts';
import type { CreditGrant } from './credit-grant.ts';
import { grantEvent } from './grant.ts';
import type { PendingLine } from './pending-line.ts';

export type LeftoverDecision = {
  readonly grant: CreditGrant;
  /** The credits, dropped: the grant has their money. */
  readonly dropped: readonly PendingLine[];
  readonly journal: Journal;
  readonly events: readonly NewEvent[];
};

/** Credits that wait for one invoice's lines, as the credit note that would take them back. */
export type LeftoverNote = {
  readonly invoiceId: InvoiceId;
  readonly rows: readonly PendingLine[];
  readonly request: CreditRequest;
};

/**
 * The credits of an ended subscription that wait, by the invoice whose lines they take back, in
 * the order of the invoices' ids. Where such an invoice is still owed, the note lowers what is due.
 */
export function leftoverNotes(
  subscription: Subscription,
  pendingLines: readonly PendingLine[],
): readonly LeftoverNote[] {
  if (subscription.state !== 'ended') return [];
  const rows = waitingCredits(pendingLines);
  const ids = new Set(rows.flatMap(({ line }) => line.why.credits?.invoiceId ?? []));
  return [...ids].sort().map((invoiceId) => {
    const own = rows.filter(({ line }) => line.why.credits?.invoiceId === invoiceId);
    const positions = new Set(own.flatMap(({ line }) => line.why.credits?.position ?? []));
    const lines = [...positions].map((position) => {
      const parts = own.filter(({ line }) => line.why.credits?.position === position);
      const [first] = parts;
      invariant(first !== undefined, 'a position comes from a credit');
      const { currency } = first.line.amount;
      const amount = negate(
        sum(
          parts.map(({ line }) => line.amount),
          currency,
        ),
      );
      return { position, take: { type: 'amount' as const, amount } };
    });
    return { invoiceId, rows: own, request: { lines, reason: 'termination' } };
  });
}

function waitingCredits(pendingLines: readonly PendingLine[]): readonly PendingLine[] {
  return pendingLines.filter(({ state, line }) => state === 'pending' && line.amount.minor < 0n);
}

/**
 * Credits that wait when a subscription has ended have no next invoice. They become the customer's
 * balance, which pays other invoices or is refunded: Dr 合同负债 net, Dr 销项税额 tax; Cr 预收账款.
 * Undefined while the subscription goes on, and where nothing below zero waits. Credits of an
 * invoice that is still owed are given as a credit note before (`leftoverNotes`).
 */
export function decideLeftover(
  subscription: Subscription,
  pendingLines: readonly PendingLine[],
  context: BalanceContext,
): LeftoverDecision | undefined {
  if (subscription.state !== 'ended') return undefined;
  const credits = waitingCredits(pendingLines);
  const [first] = credits;
  if (first === undefined) return undefined;
  const { currency } = first.line.amount;
  const totalOf = (read: (row: PendingLine) => Money) => negate(sum(credits.map(read), currency));
  const amount = totalOf(({ line }) => line.amount);
  const bucket = bucketOf(subscription.id);
  const { merchantId, customerId } = subscription;
  const grant: CreditGrant = {
    id: context.ids('crg', bucket),
    merchantId,
    customerId,
    kind: 'credit_note',
    amount,
    left: amount,
    nameZh: '退订结余',
    nameEn: 'Credit of a subscription that ended',
    createdAt: context.now,
  };
  const journal = postLeftoverCredit({
    id: context.ids('jrn', bucket),
    merchantId,
    customerId,
    grantId: grant.id,
    total: amount,
    net: totalOf(({ line }) => line.net),
    tax: totalOf(({ line }) => line.tax),
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  return {
    grant,
    dropped: credits.map((row) => ({ ...row, state: 'dropped' })),
    journal,
    events: [grantEvent(grant, 'credit.granted', { context, amount })],
  };
}
