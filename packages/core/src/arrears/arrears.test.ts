import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  anInvoice,
  anotherId,
  at,
  contextAt,
  day,
} from '../../../../test/kit/builders.ts';
import { addDays, daysIn } from '../calendar/periods.ts';
import { money } from '../money/money.ts';
import { ARREARS_STATES, type Arrears, isServiceOff, severity } from './arrears.ts';
import { type ArrearsFacts, type ArrearsLook, decideArrears } from './look.ts';
import { arrearsMessage } from './message.ts';
import { isOverdue, observe, overdueState, transitionDates } from './overdue.ts';
import { DEFAULT_ARREARS_POLICY } from './policy.ts';

const OWED = money(2_985n, 'CNY');
const DUE = day('2026-03-10');

function facts(changes: Partial<ArrearsFacts> = {}): ArrearsFacts {
  const invoice = {
    id: anInvoice().id,
    dueDate: DUE,
    balance: OWED,
    isDisputed: false,
    isUnasked: false,
  };
  return { customer: aCustomer(), overdue: [invoice], tags: [], ...changes };
}

function contextOf(local: string) {
  const { now, zone } = contextAt(local);
  return { now, zone, policy: DEFAULT_ARREARS_POLICY, ids: anotherId };
}

/** A warning was delivered on the day on which it was sent, where nothing else is said. */
function told(before: Arrears | undefined): Pick<ArrearsFacts, 'warning'> {
  return before?.warnedOn === undefined ? {} : { warning: before.warnedOn };
}

/** Looks at 10:00 of each of these days after the due date, one after the other. */
function looksAt(
  days: readonly number[],
  factsOn: (day: number) => ArrearsFacts = () => facts(),
): readonly ArrearsLook[] {
  const looks: ArrearsLook[] = [];
  let before: Arrears | undefined;
  for (const one of days) {
    const given = { ...told(before), ...factsOn(one) };
    const look = decideArrears(before, given, contextOf(`${addDays(DUE, one)} 10:00`));
    looks.push(look);
    before = look.arrears;
  }
  return looks;
}

const statesOf = (looks: readonly ArrearsLook[]) => looks.map(({ arrears }) => arrears.state);

describe('the default policy', () => {
  test('each state comes on its day, never earlier', () => {
    const days = [1, 2, 3, 9, 10, 14, 15, 89, 90];
    assert.deepEqual(statesOf(looksAt(days)), [
      'grace',
      'grace',
      'warned',
      'warned',
      'suspended',
      'suspended',
      'retained',
      'retained',
      'deletable',
    ]);
  });

  test('each look names the date of the next one, and what it brings', () => {
    const looks = looksAt([1, 3, 10, 15, 90]);
    assert.deepEqual(
      looks.map(({ arrears }) => [arrears.nextChange?.on.toString(), arrears.nextChange?.state]),
      [
        ['2026-03-13', 'warned'],
        ['2026-03-20', 'suspended'],
        ['2026-03-25', 'retained'],
        ['2026-06-08', 'deletable'],
        [undefined, undefined],
      ],
    );
    const [first] = looks;
    assert.deepEqual(first?.arrears.nextLookAt, at('2026-03-13 10:00'));
  });

  test('before ten in the morning nothing gets worse', () => {
    const [, warned] = looksAt([1, 3]);
    const given = facts(told(warned?.arrears));
    const night = decideArrears(warned?.arrears, given, contextOf('2026-03-20 09:59'));
    const morning = decideArrears(warned?.arrears, given, contextOf('2026-03-20 10:00'));
    assert.deepEqual([night.arrears.state, morning.arrears.state], ['warned', 'suspended']);
    assert.deepEqual(night.arrears.nextLookAt, at('2026-03-20 10:00'));
  });

  test('paid: clear at once, whatever the hour, and looked at no more', () => {
    const [, , suspended] = looksAt([1, 3, 10]);
    const look = decideArrears(
      suspended?.arrears,
      facts({ overdue: [] }),
      contextOf('2026-03-21 03:00'),
    );
    assert.deepEqual(
      [look.arrears.state, look.arrears.nextLookAt, look.events.map(({ type }) => type)],
      ['clear', undefined, ['service.restored']],
    );
  });

  test('events tell each harm once', () => {
    const types = looksAt([1, 3, 4, 10, 11, 15, 90]).flatMap(({ events }) =>
      events.map(({ type }) => type),
    );
    assert.deepEqual(types, [
      'service.warned',
      'service.suspended',
      'service.retained',
      'service.deletion_due',
    ]);
  });
});

describe('what holds a suspension back', () => {
  for (const hold of ['attempt_unknown', 'payment_waits'] as const) {
    test(`${hold}: warned until it has an end, then the same day's look suspends`, () => {
      const looks = looksAt([1, 3, 10, 11, 12], (one) =>
        facts(one === 10 || one === 11 ? { moneyUnderWay: hold } : {}),
      );
      assert.deepEqual(statesOf(looks).slice(2), ['warned', 'warned', 'suspended']);
      assert.equal(looks[2]?.arrears.heldBy, hold);
      assert.deepEqual(looks[2]?.arrears.nextLookAt, at('2026-03-21 10:00'));
    });
  }

  test('nor is anybody warned of what may just be paid', () => {
    const looks = looksAt([1, 3, 4], (one) =>
      facts(one === 3 ? { moneyUnderWay: 'attempt_unknown' } : {}),
    );
    assert.deepEqual(statesOf(looks), ['grace', 'grace', 'warned']);
    assert.equal(looks[1]?.arrears.heldBy, 'attempt_unknown');
  });

  test('a service that is off stays off while another try is under way', () => {
    const looks = looksAt([1, 3, 10, 11], (one) =>
      facts(one === 11 ? { moneyUnderWay: 'attempt_unknown' } : {}),
    );
    assert.equal(looks[3]?.arrears.state, 'suspended');
  });

  test('a postponement gives the service back and ends on its date', () => {
    const until = addDays(DUE, 20);
    const looks = looksAt([1, 3, 10, 11, 19, 20], (one) =>
      facts(one >= 11 ? { postponedUntil: until } : {}),
    );
    assert.deepEqual(statesOf(looks), [
      'grace',
      'warned',
      'suspended',
      'warned',
      'warned',
      'suspended',
    ]);
    const postponed = looks[3]?.arrears;
    assert.deepEqual(
      [postponed?.heldBy, postponed?.nextChange?.on, postponed?.nextChange?.state],
      ['postponed', until, 'suspended'],
    );
  });

  test('a look that comes weeks late warns first and keeps the days between the steps', () => {
    const days = [30, 36, 37, 41, 42, 116, 117];
    assert.deepEqual(statesOf(looksAt(days)), [
      'warned',
      'warned',
      'suspended',
      'suspended',
      'retained',
      'retained',
      'deletable',
    ]);
    assert.equal(looksAt([30])[0]?.arrears.heldBy, 'not_warned');
  });

  test('sent is not delivered: the days count from the delivery, or a person is asked', () => {
    const undelivered = (days: readonly number[], warning: ArrearsFacts['warning']) =>
      looksAt(days, () => facts(warning === undefined ? {} : { warning }));
    const asked = undelivered([3, 10, 40], 'person_asked');
    assert.deepEqual(statesOf(asked), ['warned', 'warned', 'warned']);
    const held = asked[1]?.arrears;
    assert.deepEqual(
      [held?.heldBy, held?.nextChange, held?.nextLookAt],
      ['not_warned', undefined, at('2026-03-21 10:00')],
    );
    // Its proof is waited for: the date moves with each day.
    const [, , waiting] = undelivered([3, 9, 10], 'under_way');
    assert.deepEqual(
      [waiting?.arrears.state, waiting?.arrears.nextChange?.on.toString()],
      ['warned', '2026-03-27'],
    );
    const late = undelivered([3, 10, 18, 19], addDays(DUE, 12));
    assert.deepEqual(statesOf(late), ['warned', 'warned', 'warned', 'suspended']);
  });

  test('who was warned by nothing that stands is warned again, with a new date', () => {
    const [warned] = looksAt([3]);
    const context = contextOf('2026-03-30 15:00');
    const again = decideArrears(warned?.arrears, facts(), context);
    const message = arrearsMessage(again, { customer: aCustomer(), merchantName: 'M' }, context);
    assert.deepEqual(
      [message?.templateKey, message?.variables['suspendDate'], again.events],
      ['service_warned', '2026-04-06', []],
    );
    const busy = facts({ moneyUnderWay: 'attempt_unknown' });
    assert.equal(decideArrears(warned?.arrears, busy, context).warnsNow, false);
  });

  test('an invoice in dispute does not count, and is looked at every day', () => {
    const disputed = facts().overdue.map((one) => ({ ...one, isDisputed: true }));
    const [look] = looksAt([12], () => facts({ overdue: disputed }));
    assert.deepEqual(
      [look?.arrears.state, look?.arrears.nextLookAt],
      ['clear', at('2026-03-23 10:00')],
    );
  });

  test('nobody is warned of what was not asked for yet: a debit that was never tried', () => {
    const unasked = facts().overdue.map((one) => ({ ...one, isUnasked: true }));
    const [look, tried] = looksAt([12, 13], (one) =>
      one === 12 ? facts({ overdue: unasked }) : facts(),
    );
    assert.deepEqual(
      [look?.arrears.state, look?.arrears.nextLookAt, tried?.arrears.state],
      ['clear', at('2026-03-23 10:00'), 'warned'],
    );
  });

  test('paying the oldest invoice counts the age from the next', () => {
    const [oldest] = facts().overdue;
    assert.ok(oldest);
    const second = { ...oldest, dueDate: addDays(DUE, 8) };
    const looks = looksAt([3, 10, 11], (one) =>
      facts({ overdue: one === 11 ? [second] : [oldest, second] }),
    );
    assert.deepEqual(statesOf(looks), ['warned', 'suspended', 'warned']);
    assert.deepEqual(
      looks[2]?.events.map(({ type }) => type),
      ['service.restored'],
    );
  });
});

describe('messages', () => {
  const about = { customer: aCustomer(), merchantName: '云笔记' };

  test('a warning names the amount and the date of the suspension', () => {
    const [, warned] = looksAt([1, 3]);
    assert.ok(warned);
    const message = arrearsMessage(warned, about, contextOf('2026-03-13 10:00'));
    assert.equal(message?.templateKey, 'service_warned');
    assert.equal(message?.variables['amount'], '¥29.85');
    assert.equal(message?.variables['suspendDate'], '2026-03-20');
  });

  test('before anything is deleted its date is told', () => {
    const [, , , retained] = looksAt([1, 3, 10, 15]);
    assert.ok(retained);
    const message = arrearsMessage(retained, about, contextOf('2026-03-25 10:00'));
    assert.equal(message?.templateKey, 'service_deletion_due');
    assert.equal(message?.variables['deletionDate'], '2026-06-08');
  });

  test('nothing is told where nothing changes', () => {
    const [, , same] = looksAt([1, 3, 4]);
    assert.ok(same);
    assert.equal(arrearsMessage(same, about, contextOf('2026-03-14 10:00')), undefined);
  });
});

describe('laws', () => {
  const policyStates = DEFAULT_ARREARS_POLICY.states;

  test('as days pass without a payment the wanted state never gets milder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }),
        fc.nat(120),
        (ages, later) => {
          const unpaid = ages.map((age) => ({ date: addDays(DUE, -age), balance: OWED }));
          const on = (date: Temporal.PlainDate) => {
            const observed = observe(unpaid, date, { tags: [] });
            return severity(overdueState(policyStates, observed, date) ?? 'clear');
          };
          assert.ok(on(addDays(DUE, later)) >= on(DUE));
        },
      ),
    );
  });

  test('whenever the looks come: warned before suspended, and the promised days between', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(gaps, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (steps, busy) => {
        let one = 0;
        const days = steps.map((step) => (one += step));
        const looks = looksAt(days, (age) =>
          facts(busy[days.indexOf(age)] === true ? { moneyUnderWay: 'attempt_unknown' } : {}),
        );
        for (const [index, { from, arrears }] of looks.entries()) {
          if (busy[index] === true) assert.ok(!isServiceOff(arrears.state) || isServiceOff(from));
          if (!isServiceOff(arrears.state) || arrears.state === from) continue;
          const warnedOn = arrears.warnedOn;
          assert.ok(warnedOn !== undefined);
          assert.ok(daysIn({ start: warnedOn, end: arrears.since }) >= 7);
          const jump = severity(arrears.state) - severity(from);
          assert.equal(jump, 1, `${from} → ${arrears.state}`);
        }
      }),
    );
  });

  test('the transitions by age stand in the order of severity', () => {
    const found = transitionDates(policyStates, DUE).map(({ state }) => state);
    assert.deepEqual(found, ARREARS_STATES.slice(1));
  });

  test('overdue: from the day after the due date, and only what is owed and not disputed', () => {
    const open = { state: 'open', dueDate: DUE, isDisputed: false } as const;
    assert.equal(isOverdue(open, DUE), false);
    assert.equal(isOverdue(open, addDays(DUE, 1)), true);
    assert.equal(isOverdue({ ...open, isDisputed: true }, addDays(DUE, 1)), false);
    for (const state of ['draft', 'paid', 'void'] as const) {
      assert.equal(isOverdue({ ...open, state }, addDays(DUE, 1)), false);
    }
  });
});
