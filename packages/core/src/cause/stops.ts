import { businessDate, isBefore } from '../calendar/business-time.ts';
import { daysIn, isDateBefore } from '../calendar/periods.ts';
import { formatMoney } from '../money/text.ts';
import type { Evidence } from './cause.ts';
import type {
  ArrearsHistory,
  AttemptFact,
  MandateFact,
  NoticeFact,
  RailIncident,
} from './history.ts';

/**
 * What kept the money from coming, as far as the facts show it. `cap`: the customer's own limit of
 * a debit; `limit`: the rail's or the bank's. `trouble`: the rail failed or says nothing.
 */
export type Stop =
  | 'contested'
  | 'our_doing'
  | 'method'
  | 'cap'
  | 'limit'
  | 'funds'
  | 'trouble'
  | 'never_tried'
  | 'not_paid_by_hand';

export type StopFound = { readonly stop: Stop; readonly evidence: readonly Evidence[] };

/**
 * Codes with which a payer's bank sends money back: ISO 20022 external codes (SEPA rulebooks,
 * R-transactions). Every other code is a payer who wants its money back.
 */
const RETURNS_OF: Readonly<Record<string, Stop>> = {
  AM04: 'funds',
  AC01: 'method',
  AC04: 'method',
  AC06: 'method',
  AC13: 'method',
  AG01: 'method',
  MD07: 'method',
  MS03: 'trouble',
};

/** Words in a provider's code that mean the customer's address, not the provider. */
const ADDRESS_WORDS = ['no_address', 'mobile', 'recipient', 'mailbox'] as const;

/**
 * The one thing that stopped the money, in the order in which it would have: who contests a bill
 * does not pay it whatever else there is; without a bill nobody can; without a method nothing can
 * be tried; and only then does it matter what the rail said last.
 */
export function findStop(history: ArrearsHistory): StopFound {
  return (
    contested(history) ??
    returned(history) ??
    ourDoing(history) ??
    messagesFailed(history) ??
    (history.invoice.collection === 'by_hand' && history.attempts.length === 0
      ? notPaidByHand(history)
      : notCollected(history))
  );
}

function contested({ disputed }: ArrearsHistory): StopFound | undefined {
  if (disputed === undefined) return undefined;
  const { ref, at } = disputed;
  return { stop: 'contested', evidence: [{ kind: 'ticket', ref, at, key: 'ticket', facts: {} }] };
}

function returned({ returns }: ArrearsHistory): StopFound | undefined {
  const one = returns.at(-1);
  if (one === undefined) return undefined;
  const { id, code, amount, returnedAt } = one;
  const evidence: Evidence = {
    kind: 'return',
    ref: id,
    at: returnedAt,
    key: 'returned',
    facts: { code, amount: formatMoney(amount) },
  };
  return { stop: RETURNS_OF[code] ?? 'contested', evidence: [evidence] };
}

/** A bill that was made after its due date or lay with us is overdue by our doing. */
function ourDoing(history: ArrearsHistory): StopFound | undefined {
  const { invoice, zone, parked } = history;
  const { issuedAt, dueDate } = invoice;
  if (issuedAt === undefined) return undefined;
  const issued = businessDate(issuedAt, zone);
  if (isDateBefore(issued, dueDate)) return undefined;
  const late = daysIn({ start: dueDate, end: issued }).toString();
  const evidence: Evidence = {
    kind: 'invoice',
    ref: invoice.id,
    at: issuedAt,
    key: 'issued_late',
    facts: { days: late, due: dueDate.toString() },
  };
  const held: readonly Evidence[] =
    parked === undefined
      ? []
      : [{ kind: 'subscription', ref: parked.id, at: parked.at, key: 'parked', facts: {} }];
  return { stop: 'our_doing', evidence: [evidence, ...held] };
}

/**
 * No message reached the customer. Which of the two it was tells how far each came: one that a
 * provider took and that came back had a wrong address; one that nobody took never left us.
 */
function messagesFailed({ notices }: ArrearsHistory): StopFound | undefined {
  if (notices.length === 0 || notices.some(({ state }) => state !== 'failed')) return undefined;
  const evidence = notices.map((notice): Evidence => {
    const { id, dueAt, sentAt, failureCode: code = '' } = notice;
    const key = isOfAddress(notice) ? 'address_failed' : 'notice_not_sent';
    return { kind: 'notice', ref: id, at: sentAt ?? dueAt, key, facts: { code } };
  });
  const isAddress = notices.some(isOfAddress);
  return { stop: isAddress ? 'method' : 'our_doing', evidence };
}

function isOfAddress({ sentAt, failureCode = '' }: NoticeFact): boolean {
  const code = failureCode.toLowerCase();
  return sentAt !== undefined || ADDRESS_WORDS.some((word) => code.includes(word));
}

function notPaidByHand({ invoice, notices }: ArrearsHistory): StopFound {
  const told = notices.filter(({ state }) => state !== 'failed').map(reminded);
  const evidence: Evidence = {
    kind: 'invoice',
    ref: invoice.id,
    key: 'not_paid_by_hand',
    facts: { due: invoice.dueDate.toString() },
  };
  return { stop: 'not_paid_by_hand', evidence: [evidence, ...told] };
}

function reminded({ id, sentAt, deliveredAt, dueAt }: NoticeFact): Evidence {
  const at = deliveredAt ?? sentAt ?? dueAt;
  return { kind: 'notice', ref: id, at, key: 'reminded', facts: {} };
}

function notCollected(history: ArrearsHistory): StopFound {
  return withoutMandate(history) ?? heldBack(history) ?? refusedLast(history);
}

/** States of a mandate that was there once; one that is only being signed never was. */
const HAD_BEEN_SIGNED: ReadonlySet<MandateFact['state']> = new Set([
  'ending',
  'revoke_failed',
  'ended',
]);

function withoutMandate({ mandates, invoice, attempts }: ArrearsHistory): StopFound | undefined {
  if (mandates.some(({ state }) => state === 'active')) return undefined;
  // One that ended after the last try is not why that try failed.
  const ended = mandates.findLast(({ state }) => HAD_BEEN_SIGNED.has(state));
  const lastTry = attempts.at(-1);
  const wasThere =
    lastTry !== undefined &&
    ended?.endedAt !== undefined &&
    isBefore(lastTry.submittedAt, ended.endedAt);
  if (wasThere) return undefined;
  const evidence: Evidence =
    ended === undefined
      ? { kind: 'invoice', ref: invoice.id, key: 'no_mandate', facts: {} }
      : {
          kind: 'mandate',
          ref: ended.id,
          ...(ended.endedAt === undefined ? {} : { at: ended.endedAt }),
          key: 'mandate_ended',
          facts: { by: ended.endedBy ?? 'unknown' },
        };
  return { stop: 'method', evidence: [evidence] };
}

/** What held a debit back before it could leave. */
function heldBack({ debits, mandates, owed }: ArrearsHistory): StopFound | undefined {
  const held = debits.findLast(({ blockedBy }) => blockedBy !== undefined);
  if (held === undefined) return undefined;
  const common = { kind: 'debit', ref: held.id, at: held.collectAt } as const;
  switch (held.blockedBy) {
    case 'mandate_cap_exceeded': {
      const caps = mandates.filter(({ state }) => state === 'active');
      const cap = caps.at(-1)?.singleCap ?? held.amount;
      const facts = { cap: formatMoney(cap), owed: formatMoney(owed) };
      return { stop: 'cap', evidence: [{ ...common, key: 'cap_below', facts }] };
    }
    case 'amount_unlike_history':
      return { stop: 'cap', evidence: [{ ...common, key: 'guard_held', facts: {} }] };
    case 'mandate_not_active':
      return { stop: 'method', evidence: [{ ...common, key: 'no_mandate', facts: {} }] };
    default:
      return undefined;
  }
}

/** What the rail said last that another try would not have mended. */
function refusedLast(history: ArrearsHistory): StopFound {
  const { attempts, invoice } = history;
  const definite = attempts.filter((one) => one.state === 'refused' && !isTrouble(one));
  const last = definite.at(-1);
  if (last !== undefined) {
    const evidence = definite.map((one) => refusedEvidence(one));
    return { stop: stopOfRefusal(last), evidence };
  }
  const troubled = attempts.filter(isTrouble);
  if (troubled.length > 0) return { stop: 'trouble', evidence: troubleEvidence(history, troubled) };
  const facts = { due: invoice.dueDate.toString() };
  const [first] = attempts;
  const evidence: Evidence =
    first === undefined
      ? { kind: 'invoice', ref: invoice.id, key: 'never_tried', facts }
      : { kind: 'attempt', ref: first.id, at: first.submittedAt, key: 'tried_late', facts };
  return { stop: 'never_tried', evidence: [evidence] };
}

function stopOfRefusal({ refusal }: AttemptFact): Stop {
  switch (refusal?.class) {
    case 'funds':
      return 'funds';
    case 'limit':
      return 'limit';
    case 'account':
    case 'mandate':
    case 'risk':
      return 'method';
    case 'merchant_fault':
      return 'our_doing';
    case 'technical':
    case 'reschedule':
    case undefined:
      return 'trouble';
  }
}

/** A try of which the rail knew nothing definite about the payer: it failed, or said nothing. */
export function isTrouble({ state, refusal }: AttemptFact): boolean {
  const isRails = refusal?.class === 'technical' || refusal?.class === 'reschedule';
  return isRails || state === 'unknown' || state === 'accepted' || state === 'closed';
}

function refusedEvidence({ id, rail, refusal, endedAt, submittedAt }: AttemptFact): Evidence {
  const facts = { class: refusal?.class ?? '', code: refusal?.code ?? '', rail };
  return { kind: 'attempt', ref: id, at: endedAt ?? submittedAt, key: 'refused', facts };
}

/** The tries that the rail failed, each with the incident that it lay in, where it lay in one. */
export function troubleEvidence(
  history: ArrearsHistory,
  troubled: readonly AttemptFact[],
): readonly Evidence[] {
  const incidents = new Set<RailIncident>();
  const tries = troubled.map((one): Evidence => {
    const incident = incidentOf(one, history);
    if (incident !== undefined) incidents.add(incident);
    if (one.refusal !== undefined) return refusedEvidence(one);
    const { id, rail, submittedAt: at } = one;
    return { kind: 'attempt', ref: id, at, key: 'no_answer', facts: { rail } };
  });
  const known = [...incidents].map(({ rail, from, customers }): Evidence => {
    const facts = { rail, customers: customers.toString() };
    return { kind: 'incident', ref: rail, at: from, key: 'incident', facts };
  });
  return [...tries, ...known];
}

/** The incident of its rail in whose hours an attempt was sent. */
export function incidentOf(
  { rail, submittedAt }: AttemptFact,
  { incidents }: Pick<ArrearsHistory, 'incidents'>,
): RailIncident | undefined {
  return incidents.find(
    (one) =>
      one.rail === rail && !isBefore(submittedAt, one.from) && isBefore(submittedAt, one.until),
  );
}
