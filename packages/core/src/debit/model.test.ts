import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ANNOUNCING_RAIL, PLAIN_RAIL } from '../../../../test/kit/builders.ts';
import { DebitWorld, type Fate } from '../../../../test/kit/debit-world.ts';
import type { Verdict } from '../../../../test/kit/model-rail.ts';
import { sumEntries } from '../ledger/balances.ts';
import type { Attempt } from './attempt.ts';
import { isOpen } from './moves.ts';

// One debit lives through any order of submissions, crashes, lost and delayed calls, replies,
// callbacks, questions, bill lines and lies of its rail. The decisions of core run over rows in
// memory; the rail takes money at most once per number and remembers every number for ever.

/** What must hold after every step, whatever happened. */
function assertSafe({ facts, payments, journals, rail, isPaidByHand }: DebitWorld): void {
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

type Step = (world: DebitWorld) => unknown;

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
const anyAttempt = (world: DebitWorld, pick: number): Attempt | undefined =>
  world.facts.attempts[pick % Math.max(1, world.facts.attempts.length)];
const picks = fc.nat({ max: 7 });

/** A step with its words, so that a counterexample reads as a story. */
function named(name: string, run: Step): Step {
  return Object.assign(run, { toString: () => name });
}

function advanceTo(world: DebitWorld, due: Temporal.Instant | undefined): void {
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
function assertConverges(world: DebitWorld): void {
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
        const world = new DebitWorld(rail);
        for (const step of life) {
          step(world);
          assertSafe(world);
        }
        assertConverges(world);
        sent += world.facts.attempts.length;
        paid += world.payments.length;
        late += world.facts.attempts.filter(({ state }) => state === 'late_success').length;
      }),
      { numRuns: 3_000 },
    );
    // A model that never gets as far as the money would prove nothing.
    assert.ok(
      sent > 3_000 && paid > 1_000 && late > 300,
      `${sent} sent, ${paid} paid, ${late} late`,
    );
  });
}
