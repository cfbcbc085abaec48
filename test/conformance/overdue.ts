import {
  addDays,
  conditionHolds,
  dueDateOf,
  isOverdue,
  type Money,
  money,
  type Observed,
  type OverdueCondition,
  observe,
  overdueState,
  type StateCondition,
  toMoney,
  transitionDates,
} from '../../packages/core/src/index.ts';
import {
  CaseNotUnderstood,
  dateAt,
  dateOf,
  flagAt,
  type Given,
  has,
  listAt,
  optional,
  ratioOf,
  recordAt,
  recordsAt,
  textAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

// dunning.json, the states of accounts: text of a case → types of core → one call of core → text.

/** Balances of a case without a currency are all of one. */
const CURRENCY = 'USD';
const CLEAR = 'CLEAR';
/** Where a case counts days and names no date. */
const SOME_DAY = dateOf('2012-06-15');

function conditionOf(given: Given): OverdueCondition {
  const days = optional(given, 'days_since_earliest_unpaid', wholeAt);
  const invoices = optional(given, 'unpaid_invoices', wholeAt);
  return {
    ...(days === undefined ? {} : { daysSinceEarliestUnpaid: days }),
    ...(invoices === undefined ? {} : { unpaidInvoices: invoices }),
    ...(has(given, 'unpaid_balance') ? { unpaidBalance: [amountOf(given['unpaid_balance'])] } : {}),
    ...(has(given, 'last_failure_in')
      ? { lastFailureIn: listAt(given, 'last_failure_in').map(String) }
      : {}),
    ...(has(given, 'control_tag') ? { controlTag: textAt(given, 'control_tag') } : {}),
  };
}

function amountOf(value: unknown): Money {
  return toMoney(ratioOf(value), CURRENCY);
}

function overdueCondition(given: Given) {
  const observed = recordAt(given, 'observed');
  const days = optional(observed, 'days_since_earliest_unpaid', wholeAt);
  const seen: Observed = {
    ...(days === undefined ? {} : { earliestUnpaid: addDays(SOME_DAY, -days) }),
    unpaidInvoices: optional(observed, 'unpaid_invoices', wholeAt) ?? 0,
    unpaidBalances: has(observed, 'unpaid_balance') ? [amountOf(observed['unpaid_balance'])] : [],
    ...(has(observed, 'last_failure') ? { lastFailure: textAt(observed, 'last_failure') } : {}),
    tags: has(observed, 'tags') ? listAt(observed, 'tags').map(String) : [],
  };
  return { matches: conditionHolds(conditionOf(recordAt(given, 'condition')), seen, SOME_DAY) };
}

function statesOf(given: Given): readonly StateCondition<string>[] {
  return recordsAt(given, 'states').map((one) => ({
    state: textAt(one, 'name'),
    when: conditionOf(one),
  }));
}

/** What of a case's invoices is owed on a day: drafts never, what was paid until it re-opens. */
function unpaidOn(given: Given, on: Temporal.PlainDate) {
  return recordsAt(given, 'invoices')
    .filter((invoice) => !flagAt(invoice, 'draft') && isOwed(invoice, on))
    .map((invoice) => ({
      date: dateAt(invoice, 'date'),
      balance: has(invoice, 'amount') ? amountOf(invoice['amount']) : money(1n, CURRENCY),
    }));
}

function isOwed(invoice: Given, on: Temporal.PlainDate): boolean {
  const reached = (key: string) => {
    const date = optional(invoice, key, dateAt);
    return date !== undefined && Temporal.PlainDate.compare(date, on) <= 0;
  };
  return !reached('paid_on') || reached('reopened_on');
}

function overdueTimeline(given: Given) {
  const states = statesOf(given);
  const also = {
    tags: has(given, 'tags') ? listAt(given, 'tags').map(String) : [],
    ...(has(given, 'last_failure') ? { lastFailure: textAt(given, 'last_failure') } : {}),
  };
  return {
    states: listAt(given, 'check_dates').map((text) => {
      const on = dateOf(String(text));
      const observed = observe(unpaidOn(given, on), on, also);
      return [String(text), overdueState(states, observed, on) ?? CLEAR];
    }),
  };
}

function transitions(given: Given) {
  const earliest = optional(given, 'earliest_unpaid', dateAt);
  const found = earliest === undefined ? [] : transitionDates(statesOf(given), earliest);
  return { transitions: found.map(({ state, on }) => [state, on.toString()]) };
}

/** A case's words for our states of an invoice. */
function invoiceStateOf(given: Given): 'draft' | 'open' | 'paid' | 'void' {
  const status = textAt(given, 'status');
  if (status === 'draft' || status === 'generating' || status === 'pending') return 'draft';
  if (status === 'void' || status === 'voided') return 'void';
  if (status !== 'finalized') throw new CaseNotUnderstood(`the status ${status}`);
  return textAt(given, 'payment_status') === 'succeeded' ? 'paid' : 'open';
}

function markOverdue(given: Given) {
  const state = invoiceStateOf(given);
  const isDisputed = Object.keys(given).some(
    (key) => key.includes('dispute') && flagAt(given, key),
  );
  if (!has(given, 'due_in_days')) return { overdue: false };
  const dueDate = addDays(SOME_DAY, wholeAt(given, 'due_in_days'));
  return { overdue: isOverdue({ state, dueDate, isDisputed }, SOME_DAY) };
}

function dueDate(given: Given) {
  return { due: dueDateOf(dateAt(given, 'issued'), wholeAt(given, 'net_terms_days')).toString() };
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  overdue_condition: overdueCondition,
  overdue_timeline: overdueTimeline,
  transition_dates: transitions,
  mark_overdue: markOverdue,
  due_date: dueDate,
};
