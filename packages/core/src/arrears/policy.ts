import { type ArrearsState, isServiceOff, type OverdueState, severity } from './arrears.ts';
import type { StateCondition } from './overdue.ts';

/** When unpaid invoices lead to which state. Data; published by the merchant. */
export type ArrearsPolicy = {
  /** The hour of the merchant's zone at which a state becomes more severe. */
  readonly at: Temporal.PlainTime;
  /** The most severe first. */
  readonly states: readonly StateCondition<OverdueState>[];
};

/**
 * Two days of grace, a warning on the third, suspension after ten days, data kept from the
 * fifteenth and deletable after ninety. Cautious on purpose: a merchant shortens it by its own.
 */
export const DEFAULT_ARREARS_POLICY: ArrearsPolicy = {
  at: Temporal.PlainTime.from('10:00'),
  states: [
    { state: 'deletable', when: { daysSinceEarliestUnpaid: 90 } },
    { state: 'retained', when: { daysSinceEarliestUnpaid: 15 } },
    { state: 'suspended', when: { daysSinceEarliestUnpaid: 10 } },
    { state: 'warned', when: { daysSinceEarliestUnpaid: 3 } },
    { state: 'grace', when: { daysSinceEarliestUnpaid: 0 } },
  ],
};

/** The code of the policy that holds where no other does. */
export const ARREARS_POLICY_CODE = 'default';

/** Days of unpaid age at which the state holds; undefined where age does not decide about it. */
export function daysOf(policy: ArrearsPolicy, state: ArrearsState): number | undefined {
  return policy.states.find((one) => one.state === state)?.when.daysSinceEarliestUnpaid;
}

/** The states of the policy in which the service is off, the mildest first. */
export function stopsOf(policy: ArrearsPolicy): readonly OverdueState[] {
  return policy.states
    .map(({ state }) => state)
    .filter(isServiceOff)
    .toSorted((left, right) => severity(left) - severity(right));
}

/**
 * Days that pass at least in one state before the next, however late a look comes: the policy's own
 * difference, or one day where age does not decide about one of them.
 */
export function daysBetween(policy: ArrearsPolicy, from: ArrearsState, to: ArrearsState): number {
  const [first, second] = [daysOf(policy, from), daysOf(policy, to)];
  return first === undefined || second === undefined ? 1 : Math.max(1, second - first);
}

/** Whether the state can change on a day on which no threshold of age is reached. */
export function looksDaily(policy: ArrearsPolicy): boolean {
  return policy.states.some(({ when }) => {
    const { daysSinceEarliestUnpaid: _days, ...others } = when;
    return Object.keys(others).length > 0;
  });
}
