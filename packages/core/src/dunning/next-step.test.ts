import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  aMandate,
  anInvoice,
  at,
  clockOf,
  countingIds,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { decideEndCase, decidePause, decideResume } from './by-person.ts';
import type { DunningCase } from './case.ts';
import { DEFAULT_CAMPAIGN, DEFAULT_CAMPAIGN_BODY } from './default-campaign.ts';
import type { DunningFacts } from './facts.ts';
import { afterStep, startCase, whyNotChased } from './moves.ts';
import { decideNextStep, type NextStep } from './next-step.ts';
import { decidePromise, judgePromise } from './promise.ts';

// The invoice was due on 10 March; day 0 is 11 March.

const ids = countingIds(50_000);
const customer = aCustomer();
const invoice = anInvoice({ state: 'open' });
const collectable = { mandate: aMandate(), invoices: [invoice] };

const contextOn = (local: string) => {
  return { now: at(local), zone: ZONE, ids, campaign: DEFAULT_CAMPAIGN };
};

const started = (): DunningCase =>
  startCase(
    {
      customer,
      currency: 'CNY',
      overdue: [invoice],
      campaign: DEFAULT_CAMPAIGN,
      name: 'default',
      body: DEFAULT_CAMPAIGN_BODY,
    },
    contextOn('2026-03-11 00:00'),
  ).dunning;

const factsOf = (changes: Partial<DunningFacts> = {}): DunningFacts => ({
  customer,
  overdue: [invoice],
  states: ['open'],
  isDebitPlanned: false,
  isLinkOpen: false,
  tries: [],
  collectable,
  hasMethod: true,
  hadMethod: true,
  canLink: true,
  ...changes,
});

describe('parts of a plan that were paid by hand', () => {
  test('no debit for the whole invoice beside the balance that they left', () => {
    const collect = '2026-03-14 10:00';
    assert.equal(look(collect, { balanceOfPlan: money(0n, 'CNY') }), 'collect #1');
    assert.equal(look(collect, { balanceOfPlan: money(1_990n, 'CNY') }), 'skip #1 balance_waits');
  });
});

/** What a look comes to, in a few words. */
function said(step: NextStep): string {
  switch (step.kind) {
    case 'end':
      return `end ${step.as}`;
    case 'wait':
      return `wait ${step.why}${step.until === undefined ? '' : ` until ${clockOf(step.until)}`}`;
    case 'do': {
      const tone = step.action.kind === 'message' ? ` ${step.action.tone}` : '';
      return `${step.action.kind}${tone}${step.through === undefined ? '' : ` #${step.through}`}`;
    }
    case 'skip':
      return `skip #${step.through} ${step.why}`;
    default:
      return step.kind;
  }
}

const look = (local: string, changes: Partial<DunningFacts> = {}, dunning = started()) =>
  said(decideNextStep(dunning, factsOf(changes), contextOn(local)));

describe('the next step of a case', () => {
  const { collectable: _none, ...nothingToCollect } = factsOf();
  const cases: readonly (readonly [string, string, Partial<DunningFacts>, string])[] = [
    ['before the first step', '2026-03-11 00:00', {}, 'wait next_step until 2026-03-11 10:00'],
    ['at the first step', '2026-03-11 10:00', {}, 'message friendly #0'],
    ['at night, late', '2026-03-11 21:00', {}, 'wait outside_hours until 2026-03-12 10:00'],
    ['after an outage: the latest that was missed', '2026-03-20 11:00', {}, 'message firm #2'],
    ['everything is paid', '2026-03-11 10:00', { overdue: [], states: ['paid'] }, 'end paid'],
    ['everything is void', '2026-03-11 10:00', { overdue: [], states: ['void'] }, 'end canceled'],
    [
      'an unknown attempt',
      '2026-03-11 10:00',
      { moving: 'attempt_open' },
      'wait attempt_open until 2026-03-11 11:00',
    ],
    [
      'a refund on its way',
      '2026-03-11 10:00',
      { moving: 'refund_on_its_way' },
      'wait refund_on_its_way until 2026-03-11 11:00',
    ],
    [
      'the invoice is in dispute',
      '2026-03-11 10:00',
      { moving: 'invoice_disputed' },
      'wait invoice_disputed until 2026-03-12 00:00',
    ],
    ['the days are over', '2026-04-10 00:00', {}, 'end exhausted'],
    [
      'the days are over, but money moves',
      '2026-04-10 00:00',
      { moving: 'attempt_open' },
      'wait attempt_open until 2026-04-10 01:00',
    ],
    [
      'no method is left: the link at once',
      '2026-03-11 10:00',
      { hasMethod: false },
      'pay_link #0',
    ],
    [
      'never a method',
      '2026-03-11 10:00',
      { hasMethod: false, hadMethod: false },
      'message friendly #0',
    ],
    [
      'no method, and no rail with links',
      '2026-03-11 10:00',
      { hasMethod: false, canLink: false },
      'message friendly #0',
    ],
  ];
  for (const [name, local, changes, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(look(local, changes), expected));
  }

  const collecting: readonly (readonly [string, DunningFacts, string])[] = [
    ['a debit is due', factsOf(), 'collect #1'],
    ['one is planned already', factsOf({ isDebitPlanned: true }), 'skip #1 debit_planned'],
    ['a link is open', factsOf({ isLinkOpen: true }), 'skip #1 pay_link_open'],
    ['no try is left', nothingToCollect, 'skip #1 tries_used_up'],
    ['no method, linked', factsOf({ hasMethod: false, isLinkOpen: true }), 'skip #1 pay_link_open'],
  ];
  for (const [name, facts, expected] of collecting) {
    test(`${name}: ${expected}`, () => {
      const dunning = { ...started(), nextStep: 1 };
      const step = decideNextStep(dunning, facts, contextOn('2026-03-14 09:00'));
      assert.equal(said(step), expected);
    });
  }

  test('what was missed is told as left out, and the case waits for what comes', () => {
    const context = contextOn('2026-03-20 11:00');
    const { dunning } = afterStep(started(), { what: 'message', through: 2 }, context);
    assert.deepEqual(
      dunning.timeline.map(({ what, day: on, why }) => [what, on, why]),
      [
        ['started', undefined, undefined],
        ['skipped', 0, 'missed'],
        ['skipped', 3, 'missed'],
        ['message', 7, undefined],
      ],
    );
    assert.equal(clockOf(dunning.nextStepAt ?? at('2000-01-01 00:00')), '2026-03-21 09:00');
  });

  test('whatever happens, each step is done once at most, and every case ends', () => {
    const hours = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 60 });
    fc.assert(
      fc.property(hours, (gaps) => {
        let dunning = started();
        let now = at('2026-03-11 00:00');
        const done: number[] = [];
        for (const gap of [...gaps, 24 * 40]) {
          now = now.add({ hours: gap });
          const context = { ...contextOn('2026-03-11 00:00'), now };
          const step = decideNextStep(dunning, factsOf(), context);
          if (step.kind === 'end') return;
          if (step.kind !== 'do') continue;
          done.push(step.through ?? -1);
          const made = { what: 'message' as const, through: step.through };
          dunning = afterStep(dunning, made, context).dunning;
        }
        assert.deepEqual(
          done,
          [...new Set(done)].toSorted((a, b) => a - b),
        );
        const over = { ...contextOn('2026-03-11 00:00'), now };
        assert.equal(decideNextStep(dunning, factsOf(), over).kind, 'end');
      }),
    );
  });
});

describe('who is chased', () => {
  const about = { customer, overdue: [invoice] };
  const today = day('2026-03-11');
  test('arrears from the threshold on, of the campaign’s customers', () => {
    const reference = customer.externalReference;
    const why = (changes: Partial<typeof DEFAULT_CAMPAIGN>) =>
      whyNotChased(about, { ...DEFAULT_CAMPAIGN, ...changes }, today);
    assert.equal(why({}), undefined);
    assert.equal(why({ thresholds: [money(2_985n, 'CNY')] }), undefined);
    assert.equal(why({ thresholds: [money(2_986n, 'CNY')] }), 'below_threshold');
    assert.equal(why({ customers: 'organisation' }), 'other_customers');
    assert.equal(why({ excluded: [reference] }), 'customer_excluded');
    assert.equal(whyNotChased(about, DEFAULT_CAMPAIGN, day('2026-04-10')), 'too_old');
    const returned = { ...about, returnedOn: day('2026-05-05') };
    assert.equal(whyNotChased(returned, DEFAULT_CAMPAIGN, day('2026-05-06')), undefined);
  });
});

describe('what people decide', () => {
  const by = { by: 'Anna', reason: 'asks for a copy' };

  test('a pause stops the steps; it ends by itself or by a person', () => {
    const context = contextOn('2026-03-11 10:00');
    const paused = decidePause(started(), { ...by, until: day('2026-03-13') }, context);
    assert.ok(paused.ok);
    const { dunning } = paused.value;
    assert.equal(look('2026-03-11 10:00', {}, dunning), 'wait paused until 2026-03-13 00:00');
    assert.equal(look('2026-03-11 10:00', { overdue: [], states: ['paid'] }, dunning), 'end paid');
    const resumed = decideResume(dunning, by, context);
    assert.equal(resumed.ok && resumed.value.dunning.state, 'running');
    const late = decidePause(started(), { ...by, until: day('2026-03-11') }, context);
    assert.equal(late.ok ? '' : late.refusal.code, 'pause_without_end');
  });

  test('a person cannot say that money came', () => {
    const context = contextOn('2026-03-11 10:00');
    const ended = decideEndCase(started(), { ...by, as: 'paid' }, context);
    assert.equal(ended.ok ? '' : ended.refusal.code, 'end_reason_not_valid');
    const disputed = decideEndCase(started(), { ...by, as: 'disputed' }, context);
    assert.equal(disputed.ok && disputed.value.dunning.nextStepAt, undefined);
  });

  const promised = (dunning: DunningCase, date: string, minor?: bigint) => {
    const amount = minor === undefined ? {} : { amount: money(minor, 'CNY') };
    const about = { overdue: [invoice], context: contextOn('2026-03-11 11:00') };
    return decidePromise(dunning, { date: day(date), by: 'Anna', ...amount }, about);
  };

  test('a promise waits until the day after; then it is kept or broken', () => {
    const made = promised(started(), '2026-03-13');
    assert.ok(made.ok);
    const { dunning } = made.value;
    assert.equal(look('2026-03-12 10:00', {}, dunning), 'wait promised until 2026-03-14 00:00');
    assert.equal(look('2026-03-14 00:00', {}, dunning), 'judge_promise');
    const context = contextOn('2026-03-14 00:00');
    assert.equal(judgePromise(dunning, [invoice], context).isKept, false);
    const kept = judgePromise(dunning, [], context);
    assert.ok(kept.isKept);
    assert.equal(kept.dunning.promise, undefined);
  });

  const refused: readonly (readonly [string, string, bigint | undefined, string])[] = [
    ['yesterday', '2026-03-10', undefined, 'promise_date_not_valid'],
    ['too far away', '2026-03-26', undefined, 'promise_date_not_valid'],
    ['nothing', '2026-03-13', 0n, 'promise_amount_not_valid'],
    ['more than is owed', '2026-03-13', 2_986n, 'promise_amount_not_valid'],
  ];
  for (const [name, date, minor, expected] of refused) {
    test(`a promise of ${name}: ${expected}`, () => {
      const made = promised(started(), date, minor);
      assert.equal(made.ok ? 'taken' : made.refusal.code, expected);
    });
  }

  test('as many promises as the campaign takes', () => {
    const made = promised({ ...started(), promiseCount: 2 }, '2026-03-13');
    assert.equal(made.ok ? 'taken' : made.refusal.code, 'promises_used_up');
  });
});
