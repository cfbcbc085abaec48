import { channelOf } from '../customer/customer.ts';
import { isDebitNotice } from '../notice/notice.ts';
import { subscriptionsOf } from './check-amount.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import type { FoundFinding } from './finding.ts';
import { found } from './words.ts';

/** Whether the payer can be told, has answered what it was asked, and somebody approved it. */
export function checkPeople(facts: CheckupFacts, collection: Collection): readonly FoundFinding[] {
  return [...unreachable(facts, collection), ...unanswered(facts), ...unapproved(facts)];
}

/**
 * No channel that is open (opted out counts as none), or every notice of this debit's date and
 * amount has failed. One that is still on its way may arrive.
 */
function unreachable(facts: CheckupFacts, collection: Collection): readonly FoundFinding[] {
  const { customer, notices } = facts;
  const told = notices
    .filter(isDebitNotice)
    .filter(({ purpose, collectDate }) => purpose !== 'rail' && collectDate.equals(collection.on));
  const hasNoContact = channelOf(customer) === undefined;
  const allFailed = told.length > 0 && told.every(({ state }) => state === 'failed');
  if (!hasNoContact && !allFailed) return [];
  return [
    found('notice_unreachable', {
      about: customer.id,
      action: 'change_contact',
      says: { code: hasNoContact ? 'no_contact' : 'all_failed', ...collection },
      evidence: [customer.id, ...told.map(({ id }) => id)],
    }),
  ];
}

function unanswered({ invoice, priceChanges }: CheckupFacts): readonly FoundFinding[] {
  const billed = new Set(subscriptionsOf(invoice.lines));
  return priceChanges
    .filter(({ consent }) => billed.has(consent.subscriptionId))
    .filter(({ consent }) => consent.answer === 'silent' && consent.outcome === 'waiting')
    .map(({ consent, effectiveOn }) =>
      found('price_change_pending', {
        about: consent.subscriptionId,
        action: 'answer_price_change',
        says: {
          code: 'price_change_pending',
          before: consent.before,
          after: consent.after,
          from: effectiveOn,
        },
        evidence: [consent.priceChangeId, consent.subscriptionId],
      }),
    );
}

/** A person approves by signing; for an organisation somebody else may have to. */
function unapproved(facts: CheckupFacts): readonly FoundFinding[] {
  const { approvals, customer, invoice } = facts;
  if (customer.kind !== 'organisation') return [];
  const approved = new Set(approvals.map(({ subscriptionId }) => subscriptionId));
  const missing = subscriptionsOf(invoice.lines).filter((id) => !approved.has(id));
  if (missing.length === 0) return [];
  return [
    found('approver_missing', {
      about: customer.id,
      action: 'confirm_amount',
      says: { code: 'approver_missing', count: missing.length },
      evidence: missing,
    }),
  ];
}
