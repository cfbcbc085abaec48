import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, money, type RefundId, toOrderNumber, toRefundNumber } from '@daikou/core';
import {
  BILL_RAIL,
  type BillWorld,
  billLine,
  bookByHand,
  lineOf,
  makeBillWorld,
  paidOrder,
  trueBill,
} from '../../../../test/kit/bill-world.ts';
import { type Life, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { assignBreak, resolveBreak } from './breaks.ts';
import { closeDay, reopenDay } from './day.ts';
import { reconcileDue } from './intake.ts';
import { listDayMoves } from './read.ts';

const T1 = TODAY.add({ days: 1 });
const T2 = TODAY.add({ days: 2 });
const DAY = { rail: BILL_RAIL, businessDate: TODAY };

for (const backend of BACKENDS) {
  describe(`cases of reconciliation on ${backend.name}`, () => {
    const newTenantWorld = tenantsOf(backend.databases());
    const newWorld = async () => makeBillWorld(await newTenantWorld());

    /** A world with one open break of ¥7.00 that nobody knows. */
    const withStray = async () => {
      const world = await newWorld();
      world.bills.set(TODAY.toString(), { lines: [billLine('SHOP-1', money(700n, 'CNY'), 1)] });
      await world.reconcile(TODAY);
      const [found] = await world.allBreaks();
      assert.ok(found);
      return { world, found, job: world.jobAfter(TODAY) };
    };

    const booksOf = async (world: BillWorld) => ({
      suspense: await world.balanceOf('2241'),
      gain: await world.balanceOf('6301'),
      clearing: await world.clearing(),
    });

    test('a surplus is written off by two people: it becomes a gain', async () => {
      const { world, found, job } = await withStray();
      const fee = found.railAmount ? billLine('', found.railAmount, 1).fee.minor : 0n;
      assert.deepEqual(await booksOf(world), { suspense: -700n, gain: 0n, clearing: 700n - fee });
      const alone = { how: 'write_off', by: 'Anna', approvedBy: 'Anna' } as const;
      assert.equal(
        codeOf(await resolveBreak(job, found.id, alone)),
        'resolution_needs_second_person',
      );
      const together = await resolveBreak(job, found.id, { ...alone, approvedBy: 'Ben' });
      assert.ok(together.ok);
      assert.deepEqual(together.value.end?.evidence, { kind: 'approval', reference: 'Ben' });
      assert.deepEqual(await booksOf(world), { suspense: 0n, gain: -700n, clearing: 700n - fee });
      const again = await resolveBreak(job, found.id, { ...alone, approvedBy: 'Ben' });
      assert.equal(codeOf(again), 'break_is_resolved');
    });

    test('a break that was booked elsewhere returns what it parked, on proof', async () => {
      const { world, found, job } = await withStray();
      const invented = { kind: 'journal', reference: newId('jrn') } as const;
      const command = { how: 'booked', by: 'Anna' } as const;
      const unproved = await resolveBreak(job, found.id, { ...command, evidence: invented });
      assert.equal(codeOf(unproved), 'evidence_not_found');
      assert.equal(codeOf(await resolveBreak(job, found.id, command)), 'resolution_needs_evidence');
      const own = { kind: 'journal', reference: found.parkedBy ?? '' } as const;
      const circular = await resolveBreak(job, found.id, { ...command, evidence: own });
      assert.equal(codeOf(circular), 'evidence_not_found', 'a break does not prove itself');
      const another = await paidOrder(world);
      const other = { kind: 'payment', reference: another.payment.id } as const;
      const unequal = await resolveBreak(job, found.id, { ...command, evidence: other });
      assert.equal(codeOf(unequal), 'evidence_not_found', 'a payment of another amount');
      const journal = await bookByHand(world, 700n);
      const evidence = { kind: 'journal', reference: journal } as const;
      assert.ok((await resolveBreak(job, found.id, { ...command, evidence })).ok);
      assert.equal(await world.balanceOf('2241'), 0n);
    });

    test('the right ends of each break are named; another is refused', async () => {
      const { found, job } = await withStray();
      for (const how of ['accepted', 'claim_fee'] as const) {
        const refused = await resolveBreak(job, found.id, { how, by: 'Anna', note: 'why' });
        assert.equal(codeOf(refused), 'resolution_not_for_class');
        assert.ok(!refused.ok && refused.refusal.sentence.includes('booked, reversed, write_off'));
      }
    });

    test('a break is assigned, and closed days want files, time and a signature', async () => {
      const { world, found, job } = await withStray();
      const assigned = await assignBreak(job, found.id, {
        owner: ' Chen ',
        note: 'calls the shop',
      });
      assert.equal(assigned.ok && assigned.value.owner, 'Chen');
      assert.equal(codeOf(await closeDay(job, DAY, ' ')), 'day_signature_missing');
      const closed = await closeDay(job, DAY, 'Dora');
      assert.equal(closed.ok && closed.value.closed?.by, 'Dora');
      assert.equal(codeOf(await closeDay(job, DAY, 'Dora')), 'day_is_closed');
      const silent = await reopenDay(job, DAY, { by: 'Dora', reason: '' });
      assert.equal(codeOf(silent), 'day_signature_missing');
      assert.ok((await reopenDay(job, DAY, { by: 'Dora', reason: 'a call' })).ok);
      const moves = await listDayMoves(job, DAY);
      assert.deepEqual(
        moves.map(({ from, to, by, note }) => [from, to, by, note ?? '-'].join(' ')),
        [
          'expected loading reconciliation -',
          'loading matched reconciliation -',
          'matched exceptions reconciliation -',
          'exceptions closed Dora -',
          'closed exceptions Dora a call',
        ],
      );
      const tomorrow = { ...DAY, businessDate: T1 };
      assert.equal(codeOf(await closeDay(job, tomorrow, 'Dora')), 'day_has_no_bill');
      await paidOrder(world, T1);
      world.bills.set(T1.toString(), 'empty');
      await world.reconcile(T1);
      assert.equal(codeOf(await closeDay(job, tomorrow, 'Dora')), 'day_has_pooled_breaks');
    });

    test('a bill that lacks more than a thousand payments makes a break of each', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      await copyPayment(world, life, 1_100);
      world.bills.set(TODAY.toString(), trueBill([life]));
      const outcome = await world.reconcile(TODAY);
      assert.ok(outcome.kind === 'matched');
      assert.equal(outcome.bill.breakCount, 1_100);
      assert.equal(outcome.bill.matchedCount, 1);
    });

    test('refunds meet their lines; one that we do not know as paid is told', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      const known = newId('rfd', bucketOf(life.debit.id));
      await saveRefund(world, life, { id: known, minor: 500n, state: 'succeeded' });
      const refund = {
        ...billLine(life.attempt.orderNumber, money(500n, 'CNY'), 2),
        kind: 'refund' as const,
        refundNumber: toRefundNumber(known),
        fee: money(0n, 'CNY'),
      };
      const stray = { ...refund, lineNumber: 3, refundNumber: 'R-STRAY' };
      world.bills.set(TODAY.toString(), { lines: [lineOf(life, 1), refund, stray] });
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [
        `unknown_order ${life.attempt.orderNumber} open -500`,
      ]);
      assert.equal(await world.balanceOf('1221'), 500n);
    });

    test('a refund of ours that no bill names is a shortage the other way', async () => {
      const world = await newWorld();
      const life = await paidOrder(world);
      await saveRefund(world, life, {
        id: newId('rfd', bucketOf(life.debit.id)),
        minor: 500n,
        state: 'succeeded',
      });
      world.bills.set(TODAY.toString(), trueBill([life]));
      await world.reconcile(TODAY);
      assert.deepEqual(await world.breaks(), [`shortage ${life.attempt.orderNumber} pooled 500`]);
    });

    test('a rail that is down for three days is made good in order, and hurts nobody', async () => {
      const world = await newWorld();
      const lives = [await paidOrder(world, TODAY), await paidOrder(world, T1)];
      for (const date of [TODAY.subtract({ days: 2 }), TODAY.subtract({ days: 1 })]) {
        world.bills.set(date.toString(), 'empty');
      }
      for (const date of [TODAY, T1, T2]) {
        world.bills.set(TODAY.toString(), 'down');
        await reconcileDue(world.jobAfter(date));
      }
      const states = async () =>
        (
          await world.world.store.transact(world.merchant.id, (tx) =>
            tx.loadDays({ rail: BILL_RAIL, from: TODAY, until: T2 }),
          )
        ).map(({ state, problem }) => `${state} ${problem ?? '-'}`);
      assert.deepEqual((await states()).slice(0, 2), [
        'expected connect ECONNREFUSED',
        'expected The bill is being made.',
      ]);
      for (const [index, date] of [TODAY, T1].entries()) {
        world.bills.set(date.toString(), trueBill(lives.slice(index, index + 1)));
      }
      world.bills.set(T2.toString(), 'empty');
      await reconcileDue(world.jobAfter(T2.add({ days: 1 })));
      assert.deepEqual(await states(), ['balanced -', 'balanced -', 'balanced -']);
      assert.deepEqual(await world.breaks(), []);
    });

    test('nobody looked for weeks: every date since the first order is asked for', async () => {
      const world = await newWorld();
      const life = await paidOrder(world, TODAY);
      world.bills.set(TODAY.subtract({ days: 1 }).toString(), 'empty');
      world.bills.set(TODAY.toString(), trueBill([life]));
      const weeks = Array.from({ length: 40 }, (_, index) => TODAY.add({ days: index + 1 }));
      for (const date of weeks) world.bills.set(date.toString(), 'empty');
      const last = weeks.at(-1) ?? TODAY;
      await reconcileDue(world.jobAfter(last));
      const days = await world.world.store.transact(world.merchant.id, (tx) =>
        tx.loadDays({ rail: BILL_RAIL, from: TODAY, until: last }),
      );
      assert.deepEqual(
        days.map(({ state }) => state),
        Array.from({ length: 41 }, () => 'balanced'),
      );
      assert.deepEqual(await world.breaks(), []);
    });
  });
}

function codeOf(
  result:
    | { readonly ok: true }
    | { readonly ok: false; readonly refusal: { readonly code: string } },
): string | undefined {
  return result.ok ? undefined : result.refusal.code;
}

/** Payments like this one, each of an order of its own, past the keys around them. */
async function copyPayment(world: BillWorld, life: Life, count: number): Promise<void> {
  const bucket = bucketOf(life.debit.id);
  const rows = Array.from({ length: count }, () => {
    const debit = newId('dbt', bucket);
    return `('${debit.slice(4)}'::uuid, '${toOrderNumber(debit, 1)}')`;
  });
  await world.world.store.superSql(`set session_replication_role = replica;
    create temporary table made as
      select * from (values ${rows.join(', ')}) as made (debit, number);
    insert into attempts (bucket, merchant_id, id, customer_id, debit_id, rail, ordinal,
        order_number, state, currency, amount_minor, submitted_at, ask_count, rail_reference,
        ended_at)
      select a.bucket, a.merchant_id, gen_random_uuid(), a.customer_id, m.debit, a.rail, 1,
             m.number, a.state, a.currency, a.amount_minor, a.submitted_at, 0, a.rail_reference,
             a.ended_at
        from made m, attempts a where a.order_number = '${life.attempt.orderNumber}';
    insert into payments (bucket, merchant_id, id, customer_id, debit_id, attempt_id, rail,
        rail_reference, currency, amount_minor, paid_at, business_date)
      select a.bucket, a.merchant_id, gen_random_uuid(), a.customer_id, a.debit_id, a.id, a.rail,
             a.rail_reference, a.currency, a.amount_minor, a.ended_at, '${TODAY}'
        from made m join attempts a on a.order_number = m.number;
    drop table made;
    set session_replication_role = origin`);
}

/** A refund of a payment as it stands in the books, without the work that led to it. */
async function saveRefund(
  world: BillWorld,
  life: Life,
  refund: {
    readonly id: RefundId;
    readonly minor: bigint;
    readonly state: string;
  },
): Promise<void> {
  const id = refund.id.slice(4);
  const uuid = (text: string) => text.slice(4);
  await world.world.store.superSql(`set session_replication_role = replica;
    insert into refunds (bucket, merchant_id, id, customer_id, source, route, payment_id,
        attempt_id, rail, order_number, payment_reference, paid_minor, paid_at, refund_number,
        currency, amount_minor, processing_minor, takes, draws, reason, remark, state, requested_by,
        approval_hash, ask_count, rail_reference, refunded_at, ended_at, created_at, submitted_at)
      select p.bucket, p.merchant_id, '${id}', p.customer_id, 'payment', 'original', p.id,
             p.attempt_id, p.rail, '${life.attempt.orderNumber}', p.rail_reference, p.amount_minor,
             p.paid_at, '${toRefundNumber(refund.id)}', p.currency,
             ${refund.minor}, 0, '[]', '[]', 'goodwill', '', '${refund.state}', 'Anna',
             '${'a'.repeat(64)}', 0, 'RR', p.paid_at, p.paid_at, p.paid_at, p.paid_at
        from payments p where p.id = '${uuid(life.payment.id)}';
    set session_replication_role = origin`);
}
