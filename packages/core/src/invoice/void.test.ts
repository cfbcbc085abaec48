import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aLine,
  anInvoice,
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  at,
  contextOf,
  countingIds,
  DUE,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import { percentOff } from '../catalog/coupon.ts';
import { sumEntries } from '../ledger/balances.ts';
import { postInvoiceIssued } from '../ledger/templates.ts';
import { money } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { CreditGrant } from './credit-grant.ts';
import type { CreditNote } from './credit-note.ts';
import { decideDraft } from './draft.ts';
import type { DraftFacts } from './draft-facts.ts';
import type { Invoice } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';
import { placeAfterReissue, reissuedEvents, rewindToDraft } from './reissue.ts';
import { decideVoid, type VoidFacts } from './void.ts';

const IDS = countingIds(70_000);
const CONTEXT = { now: at('2026-03-07 10:00'), businessDate: day('2026-03-07'), ids: IDS };
const cny = (minor: bigint) => money(minor, 'CNY');

const BASE = aPrice('flat', 10_000n, { code: 'base' });
const SEAT = aPrice('seat', 3_333n, { code: 'seat' });
const YEARLY = aPrice('module', 99_999n, { code: 'yearly', interval: { unit: 'year', count: 1 } });

const NOTHING: VoidFacts = {
  notes: [],
  isDebitInFlight: false,
  journals: [],
  pendingLines: [],
  redemptions: [],
  grantUses: [],
  grants: [],
  otherInvoices: [],
};

function voided(invoice: Invoice, facts: Partial<VoidFacts> = {}) {
  const result = decideVoid(invoice, { ...NOTHING, ...facts }, CONTEXT);
  assert.ok(result.ok, result.ok ? '' : result.refusal.code);
  return result.value;
}

function aPendingLine(minor: bigint, changes: Partial<PendingLine> = {}): PendingLine {
  const { position: _position, ...line } = aLine({
    priceCode: 'base',
    priceVersionId: BASE.version.id,
    rule: minor < 0n ? 'change_credit' : 'change_charge',
    amount: cny(minor),
    subtotal: cny(minor),
    net: cny(minor),
    tax: cny(0n),
  });
  const { id, merchantId, customerId } = aSubscription();
  return {
    id: anotherId('pli', 0),
    merchantId,
    customerId,
    subscriptionId: id,
    state: 'pending',
    notBefore: day('2026-01-01'),
    line,
    createdAt: at('2026-03-01 09:00'),
    ...changes,
  };
}

function aRedemption(changes: Partial<Redemption> = {}): Redemption {
  const { id, merchantId, customerId } = aSubscription();
  return {
    id: anotherId('red', 0),
    merchantId,
    customerId,
    subscriptionId: id,
    coupon: {
      id: anotherId('cpn', 0),
      code: 'SPRING',
      nameZh: '春季优惠',
      nameEn: 'Spring',
      kind: percentOff(1_500n),
      duration: { type: 'once' },
      appliesTo: 'all',
    },
    state: 'active',
    usedPeriods: 0,
    redeemedAt: at('2026-02-01 09:00'),
    ...changes,
  };
}

describe('voiding gives back what the invoice took', () => {
  const invoice = anInvoice();

  test('its journal is reversed, once', () => {
    const journal = present(
      postInvoiceIssued({
        ...invoice,
        id: IDS('jrn', 7),
        invoiceId: invoice.id,
        businessDate: DUE,
        postedAt: CONTEXT.now,
      }),
      'a journal',
    );
    const { journals, events } = voided(invoice, { journals: [journal] });
    const all = [...journal.entries, ...journals.flatMap(({ entries }) => entries)];
    for (const { account } of journal.entries) {
      assert.equal(sumEntries(all.filter((entry) => entry.account === account)), 0n);
    }
    assert.deepEqual(voided(invoice, { journals: [journal, ...journals] }).journals, []);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['invoice.voided'],
    );
  });

  test('a draft has nothing in the books', () => {
    const draft = anInvoice({ state: 'draft' });
    assert.equal(voided(draft).invoice.state, 'void');
    assert.deepEqual(voided(draft).journals, []);
  });

  test('lines that waited wait again; credits of its own lines are dropped', () => {
    const billed = aPendingLine(500n, { state: 'billed', invoiceId: invoice.id });
    const credits = { invoiceId: invoice.id, position: 1 };
    const own = aPendingLine(-300n);
    const ofIt: PendingLine = { ...own, line: { ...own.line, why: { credits } } };
    const other = aPendingLine(-200n);
    const { pendingLines } = voided(invoice, { pendingLines: [billed, ofIt, other] });
    assert.deepEqual(
      pendingLines.map(({ id, state, invoiceId }) => [id, state, invoiceId]),
      [
        [billed.id, 'pending', undefined],
        [ofIt.id, 'dropped', undefined],
      ],
    );
  });

  test('a coupon that it used up holds again', () => {
    const used = aRedemption({ state: 'used_up', usedPeriods: 1, usedAmount: cny(447n) });
    const why = { discounts: [{ couponCode: 'SPRING', amount: cny(447n) }] };
    const discounted = anInvoice({ lines: [aLine({ why })] });
    const [back] = voided(discounted, { redemptions: [used] }).redemptions;
    assert.deepEqual([back?.state, back?.usedPeriods, back?.usedAmount?.minor], ['active', 0, 0n]);
    const again = aRedemption({ coupon: used.coupon, redeemedAt: at('2026-03-03 09:00') });
    const [kept] = voided(discounted, { redemptions: [used, again] }).redemptions;
    assert.equal(kept?.id, used.id);
    assert.equal(kept?.state, 'used_up', 'the subscription has redeemed it once more');
  });

  test('the wallet gets its money back', () => {
    const { merchantId, customerId } = invoice;
    const grant: CreditGrant = {
      id: anotherId('crg', 0),
      merchantId,
      customerId,
      kind: 'prepaid',
      amount: cny(2_000n),
      left: cny(0n),
      nameZh: '预存',
      nameEn: 'Prepaid',
      createdAt: at('2026-02-01 09:00'),
    };
    const uses = [{ grantId: grant.id, invoiceId: invoice.id, amount: cny(2_000n) }];
    const [back] = voided(invoice, { grants: [grant], grantUses: uses }).grants;
    assert.equal(back?.left.minor, 2_000n);
  });
});

describe('what is not voided', () => {
  const credits = { invoiceId: anInvoice().id, position: 1 };
  const later = anInvoice({ id: anotherId('inv', 0), lines: [aLine({ why: { credits } })] });
  for (const [name, invoice, facts, code] of [
    ['a paid one', anInvoice({ state: 'paid' }), {}, 'invoice_is_paid'],
    ['a void one', anInvoice({ state: 'void' }), {}, 'invoice_is_void'],
    ['its debit on the way', anInvoice(), { isDebitInFlight: true }, 'debit_in_flight'],
    ['credit notes', anInvoice(), { notes: [{} as CreditNote] }, 'invoice_has_credit_notes'],
    ['billed credits', anInvoice(), { otherInvoices: [later] }, 'adjusted_on_later_invoice'],
  ] as const) {
    test(`${name}: ${code}`, () => {
      const result = decideVoid(invoice, { ...NOTHING, ...facts }, CONTEXT);
      assert.ok(!result.ok);
      assert.equal(result.refusal.code, code);
      assert.ok(result.refusal.next.length > 0);
    });
  }
});

function aTeam(quantity: bigint, startsOn = DUE): Subscription {
  return aSubscription({
    startsOn,
    anchor: startsOn,
    items: [
      anItem(BASE, { from: startsOn }),
      anItem(SEAT, { from: startsOn, quantity }),
      anItem(YEARLY, { from: startsOn }),
    ],
  });
}

function draftOf(subscription: Subscription, changes: Partial<DraftFacts> = {}) {
  const bounds = { linesPerDay: 100, timesRecent: 1_000n, floorMinor: 10n ** 9n };
  const context = contextOf([BASE, SEAT, YEARLY], { bounds, ids: IDS });
  return decideDraft(factsOf(subscription, changes), context);
}

/** Lines without what differs between two drafts by its nature: ids of rows. */
function billOf(invoice: Invoice) {
  const { billingKey, period, dueDate, total, net, tax, lines } = invoice;
  return { billingKey, period, dueDate, total, net, tax, lines };
}

describe('issuing anew', () => {
  test('a wrong quantity: the same days from today’s items, linked both ways', () => {
    const first = draftOf(aTeam(30n));
    const old = invoiceOf(first);
    const corrected = {
      ...first.subscription,
      items: aTeam(3n).items,
    };
    const rewound = rewindToDraft(old, {
      subscription: corrected,
      otherInvoices: [],
    });
    assert.ok(rewound.ok);
    const since = aPendingLine(-90_000n, { createdAt: at('2026-03-03 09:00') });
    const before = aPendingLine(-100n);
    assert.deepEqual(
      voided(old, { pendingLines: [since, before] }).pendingLines.map(({ id, state }) => [
        id,
        state,
      ]),
      [[since.id, 'dropped']],
      'what was adjusted of these days since is dropped',
    );
    const again = invoiceOf(draftOf(rewound.value));
    assert.equal(again.billingKey, old.billingKey);
    assert.equal(old.total.minor - again.total.minor, 27n * 3_333n);
    const [wasVoided, reissued] = reissuedEvents(old, again, CONTEXT);
    assert.equal(wasVoided?.data['replaced_by'], again.id);
    assert.equal(reissued?.data['replaces'], old.id);
  });

  test('an older one leaves the subscription where it stands', () => {
    const first = draftOf(aTeam(3n));
    const second = draftOf(first.subscription);
    const facts = {
      subscription: second.subscription,
      otherInvoices: [invoiceOf(second)],
    };
    const rewound = rewindToDraft(invoiceOf(first), facts);
    assert.ok(rewound.ok);
    const again = draftOf(rewound.value);
    const place = placeAfterReissue(invoiceOf(first), facts, again.subscription);
    assert.ok(place.ok);
    assert.deepEqual(place.value, second.subscription);
    const moved = { ...again.subscription, billedThrough: DUE.add({ months: 1, days: 5 }) };
    const refused = placeAfterReissue(invoiceOf(first), facts, moved);
    assert.equal(!refused.ok && refused.refusal.code, 'period_has_moved');
  });

  for (const [name, invoice, changes, code] of [
    [
      'of several subscriptions',
      (({ subscriptionId: _one, ...rest }) => rest)(anInvoice()),
      {},
      'invoice_is_consolidated',
    ],
    ['of single lines', anInvoice({ billingKey: 'change:1' }), {}, 'invoice_not_of_a_period'],
    ['of a parked one', anInvoice(), { state: 'parked' }, 'subscription_parked'],
  ] as const) {
    test(`${name}: ${code}`, () => {
      const subscription = { ...aTeam(1n), ...changes };
      const facts = { subscription, otherInvoices: [] };
      const result = rewindToDraft(invoice, facts);
      assert.equal(!result.ok && result.refusal.code, code);
    });
  }

  test('a later invoice has billed the change: refused, else it would be billed twice', () => {
    const later = anInvoice({
      id: anotherId('inv', 0),
      createdAt: at('2026-04-02 08:00'),
      lines: [aLine({ rule: 'change_charge' })],
    });
    const facts = {
      subscription: aTeam(1n),
      otherInvoices: [later],
    };
    const result = rewindToDraft(anInvoice(), facts);
    assert.equal(!result.ok && result.refusal.code, 'adjusted_on_later_invoice');
  });

  test('void and again without a change: the same invoice to the fen, for any period', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 50n }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 14 }),
        fc.array(fc.bigInt({ min: -60_000n, max: 20_000n }), { maxLength: 3 }),
        fc.boolean(),
        // Before the draft, or in the same moment.
        fc.constantFrom(at('2026-03-01 09:00'), at('2026-03-02 08:00')),
        (seats, days, periods, waiting, hasCoupon, createdAt) => {
          let subscription = aTeam(seats, DUE.add({ days }));
          for (let index = 1; index < periods; index += 1) {
            subscription = draftOf(subscription).subscription;
          }
          const pendingLines = waiting
            .filter((minor) => minor !== 0n)
            .map((minor) => aPendingLine(minor, { createdAt }));
          const redemptions = hasCoupon ? [aRedemption()] : [];
          const first = draftOf(subscription, { pendingLines, redemptions });
          const old = invoiceOf(first);
          const saved = <T extends { readonly id: string }>(rows: readonly T[][]): T[] => [
            ...new Map(rows.flat().map((row) => [row.id, row])).values(),
          ];
          const lines = saved<PendingLine>([pendingLines, [...first.pendingLines]]);
          const coupons = saved<Redemption>([redemptions, [...first.redemptions]]);
          const back = voided(old, { pendingLines: lines, redemptions: coupons });
          const nowWaiting = saved<PendingLine>([lines, [...back.pendingLines]]);
          const rewound = rewindToDraft(old, {
            subscription: first.subscription,
            otherInvoices: [],
          });
          assert.ok(rewound.ok);
          const again = draftOf(rewound.value, {
            pendingLines: nowWaiting.filter(({ state }) => state === 'pending'),
            redemptions: saved<Redemption>([coupons, [...back.redemptions]]),
          });
          assert.deepEqual(billOf(invoiceOf(again)), billOf(old));
          assert.deepEqual(again.subscription, first.subscription);
        },
      ),
      { numRuns: 150 },
    );
  });
});
