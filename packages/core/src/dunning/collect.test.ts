import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  aDebit,
  aMandate,
  aNotice,
  anInvoice,
  at,
  contextAt,
  countingIds,
  day,
  PLAIN_RAIL,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { decideRecollect } from '../debit/recollect.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { money, sum } from '../money/money.ts';
import { computeBestHour, preferPayday } from './best-hour.ts';
import type { DunningCase } from './case.ts';
import {
  type CollectQuestion,
  chooseCollectable,
  decideCollectArrears,
  type Try,
} from './collect.ts';
import { DEFAULT_CAMPAIGN, DEFAULT_CAMPAIGN_BODY } from './default-campaign.ts';
import { startCase } from './moves.ts';
import { decidePlan, judgePlan } from './plan.ts';

const ids = countingIds(70_000);
const customer = aCustomer();
const BUCKET = 7;

/** Open invoices of 29.85 each, one a month. */
function owing(count: number): readonly Invoice[] {
  return Array.from({ length: count }, (_, index) =>
    anInvoice({
      id: ids('inv', BUCKET),
      state: 'open',
      dueDate: day('2026-01-10').add({ months: index }),
    }),
  );
}

const three = owing(3);
const mandate = aMandate({ singleCap: money(20_000n, 'CNY') });

function ask(changes: Partial<CollectQuestion> = {}): CollectQuestion {
  return {
    invoices: three,
    mandates: [mandate],
    tries: [],
    triesBy: () => 0,
    capabilitiesOf: () => PLAIN_RAIL,
    debit: DEFAULT_CAMPAIGN.debit,
    maxTries: 8,
    triesOfDebit: 2,
    ...changes,
  };
}

const chosen = (changes: Partial<CollectQuestion> = {}) => {
  const found = chooseCollectable(ask(changes));
  return found?.invoices.map(({ id }) => three.findIndex((one) => one.id === id));
};

const tried = (invoice: Invoice | undefined, changes: Partial<Try> = {}): Try => ({
  invoiceId: invoice?.id ?? 'inv_',
  mandateId: mandate.id,
  state: 'refused',
  refusalClass: 'funds',
  at: at('2026-03-10 07:30'),
  ...changes,
});

describe('what one debit of arrears collects', () => {
  test('all that is overdue, the oldest first', () => assert.deepEqual(chosen(), [0, 1, 2]));

  test('the oldest first up to the mandate’s cap', () => {
    const capped = aMandate({ singleCap: money(6_000n, 'CNY') });
    assert.deepEqual(chosen({ mandates: [capped] }), [0, 1]);
    const tooLow = aMandate({ singleCap: money(2_984n, 'CNY') });
    assert.equal(chosen({ mandates: [tooLow] }), undefined);
  });

  const stopped: readonly (readonly [string, Partial<CollectQuestion>])[] = [
    ['its account is gone', { tries: [tried(three[0], { refusalClass: 'account' })] }],
    ['the payer revoked it', { tries: [tried(three[0], { refusalClass: 'mandate' })] }],
    ['it has ended', { mandates: [aMandate({ state: 'ended' })] }],
    ['its budget of 15 tries is used up', { triesBy: () => 14 }],
  ];
  for (const [name, changes] of stopped) {
    test(`nothing by a method when ${name}`, () => assert.equal(chosen(changes), undefined));
  }

  test('an invoice whose tries are used up is left out, the others are collected', () => {
    const tries = Array<Try>(7).fill(tried(three[0]));
    assert.deepEqual(chosen({ tries }), [1, 2]);
  });

  test('another method takes over where the campaign allows it', () => {
    const second = aMandate({ id: ids('man', BUCKET), singleCap: money(20_000n, 'CNY') });
    const tries = [tried(three[0], { refusalClass: 'account' })];
    const both = { mandates: [mandate, second], tries };
    assert.equal(chooseCollectable(ask(both))?.mandate.id, second.id);
    const only = { ...DEFAULT_CAMPAIGN.debit, otherMethods: false };
    assert.equal(chooseCollectable(ask({ ...both, debit: only })), undefined);
  });

  test('no debit goes over the cap or over what is owed, whatever is overdue', () => {
    const caps = fc.bigInt({ min: 1n, max: 30_000n });
    fc.assert(
      fc.property(caps, fc.integer({ min: 0, max: 12 }), (cap, count) => {
        const invoices = owing(count);
        const capped = aMandate({ singleCap: money(cap, 'CNY') });
        const found = chooseCollectable(ask({ invoices, mandates: [capped] }));
        const taken = BigInt(found?.invoices.length ?? 0) * PRICE.minor;
        assert.ok(taken <= cap && taken <= BigInt(count) * PRICE.minor);
        const isMost = taken + PRICE.minor > cap || (found?.invoices.length ?? 0) === count;
        assert.ok(isMost, 'as many as the cap allows');
      }),
    );
  });
});

describe('the debit of arrears and its notice', () => {
  const context = contextAt('2026-03-14 09:00');

  test('a sum that nobody was told of: one notice with the days of the law', () => {
    const made = decideCollectArrears({ mandate, invoices: three }, { customer }, context);
    assert.equal(made?.debit.amount.minor, 3n * PRICE.minor);
    assert.equal(made?.notice?.purpose, 'renewal');
    assert.equal(made?.notice?.amount.minor, 3n * PRICE.minor);
    assert.equal(made?.debit.collectDate.toString(), '2026-03-19');
    assert.deepEqual(
      made?.debit.invoiceIds,
      three.map(({ id }) => id),
    );
  });

  test('one invoice whose notice came in time: a retry notice and its lead', () => {
    const first = { debit: aDebit(), notices: [aNotice()] };
    const invoices = [anInvoice({ state: 'open' })];
    const made = decideCollectArrears({ mandate, invoices }, { customer, first }, context);
    assert.equal(made?.notice?.purpose, 'retry');
    assert.equal(made?.debit.collectDate.toString(), '2026-03-15');
    assert.equal(made?.debit.movedFrom, first.debit.id);
  });
});

describe('one invoice of a debit of arrears is paid by hand', () => {
  test('what is left of several dates gets a debit and a notice of its own', () => {
    const context = contextAt('2026-03-14 09:00');
    const made = decideCollectArrears({ mandate, invoices: three }, { customer }, context);
    assert.ok(made?.notice);
    const old = { debit: made.debit, attempts: [], notices: [made.notice] };
    const invoices = three.map((one, index) => {
      return index === 0 ? { ...one, state: 'paid' as const } : one;
    });
    const after = { invoices, customer, mandate, reason: 'paid_by_hand' as const };
    const { debits, notices } = decideRecollect(old, after, context);
    assert.deepEqual(
      debits.map(({ state, amount, dueDate }) => [state, amount.minor, dueDate.toString()]),
      [
        ['canceled', 8_955n, '2026-03-10'],
        ['scheduled', 5_970n, '2026-03-10'],
      ],
    );
    assert.deepEqual(
      notices.map(({ state, amount }) => [state, amount.minor]),
      [
        ['failed', 8_955n],
        ['planned', 5_970n],
      ],
    );
  });
});

describe('the hour in which a customer pays', () => {
  const rule = { zone: ZONE, fallback: Temporal.PlainTime.from('10:00'), windows: [] };
  const best = (times: readonly string[], changes = {}) => {
    const { time, why, payday } = computeBestHour(times.map(at), { ...rule, ...changes });
    return [time.toString({ smallestUnit: 'minute' }), why, payday];
  };
  const office = {
    from: Temporal.PlainTime.from('09:00'),
    until: Temporal.PlainTime.from('18:00'),
  };
  const windows = [{ ...office, zone: ZONE }];
  const evenings = ['2026-01-15 20:10', '2026-02-15 20:40', '2026-03-16 20:05', '2026-03-20 12:00'];
  const cases: readonly (readonly [string, unknown, readonly unknown[]])[] = [
    ['too little history', best(evenings.slice(0, 2)), ['10:00', 'too_little_history', undefined]],
    ['mostly in the evening, after the 15th', best(evenings), ['20:00', 'own_hours', 15]],
    ['inside the rail’s hours only', best(evenings, { windows }), ['12:00', 'own_hours', 15]],
    [
      'never inside them',
      best(evenings.slice(0, 3), { windows }),
      ['10:00', 'outside_rail_hours', 15],
    ],
  ];
  for (const [name, found, expected] of cases) {
    test(name, () => assert.deepEqual(found, expected));
  }

  test('the order of the payments does not matter, and the hour is one of theirs', () => {
    const hour = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(fc.array(hour, { minLength: 3, maxLength: 24 }), (hours) => {
        const paid = hours.map((one, index) =>
          at('2026-01-01 00:00').add({ hours: index * 24 + one }),
        );
        const found = computeBestHour(paid, rule);
        assert.deepEqual(found, computeBestHour(paid.toReversed(), rule));
        assert.ok(hours.includes(found.time.hour));
      }),
    );
  });

  test('a payday is waited for when it is near', () => {
    const on = (payday: number | undefined) =>
      preferPayday(day('2026-03-12'), day('2026-03-17'), payday).toString();
    assert.equal(on(15), '2026-03-15');
    assert.equal(on(25), '2026-03-12');
    assert.equal(on(undefined), '2026-03-12');
  });
});

describe('an instalment plan', () => {
  const caseOf = (overdue: readonly Invoice[]): DunningCase =>
    startCase(
      {
        customer,
        currency: 'CNY',
        overdue,
        campaign: DEFAULT_CAMPAIGN,
        name: 'default',
        body: DEFAULT_CAMPAIGN_BODY,
      },
      { now: at('2026-03-14 09:00'), zone: ZONE, ids },
    ).dunning;
  const now = { now: at('2026-03-14 09:00'), zone: ZONE, ids };
  const plan = (overdue: readonly Invoice[], parts: number, first = '2026-04-01') => {
    const wish = { parts, firstDate: day(first), by: 'Anna' };
    return decidePlan(caseOf(overdue), wish, { overdue, context: now });
  };

  test('several invoices are laid out whole, one invoice in equal amounts by hand', () => {
    const several = plan(three, 2);
    assert.ok(several.ok);
    assert.deepEqual(
      several.value.plan.parts.map(({ date, amount, invoiceIds }) => [
        date.toString(),
        amount.minor,
        invoiceIds.length,
      ]),
      [
        ['2026-04-01', 5_970n, 2],
        ['2026-05-01', 2_985n, 1],
      ],
    );
    const single = plan(owing(1), 2);
    assert.ok(single.ok);
    assert.deepEqual(
      single.value.plan.parts.map(({ amount, invoiceIds }) => [amount.minor, invoiceIds.length]),
      [
        [1_493n, 0],
        [1_492n, 0],
      ],
    );
  });

  test('a small invoice before a large one is a part of its own', () => {
    const [small, large] = owing(2);
    assert.ok(small !== undefined && large !== undefined);
    const made = plan([{ ...small, total: money(1_000n, 'CNY') }, large], 2);
    assert.ok(made.ok);
    assert.deepEqual(
      made.value.plan.parts.map(({ amount }) => amount.minor),
      [1_000n, 2_985n],
    );
  });

  test('the parts are what is owed, every invoice in one of them', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 12 }));
    fc.assert(
      fc.property(counts, ([count, parts]) => {
        const overdue = owing(count);
        const made = plan(overdue, parts);
        assert.ok(made.ok);
        const amounts = made.value.plan.parts.map(({ amount }) => amount);
        assert.equal(sum(amounts, 'CNY').minor, BigInt(count) * PRICE.minor);
        const named = made.value.plan.parts.flatMap(({ invoiceIds }) => invoiceIds);
        assert.equal(new Set(named).size, count === 1 ? 0 : count);
        assert.equal(named.length, new Set(named).size);
      }),
    );
  });

  test('it is kept while each part is paid by its day, else broken', () => {
    const made = plan(three, 2);
    assert.ok(made.ok);
    const on = (local: string, paid: bigint, isDebitPlanned = false) => {
      const facts = { paid: money(paid, 'CNY'), isDebitPlanned };
      return judgePlan(made.value.plan, facts, { now: at(local), zone: ZONE }).kind;
    };
    assert.equal(on('2026-03-14 09:00', 0n), 'wait');
    assert.equal(on('2026-03-25 00:00', 0n), 'collect');
    assert.equal(on('2026-04-02 00:00', 0n), 'broken');
    assert.equal(on('2026-04-02 00:00', 0n, true), 'wait');
    assert.equal(on('2026-04-02 00:00', 5_970n), 'wait');
    assert.equal(on('2026-05-02 00:00', 8_955n), 'kept');
  });

  const refused: readonly (readonly [string, number, string, string])[] = [
    ['one part', 1, '2026-04-01', 'plan_parts_not_valid'],
    ['thirteen parts', 13, '2026-04-01', 'plan_parts_not_valid'],
    ['a first part today', 3, '2026-03-14', 'plan_date_not_valid'],
    ['a first part in two months', 3, '2026-05-14', 'plan_date_not_valid'],
  ];
  for (const [name, parts, first, expected] of refused) {
    test(`${name}: ${expected}`, () => {
      const made = plan(three, parts, first);
      assert.equal(made.ok ? 'taken' : made.refusal.code, expected);
    });
  }
});
