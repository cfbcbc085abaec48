import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  type Invoice,
  type InvoiceLine,
  type PriceVersion,
  present,
  type Subscription,
  type SubscriptionChange,
} from '@daikou/core';
import fc from 'fast-check';
import {
  someCny,
  someCommands,
  someCoupon,
  someDecimal,
  someModel,
  someWhy,
} from '../../../test/kit/billing-nouns.ts';
import {
  cny,
  consolidatedOf,
  grantOf,
  noteOf,
  pendingOf,
  redemptionOf,
} from '../../../test/kit/credits.ts';
import { NOW, newId, newInvoice, newLife, TODAY } from '../../../test/kit/life.ts';
import { someDate, someOf, someText } from '../../../test/kit/nouns.ts';
import { plain } from '../../../test/kit/plain.ts';
import { BACKENDS } from '../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../test/kit/world.ts';

const RUNS = { numRuns: 12 };

function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual), plain(expected));
}

for (const backend of BACKENDS) {
  describe(`billing on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());
    let opened: Promise<World> | undefined;
    const world = () => {
      opened ??= newWorld();
      return opened;
    };

    test('a catalogue comes back with its products, models and options', async () => {
      const { store, merchant, catalog } = await newWorld();
      const product = {
        id: newId('prd'),
        code: 'saas',
        nameZh: '软件服务',
        nameEn: 'Software',
        taxClass: { code: 'standard', basisPoints: 600n, goodsCode: '3040201000000000000' },
      };
      const price = {
        ...present(catalog.prices[0], 'a price'),
        id: newId('prc'),
        productId: product.id,
        code: 'metered',
        kind: 'metered' as const,
      };
      const some = someOf<PriceVersion>({
        model: someModel,
        taxBehavior: fc.constantFrom('inclusive', 'exclusive'),
        meterId: fc.constant(newId('mtr')),
        minimumSpend: someDecimal(2),
        instalments: fc.integer({ min: 1, max: 99 }),
      });
      const made: PriceVersion[] = [];
      await fc.assert(
        fc.asyncProperty(some, async (changes) => {
          const version: PriceVersion = {
            ...present(catalog.versions[0], 'a version'),
            id: newId('prv'),
            priceId: price.id,
            version: made.length + 1,
            timing: 'arrears',
            ...changes,
          };
          made.push(version);
          await store.transact(merchant.id, (tx) =>
            tx.addToCatalog({
              products: [product],
              plans: [],
              prices: [price],
              versions: [version],
            }),
          );
          const loaded = await store.transact(merchant.id, (tx) => tx.loadCatalog());
          assertSame(loaded.products, [product]);
          assertSame(
            loaded.prices.filter(({ id }) => id === price.id),
            [price],
          );
          assertSame(
            loaded.versions.filter(({ priceId }) => priceId === price.id),
            made,
          );
        }),
        RUNS,
      );
    });

    test('a coupon comes back as it was; a second one of its code is left out', async () => {
      const { store, merchant } = await world();
      await fc.assert(
        fc.asyncProperty(someCoupon, async (coupon) => {
          await store.transact(merchant.id, (tx) =>
            tx.addCoupons([coupon, { ...coupon, id: newId('cpn'), nameEn: 'Other' }]),
          );
          const found = await store.transact(merchant.id, (tx) => tx.findCoupon(coupon.code));
          assertSame(found, coupon);
        }),
        RUNS,
      );
    });

    test('a line comes back with all that explains it, billed and waiting', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const some = someOf<InvoiceLine>({
        kind: fc.constantFrom('metered', 'one_off'),
        rule: fc.constantFrom('change_charge', 'usage_correction', 'minimum_spend', 'termination'),
        quantity: someDecimal(),
        unitAmount: someDecimal(),
        why: someWhy,
        nameZh: someText,
      });
      await fc.assert(
        fc.asyncProperty(some, someCny, someCny, async (changes, net, tax) => {
          const {
            unitAmount: _unit,
            itemId: _item,
            ...plainLine
          } = present(life.invoice.lines[0], 'a line');
          const amount = cny(net.minor + tax.minor);
          const line: InvoiceLine = {
            ...plainLine,
            ...changes,
            subtotal: cny(amount.minor + 7n),
            discount: cny(7n),
            amount,
            net,
            tax,
          };
          const { position: _position, ...waiting } = line;
          const pending = pendingOf(life, {
            line: { ...waiting, beneficiaryId: life.customer.id },
          });
          const invoice = { ...life.invoice, lines: [line], total: amount, net, tax };
          await store.transact(merchant.id, (tx) =>
            tx.save({ invoices: [invoice], pendingLines: [pending] }),
          );
          const loaded = await store.transact(merchant.id, async (tx) => ({
            invoices: await tx.loadInvoices([life.invoice.id]),
            pending: await tx.loadPendingLines([life.subscription.id]),
          }));
          assertSame(loaded.invoices, [invoice]);
          assertSame(loaded.pending.at(-1), pending);
        }),
        RUNS,
      );
    });

    test('a line that was billed or dropped waits no longer', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const waiting = pendingOf(life, {});
      const load = () =>
        store.transact(merchant.id, (tx) => tx.loadPendingLines([life.subscription.id]));
      await store.transact(merchant.id, (tx) => tx.save({ pendingLines: [waiting] }));
      assertSame(await load(), [waiting]);
      await store.transact(merchant.id, (tx) =>
        tx.save({ pendingLines: [{ ...waiting, state: 'billed', invoiceId: life.invoice.id }] }),
      );
      assert.deepEqual(await load(), []);
    });

    test('redemptions come back with their coupons while they are active', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const [coupon] = fc.sample(someCoupon, 1);
      assert.ok(coupon !== undefined);
      const redemption = redemptionOf(life, coupon, { usedPeriods: 1, usedAmount: cny(5n) });
      const load = () =>
        store.transact(merchant.id, (tx) => tx.loadRedemptions([life.subscription.id]));
      await store.transact(merchant.id, async (tx) => {
        await tx.addCoupons([coupon]);
        await tx.save({ redemptions: [redemption] });
      });
      assertSame(await load(), [redemption]);
      const again = { ...redemption, id: newId('red', bucketOf(life.customer.id)) };
      await store.transact(merchant.id, (tx) =>
        tx.save({ redemptions: [again, { ...redemption, state: 'ended' }] }),
      );
      assertSame(await load(), [again]);
      assert.equal(await store.transact(merchant.id, (tx) => tx.countRedemptions(coupon)), 2);
    });

    test('every change of a subscription comes back in order', async () => {
      const { store, merchant } = await world();
      await fc.assert(
        fc.asyncProperty(someCommands, someDate, async (commands, effectiveOn) => {
          const life = await saveLife(await world());
          const changes = commands.map(
            (command, index): SubscriptionChange => ({
              id: newId('chg', bucketOf(life.customer.id)),
              subscriptionId: life.subscription.id,
              customerId: life.customer.id,
              command,
              effectiveOn,
              adjustedMinor: BigInt(index) - 5n,
              at: NOW,
            }),
          );
          await store.transact(merchant.id, (tx) => tx.save({ subscriptionChanges: changes }));
          const loaded = await store.transact(merchant.id, (tx) =>
            tx.listSubscriptionChanges(life.subscription.id),
          );
          assertSame(loaded, changes);
        }),
        { numRuns: 5 },
      );
    });

    test('grants come in the order of use, and only with something left', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const prepaid = grantOf(life);
      const gift = grantOf(life, { kind: 'promotional' });
      const expiring = grantOf(life, { expiresOn: TODAY.add({ days: 3 }), kind: 'credit_note' });
      const soon = grantOf(life, { expiresOn: TODAY.add({ days: 1 }) });
      const empty = grantOf(life, { left: cny(0n) });
      await store.transact(merchant.id, (tx) =>
        tx.save({ creditGrants: [prepaid, gift, expiring, soon, empty] }),
      );
      const loaded = await store.transact(merchant.id, (tx) =>
        tx.lockCreditGrants([life.customer.id]),
      );
      assertSame(loaded, [soon, expiring, gift, prepaid]);
    });

    test('a grant of a reference is added once, and found by it when it is used up', async () => {
      const { store, merchant } = await world();
      const [life, other] = [await saveLife(await world()), await saveLife(await world())];
      const grant = grantOf(life, { left: cny(0n), reference: 'BANK-1' });
      const later = grantOf(life, { reference: 'BANK-1' });
      const elsewhere = grantOf(other, { reference: 'BANK-1' });
      const plainOnes = [grantOf(life), grantOf(life)];
      const found = await store.transact(merchant.id, async (tx) => ({
        first: await tx.addCreditGrants([grant]),
        second: (await tx.addCreditGrants([later, elsewhere, ...plainOnes])).toSorted(),
        own: await tx.findGrantByReference(life.customer.id, 'BANK-1'),
        unknown: await tx.findGrantByReference(life.customer.id, 'BANK-2'),
      }));
      const added = [elsewhere, ...plainOnes].map(({ id }) => id).toSorted();
      assertSame(found, { first: [grant.id], second: added, own: grant, unknown: undefined });
    });

    test('uses and credit notes are found by their invoice; uses can be given back', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const grant = grantOf(life);
      const use = { grantId: grant.id, invoiceId: life.invoice.id, amount: cny(10n) };
      const notes = [
        noteOf(life),
        noteOf(life, { disposition: 'to_balance', grantId: grant.id, lines: [] }),
      ];
      await store.transact(merchant.id, (tx) =>
        tx.save({ creditGrants: [grant], grantUses: [use], creditNotes: notes }),
      );
      const ids = [life.invoice.id];
      const loaded = await store.transact(merchant.id, async (tx) => ({
        uses: await tx.loadGrantUses(ids),
        notes: await tx.loadCreditNotes(ids),
      }));
      assertSame(loaded, { uses: [use], notes });
      await store.transact(merchant.id, (tx) => tx.releaseGrantUses(ids));
      assert.deepEqual(await store.transact(merchant.id, (tx) => tx.loadGrantUses(ids)), []);
    });

    test('a subscription moves on alone; its items and terms stay', async () => {
      const { store, merchant } = await world();
      const { subscription } = await saveLife(await world());
      const parked: Subscription = {
        ...subscription,
        state: 'parked',
        parked: { reason: 'too_many_lines', sentence: 'Too many lines.', at: NOW },
        billedThrough: TODAY.add({ months: 2 }),
        arrearsThrough: TODAY.add({ months: 1 }),
        nextBillAt: NOW.add({ hours: 9 }),
      };
      await store.transact(merchant.id, (tx) =>
        tx.save({ movedSubscriptions: [{ ...parked, items: [], autoRenew: false }] }),
      );
      const loaded = await store.transact(merchant.id, (tx) =>
        tx.lockSubscriptions([subscription.id]),
      );
      assertSame(loaded, [parked]);
      const stranger = { ...parked, id: newId('sub', bucketOf(subscription.id)) };
      await assert.rejects(
        store.transact(merchant.id, (tx) => tx.save({ movedSubscriptions: [stranger] })),
        /is there/,
      );
    });

    test('what was billed is found on its own and on consolidated invoices', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const stranger = await saveLife(await world());
      const draft = consolidatedOf(life, await world(), 'payer:2026-04-01');
      await store.transact(merchant.id, (tx) => tx.save({ invoices: [draft] }));
      const found = await store.transact(merchant.id, async (tx) => ({
        lines: await tx.loadBilledLines({
          subscriptions: [life.subscription.id],
          endingAfter: TODAY,
        }),
        ended: await tx.loadBilledLines({
          subscriptions: [life.subscription.id],
          endingAfter: TODAY.add({ months: 1 }),
        }),
        locked: await tx.lockInvoicesOf([life.subscription.id]),
        drafts: await tx.lockDraftsByKey({
          customers: [life.customer.id, stranger.customer.id],
          billingKeys: ['payer:2026-04-01', 'payer:other'],
        }),
      }));
      const own = { subscriptionId: life.subscription.id };
      assertSame(found.lines, [
        ...life.invoice.lines.map((line) => ({ ...own, invoiceId: life.invoice.id, line })),
        ...draft.lines.map((line) => ({ ...own, invoiceId: draft.id, line })),
      ]);
      assert.deepEqual(found.ended, []);
      assertSame(found.locked, [draft, life.invoice]);
      assertSame(found.drafts, [draft]);
    });

    test('a key finds the numbered ones after it, however many, and no other day', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const numbers = Array.from({ length: 30 }, (_, index) => `payer:2026-04-01:${index + 2}`);
      const keys = ['payer:2026-04-01', ...numbers, 'payer:2026-04-02', 'payer:2026-04-02:2'];
      for (const key of keys) {
        const draft = consolidatedOf(life, await world(), key);
        await store.transact(merchant.id, (tx) => tx.save({ invoices: [draft] }));
      }
      const found = await store.transact(merchant.id, (tx) =>
        tx.lockDraftsByKey({
          customers: [life.customer.id],
          billingKeys: ['payer:2026-04-01', 'payer:2026-04-0', 'payer:2026'],
        }),
      );
      const names = found.map(({ billingKey }) => billingKey);
      assert.deepEqual(names.toSorted(), keys.slice(0, 31).toSorted());
    });

    test('of customers, those who want one invoice for all are found', async () => {
      const { store, merchant, catalog } = await world();
      const plainPayer = await saveLife(await world());
      const { customer } = newLife(merchant.id, { catalog });
      const payer = { ...customer, kind: 'organisation' as const, consolidatedBilling: true };
      const found = await store.transact(merchant.id, async (tx) => {
        await tx.insertNewCustomers([payer]);
        return await tx.loadConsolidatingCustomers([plainPayer.customer.id, payer.id]);
      });
      assertSame(found, [payer]);
    });

    test('the latest totals are those of the newest invoices that are not void', async () => {
      const { store, merchant, catalog } = await world();
      const life = await saveLife(await world());
      const more = [1, 2, 3].map(
        (month): Invoice => ({
          ...newInvoice(life.subscription, { lines: month, catalog }),
          billingKey: `period:${month}`,
          createdAt: NOW.add({ hours: month }),
        }),
      );
      const [, , last] = more;
      assert.ok(last !== undefined);
      const { paidAt: _paid, ...open } = last;
      await store.transact(merchant.id, (tx) =>
        tx.save({ invoices: [...more.slice(0, 2), { ...open, state: 'void' }] }),
      );
      const totals = await store.transact(merchant.id, (tx) =>
        tx.loadRecentTotals({ subscriptions: [life.subscription.id], count: 2 }),
      );
      assert.deepEqual(totals.get(life.subscription.id), [more[1]?.total, more[0]?.total]);
    });
  });
}
