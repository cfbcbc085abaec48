import assert from 'node:assert/strict';
import {
  type AttemptOutcome,
  type DebitRequest,
  instantAt,
  money,
  present,
  type Rail,
} from '../../../packages/core/src/index.ts';

/** A rail with somebody who can play the payer and move its clock. */
export type Subject = {
  readonly rail: Rail;
  /** The payer agrees to a new contract, planned from this date on where dates are planned. */
  readonly sign: (firstPlanned: Temporal.PlainDate) => Promise<string>;
  /** The payer ends the contract at the rail. */
  readonly end: (railReference: string) => Promise<void>;
  /** Moves the rail's clock; never back. */
  readonly moveTo: (instant: Temporal.Instant) => Promise<void>;
  /** Lets the rail do what it still has to do. */
  readonly settle: () => Promise<void>;
  readonly freshNumber: () => string;
};

/** The day on which the subjects begin, at nine in the morning. */
export const FIRST = Temporal.PlainDate.from('2026-11-20');
const AMOUNT = money(2_985n, 'CNY');

/** What the engine relies on, whatever stands behind the port. In this order: the clock moves. */
export const FACTS: readonly {
  readonly name: string;
  /** Undefined: it is of every rail. */
  readonly of?: (rail: Rail) => boolean;
  readonly check: (subject: Subject) => Promise<void>;
}[] = [
  {
    name: 'a number that it never saw is not found',
    check: async ({ rail, freshNumber }) => {
      assert.deepEqual(await rail.ask(freshNumber()), { kind: 'not_found' });
    },
  },
  {
    name: 'takes a debit, says so as it declares, and takes the number once only',
    check: async (subject) => {
      const { rail, settle } = subject;
      const debit = await readyDebit(subject);
      const first = await rail.submit(debit);
      const declared = rail.capabilities.completion === 'reply' ? 'succeeded' : 'accepted';
      assert.equal(first.kind, declared);
      await settle();
      const outcome = requirePaid(await rail.ask(debit.orderNumber));
      assert.deepEqual(outcome.paid, AMOUNT);
      assert.deepEqual(await rail.submit(debit), outcome);
      assert.deepEqual(await rail.ask(debit.orderNumber), outcome);
    },
  },
  {
    name: 'never refuses a number that comes again with another amount: it may be paid',
    check: async (subject) => {
      const { rail, settle } = subject;
      const debit = await readyDebit(subject);
      await rail.submit(debit);
      await settle();
      const other = await rail.submit({ ...debit, amount: money(9_900n, 'CNY') });
      assert.equal(other.kind, 'unknown');
      requirePaid(await rail.ask(debit.orderNumber));
    },
  },
  {
    name: 'a paid number cannot be closed',
    of: ({ capabilities }) => capabilities.closeAfterSeconds !== undefined,
    check: async (subject) => {
      const debit = await readyDebit(subject);
      await subject.rail.submit(debit);
      await subject.settle();
      requirePaid(await subject.rail.close(debit.orderNumber));
    },
  },
  {
    name: 'takes nothing on a contract that the payer has ended',
    check: async (subject) => {
      const debit = await readyDebit(subject);
      await subject.end(debit.railReference);
      await subject.rail.submit(debit);
      await subject.settle();
      const outcome = await subject.rail.ask(debit.orderNumber);
      assert.ok(outcome.kind === 'refused' || outcome.kind === 'not_found', outcome.kind);
    },
  },
  {
    name: 'the same announcement twice is one; another amount and a dead contract are refused',
    of: ({ announce }) => announce !== undefined,
    check: async (subject) => {
      const { rail, end } = subject;
      const announce = present(rail.announce, 'announce');
      const debit = await readyDebit(subject);
      const { railReference } = debit;
      const again = { railReference, amount: AMOUNT };
      assert.deepEqual(await announce(again), { kind: 'done' });
      const other = await announce({ railReference, amount: money(9_900n, 'CNY') });
      assert.equal(other.kind === 'refused' && !other.mandateGone, true, other.kind);
      await end(railReference);
      const gone = await announce({ railReference, amount: AMOUNT });
      assert.equal(gone.kind === 'refused' && gone.mandateGone, true, gone.kind);
    },
  },
  {
    name: 'takes nothing far from the planned date',
    of: ({ capabilities }) => capabilities.plannedDate !== undefined,
    check: async (subject) => {
      const far = today(subject).add({ days: 14 });
      const railReference = await subject.sign(far.day > 28 ? far.with({ day: 28 }) : far);
      const outcome = await subject.rail.submit(newDebit(subject, railReference));
      assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'reschedule');
    },
  },
  {
    name: 'takes nothing outside its hours',
    of: ({ capabilities }) => capabilities.submitWindow !== undefined,
    check: async (subject) => {
      const debit = await readyDebit(subject);
      await moveTo(subject, today(subject), '23:00');
      const outcome = await subject.rail.submit(debit);
      assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'reschedule');
    },
  },
  {
    name: 'its bill comes the next day, with every success once and 0.60 % of it',
    check: async (subject) => {
      await moveTo(subject, today(subject).add({ days: 1 }), '09:00');
      const debit = await readyDebit(subject);
      await subject.rail.submit(debit);
      await subject.settle();
      const day = today(subject);
      assert.equal((await subject.rail.fetchBill(day)).kind, 'not_ready');
      await moveTo(subject, day.add({ days: 1 }), '10:30');
      const bill = await subject.rail.fetchBill(day);
      assert.equal(bill.kind, 'ready');
      if (bill.kind !== 'ready') return;
      const lines = await Array.fromAsync(bill.lines);
      const ours = lines.filter(({ orderNumber }) => orderNumber === debit.orderNumber);
      assert.deepEqual(
        ours.map(({ amount, fee }) => [amount.minor, fee.minor]),
        [[2_985n, 18n]],
      );
      const outcome = requirePaid(await subject.rail.ask(debit.orderNumber));
      assert.equal(ours[0]?.railReference, outcome.railReference);
    },
  },
];

const clocks = new WeakMap<Subject, Temporal.PlainDate>();

function today(subject: Subject): Temporal.PlainDate {
  return clocks.get(subject) ?? FIRST;
}

async function moveTo(subject: Subject, date: Temporal.PlainDate, time: string): Promise<void> {
  const { zone } = subject.rail.capabilities;
  await subject.moveTo(instantAt(date, Temporal.PlainTime.from(time), zone));
  clocks.set(subject, date);
}

function newDebit(subject: Subject, railReference: string): DebitRequest {
  const orderNumber = subject.freshNumber();
  return { orderNumber, railReference, amount: AMOUNT, description: '专业版' };
}

/** A debit that the rail takes at this hour: signed, announced, near its planned date. */
async function readyDebit(subject: Subject): Promise<DebitRequest> {
  const { rail } = subject;
  const { announcement } = rail.capabilities;
  const from = today(subject);
  const planned = from.add({ days: 2 + (announcement?.leadDays ?? 0) });
  const railReference = await subject.sign(planned.day > 28 ? planned.with({ day: 28 }) : planned);
  if (announcement !== undefined) {
    // The day after the signing: some rails take a first debit at once and want no announcement.
    await moveTo(subject, from.add({ days: 1 }), '10:00');
    assert.deepEqual(await rail.announce?.({ railReference, amount: AMOUNT }), { kind: 'done' });
    await moveTo(subject, from.add({ days: 1 + announcement.leadDays }), '10:00');
  }
  return newDebit(subject, railReference);
}

function requirePaid(outcome: AttemptOutcome) {
  if (outcome.kind !== 'succeeded') assert.fail(outcome.kind);
  return outcome;
}
