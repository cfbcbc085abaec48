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
import type { Arrears } from '../arrears/arrears.ts';
import { addDays } from '../calendar/periods.ts';
import { money } from '../money/money.ts';
import {
  computeEntitlement,
  type EntitledSubscription,
  type EntitlementFacts,
} from './entitlement.ts';
import {
  decideOverride,
  decideWithdrawOverride,
  type EntitlementOverride,
  OVERRIDE_MAX_DAYS,
  type OverrideWish,
} from './override.ts';

const TODAY = day('2026-03-20');
const CUSTOMER = aCustomer();

function subscription(changes: Partial<EntitledSubscription> = {}): EntitledSubscription {
  const from = day('2026-01-01');
  return {
    id: anotherId('sub', 0),
    planCode: 'pro',
    state: 'active',
    startsOn: from,
    pauses: [],
    autoRenew: true,
    billedThrough: day('2026-04-01'),
    items: [
      { kind: 'flat', code: 'base', quantity: 1n, from },
      { kind: 'seat', code: 'seat', quantity: 5n, from },
      { kind: 'module', code: 'reports', quantity: 1n, from },
      { kind: 'metered', code: 'tokens', quantity: 1n, from },
    ],
    ...changes,
  };
}

function arrears(state: Arrears['state'], changes: Partial<Arrears> = {}): Arrears {
  return {
    merchantId: CUSTOMER.merchantId,
    customerId: CUSTOMER.id,
    state,
    since: TODAY,
    changedAt: at('2026-03-20 10:00'),
    earliestUnpaid: day('2026-03-10'),
    unpaidInvoices: 1,
    unpaid: [money(2_985n, 'CNY')],
    ...changes,
  };
}

function granted(changes: Partial<EntitlementOverride>): EntitlementOverride {
  return {
    id: anotherId('ovr', 0),
    merchantId: CUSTOMER.merchantId,
    customerId: CUSTOMER.id,
    kind: 'module',
    code: 'export',
    until: day('2026-04-10'),
    by: 'Anna',
    why: '试用',
    createdAt: at('2026-03-01 10:00'),
    ...changes,
  };
}

function entitlementOf(changes: Partial<EntitlementFacts> = {}, on = TODAY) {
  const facts: EntitlementFacts = {
    customerId: CUSTOMER.id,
    externalReference: CUSTOMER.externalReference,
    payerId: CUSTOMER.id,
    subscriptions: [subscription()],
    overrides: [],
    ...changes,
  };
  return computeEntitlement(facts, { on, zone: 'Asia/Shanghai', locale: 'en' });
}

describe('status', () => {
  const later = day('2026-05-01');
  const paused = { pauses: [{ from: day('2026-03-15') }] };
  const cases: readonly (readonly [string, Partial<EntitlementFacts>, string, string])[] = [
    ['a subscription in use', {}, 'active', 'in_good_standing'],
    ['paid again', { arrears: arrears('clear') }, 'active', 'in_good_standing'],
    ['days of grace', { arrears: arrears('grace') }, 'active', 'arrears_grace'],
    ['warned', { arrears: arrears('warned') }, 'active', 'arrears_warned'],
    [
      'put off by a person',
      { arrears: arrears('warned', { heldBy: 'postponed' }) },
      'active',
      'suspension_postponed',
    ],
    [
      'an attempt without an end',
      { arrears: arrears('warned', { heldBy: 'attempt_unknown' }) },
      'active',
      'payment_under_way',
    ],
    ['suspended', { arrears: arrears('suspended') }, 'suspended', 'arrears_suspended'],
    ['data are kept', { arrears: arrears('retained') }, 'suspended', 'arrears_retained'],
    ['paused', { subscriptions: [subscription(paused)] }, 'limited', 'paused'],
    [
      'paused, and another in use',
      { subscriptions: [subscription(paused), subscription()] },
      'active',
      'in_good_standing',
    ],
    [
      'parked',
      { subscriptions: [subscription({ state: 'parked' })] },
      'active',
      'in_good_standing',
    ],
    ['not begun', { subscriptions: [subscription({ startsOn: later })] }, 'limited', 'not_started'],
    [
      'over today',
      { subscriptions: [subscription({ endsOn: TODAY })] },
      'ended',
      'subscription_ended',
    ],
    [
      'not renewed, billed until today',
      { subscriptions: [subscription({ autoRenew: false, billedThrough: TODAY })] },
      'ended',
      'subscription_ended',
    ],
    ['nothing was ever sold', { subscriptions: [] }, 'ended', 'no_subscription'],
    ['only granted', { subscriptions: [], overrides: [granted({})] }, 'limited', 'granted'],
  ];
  for (const [what, facts, status, code] of cases) {
    test(what, () => {
      const found = entitlementOf(facts);
      assert.deepEqual([found.status, found.reason.code], [status, code]);
      assert.match(found.reason.sentence, /^[A-Z¥].*\.$/);
    });
  }
});

describe('modules, seats and limits', () => {
  test('the plan and its modules by code, seats by their price', () => {
    const { modules, seats } = entitlementOf();
    assert.deepEqual(modules, [
      { code: 'pro', active: true },
      { code: 'reports', active: true },
    ]);
    assert.deepEqual(seats, [{ code: 'seat', quantity: 5n }]);
  });

  test('what ends is told with its first day without it', () => {
    const endsOn = day('2026-04-01');
    const [plan] = entitlementOf({ subscriptions: [subscription({ endsOn })] }).modules;
    assert.deepEqual(plan, { code: 'pro', active: true, until: endsOn });
  });

  test('what a person granted comes beside, and ends on its day', () => {
    const overrides = [
      granted({}),
      granted({ kind: 'seats', code: 'seat', quantity: 2n }),
      granted({ kind: 'limit', code: 'projects', quantity: 50n }),
      granted({ kind: 'module', code: 'over', until: TODAY }),
      granted({ code: 'back', withdrawn: { at: at('2026-03-02 10:00'), by: 'Bao' } }),
    ];
    const found = entitlementOf({ overrides });
    assert.deepEqual(
      found.modules.filter(({ active }) => active).map(({ code }) => code),
      ['export', 'pro', 'reports'],
    );
    assert.deepEqual(found.seats, [{ code: 'seat', quantity: 7n }]);
    assert.deepEqual(found.limits, [{ code: 'projects', quantity: 50n }]);
    assert.equal(found.overrides.length, 3);
  });

  test('while the service is off nothing is active, whatever was granted', () => {
    const found = entitlementOf({ arrears: arrears('suspended'), overrides: [granted({})] });
    assert.ok(found.modules.length === 3 && found.modules.every(({ active }) => !active));
  });
});

describe('what changes next', () => {
  test('the suspension, with its amount', () => {
    const nextChange = {
      on: day('2026-03-21'),
      at: at('2026-03-21 10:00'),
      state: 'suspended',
    } as const;
    const found = entitlementOf({
      arrears: arrears('warned', { nextChange }),
      subscriptions: [subscription({ endsOn: day('2026-04-01') })],
    });
    assert.equal(found.nextChange?.what, 'service_suspended');
    assert.deepEqual(found.nextChange?.at, nextChange.at);
    assert.match(found.nextChange?.why ?? '', /¥29\.85/);
  });

  test('the end of a pause, at local midnight', () => {
    const pauses = [{ from: day('2026-03-15'), until: day('2026-03-25') }];
    const { nextChange } = entitlementOf({ subscriptions: [subscription({ pauses })] });
    assert.deepEqual(nextChange?.at, at('2026-03-25 00:00'));
    assert.equal(nextChange?.what, 'pause_ends');
  });

  test('until then the answer stays the same, whatever day it is asked on', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(400), (starts, lasts, asked) => {
        const startsOn = addDays(day('2026-01-01'), starts);
        const endsOn = addDays(startsOn, lasts + 1);
        const base = subscription({ startsOn, endsOn });
        const items = base.items.map((item) => ({ ...item, from: startsOn }));
        const subscriptions = [{ ...base, items }];
        const on = addDays(day('2026-01-01'), asked);
        const first = entitlementOf({ subscriptions }, on);
        const next = first.nextChange?.at.toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
        if (next === undefined) return;
        const eve = entitlementOf({ subscriptions }, addDays(next, -1));
        assert.deepEqual([eve.status, eve.modules], [first.status, first.modules]);
        const after = entitlementOf({ subscriptions }, next);
        assert.notDeepEqual(after.status, first.status);
      }),
    );
  });
});

describe('what a person grants', () => {
  const context = { ...contextAt('2026-03-20 10:00'), zone: 'Asia/Shanghai', ids: anotherId };
  const wish: OverrideWish = {
    kind: 'no_suspension',
    until: day('2026-04-01'),
    by: 'Anna',
    why: '对公付款在途',
  };

  test('has a name, a reason and an end, and is told', () => {
    const decision = decideOverride(CUSTOMER, wish, context);
    assert.ok(decision.ok);
    const { override, event } = decision.value;
    assert.deepEqual([override.by, override.why, override.until], [wish.by, wish.why, wish.until]);
    assert.equal(event.type, 'entitlement.override_granted');
    const back = decideWithdrawOverride(override, 'Bao', context);
    assert.ok(back.ok);
    const twice = decideWithdrawOverride(back.value.override, 'Bao', context);
    assert.equal(twice.ok ? '' : twice.refusal.code, 'override_ended');
  });

  const refused: readonly (readonly [string, Partial<OverrideWish>, string])[] = [
    ['that ends today', { until: TODAY }, 'override_over'],
    [
      'without an end in sight',
      { until: addDays(TODAY, OVERRIDE_MAX_DAYS + 1) },
      'override_too_long',
    ],
    ['by nobody', { by: ' ' }, 'override_without_name'],
    ['without a reason', { why: '' }, 'override_without_reason'],
    ['of a module without its code', { kind: 'module' }, 'override_code_wrong'],
    ['of a suspension with a code', { code: 'x' }, 'override_code_wrong'],
    ['of no seats', { kind: 'seats', code: 'seat' }, 'override_quantity_wrong'],
    ['of a dispute about nothing', { kind: 'disputed_invoice' }, 'override_invoice_wrong'],
    [
      'of a tag with an invoice',
      { kind: 'control_tag', code: 'x', invoiceId: anInvoice().id },
      'override_invoice_wrong',
    ],
  ];
  for (const [what, changes, code] of refused) {
    test(`refuses one ${what}`, () => {
      const decision = decideOverride(CUSTOMER, { ...wish, ...changes }, context);
      assert.equal(decision.ok ? '' : decision.refusal.code, code);
    });
  }

  test('a department has no suspension of its own', () => {
    const department = aCustomer({ kind: 'department', payerId: CUSTOMER.id });
    const decision = decideOverride(department, wish, context);
    assert.equal(decision.ok ? '' : decision.refusal.code, 'override_not_of_payer');
  });
});
