import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ANNOUNCING_RAIL,
  aCustomer,
  aMandate,
  anInvoice,
  at,
  contextAt,
  countingIds,
  PLAIN_RAIL,
} from '../../../../test/kit/builders.ts';
import { ModelRail, type Verdict } from '../../../../test/kit/model-rail.ts';
import { businessDate } from '../calendar/business-time.ts';
import type { IdSource } from '../ids/source.ts';
import { sumEntries } from '../ledger/balances.ts';
import type { Journal } from '../ledger/journal.ts';
import { hasLegalNotice } from '../notice/gate.ts';
import type { Notice } from '../notice/notice.ts';
import { decideNoticeProgress } from '../notice/plan.ts';
import { present } from '../result/invariant.ts';
import { canMove } from '../result/moves.ts';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import type { RailCapabilities } from './capabilities.ts';
import { ATTEMPT_MOVES, DEBIT_MOVES, isOpen } from './moves.ts';
import type { Payment } from './payment.ts';
import { decideSchedule, type ScheduleContext } from './schedule.ts';
import { decideSettle, type SettleDecision } from './settle.ts';
import { type DebitFacts, decideSubmit } from './submit.ts';

// One debit lives through any order of submissions, crashes, lost and delayed calls, replies,
// callbacks, questions, bill lines and lies of its rail. The decisions of core run over rows in
// memory; the rail takes money at most once per number and remembers every number for ever.

/** How the call of a submission ends for us. */
type Fate = 'told' | 'crash_before' | 'delayed' | 'not_connected' | 'crash_after' | 'time_out';

class World {
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
    this.facts = { debit, ...parties, invoices, notices: [notice], attempts: [] };
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
    if (decision.kind === 'rescheduled') this.#addNotice(decision.notice);
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
    const notices = this.facts.notices.map((notice): Notice => {
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

  #addNotice(notice: Notice): void {
    this.facts = { ...this.facts, notices: [...this.facts.notices, notice] };
  }
}

/** What must hold after every step, whatever happened. */
function assertSafe({ facts, payments, journals, rail, isPaidByHand }: World): void {
  const { debit, attempts, invoices } = facts;
  assert.ok(payments.length <= 1, 'two payments of one debit');
  assert.equal(debit.state === 'succeeded', payments.length === 1, 'payment ⇔ debit succeeded');
  const open = attempts.filter(({ state }) => isOpen(state));
  assert.ok(open.length <= 1, 'two open attempts');
  assert.equal(debit.state === 'in_flight', open.length === 1, 'in flight ⇔ an attempt is open');
  assert.ok(!isPaidByHand || payments.length === 0, 'an invoice paid by hand is debited too');
  const isPaid = invoices.every(({ state }) => state === 'paid');
  assert.equal(isPaid, isPaidByHand || payments.length === 1, 'paid ⇔ its money is here');
  assert.equal(new Set(attempts.map((one) => one.orderNumber)).size, attempts.length);
  assert.equal(journals.length, payments.length, 'a journal for each payment');
  for (const { entries } of journals) assert.equal(sumEntries(entries), 0n);
  for (const attempt of attempts) {
    assert.equal(attempt.endedAt === undefined, isOpen(attempt.state));
    const isBooked = payments.some(({ attemptId }) => attemptId === attempt.id);
    if (attempt.state === 'succeeded') assert.ok(isBooked, 'a success without payment');
    if (isBooked) assert.ok(['succeeded', 'late_success'].includes(attempt.state));
  }
  const honest = rail.paidNumbers().filter((number) => !rail.lies.has(number));
  assert.ok(honest.length <= 1, 'money taken twice by numbers that we sent');
}

type Step = (world: World) => unknown;

const verdicts = fc.constantFrom<Verdict>(
  'pay',
  'refuse',
  'think',
  'refuse',
  'think',
  'refuse_for_good',
);
const fates = fc.constantFrom<Fate>(
  'told',
  'crash_before',
  'delayed',
  'not_connected',
  'crash_after',
  'time_out',
);
const anyAttempt = (world: World, pick: number): Attempt | undefined =>
  world.facts.attempts[pick % Math.max(1, world.facts.attempts.length)];
const picks = fc.nat({ max: 7 });

/** A step with its words, so that a counterexample reads as a story. */
function named(name: string, run: Step): Step {
  return Object.assign(run, { toString: () => name });
}

function advanceTo(world: World, due: Temporal.Instant | undefined): void {
  if (due !== undefined && Temporal.Instant.compare(world.now, due) < 0) world.now = due;
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.tuple(fates, verdicts).map(([fate, verdict]) =>
      named(`all goes well until submit ${fate} ${verdict}`, (world) => {
        // Held back until its day is over: the next day it gets another.
        if (world.facts.debit.blockedBy !== undefined) world.now = world.now.add({ hours: 24 });
        world.deliverNotices(true);
        advanceTo(world, world.facts.debit.announceAt);
        world.announce();
        advanceTo(world, world.facts.debit.collectAt);
        world.submit(fate, verdict);
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fates, verdicts).map(([fate, verdict]) =>
      named(`submit ${fate} ${verdict}`, (world) => {
        advanceTo(world, world.facts.debit.collectAt);
        world.submit(fate, verdict);
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(1, 31, 180, 24 * 60, 6 * 24 * 60)
      .map((minutes) =>
        named(`wait ${minutes} min`, (world) => (world.now = world.now.add({ minutes }))),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .boolean()
      .map((works) => named(`notices ${works}`, (world) => world.deliverNotices(works))),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      named('announce', (world) => {
        advanceTo(world, world.facts.debit.announceAt);
        world.announce();
      }),
    ),
  },
  { weight: 8, arbitrary: fc.constant(named('ask', (world) => world.ask())) },
  { weight: 2, arbitrary: fc.constant(named('arrive', (world) => world.arrive())) },
  { weight: 1, arbitrary: fc.constant(named('bill', (world) => world.readBill())) },
  {
    weight: 1,
    arbitrary: fc
      .nat({ max: 4 })
      .map((pick) => named(`by hand if ${pick} is 0`, (world) => pick === 0 && world.payByHand())),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(picks, verdicts).map(([pick, verdict]) =>
      named(`rail decides ${pick} ${verdict}`, (world) => {
        const attempt = anyAttempt(world, pick);
        if (attempt !== undefined) world.rail.decide(attempt, verdict, world.now);
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(picks, fc.constantFrom('close', 'pay late', 'call back'))
      .map(([pick, what]) =>
        named(`${what} ${pick}`, (world) => {
          const attempt = anyAttempt(world, pick);
          if (attempt === undefined) return;
          if (what === 'close') world.rail.close(attempt);
          if (what === 'pay late') world.rail.payLate(attempt, world.now);
          const { orderNumber } = attempt;
          if (what !== 'call back' || !world.rail.knows(orderNumber)) return;
          const outcome = world.rail.truth(orderNumber);
          world.messages.push({ orderNumber, outcome });
          world.hear(orderNumber, outcome);
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 40 }).map((pick) =>
      named(`an old message ${pick} again`, (world) => {
        const old = world.messages[pick % Math.max(1, world.messages.length)];
        if (old !== undefined) world.hear(old.orderNumber, old.outcome);
      }),
    ),
  },
);

/** Everything that is under way arrives and is asked about: then nothing may be left open (I15). */
function assertConverges(world: World): void {
  for (let round = 0; round < 10 && world.wires.length > 0; round += 1) world.arrive();
  for (const attempt of world.facts.attempts) world.rail.decide(attempt, 'refuse', world.now);
  world.ask();
  world.readBill();
  assertSafe(world);
  const { attempts, debit } = world.facts;
  assert.ok(
    attempts.every(({ state }) => !isOpen(state)),
    'an attempt stays open',
  );
  const paid = attempts.filter(({ state }) => state === 'succeeded' || state === 'late_success');
  assert.deepEqual(
    paid.map((one) => one.orderNumber).sort(),
    [...world.rail.paidNumbers()].sort(),
    'money at the rail that our rows do not show',
  );
  if (paid.length > 0 && !world.isPaidByHand) assert.equal(debit.state, 'succeeded');
}

for (const [name, rail] of [
  ['a plain rail', PLAIN_RAIL],
  ['a rail with hours and announcements', ANNOUNCING_RAIL],
] as const) {
  test(`money is taken once and every fen is seen, on ${name}`, () => {
    let sent = 0;
    let paid = 0;
    let late = 0;
    fc.assert(
      fc.property(fc.array(steps, { minLength: 10, maxLength: 60, size: 'max' }), (life) => {
        const world = new World(rail);
        for (const step of life) {
          step(world);
          assertSafe(world);
        }
        assertConverges(world);
        sent += world.facts.attempts.length;
        paid += world.payments.length;
        late += world.facts.attempts.filter(({ state }) => state === 'late_success').length;
      }),
      { numRuns: 1_500 },
    );
    // A model that never gets as far as the money would prove nothing.
    assert.ok(sent > 3_000 && paid > 500 && late > 100, `${sent} sent, ${paid} paid, ${late} late`);
  });
}
