import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Attempt,
  bucketOf,
  type Customer,
  type Debit,
  type DebitNotice,
  type Id,
  type Invoice,
  type Mandate,
  type Subscription,
  type SubscriptionItem,
  toUuid,
} from '@daikou/core';
import fc from 'fast-check';
import { someContract, someModel, somePause } from '../../../test/kit/billing-nouns.ts';
import { newId, newLife, TODAY } from '../../../test/kit/life.ts';
import {
  someAmount,
  someDate,
  someInstant,
  someOf,
  somePositive,
  someText,
} from '../../../test/kit/nouns.ts';
import { plain } from '../../../test/kit/plain.ts';
import { BACKENDS } from '../../../test/kit/stores.ts';
import { changesOf, saveLife, tenantsOf, type World } from '../../../test/kit/world.ts';

const RUNS = { numRuns: 12 };

function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual), plain(expected));
}

for (const backend of BACKENDS) {
  describe(`save and load on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());
    let opened: Promise<World> | undefined;
    const world = () => {
      opened ??= newWorld();
      return opened;
    };

    test('a customer comes back as it was, whatever its name', async () => {
      const { store, merchant, catalog } = await world();
      const some = someOf<Customer>({
        name: someText,
        mail: someText,
        phone: someText,
        locale: fc.constantFrom('zh-CN', 'en'),
        preferredChannel: fc.constantFrom('mail', 'sms'),
        createdAt: someInstant,
      });
      await fc.assert(
        fc.asyncProperty(some, async (changes) => {
          const {
            mail: _mail,
            phone: _phone,
            ...made
          } = newLife(merchant.id, { catalog }).customer;
          const customer = { ...made, ...changes };
          await store.transact(merchant.id, (tx) => tx.insertNewCustomers([customer]));
          const loaded = await store.transact(merchant.id, (tx) => tx.loadCustomers([customer.id]));
          assertSame(loaded, [customer]);
        }),
        RUNS,
      );
    });

    test('a subscription comes back with exactly its items', async () => {
      const { store, merchant, catalog } = await world();
      const some = someOf<Subscription>({
        state: fc.constantFrom('active', 'paused', 'ended'),
        anchor: someDate,
        interval: fc.record({
          unit: fc.constantFrom('day', 'week', 'month', 'year'),
          count: fc.integer({ min: 1, max: 99 }),
        }),
        startsOn: someDate,
        trialEndsOn: someDate,
        pauses: fc.array(somePause, { maxLength: 3 }),
        autoRenew: fc.boolean(),
        contract: someContract,
        billedThrough: someDate,
        arrearsThrough: someDate,
        nextBillAt: someInstant,
        collection: fc.constantFrom('auto_debit', 'by_hand'),
        paymentMethodLabel: someText,
      });
      const version = catalog.versions[0];
      assert.ok(version !== undefined);
      const someItems = fc.array(
        someOf<SubscriptionItem>({
          quantity: somePositive,
          from: someDate,
          agreedModel: someModel,
          continues: fc.constant(newId('sit')),
        }),
        { maxLength: 4 },
      );
      const { subscription } = await saveLife(await world());
      await fc.assert(
        fc.asyncProperty(some, someItems, async (changes, items) => {
          const changed: Subscription = {
            ...subscription,
            ...changes,
            items: items.map((item) => ({
              id: newId('sit', 0),
              kind: 'seat',
              priceVersionId: version.id,
              quantity: 1n,
              from: TODAY,
              ...item,
            })),
          };
          await store.transact(merchant.id, (tx) => tx.save({ subscriptions: [changed] }));
          const loaded = await store.transact(merchant.id, (tx) =>
            tx.loadSubscriptions([subscription.id]),
          );
          assertSame(loaded, [changed]);
        }),
        RUNS,
      );
    });

    test('a mandate comes back as it was', async () => {
      const { store, merchant } = await world();
      const { mandate } = await saveLife(await world());
      const some = someOf<Mandate>({
        displayAccount: someText,
        railReference: someText,
        payerReference: someText,
        singleCap: someAmount,
        firstPlannedDate: someDate,
        signedAt: someInstant,
        lastRailEventAt: someInstant,
      });
      const someState = fc.oneof(
        fc.constant({ state: 'active' as const }),
        fc.record({
          state: fc.constant('ended' as const),
          endedAt: someInstant,
          endedBy: fc.constantFrom('customer' as const, 'rail' as const, 'unknown' as const),
        }),
      );
      await fc.assert(
        fc.asyncProperty(some, someState, async (changes, state) => {
          const changed: Mandate = { ...mandate, ...changes, ...state };
          await store.transact(merchant.id, (tx) => tx.save({ mandates: [changed] }));
          const loaded = await store.transact(merchant.id, (tx) => tx.lockMandates([mandate.id]));
          assertSame(loaded, [changed]);
        }),
        RUNS,
      );
    });

    test('an invoice comes back with exactly its lines', async () => {
      const { store, merchant } = await world();
      const { invoice } = await saveLife(await world());
      const line = invoice.lines[0];
      assert.ok(line !== undefined);
      const someLines = fc.array(
        fc.record({
          net: fc.bigInt(0n, 10n ** 12n),
          tax: fc.bigInt(0n, 10n ** 12n),
          name: someText,
        }),
        { maxLength: 4 },
      );
      await fc.assert(
        fc.asyncProperty(someLines, someInstant, async (parts, paidAt) => {
          const cny = (minor: bigint) => ({ minor, currency: 'CNY' as const });
          const total = (read: (part: (typeof parts)[number]) => bigint) =>
            cny(parts.reduce((sum, part) => sum + read(part), 0n));
          const changed: Invoice = {
            ...invoice,
            lines: parts.map(({ net, tax, name }, index) => ({
              ...line,
              position: index + 1,
              amount: cny(net + tax),
              net: cny(net),
              tax: cny(tax),
              subtotal: cny(net + tax),
              rule: 'agreed_price',
              nameZh: name,
              nameEn: name,
            })),
            total: total(({ net, tax }) => net + tax),
            net: total(({ net }) => net),
            tax: total(({ tax }) => tax),
            paidAt,
          };
          await store.transact(merchant.id, (tx) => tx.save({ invoices: [changed] }));
          const loaded = await store.transact(merchant.id, (tx) => tx.loadInvoices([invoice.id]));
          assertSame(loaded, [changed]);
        }),
        RUNS,
      );
    });

    test('a debit with its notices and attempts comes back in one bundle', async () => {
      const { store, merchant } = await world();
      const { debit, mandate, invoice, notice, attempt } = await saveLife(await world());
      const someDebit = someOf<Debit>({
        state: fc.constantFrom('scheduled', 'in_flight', 'succeeded', 'failed', 'canceled'),
        dueDate: someDate,
        collectAt: someInstant,
        collectDate: someDate,
        announceAt: someInstant,
        attemptCount: fc.nat(99),
        blockedBy: someText,
      });
      const someNotice = someOf<DebitNotice>({
        purpose: fc.constantFrom('renewal', 'retry', 'rail'),
        channel: fc.constantFrom('mail', 'sms', 'rail'),
        amount: someAmount,
        leaseUntil: someInstant,
        providerReference: someText,
        failureCode: someText,
        windowUntil: someDate,
      });
      await fc.assert(
        fc.asyncProperty(someDebit, someNotice, async (changes, noticeChanges) => {
          const changed: Debit = { ...debit, ...changes };
          const changedNotice: DebitNotice = { ...notice, ...noticeChanges };
          await store.transact(merchant.id, (tx) =>
            tx.save({ debits: [changed], notices: [changedNotice] }),
          );
          const bundles = await store.transact(merchant.id, (tx) => tx.lockDebits([debit.id]));
          assertSame(bundles, [
            {
              debit: changed,
              mandate,
              invoices: [invoice],
              notices: [changedNotice],
              attempts: [attempt],
            },
          ]);
          const loaded = await store.transact(merchant.id, (tx) => tx.loadNotices([notice.id]));
          assertSame(loaded, [changedNotice]);
        }),
        RUNS,
      );
    });

    test('an attempt comes back as it was, with its payment', async () => {
      const { store, merchant } = await world();
      const refused = someOf<Attempt>({ railReference: someText, endedAt: someInstant });
      await fc.assert(
        fc.asyncProperty(refused, someText, async (changes, message) => {
          const { debit, attempt, payment } = await saveLife(await world(), (life) => ({
            attempt: { ...life.attempt, ...changes },
          }));
          const second: Attempt = {
            ...attempt,
            id: newId('att', bucketOf(debit.id)),
            orderNumber: attempt.orderNumber.replace(/N1$/, 'N2'),
            ordinal: 2,
            state: 'refused',
            refusal: { class: 'funds', code: message, message },
          };
          await store.transact(merchant.id, (tx) => tx.save({ attempts: [second] }));
          const found = await store.transact(merchant.id, (tx) =>
            tx.findAttemptsByOrderNumber([second.orderNumber, attempt.orderNumber, 'not-ours']),
          );
          assertSame(found, [{ attempt, payment }, { attempt: second }]);
        }),
        { numRuns: 5 },
      );
    });

    test('journals and events come back in order', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const loaded = await store.transact(merchant.id, async (tx) => ({
        journals: await tx.loadJournalsOf([life.payment.id, life.invoice.id]),
        events: await tx.loadEventsOf(life.customer.id, { afterSequence: 0, limit: 10 }),
      }));
      assertSame(loaded.journals, [life.invoiceJournal, life.paymentJournal]);
      assert.equal(loaded.events.length, 2);
      assert.equal(loaded.events[0]?.sequence, 1);
      assert.deepEqual(loaded.events[0]?.data, { minor: '2985', final: true, count: 1 });
    });

    test('saving the same again writes no row', async () => {
      const { store, merchant } = await world();
      const life = await saveLife(await world());
      const {
        payments: _payments,
        journals: _journals,
        events: _events,
        ...same
      } = changesOf(life);
      const written: readonly (readonly [string, Id])[] = [
        ['subscriptions', life.subscription.id],
        ['mandates', life.mandate.id],
        ['invoices', life.invoice.id],
        ['debits', life.debit.id],
        ['notices', life.notice.id],
        ['attempts', life.attempt.id],
      ];
      const versions = async () =>
        (
          await store.rawSql(
            written
              .map(([table, id]) => `select xmin::text from ${table} where id = '${toUuid(id)}'`)
              .join(' union all '),
          )
        ).rows;
      const before = await versions();
      await store.transact(merchant.id, (tx) => tx.save(same));
      assert.equal(before.length, 6);
      assert.deepEqual(await versions(), before);
    });

    test('an instant is kept to the microsecond', async () => {
      const { store, merchant } = await world();
      const signedAt = Temporal.Instant.from('2026-03-01T00:00:00.123456Z');
      const { mandate } = await saveLife(await world(), (life) => ({
        mandate: { ...life.mandate, signedAt },
      }));
      const [loaded] = await store.transact(merchant.id, (tx) => tx.lockMandates([mandate.id]));
      assert.equal(loaded?.signedAt?.toString(), signedAt.toString());
    });
  });
}
