import { addDays, isDateBefore } from '../calendar/periods.ts';
import type { Id } from '../ids/ids.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { compare } from '../money/money.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import type { FoundFinding } from './finding.ts';
import type { CheckupRules } from './rules.ts';
import { type Found, found } from './words.ts';

/** What is wrong with the method: its end, its account, its cap, and what the rail says of it. */
export function checkMethod(
  facts: CheckupFacts,
  collection: Collection,
  rules: CheckupRules,
): readonly FoundFinding[] {
  const { mandate } = facts;
  if (mandate === undefined) return [noMandate(facts, collection)];
  if (mandate.state !== 'active' || mandate.railReference === undefined) {
    return [deadMandate(facts, mandate, collection)];
  }
  return [
    ...lastRefusal(facts, mandate, collection),
    ...expiry(facts, mandate, { collection, rules }),
    ...cap(mandate, collection),
    ...drifts(facts),
  ];
}

function noMandate({ invoice }: CheckupFacts, collection: Collection): FoundFinding {
  const about = invoice.customerId;
  return found('method_dead', {
    about,
    action: 'sign_again',
    says: { code: 'no_method', ...collection },
    evidence: [invoice.id],
  });
}

function deadMandate(
  { railName }: CheckupFacts,
  mandate: Mandate,
  collection: Collection,
): FoundFinding {
  return found('method_dead', {
    about: mandate.id,
    action: 'sign_again',
    says: { code: 'method_dead', rail: railName, ...collection },
    evidence: [mandate.id],
  });
}

/** A refusal for funds passes by itself; one for the account does not. */
function lastRefusal(
  { lastRefusal: last, railName }: CheckupFacts,
  mandate: Mandate,
  collection: Collection,
): readonly FoundFinding[] {
  if (last === undefined) return [];
  if (last.refusal.class !== 'account' && last.refusal.class !== 'mandate') return [];
  return [
    found('method_refused', {
      about: mandate.id,
      action: 'change_method',
      says: { code: 'method_refused', rail: railName, refusal: last.refusal.code, ...collection },
      evidence: [mandate.id, last.attemptId],
    }),
  ];
}

/** A card that ends before the debit is dead; one that ends soon after it is told in time. */
function expiry(
  { railName }: CheckupFacts,
  mandate: Mandate,
  at: { readonly collection: Collection; readonly rules: CheckupRules },
): readonly FoundFinding[] {
  const last = mandate.account?.expiresOn;
  if (last === undefined) return [];
  const { on } = at.collection;
  if (isDateBefore(addDays(on, at.rules.expiringDays), last)) return [];
  const isOver = isDateBefore(last, on);
  const about: Found = {
    about: mandate.id,
    action: 'sign_again',
    says: { code: isOver ? 'card_over' : 'card_ending', rail: railName, last, ...at.collection },
    evidence: [mandate.id],
  };
  return [found(isOver ? 'method_dead' : 'method_expiring', about)];
}

function cap(mandate: Mandate, { amount, on }: Collection): readonly FoundFinding[] {
  const { singleCap } = mandate;
  const evidence: readonly Id[] = [mandate.id];
  const about = mandate.id;
  if (singleCap.currency === amount.currency && compare(amount, singleCap) <= 0) return [];
  const says = { code: 'cap_below_amount', cap: singleCap, amount, on } as const;
  return [found('cap_below_amount', { about, action: 'raise_cap', says, evidence })];
}

function drifts({ drifts: open }: CheckupFacts): readonly FoundFinding[] {
  return open
    .filter(({ state, kind }) => state === 'open' && kind !== 'signed_without_subscription')
    .map((drift) =>
      found('mandate_drift', {
        about: drift.id,
        action: 'look_at_drift',
        says: { code: 'mandate_drift', kind: drift.kind },
        evidence: [drift.id, drift.mandateId],
      }),
    );
}
