import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountDue, type DunningCase, money, present } from '../../packages/core/src/index.ts';
import {
  collectArrears,
  createPayLink,
  endDunningCase,
  listDunningCases,
  makeInstalmentPlan,
  publishPolicy,
  recordHandPayment,
  reverseHandPayment,
  viewLateFee,
  voidInvoice,
} from '../../packages/engine/src/index.ts';
import { signAnother } from '../kit/methods.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

/** A campaign whose only debit of arrears comes when a plan of two months is long over. */
const SLOW = {
  thresholds: { CNY: 100 },
  steps: [
    { day: 0, do: 'message', tone: 'friendly' },
    { day: 45, do: 'collect' },
  ],
  end: { max_days: 60, max_tries: 8 },
};

async function publish(play: Play): Promise<void> {
  const policy = { kind: 'campaign', code: 'slow', body: SLOW, by: 'Anna' } as const;
  const published = await publishPolicy(play.job(), policy, { dryRun: false });
  assert.ok(published.ok);
}

async function theCase(play: Play): Promise<DunningCase> {
  const [only, ...others] = await listDunningCases(play.job(), { limit: 10 });
  assert.ok(only !== undefined && others.length === 0, 'there is one case');
  return only;
}

async function pay(play: Play, reference: string, minor: bigint) {
  const { id } = await play.customer(reference);
  const recorded = await recordHandPayment(play.job(), id, {
    request: {
      method: 'bank_transfer',
      amount: money(minor, 'CNY'),
      reference: `B-${reference}-${minor}-${present(play.merchant.testClock, 'a clock')}`,
      receivedAt: present(play.merchant.testClock, 'the clock of a story'),
      recordedBy: 'Anna',
      note: '',
    },
  });
  assert.ok(recorded.ok, recorded.ok ? '' : recorded.refusal.sentence);
  return recorded.value;
}

/** What each invoice still asks for, the oldest due first, with its state. */
async function owedBy(play: Play, reference: string): Promise<readonly string[]> {
  const { id } = await play.customer(reference);
  const invoices = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: id, limit: 50 }),
  );
  return invoices
    .filter(({ state }) => state !== 'draft')
    .toSorted((a, b) => Temporal.PlainDate.compare(a.dueDate, b.dueDate))
    .map((one) => `${one.state} ${amountDue(one).minor}`);
}

async function planFor(play: Play, parts: number, first: string) {
  const { id } = await theCase(play);
  const firstDate = Temporal.PlainDate.from(first);
  const made = await makeInstalmentPlan(play.job(), id, { parts, firstDate, by: 'Anna' });
  assert.ok(made.ok, made.ok ? '' : made.refusal.sentence);
  return made.value.plan;
}

/** What a debit of arrears, and a pay link for everything, would ask for now. */
async function asked(play: Play, reference: string) {
  const { id } = await play.customer(reference);
  const collected = await collectArrears(play.job(), id, {
    currency: 'CNY',
    by: 'Bao',
    dryRun: true,
  });
  const link = await createPayLink(play.job(), id, {
    rail: 'wechat',
    expiresAt: present(play.merchant.testClock, 'a clock').add({ hours: 24 }),
    by: 'Bao',
    dryRun: true,
  });
  return [
    collected.ok ? collected.value.debit.amount.minor : collected.refusal.code,
    link.ok ? link.value.amount.minor : link.refusal.code,
  ];
}

onStage('instalment plans', (newPlay) => {
  test('a broken plan: what its parts paid is not asked for again, by any way', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'P-1', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-12-03 12:00');
    const { parts } = await planFor(play, 3, '2026-12-05');
    assert.deepEqual(
      parts.map(({ date, amount }) => `${date} ${amount.minor}`),
      ['2026-12-05 995', '2027-01-05 995', '2027-02-05 995'],
    );
    await play.advanceTo('2026-12-05 12:00');
    const { paid, payment } = await pay(play, 'P-1', 995n);
    assert.deepEqual([paid, payment.toBalance.minor], [[], 995n]);
    assert.deepEqual(await owedBy(play, 'P-1'), ['open 1990']);
    // The next month's invoice takes nothing of what was paid for the old one.
    await play.advanceTo('2027-01-04 12:00');
    assert.deepEqual(await owedBy(play, 'P-1'), ['open 1990', 'open 2985']);
    await signAnother(play, 'P-1', 'wechat');
    await play.advanceTo('2027-01-06 12:00');
    const broken = await theCase(play);
    assert.equal(broken.plan, undefined);
    assert.ok(broken.timeline.some(({ what }) => what === 'plan_broken'));
    assert.deepEqual(await asked(play, 'P-1'), [1_990n + 2_985n, 1_990n + 2_985n]);
    assert.equal((await play.books())['1122'], 1_990n + 2_985n);
    assert.equal((await play.books())['2203'] ?? 0n, 0n);
    // The campaign's own debit takes what is left, after a notice of that amount.
    await play.advanceTo('2027-01-25 12:00');
    const story = await play.eventsOf('P-1');
    const taken = story.filter((line) => line.includes('attempt.accepted'));
    assert.equal(taken.length, 1, story.join('\n'));
    assert.match(taken[0] ?? '', /¥49\.75/);
    assert.ok(story.some((line) => line.includes('notice.delivered') && line.includes('¥49.75')));
    assert.equal((await play.books())['1122'] ?? 0n, 0n);
    await play.end(1_990 + 2_985);
  });

  test('a late part after the plan broke lowers what the planned debit takes', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'P-2', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-12-03 12:00');
    await signAnother(play, 'P-2', 'wechat');
    await planFor(play, 2, '2026-12-05');
    await play.advanceTo('2026-12-06 12:00');
    assert.equal((await theCase(play)).plan, undefined, 'nothing was paid by the first date');
    const { id } = await play.customer('P-2');
    const wish = { currency: 'CNY', by: 'Bao' } as const;
    assert.ok((await collectArrears(play.job(), id, wish)).ok);
    await pay(play, 'P-2', 1_000n);
    assert.deepEqual(await owedBy(play, 'P-2'), ['open 1985']);
    await play.advanceTo('2026-12-14 12:00');
    assert.deepEqual((await owedBy(play, 'P-2')).slice(0, 1), ['paid 1985']);
    await play.end(1_985);
  });

  test('a dispute ends a plan: what lay beside its debits counts for its invoices', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'P-3', by: 'transfer', charge: '29.85' }]);
    await play.subscribeAgain('P-3', 1_000n);
    await play.advanceTo('2026-12-03 12:00');
    await signAnother(play, 'P-3', 'wechat');
    await planFor(play, 2, '2026-12-09');
    await play.advanceTo('2026-12-04 12:00');
    const before = (await owedBy(play, 'P-3')).toSorted();
    assert.deepEqual(before, ['open 1000', 'open 2985']);
    await pay(play, 'P-3', 500n);
    const { id } = await theCase(play);
    const end = { as: 'disputed', by: 'Anna', reason: 'contests it' } as const;
    assert.ok((await endDunningCase(play.job(), id, end)).ok);
    assert.equal((await play.books())['1122'], 3_985n - 500n);
    assert.equal((await play.books())['2203'] ?? 0n, 0n);
    await play.end();
  });

  test('a part booked by mistake is taken back on its day, and all is owed again', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'P-4', by: 'transfer', charge: '29.85' }]);
    await play.advanceTo('2026-12-03 12:00');
    await planFor(play, 3, '2026-12-05');
    const { payment } = await pay(play, 'P-4', 995n);
    assert.deepEqual(await owedBy(play, 'P-4'), ['open 1990']);
    const who = { by: 'Anna', reason: 'another customer' };
    const reversed = await reverseHandPayment(play.job(), payment.id, who);
    assert.ok(reversed.ok, reversed.ok ? '' : reversed.refusal.sentence);
    assert.deepEqual(await owedBy(play, 'P-4'), ['open 2985']);
    assert.equal((await play.books())['1122'], 2_985n);
    await pay(play, 'P-4', 995n);
    await pay(play, 'P-4', 1_990n);
    assert.deepEqual(await owedBy(play, 'P-4'), ['paid 1990']);
    await play.end();
  });

  test('a part counts for the late fee from its day on; a void gives it back', async () => {
    const play = await newPlay();
    await publish(play);
    const rule = {
      rate: { per: 'day', basis_points: '5' },
      grace_days: 3,
      cap: { basis_points: 3000 },
      customers: ['person'],
      from: '2026-11-20',
    };
    const policy = { kind: 'late_fee', code: 'default', body: rule, by: 'Anna' } as const;
    assert.ok((await publishPolicy(play.job(), policy, { dryRun: false })).ok);
    await play.subscribe([{ reference: 'P-5', by: 'transfer', charge: '1000.00' }]);
    await play.advanceTo('2026-12-03 12:00');
    const { invoiceIds } = await planFor(play, 3, '2026-12-05');
    await play.advanceTo('2026-12-05 12:00');
    await pay(play, 'P-5', 33_334n);
    await play.advanceTo('2026-12-07 12:00');
    const id = present(invoiceIds[0], 'the invoice of the plan');
    const view = await play.engine.store.transact(play.merchant.id, (tx) =>
      viewLateFee(tx, play.job(), { id }),
    );
    assert.deepEqual(
      view?.figure?.segments.map(({ days, base }) => [days, base.minor]),
      [
        [1, 100_000n],
        [2, 66_666n],
      ],
    );
    assert.equal(view?.figure?.amount.minor, 117n);
    assert.ok((await voidInvoice(play.job(), id)).ok);
    assert.equal((await play.books())['1122'], 0n);
    assert.equal((await play.books())['2203'], -33_334n);
    await play.end();
  });
});
