import {
  type ArrearsHistory,
  type AttemptFact,
  type ChangePart,
  type ComparableLine,
  compareInvoices,
  type MandateFact,
  money,
  type NoticeFact,
  ratio,
} from '../../packages/core/src/index.ts';
import { at, countingIds, day } from './builders.ts';

// One overdue invoice as the rules of arrears causes see it; every part takes changes.

export const ids = countingIds();
export const BUCKET = 7;
export const yuan = (minor: bigint) => money(minor, 'CNY');

/** Due on 10 March; a debit customer whose bill is as last month's. Nothing was tried yet. */
export function history(change: Partial<ArrearsHistory> = {}): ArrearsHistory {
  return {
    invoice: {
      id: ids('inv', BUCKET),
      dueDate: day('2026-03-10'),
      issueAt: at('2026-03-05 09:00'),
      issuedAt: at('2026-03-05 09:00'),
      collection: 'auto_debit',
      createdAt: at('2026-03-02 08:00'),
    },
    owed: yuan(10_000n),
    zone: 'Asia/Shanghai',
    now: at('2026-03-11 00:10'),
    customer: { id: ids('cus', BUCKET), createdAt: at('2025-01-01 09:00') },
    parts: [],
    mandates: [mandate()],
    debits: [],
    attempts: [],
    notices: [notice()],
    incidents: [],
    consents: [],
    changes: [],
    returns: [],
    habit: { invoices: 5, fundsRefused: 0, paidLate: 0 },
    ...change,
  };
}

export function mandate(change: Partial<MandateFact> = {}): MandateFact {
  return {
    id: ids('man', BUCKET),
    rail: 'one',
    state: 'active',
    singleCap: yuan(50_000n),
    createdAt: at('2025-01-02 09:00'),
    signedAt: at('2025-01-02 09:01'),
    ...change,
  };
}

export function notice(change: Partial<NoticeFact> = {}): NoticeFact {
  const sentAt = at('2026-03-05 09:00');
  const id = ids('not', BUCKET);
  const told = { id, purpose: 'renewal', state: 'delivered', dueAt: sentAt, sentAt } as const;
  return { ...told, deliveredAt: at('2026-03-05 09:01'), ...change };
}

export function refused(
  kind: NonNullable<AttemptFact['refusal']>['class'],
  when: string,
): AttemptFact {
  return {
    id: ids('att', BUCKET),
    rail: 'one',
    state: 'refused',
    submittedAt: at(when),
    endedAt: at(when),
    refusal: { class: kind, code: kind.toUpperCase(), message: '' },
  };
}

export type Thing = readonly [
  code: string,
  quantity: bigint,
  unit: bigint,
  rule?: ComparableLine['rule'],
];

function line([code, quantity, unit, rule = 'list_price']: Thing): ComparableLine {
  const amount = yuan(quantity * unit);
  return {
    priceCode: code,
    kind: code === 'calls' ? 'metered' : 'seat',
    rule,
    quantity: ratio(quantity),
    unitAmount: ratio(unit, 100n),
    serviceDays: 30,
    periodDays: 30,
    subtotal: amount,
    discount: yuan(0n),
    amount,
    taxBasisPoints: 600n,
    nameZh: code,
    nameEn: code,
  };
}

/** The bill before and this one. */
export function bills(before: readonly Thing[], after: readonly Thing[]): Partial<ArrearsHistory> {
  const total = (things: readonly Thing[]) =>
    yuan(things.reduce((sum, [, quantity, unit]) => sum + quantity * unit, 0n));
  const was = { total: total(before), lines: before.map(line) };
  const is = { total: total(after), lines: after.map(line) };
  const parts: readonly ChangePart[] = compareInvoices(was, is);
  return { owed: is.total, last: { id: ids('inv', BUCKET), total: was.total }, parts };
}

export const byHand = { ...history().invoice, collection: 'by_hand' } as const;
export const incident = {
  rail: 'one',
  from: at('2026-03-10 07:00'),
  until: at('2026-03-10 08:00'),
  customers: 12,
};
export const eightMoreSeats = bills([['seat', 20n, 500n]], [['seat', 28n, 500n]]);
export const priceUpAFifth = bills([['seat', 20n, 500n]], [['seat', 20n, 600n]]);
export const held = (blockedBy: string) => ({
  id: ids('dbt', BUCKET),
  rail: 'one',
  state: 'scheduled' as const,
  amount: yuan(14_000n),
  collectAt: at('2026-03-10 07:30'),
  blockedBy,
});
export const failedNotice = (change: Partial<NoticeFact>): NoticeFact => {
  const { sentAt: _sent, deliveredAt: _delivered, ...rest } = notice();
  return { ...rest, state: 'failed', ...change };
};
