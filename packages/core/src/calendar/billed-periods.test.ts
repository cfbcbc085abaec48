import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  arrearsPeriod,
  type BillingMode,
  type BillingRun,
  type BillingSchedule,
  billedPeriods,
  billingWindow,
  leadingStub,
  servicePeriodContaining,
} from './billed-periods.ts';
import { daysIn, type Interval } from './periods.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const MONTH: Interval = { unit: 'month', count: 1 };
const schedule = (start: string, billingDay: number, interval = MONTH): BillingSchedule => ({
  start: date(start),
  interval,
  billingDay,
});
const runOn = (asOf: string, mode: BillingMode, end?: string): BillingRun => ({
  asOf: date(asOf),
  mode,
  ...(end === undefined ? {} : { end: date(end) }),
});

function billed(billing: BillingSchedule, run: BillingRun): readonly string[] {
  const periods = billedPeriods(billing, run);
  assert.ok(periods.ok);
  return periods.value.map(({ service: { start, end } }) => `${start}/${end}`);
}

describe('what a run has billed', () => {
  const stub = '2026-01-10/2026-01-31';
  const january = '2026-01-31/2026-02-28';
  const cases: readonly (readonly [string, string, BillingMode, string | undefined, string[]])[] = [
    ['in advance, on the start', '2026-01-10', 'in_advance', undefined, [stub]],
    ['in advance, on a boundary', '2026-01-31', 'in_advance', undefined, [stub, january]],
    ['in advance, before the start', '2026-01-09', 'in_advance', undefined, []],
    ['in arrears, in the first period', '2026-01-30', 'in_arrears', undefined, []],
    ['in arrears, on a boundary', '2026-01-31', 'in_arrears', undefined, [stub]],
    ['in arrears, the day before a boundary', '2026-02-27', 'in_arrears', undefined, [stub]],
    ['greedily, in the first period', '2026-01-12', 'in_arrears_greedy', undefined, [stub]],
    ['greedily, on a boundary', '2026-01-31', 'in_arrears_greedy', undefined, [stub]],
    ['greedily, after it', '2026-02-01', 'in_arrears_greedy', undefined, [stub, january]],
    [
      'to an end in the first period',
      '2026-01-20',
      'in_advance',
      '2026-01-15',
      ['2026-01-10/2026-01-15'],
    ],
    [
      'to an end that is near',
      '2026-02-01',
      'in_advance',
      '2026-02-10',
      [stub, '2026-01-31/2026-02-10'],
    ],
    ['in arrears, an end still to come', '2026-02-01', 'in_arrears', '2026-02-10', [stub]],
    [
      'in arrears, on the end',
      '2026-02-10',
      'in_arrears',
      '2026-02-10',
      [stub, '2026-01-31/2026-02-10'],
    ],
    [
      'greedily, an end still to come',
      '2026-02-01',
      'in_arrears_greedy',
      '2026-02-10',
      [stub, '2026-01-31/2026-02-10'],
    ],
    ['of a service that never began', '2026-02-01', 'in_advance', '2026-01-10', []],
  ];
  for (const [name, asOf, mode, end, expected] of cases) {
    test(name, () => {
      assert.deepEqual(billed(schedule('2026-01-10', 31), runOn(asOf, mode, end)), expected);
    });
  }

  test('refuses an end before the start', () => {
    const refused = billedPeriods(
      schedule('2026-01-10', 31),
      runOn('2026-02-01', 'in_advance', '2026-01-09'),
    );
    assert.ok(!refused.ok);
    assert.equal(refused.refusal.code, 'invalid_date_sequence');
  });

  test('refuses an in-advance run before the start, when asked to', () => {
    const early = { ...runOn('2026-01-09', 'in_advance'), refuseBeforeStart: true };
    assert.equal(billedPeriods(schedule('2026-01-10', 31), early).ok, false);
    const late = { ...runOn('2026-01-09', 'in_arrears'), refuseBeforeStart: true };
    assert.equal(billedPeriods(schedule('2026-01-10', 31), late).ok, true);
  });
});

describe('the window of a run', () => {
  test('names the billing dates around it', () => {
    const window = billingWindow(schedule('2026-01-10', 31), runOn('2026-03-01', 'in_arrears'));
    assert.equal(window.firstBillingDate.toString(), '2026-01-31');
    assert.equal(window.billedThrough?.toString(), '2026-02-28');
    assert.equal(window.lastBillingDate?.toString(), '2026-02-28');
    assert.equal(window.nextBillingDate.toString(), '2026-03-31');
    assert.equal(window.hasBilling, true);
  });

  test('waits for the first billing date in arrears', () => {
    const window = billingWindow(schedule('2026-01-10', 31), runOn('2026-01-30', 'in_arrears'));
    assert.equal(window.billedThrough, undefined);
    assert.equal(window.lastBillingDate, undefined);
    assert.equal(window.nextBillingDate.toString(), '2026-01-31');
    assert.equal(window.hasBilling, false);
  });

  test('has no billing for a service that ended where it began', () => {
    const run = runOn('2026-02-01', 'in_advance', '2026-01-10');
    assert.equal(billingWindow(schedule('2026-01-10', 31), run).hasBilling, false);
  });
});

describe('the period of service of a date', () => {
  const quarter: Interval = { unit: 'month', count: 3 };
  const cases: readonly (readonly [string, BillingSchedule, string, string, string, number])[] = [
    [
      'in the short first period',
      schedule('2026-01-10', 31),
      '2026-01-10',
      '2026-01-10/2026-01-31',
      '2025-12-31/2026-01-31',
      0,
    ],
    [
      'on the first billing date',
      schedule('2026-01-10', 31),
      '2026-01-31',
      '2026-01-31/2026-02-28',
      '2026-01-31/2026-02-28',
      1,
    ],
    [
      'without a short first period',
      schedule('2026-01-31', 31),
      '2026-03-01',
      '2026-02-28/2026-03-31',
      '2026-02-28/2026-03-31',
      1,
    ],
    [
      'by the quarter, after the billing day',
      schedule('2026-01-20', 15, quarter),
      '2026-02-01',
      '2026-01-20/2026-04-15',
      '2026-01-15/2026-04-15',
      0,
    ],
    [
      'before the start',
      schedule('2026-01-10', 31),
      '2025-06-01',
      '2026-01-10/2026-01-31',
      '2025-12-31/2026-01-31',
      0,
    ],
    [
      'before a start on its billing day',
      schedule('2026-01-31', 31),
      '2025-06-01',
      '2026-01-31/2026-02-28',
      '2026-01-31/2026-02-28',
      0,
    ],
  ];
  for (const [name, billing, at, service, full, elapsed] of cases) {
    test(name, () => {
      const found = servicePeriodContaining(billing, date(at));
      assert.equal(`${found.service.start}/${found.service.end}`, service);
      assert.equal(`${found.full.start}/${found.full.end}`, full);
      assert.equal(found.elapsed, elapsed);
    });
  }
});

describe('an invoice in arrears', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['2026-01-20', undefined],
    ['2026-01-31', '2026-01-10/2026-01-31'],
    ['2026-02-28', '2026-01-31/2026-02-28'],
    ['2026-03-05', '2026-01-31/2026-02-28'],
  ];
  for (const [invoiceDate, expected] of cases) {
    test(`of ${invoiceDate} bills ${expected ?? 'nothing'}`, () => {
      const period = arrearsPeriod(schedule('2026-01-10', 31), date(invoiceDate));
      assert.equal(period === undefined ? undefined : `${period.start}/${period.end}`, expected);
    });
  }
});

describe('any schedule', () => {
  const dates = fc.integer({ min: 0, max: 1_500 }).map((days) => date('2023-12-01').add({ days }));
  const schedules: fc.Arbitrary<BillingSchedule> = fc.record({
    start: dates,
    interval: fc.record({
      unit: fc.constantFrom('day', 'week', 'month', 'year'),
      count: fc.integer({ min: 1, max: 6 }),
    }),
    billingDay: fc.integer({ min: 1, max: 31 }),
  });
  const modes = fc.constantFrom<BillingMode>('in_advance', 'in_arrears', 'in_arrears_greedy');

  test('bills every day once: its periods follow each other from the start', () => {
    fc.assert(
      fc.property(schedules, dates, modes, (billing, asOf, mode) => {
        const periods = billedPeriods(billing, { asOf, mode });
        assert.ok(periods.ok);
        let end = billing.start;
        for (const { service, full } of periods.value) {
          assert.ok(service.start.equals(end));
          assert.ok(daysIn(service) > 0 && daysIn(service) <= daysIn(full));
          assert.ok(Temporal.PlainDate.compare(full.start, service.start) <= 0);
          assert.ok(Temporal.PlainDate.compare(service.end, full.end) <= 0);
          end = service.end;
        }
        const { billedThrough } = billingWindow(billing, { asOf, mode });
        if (periods.value.length > 0) assert.ok(billedThrough?.equals(end));
      }),
    );
  });

  test('bills the same days in the end, in advance or in arrears', () => {
    const lengths = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(schedules, lengths, modes, (billing, days, mode) => {
        const end = billing.start.add({ days });
        const periods = billedPeriods(billing, { asOf: end, mode, end });
        assert.ok(periods.ok);
        assert.equal(
          periods.value.reduce((total, { service }) => total + daysIn(service), 0),
          days,
        );
      }),
    );
  });

  test('has a short first period that the day before it completes to a whole one', () => {
    fc.assert(
      fc.property(schedules, (billing) => {
        const stub = leadingStub(billing);
        fc.pre(stub !== undefined);
        const missing = daysIn({ start: stub.full.start, end: stub.service.start });
        assert.equal(missing + daysIn(stub.service), daysIn(stub.full));
        assert.ok(missing > 0);
      }),
    );
  });
});
