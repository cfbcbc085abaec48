import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ArrearsFinding,
  type Attempt,
  attributeCause,
  bucketOf,
  CAUSE_RULE_SET,
  type Debit,
  type Invoice,
  type InvoiceId,
  money,
  toOrderNumber,
} from '@daikou/core';
import { history, refused } from '../../../../test/kit/arrears-facts.ts';
import { type Life, NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1_024 };
/** The life's own invoice is paid and due on 1 March; those of here are due on the tenth. */
const DUE = TODAY.add({ days: 9 });
const MARCH = { from: TODAY, until: TODAY.add({ months: 1 }) };

/** Another invoice of the same subscription, open and due on 10 March. */
function anOpenInvoice(life: Life): Invoice {
  const { paidAt: _paid, ...invoice } = life.invoice;
  const id = newId('inv', bucketOf(invoice.id));
  return { ...invoice, id, number: id, billingKey: id, state: 'open', dueDate: DUE };
}

function aFinding(life: Life, invoiceId: InvoiceId, change: Partial<ArrearsFinding> = {}) {
  const finding = attributeCause(history({ attempts: [refused('funds', '2026-03-10 07:30')] }));
  return {
    invoiceId,
    merchantId: life.customer.merchantId,
    customerId: life.customer.id,
    moment: 'overdue',
    ruleSet: CAUSE_RULE_SET,
    dueDate: DUE,
    owed: money(10_000n, 'CNY'),
    rail: life.mandate.rail,
    planId: life.subscription.planId,
    segment: 'person',
    finding,
    at: NOW,
    ...change,
  } satisfies ArrearsFinding;
}

for (const backend of BACKENDS) {
  describe(`arrears causes on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;

    test('a finding comes back as it was saved, and the same again changes nothing', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const invoice = anOpenInvoice(life);
      const begun = aFinding(life, invoice.id);
      const { rail: _rail, planId: _plan, ...rest } = begun;
      const ended = { ...rest, moment: 'ended', finding: attributeCause(history()) } as const;
      await within(world, (tx) => tx.save({ invoices: [invoice], arrearsFindings: [begun] }));
      const other = { ...begun, finding: attributeCause(history({ mandates: [] })), at: NOW };
      await within(world, (tx) => tx.save({ arrearsFindings: [other, ended] }));
      assert.deepEqual(await within(world, (tx) => tx.loadFindings([invoice.id])), [begun, ended]);
      const stranger = await newTenant();
      assert.deepEqual(await within(stranger, (tx) => tx.loadFindings([invoice.id])), []);
    });

    test('overdue from the day after, explained once, and again when it has ended', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const invoice = anOpenInvoice(life);
      await within(world, (tx) => tx.save({ invoices: [invoice] }));
      const overdueOn = (today: Temporal.PlainDate) =>
        within<readonly InvoiceId[]>(world, (tx) =>
          tx.findUnexplainedArrears({ buckets: ALL, today, limit: 10 }),
        );
      const endedNow = () =>
        within<readonly InvoiceId[]>(world, (tx) =>
          tx.findEndedArrears({ buckets: ALL, limit: 9 }),
        );
      const due = async (today: Temporal.PlainDate) => {
        const counts = await world.store.transact(world.merchant.id, (tx) =>
          tx.countDue({ buckets: ALL, dueBy: NOW, expiredBy: today }),
        );
        return [counts.arrearsToExplain, counts.arrearsEnded];
      };
      const next = DUE.add({ days: 1 });
      assert.deepEqual([await overdueOn(DUE), await due(DUE)], [[], [0, 0]]);
      assert.deepEqual([await overdueOn(next), await due(next)], [[invoice.id], [1, 0]]);
      await within(world, (tx) => tx.save({ arrearsFindings: [aFinding(life, invoice.id)] }));
      assert.deepEqual([await overdueOn(next), await endedNow()], [[], []]);
      const paid: Invoice = { ...invoice, state: 'paid', paidAt: NOW };
      await within(world, (tx) => tx.save({ invoices: [paid] }));
      assert.deepEqual([await endedNow(), await due(next)], [[invoice.id], [0, 1]]);
      const ended = aFinding(life, invoice.id, { moment: 'ended' });
      await within(world, (tx) => tx.save({ arrearsFindings: [ended] }));
      assert.deepEqual([await endedNow(), await due(next)], [[], [0, 0]]);
    });

    test('a debit still to be tried, or taken by its rail, is nothing to explain', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const next = DUE.add({ days: 1 });
      const states: readonly (readonly [Partial<Debit>, boolean, number])[] = [
        [{ state: 'scheduled', attemptCount: 0, collectDate: next }, false, 0],
        [{ state: 'scheduled', attemptCount: 1, collectDate: next }, false, 1],
        [{ state: 'scheduled', attemptCount: 0, collectDate: DUE }, false, 1],
        [{ state: 'in_flight', attemptCount: 0 }, true, 0],
      ];
      for (const [state, isAccepted, expected] of states) {
        const invoice = anOpenInvoice(life);
        const id = newId('dbt', bucketOf(life.debit.id));
        const debit: Debit = { ...life.debit, ...state, id, invoiceIds: [invoice.id] };
        const { endedAt: _ended, railReference: _reference, ...attempt } = life.attempt;
        const accepted: Attempt = {
          ...attempt,
          id: newId('att', bucketOf(id)),
          debitId: id,
          orderNumber: toOrderNumber(id, 1),
          state: 'accepted',
        };
        await within(world, (tx) =>
          tx.save({
            invoices: [invoice],
            debits: [debit],
            notices: [{ ...life.notice, id: newId('not', bucketOf(id)), debitId: id }],
            attempts: isAccepted ? [accepted] : [],
          }),
        );
        const found = await within<readonly InvoiceId[]>(world, (tx) =>
          tx.findUnexplainedArrears({ buckets: ALL, today: next, limit: 10 }),
        );
        assert.equal(found.filter((one) => one === invoice.id).length, expected);
      }
    });

    test('the sums of a month: the newest finding of each invoice, exact to the fen', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const [first, second] = [anOpenInvoice(life), anOpenInvoice(life)];
      const early = { ...anOpenInvoice(life), dueDate: TODAY.subtract({ days: 1 }) };
      const forgotten = attributeCause(
        history({ invoice: { ...history().invoice, collection: 'by_hand' }, mandates: [] }),
      );
      const change = { moment: 'ended', finding: forgotten } as const;
      const owed = money(3n, 'CNY');
      await within(world, (tx) =>
        tx.save({
          invoices: [first, second, early],
          arrearsFindings: [
            aFinding(life, first.id),
            aFinding(life, second.id),
            aFinding(life, second.id, { ...change, owed, segment: 'organisation' }),
            aFinding(life, early.id, { dueDate: early.dueDate }),
          ],
        }),
      );
      const common = { currency: 'CNY', primary: 1, basisPoints: 10_000n } as const;
      const short = { ...common, cause: 'insufficient_balance', weighted: 100_000_000n } as const;
      const forgot = { ...common, cause: 'forgot', weighted: 30_000n } as const;
      const sums = (by?: 'rail' | 'plan' | 'segment') =>
        within(world, (tx) => tx.sumCauses({ ...MARCH, ...(by === undefined ? {} : { by }) }));
      assert.deepEqual(await sums(), [
        { group: '', ...forgot },
        { group: '', ...short },
      ]);
      assert.deepEqual(await sums('segment'), [
        { group: 'organisation', ...forgot },
        { group: 'person', ...short },
      ]);
      const plan = world.catalog.plans[0]?.code;
      assert.deepEqual(await sums('plan'), [
        { group: plan, ...forgot },
        { group: plan, ...short },
      ]);
    });

    test('an hour in which three customers had trouble on a rail is an incident', async () => {
      const world = await newTenant();
      const since = NOW.subtract({ hours: 2 });
      const trouble = (minute: number): ((life: Life) => Partial<Life>) => {
        const refusal = { class: 'technical', code: 'SYSTEMERROR', message: '' } as const;
        const submittedAt = NOW.add({ seconds: minute * 60 });
        return ({ attempt: { railReference: _reference, ...attempt } }) => ({
          attempt: { ...attempt, state: 'refused', submittedAt, refusal, endedAt: submittedAt },
        });
      };
      const find = () =>
        within(world, (tx) =>
          tx.findRailIncidents({
            rails: ['a-rail'],
            from: since,
            until: NOW.add({ hours: 3 }),
            least: 3,
          }),
        );
      for (const minute of [0, 59, 61]) await saveLife(world, trouble(minute));
      assert.deepEqual(await find(), []);
      await saveLife(world, trouble(30));
      assert.deepEqual(await find(), [
        { rail: 'a-rail', from: NOW, until: NOW.add({ hours: 1 }), customers: 3 },
      ]);
    });
  });
}
