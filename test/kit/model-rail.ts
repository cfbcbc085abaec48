import type { Attempt, AttemptOutcome } from '../../packages/core/src/index.ts';

/** What the rail does with a number when the request reaches it. */
export type Verdict = 'pay' | 'refuse' | 'refuse_for_good' | 'think';

type Order = {
  readonly state: 'thinking' | 'paid' | 'refused' | 'closed';
  readonly outcome: AttemptOutcome;
};

/**
 * A rail that takes money at most once per number and remembers every number for ever, as all of
 * ours promise. It may think, refuse, close, and take the money of a number after all.
 */
export class ModelRail {
  readonly #orders = new Map<string, Order>();
  /** Numbers that it told to be unpaid and took money for afterwards. */
  readonly lies = new Set<string>();

  /** The same number again changes nothing, whatever would have become of a new one. */
  receive(attempt: Attempt, verdict: Verdict, now: Temporal.Instant): AttemptOutcome {
    const known = this.#orders.get(attempt.orderNumber);
    if (known !== undefined) return known.outcome;
    return this.#set(attempt, verdict, now);
  }

  /** A number that it still thinks about is decided. */
  decide(attempt: Attempt, verdict: Verdict, now: Temporal.Instant): void {
    if (this.#orders.get(attempt.orderNumber)?.state !== 'thinking') return;
    this.#set(attempt, verdict, now);
  }

  close(attempt: Attempt): void {
    if (this.#orders.get(attempt.orderNumber)?.state !== 'thinking') return;
    this.#orders.set(attempt.orderNumber, { state: 'closed', outcome: { kind: 'closed' } });
  }

  /** Takes the money of a number that it has called unpaid. */
  payLate(attempt: Attempt, now: Temporal.Instant): void {
    const known = this.#orders.get(attempt.orderNumber);
    if (known === undefined || known.state === 'thinking' || known.state === 'paid') return;
    this.lies.add(attempt.orderNumber);
    this.#set(attempt, 'pay', now);
  }

  /** Whether a request with this number ever reached it. */
  knows(orderNumber: string): boolean {
    return this.#orders.has(orderNumber);
  }

  /** What it answers to a question; never takes money. */
  truth(orderNumber: string): AttemptOutcome {
    return this.#orders.get(orderNumber)?.outcome ?? { kind: 'not_found' };
  }

  /** The numbers that it took money for: its bill. */
  paidNumbers(): readonly string[] {
    return [...this.#orders].filter(([, { state }]) => state === 'paid').map(([number]) => number);
  }

  #set(attempt: Attempt, verdict: Verdict, now: Temporal.Instant): AttemptOutcome {
    const order = orderOf(attempt, verdict, now);
    this.#orders.set(attempt.orderNumber, order);
    return order.outcome;
  }
}

function orderOf(attempt: Attempt, verdict: Verdict, now: Temporal.Instant): Order {
  if (verdict === 'think') return { state: 'thinking', outcome: { kind: 'accepted' } };
  if (verdict === 'pay') {
    const railReference = `T-${attempt.orderNumber}`;
    const outcome = {
      kind: 'succeeded',
      railReference,
      paid: attempt.amount,
      paidAt: now,
    } as const;
    return { state: 'paid', outcome };
  }
  const refusal = verdict === 'refuse' ? 'funds' : 'account';
  const words = { class: refusal, code: 'NO', message: '未成功' } as const;
  return { state: 'refused', outcome: { kind: 'refused', refusal: words } };
}
