import assert from 'node:assert/strict';
import {
  ATTEMPT_MOVES,
  type Attempt,
  type AttemptOutcome,
  businessDate,
  canMove,
  DEBIT_MOVES,
  type DebitFacts,
  type DebitNotice,
  decideNoticeProgress,
  decideSchedule,
  decideSettle,
  decideSubmit,
  hasLegalNotice,
  type IdSource,
  isOpen,
  type Journal,
  type Payment,
  present,
  type RailCapabilities,
  type ScheduleContext,
  type SettleDecision,
} from '../../packages/core/src/index.ts';
import { aCustomer, aMandate, anInvoice, at, contextAt, countingIds } from './builders.ts';
import { ModelRail, type Verdict } from './model-rail.ts';

/** How the call of a submission ends for us. */
export type Fate =
  | 'told'
  | 'crash_before'
  | 'delayed'
  | 'not_connected'
  | 'crash_after'
  | 'time_out';

/**
 * One debit and all its rows in memory, with the steps that engine takes around the decisions of
 * core. Asserts on its own what is only known at the moment of sending: that the customer was told
 * and that no other number is open.
 */
export class DebitWorld {
  facts: DebitFacts;
  now = at('2026-03-05 09:00');
  isPaidByHand = false;
  readonly rail = new ModelRail();
  readonly payments: Payment[] = [];
  readonly journals: Journal[] = [];
  /** Requests that are still on their way to the rail. */
  readonly wires: { readonly attempt: Attempt; readonly verdict: Verdict }[] = [];
  /** Every message that the rail ever sent, to be repeated in any order. */
  readonly messages: { readonly orderNumber: string; readonly outcome: AttemptOutcome }[] = [];
  readonly #capabilities: RailCapabilities;
  readonly #ids: IdSource = countingIds();

  constructor(capabilities: RailCapabilities) {
    this.#capabilities = capabilities;
    const parties = { customer: aCustomer(), mandate: aMandate() };
    const invoices = [anInvoice()];
    const { debit, notice } = decideSchedule(invoices, parties, this.context());
    const notices = [present(notice, 'the notice of a debit')];
    this.facts = { debit, ...parties, invoices, notices, attempts: [] };
  }

  context(): ScheduleContext {
    const rail = this.#capabilities;
    const timetable = { maxAttempts: 4 };
    return { ...contextAt('2026-03-05 09:00', { rail, timetable }), now: this.now, ids: this.#ids };
  }

  submit(fate: Fate, verdict: Verdict): void {
    const { debit, attempts } = this.facts;
    if (debit.state !== 'scheduled') return;
    const wasOpen = attempts.some(({ state }) => isOpen(state));
    const decision = decideSubmit(this.facts, this.context());
    this.#saveDebit(decision.debit);
    if (decision.kind === 'rescheduled' && decision.notice !== undefined) {
      this.#addNotice(decision.notice);
    }
    if (decision.kind !== 'send') return;
    assert.ok(!wasOpen, 'a number is sent while another is open');
    this.#assertTold(decision.attempt);
    this.#saveAttempt(decision.attempt);
    this.#call(decision.attempt, fate, verdict);
  }

  #call(attempt: Attempt, fate: Fate, verdict: Verdict): void {
    if (fate === 'crash_before') return;
    if (fate === 'not_connected') {
      this.hear(attempt.orderNumber, { kind: 'never_sent', detail: 'no connection' });
      return;
    }
    if (fate === 'delayed') {
      this.wires.push({ attempt, verdict });
      this.hear(attempt.orderNumber, { kind: 'unknown', detail: 'time-out' });
      return;
    }
    const reply = this.#receive(attempt, verdict);
    if (fate === 'told') this.hear(attempt.orderNumber, reply);
    if (fate === 'time_out')
      this.hear(attempt.orderNumber, { kind: 'unknown', detail: 'time-out' });
  }

  #receive(attempt: Attempt, verdict: Verdict): AttemptOutcome {
    const outcome = this.rail.receive(attempt, verdict, this.now);
    this.messages.push({ orderNumber: attempt.orderNumber, outcome });
    return outcome;
  }

  /** A request that was long on its way arrives. */
  arrive(): void {
    const wire = this.wires.shift();
    if (wire !== undefined) this.#receive(wire.attempt, wire.verdict);
  }

  /** Whatever we learn of a number, from whomever, comes here. */
  hear(orderNumber: string, outcome: AttemptOutcome): void {
    const attempt = this.facts.attempts.find((one) => one.orderNumber === orderNumber);
    assert.ok(attempt, 'the rail knows a number that we did not commit');
    const decision = decideSettle(this.facts, attempt, { outcome, context: this.context() });
    if (decision === undefined) return;
    this.#saveAttempt(decision.attempt);
    this.#apply(decision);
  }

  ask(): void {
    for (const { state, orderNumber } of this.facts.attempts) {
      if (isOpen(state)) this.hear(orderNumber, this.rail.truth(orderNumber));
    }
  }

  /** The rail's bill names every number that it took money for. */
  readBill(): void {
    for (const number of this.rail.paidNumbers()) this.hear(number, this.rail.truth(number));
  }

  deliverNotices(works: boolean): void {
    const context = { now: this.now, ids: this.#ids };
    const word = works
      ? ({ kind: 'delivered' } as const)
      : ({ kind: 'failed', code: 'x' } as const);
    const notices = this.facts.notices.map((notice): DebitNotice => {
      const sending =
        notice.state === 'planned' ? { ...notice, state: 'sending' as const } : notice;
      return decideNoticeProgress(sending, word, context)?.notice ?? notice;
    });
    this.facts = { ...this.facts, notices };
  }

  announce(): void {
    const { announcement } = this.#capabilities;
    const { debit } = this.facts;
    if (announcement === undefined || debit.announceAt === undefined) return;
    if (debit.state !== 'scheduled') return;
    if (Temporal.Instant.compare(debit.announceAt, this.now) > 0) return;
    const from = businessDate(this.now, this.context().zone).add({ days: announcement.leadDays });
    const { announceAt: _made, ...rest } = debit;
    this.facts = { ...this.facts, debit: rest };
    this.#addNotice({
      ...present(this.facts.notices[0], 'a notice'),
      id: this.#ids('not', 0),
      purpose: 'rail',
      channel: 'rail',
      state: 'delivered',
      collectDate: debit.collectDate,
      deliveredAt: this.now,
      windowFrom: from,
      windowUntil: from.add({ days: announcement.windowDays - 1 }),
    });
  }

  payByHand(): void {
    if (this.facts.invoices.some(({ state }) => state !== 'open')) return;
    this.isPaidByHand = true;
    const invoices = this.facts.invoices.map((one) => ({ ...one, state: 'paid' as const }));
    this.facts = { ...this.facts, invoices };
  }

  #assertTold(attempt: Attempt): void {
    const { zone, timetable } = this.context();
    const { notices } = this.facts;
    const today = businessDate(this.now, zone);
    assert.ok(
      notices.some(
        (notice) =>
          notice.purpose !== 'rail' &&
          notice.state === 'delivered' &&
          notice.collectDate.equals(today) &&
          notice.amount.minor >= attempt.amount.minor,
      ),
      'an attempt without a delivered notice of its date and amount',
    );
    const question = { notices, amount: attempt.amount, zone, timetable };
    assert.ok(hasLegalNotice(question), 'an attempt of a customer who was never told in time');
  }

  #apply(decision: SettleDecision): void {
    if (decision.debit !== undefined) this.#saveDebit(decision.debit);
    if (decision.invoices !== undefined) {
      this.facts = { ...this.facts, invoices: decision.invoices };
    }
    if (decision.notice !== undefined) this.#addNotice(decision.notice);
    if (decision.payment !== undefined) this.payments.push(decision.payment);
    if (decision.journal !== undefined) this.journals.push(decision.journal);
  }

  #saveDebit(debit: DebitFacts['debit']): void {
    const { state } = this.facts.debit;
    assert.ok(state === debit.state || canMove(DEBIT_MOVES, state, debit.state));
    this.facts = { ...this.facts, debit };
  }

  #saveAttempt(attempt: Attempt): void {
    const before = this.facts.attempts.find(({ id }) => id === attempt.id);
    assert.ok(before === undefined || canMove(ATTEMPT_MOVES, before.state, attempt.state));
    const others = this.facts.attempts.filter(({ id }) => id !== attempt.id);
    this.facts = { ...this.facts, attempts: [...others, attempt] };
  }

  #addNotice(notice: DebitNotice): void {
    this.facts = { ...this.facts, notices: [...this.facts.notices, notice] };
  }
}
