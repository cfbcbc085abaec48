import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type Rail, type RailBillLine, type RailCapabilities } from '@daikou/core';
import { freshDebit, script } from './debits.ts';
import { type Bench, FIRST_DAY, freshNumber, signMandate } from './subject.ts';

/** The day after the suite's first, on which announcements are tried. */
const SECOND_DAY = FIRST_DAY.add({ days: 1 });

/**
 * Checks that move the clock: the rail's hours and announcements, and its bill of the first day.
 */
export function checkBills(bench: Bench): void {
  describe('the next days', () => {
    test('today has no bill yet', async () => {
      const bill = await bench.rail.fetchBill(FIRST_DAY);
      assert.equal(bill.kind, 'not_ready');
    });

    test('the bill of the day has the successes only, with fees, and adds up', async () => {
      const { rail, world } = bench;
      const refused = await freshDebit(rail);
      const [code = ''] = bench.facts.refusals[0] ?? [];
      await script(bench, refused.orderNumber, { fault: code });
      await rail.submit(refused);
      await world.sandbox.idle();
      const old = await signMandate(rail, FIRST_DAY.add({ days: 14 }));
      await world.sandbox.setClock(`${SECOND_DAY}T10:00:00+08:00`);
      const bill = await rail.fetchBill(FIRST_DAY);
      assert.equal(bill.kind, 'ready');
      if (bill.kind !== 'ready') return;
      assert.match(bill.contentHash, /^[0-9a-f]{64}$/);
      const lines: RailBillLine[] = [];
      for await (const line of bill.lines) lines.push(line);
      const summary = await world.sandbox.admin('GET', '/admin/books/summary');
      const books = (summary as Record<string, { succeeded: number; succeededMinor: number }>)[
        rail.id
      ];
      assert.equal(lines.length, books?.succeeded);
      const total = lines.reduce((sum, line) => sum + line.amount.minor, 0n);
      assert.equal(total, BigInt(books?.succeededMinor ?? 0));
      assert.ok(lines.length > 10);
      assert.ok(!lines.some((line) => line.orderNumber === refused.orderNumber));
      // 0.60 % of 29.85 yuan, half up: 18 分.
      assert.ok(lines.every((line) => line.kind === 'payment' && line.fee.minor === 18n));
      const outcome = await rail.ask(lines[0]?.orderNumber ?? '');
      assert.equal(outcome.kind, 'succeeded');
      if (outcome.kind === 'succeeded') {
        assert.equal(outcome.railReference, lines[0]?.railReference);
        assert.equal(outcome.paidAt.toString(), lines[0]?.at.toString());
      }
      const again = await rail.fetchBill(FIRST_DAY);
      assert.equal(again.kind === 'ready' && again.contentHash, bill.contentHash);
      const { plannedDate, announcement: announced } = rail.capabilities;
      const hasDays = plannedDate !== undefined || announced !== undefined;
      if (hasDays) await checkHours(bench, old.railReference);
    });

    test('a day without trades has an empty bill', async () => {
      const { sandbox } = bench.world;
      await sandbox.setClock(`${FIRST_DAY.add({ days: 10 })}T10:00:00+08:00`);
      const bill = await bench.rail.fetchBill(FIRST_DAY.add({ days: 8 }));
      assert.deepEqual(bill, { kind: 'empty' });
    });

    const { announcement } = bench.facts.capabilities;
    if (announcement === undefined) {
      test('a rail without announcement takes none', () => {
        assert.equal(bench.rail.announce, undefined);
      });
    } else {
      checkAnnouncements(bench, announcement);
    }
  });
}

/** A debit on a day that the rail does not allow is refused as `reschedule`. */
async function checkHours(bench: Bench, railReference: string): Promise<void> {
  const outcome = await bench.rail.submit({
    orderNumber: freshNumber('D'),
    railReference,
    amount: money(2_985n, 'CNY'),
    description: '专业版',
  });
  assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'reschedule');
}

type Announcement = NonNullable<RailCapabilities['announcement']>;

function checkAnnouncements(bench: Bench, declared: Announcement): void {
  const amount = money(2_985n, 'CNY');
  const today = FIRST_DAY.add({ days: 10 });
  const announce: NonNullable<Rail['announce']> = async (request) =>
    (await bench.rail.announce?.(request)) ?? { kind: 'unknown', detail: 'no announce' };

  test('an announcement, even twice, opens the window and the debit succeeds', async () => {
    const { rail, world } = bench;
    const first = await signMandate(rail, today);
    const second = await signMandate(rail, today);
    await world.sandbox.setClock(`${today.add({ days: 1 })}T09:00:00+08:00`);
    for (const { railReference } of [first, first, second]) {
      assert.deepEqual(await announce({ railReference, amount }), { kind: 'done' });
    }
    const { railReference } = first;
    const other = await announce({ railReference, amount: money(3_000n, 'CNY') });
    assert.equal(other.kind === 'refused' && !other.mandateGone, true);
    await checkHours(bench, railReference);
    const opens = today.add({ days: 1 + declared.leadDays });
    await world.sandbox.setClock(`${opens}T${declared.window.from}+08:00`);
    const orderNumber = freshNumber('D');
    await rail.submit({ orderNumber, railReference, amount, description: '专业版' });
    await world.sandbox.idle();
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
    await world.sandbox.setClock(`${opens}T${declared.window.until}+08:00`);
    await checkHours(bench, second.railReference);
    const late = await announce({ railReference: second.railReference, amount });
    assert.equal(late.kind, 'refused');
  });

  test('an announcement on a mandate that has gone says so', async () => {
    const outcome = await announce({ railReference: freshNumber('gone'), amount });
    assert.equal(outcome.kind === 'refused' && outcome.mandateGone, true);
  });
}
