import { businessDate } from '../calendar/business-time.ts';
import { laterDate } from '../calendar/periods.ts';
import type { IdSource } from '../ids/source.ts';
import { amountDue } from '../invoice/invoice.ts';
import { checkAmount } from './check-amount.ts';
import { checkMethod } from './check-method.ts';
import { checkPeople } from './check-people.ts';
import { checkService } from './check-service.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import { FINDING_CODES, type FoundFinding } from './finding.ts';
import type { CheckupRules } from './rules.ts';

/** The moment of a look, and the zone in which its dates are read. */
export type LookAt = { readonly now: Temporal.Instant; readonly zone: string };

/** What a look is decided with; the merchant's name stands in the payer's message. */
export type LookContext = LookAt & { readonly ids: IdSource; readonly merchantName: string };

/**
 * What stands between an invoice and its debit, days before it leaves (扣费前体检). Pure: the same
 * facts, rules and moment give the same findings in the same order, each `about` once per code.
 * `blocks` are the findings that the merchant's rules hold the debit for. Nothing is decided about
 * the debit itself: its own checks (mandate, cap, notice, amount guard) stand whatever is found.
 */
export function checkDebit(
  facts: CheckupFacts,
  rules: CheckupRules,
  at: LookAt,
): readonly FoundFinding[] {
  const collection = collectionOf(facts, at);
  const all = [
    ...checkMethod(facts, collection, rules),
    ...checkAmount(facts, collection),
    ...checkService(facts, collection, rules),
    ...checkPeople(facts, collection),
  ];
  return all
    .filter(({ code }) => !rules.off.includes(code))
    .map((finding) => withSeverity(finding, rules))
    .toSorted(byCode);
}

/** The amount and the day of the debit; before it is planned, the day that the invoice names. */
export function collectionOf({ debit, invoice }: CheckupFacts, at: LookAt): Collection {
  if (debit !== undefined) return { amount: debit.amount, on: debit.collectDate };
  const today = businessDate(at.now, at.zone);
  return { amount: amountDue(invoice), on: laterDate(invoice.dueDate, today) };
}

function withSeverity(finding: FoundFinding, rules: CheckupRules): FoundFinding {
  return rules.blocks.includes(finding.code) ? { ...finding, severity: 'blocks' } : finding;
}

function byCode(left: FoundFinding, right: FoundFinding): number {
  const places = FINDING_CODES.indexOf(left.code) - FINDING_CODES.indexOf(right.code);
  if (places !== 0 || left.about === right.about) return places;
  return left.about < right.about ? -1 : 1;
}
