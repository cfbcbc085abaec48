import type { JsonObject, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { ARREARS_STATES, type OverdueState, severity } from './arrears.ts';
import type { OverdueCondition, StateCondition } from './overdue.ts';
import type { ArrearsPolicy } from './policy.ts';

/** No promise of a policy is longer. */
const LONGEST_DAYS = 3_650;
const MOST_INVOICES = 10_000;

const STATES = ARREARS_STATES.filter((state): state is OverdueState => state !== 'clear');

/** The classes of refusals that a condition can name. */
const REFUSAL_CLASSES = [
  'funds',
  'limit',
  'technical',
  'account',
  'mandate',
  'risk',
  'reschedule',
  'merchant_fault',
] as const;

/**
 * Reads a policy of the kind `arrears`. Refuses one whose states go backwards, that stops a service
 * without a warning before, or that lets data be deleted before the service was suspended.
 */
export function readArrearsPolicy(body: JsonObject): Result<ArrearsPolicy, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const at = reader.time('at', '10:00');
  const states = reader.list('states').map((one, index) => readState(one, index));
  reader.refuseUnread();
  if (reader.found === undefined) {
    const wrong = refusalOf(states);
    if (wrong !== undefined) reader.refuse(wrong);
  }
  if (reader.found !== undefined) return refuse(reader.found);
  return ok({
    at,
    states: states.toSorted((one, two) => severity(two.state) - severity(one.state)),
  });
}

function readState(reader: PolicyReader, index: number): StateCondition<OverdueState> {
  const state = reader.word('state', STATES);
  const condition = reader.object('when');
  const when = condition === undefined ? {} : readCondition(condition);
  reader.refuseUnread();
  if (Object.keys(when).length === 0) {
    reader.refuse({
      code: 'arrears_condition_missing',
      sentence: `The state “${state}” says nothing about when it holds.`,
      next: 'Add “when” with a condition, for example {"days_since_earliest_unpaid": 3}.',
      field: `states.${index}.when`,
    });
  }
  return { state, when };
}

function readCondition(reader: PolicyReader): OverdueCondition {
  const days = 'days_since_earliest_unpaid';
  const balances = reader.amounts('unpaid_balance');
  const when: OverdueCondition = {
    ...(reader.has(days)
      ? { daysSinceEarliestUnpaid: reader.whole(days, { least: 0, most: LONGEST_DAYS }) }
      : {}),
    ...(reader.has('unpaid_invoices')
      ? { unpaidInvoices: reader.whole('unpaid_invoices', { least: 1, most: MOST_INVOICES }) }
      : {}),
    ...(balances.length > 0 ? { unpaidBalance: balances } : {}),
    ...(reader.has('last_failure_in')
      ? { lastFailureIn: reader.words('last_failure_in', REFUSAL_CLASSES) }
      : {}),
    ...(reader.has('control_tag') ? { controlTag: reader.text('control_tag') } : {}),
  };
  reader.refuseUnread();
  return when;
}

/** What the states of a policy promise together; undefined where it is sound. */
function refusalOf(states: readonly StateCondition<OverdueState>[]): PolicyRefusal | undefined {
  const field = 'states';
  const named = states.map(({ state }) => state);
  if (named.length === 0) return NO_STATES;
  const twice = named.find((state, index) => named.indexOf(state) !== index);
  if (twice !== undefined) {
    return {
      code: 'arrears_state_twice',
      sentence: `The state “${twice}” is there twice.`,
      next: 'Give each state once, with all its conditions together.',
      field,
    };
  }
  return refusalOfOrder(states, field) ?? refusalOfLadder(states, field);
}

const NO_STATES: PolicyRefusal = {
  code: 'arrears_states_missing',
  sentence: 'The policy names no state.',
  next: 'Add “states”; docs/reference/arrears.md has an example.',
  field: 'states',
};

/** A more severe state is never reached at an earlier age than a milder one. */
function refusalOfOrder(
  states: readonly StateCondition<OverdueState>[],
  field: string,
): PolicyRefusal | undefined {
  const aged = states
    .toSorted((left, right) => severity(left.state) - severity(right.state))
    .flatMap(({ state, when }) =>
      when.daysSinceEarliestUnpaid === undefined
        ? []
        : [{ state, days: when.daysSinceEarliestUnpaid }],
    );
  for (const [index, { state, days }] of aged.entries()) {
    const milder = aged[index - 1];
    if (milder === undefined || days > milder.days) continue;
    return {
      code: 'arrears_states_go_backwards',
      sentence: `“${state}” is reached after ${days} days, “${milder.state}” after ${milder.days}.`,
      next: 'Give every more severe state a higher number of days.',
      field,
    };
  }
  return undefined;
}

/** Nobody is stopped without a warning, and nothing is deleted that was not suspended before. */
function refusalOfLadder(
  states: readonly StateCondition<OverdueState>[],
  field: string,
): PolicyRefusal | undefined {
  const has = (state: OverdueState) => states.some((one) => one.state === state);
  const deletable = states.find(({ state }) => state === 'deletable');
  if ((has('retained') || deletable !== undefined) && !has('suspended')) {
    return {
      code: 'arrears_deletes_before_suspending',
      sentence: 'The policy keeps or deletes data of a service that it never suspended.',
      next: 'Add the state “suspended” with fewer days.',
      field,
    };
  }
  if (deletable !== undefined && deletable.when.daysSinceEarliestUnpaid === undefined) {
    return {
      code: 'arrears_deletes_without_days',
      sentence: 'Data become deletable without a number of days.',
      next: 'Give “deletable” the condition days_since_earliest_unpaid.',
      field,
    };
  }
  if (has('suspended') && !has('warned')) {
    return {
      code: 'arrears_suspends_unwarned',
      sentence: 'The policy suspends a service without a warning before.',
      next: 'Add the state “warned” with fewer days than “suspended”.',
      field,
    };
  }
  return undefined;
}
