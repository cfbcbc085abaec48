import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, ok } from '../../packages/core/src/index.ts';
import {
  changeSubscription,
  createCoupon,
  explain,
  findPlan,
  grantCredit,
  resolveItems,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  billsOf,
  catalogueOf,
  change,
  changeSeats,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  signMandate,
  start,
  subscriptionOf,
} from '../kit/shop.ts';

const TEAM = catalogueOf({
  team: [
    priceOf('base', 'flat', { model: { type: 'flat', amount: '99' } }),
    priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } }),
    priceOf('setup', 'one_off', { model: { type: 'flat', amount: '100' }, instalments: 3 }),
  ],
  pro: [priceOf('pro-base', 'flat', { model: { type: 'flat', amount: '199' } })],
});

const BASE_AND_SEATS = [{ price: 'base' }, { price: 'seat', quantity: 2n }];

onStage('what a subscriber is billed', (newPlay) => {
  async function shop(opensAt = '2026-03-01 09:00') {
    const play = await newPlay(opensAt);
    await publish(play, TEAM);
    const customer = await newPayer(play, 'C-1');
    return { play, customer };
  }

  test('a trial is free; day one says when and how much is charged first', async () => {
    const { play, customer } = await shop();
    const started = await start(play, customer, {
      items: BASE_AND_SEATS,
      changes: { trial: { days: 14 } },
    });
    assert.equal(started.firstChargeOn.toString(), '2026-03-15');
    assert.equal(started.firstInvoice?.total.minor, 16_100n);
    await play.advanceTo('2026-03-20 12:00');
    assert.deepEqual(await billsOf(play, customer), [
      '2026-03-15 – 2026-04-15 due 2026-03-15 open ¥161.00',
      '  base 2026-03-15 – 2026-04-15 1 × 99 = ¥99.00',
      '  seat 2026-03-15 – 2026-04-15 2 × 31 = ¥62.00',
    ]);
    await play.end();
  });

  test('a seat added in mid-month is paid for its rest with the next bill', async () => {
    const { play, customer } = await shop();
    const { subscription } = await start(play, customer, { items: BASE_AND_SEATS });
    await play.advanceTo('2026-03-16 10:00');
    const outcome = granted(await changeSeats(play, subscription.id, { quantity: 3n, at: 'now' }));
    assert.equal(outcome.next?.total.minor, 9_900n + 9_300n + 1_600n);
    await play.advanceTo('2026-04-02 10:00');
    const [first, next] = await invoicesOf(play, customer);
    assert.equal(next?.total.minor, outcome.next?.total.minor);
    const why = await explain(play.job(), next?.id ?? '', 'zh-CN');
    assert.ok(why.kind === 'by_hand');
    assert.deepEqual(why.differences, [
      {
        invoice: next?.number,
        before: first?.number,
        minor: 4_700n,
        sentences: [
          'seat 2 → 3，单价 ¥31.00，多 ¥31.00',
          'seat 周期中变更，多 ¥48.00',
          'seat 周期中变更，少 ¥32.00',
        ],
      },
    ]);
    assert.deepEqual((await billsOf(play, customer)).slice(3), [
      '2026-04-01 – 2026-05-01 due 2026-04-01 open ¥208.00',
      '  base 2026-04-01 – 2026-05-01 1 × 99 = ¥99.00',
      '  seat 2026-04-01 – 2026-05-01 3 × 31 = ¥93.00',
      '  seat 2026-03-16 – 2026-04-01 3 × 31 × 16/31 = ¥48.00 change_charge',
      '  seat 2026-03-16 – 2026-04-01 2 × 31 × 16/31 = -¥32.00 change_credit',
    ]);
    await play.end();
  });

  test('a coupon takes half off for three months, and then no more', async () => {
    const { play, customer } = await shop();
    granted(
      await createCoupon(play.job(), {
        code: 'HALF3',
        nameZh: '半价三个月',
        nameEn: 'Half for three months',
        kind: { type: 'percentage', rate: { numerator: 1n, denominator: 2n } },
        duration: { type: 'repeating', periods: 3 },
        appliesTo: 'all',
      }),
    );
    const started = await start(play, customer, { items: [{ price: 'base' }], coupons: ['HALF3'] });
    assert.equal(started.firstInvoice?.total.minor, 4_950n);
    await play.advanceTo('2026-06-02 10:00');
    const totals = (await invoicesOf(play, customer)).map(({ total }) => total.minor);
    assert.deepEqual(totals, [4_950n, 4_950n, 4_950n, 9_900n]);
    await play.end();
  });

  test('an implementation is paid in three instalments that add up', async () => {
    const { play, customer } = await shop();
    await start(play, customer, { items: [{ price: 'base' }, { price: 'setup' }] });
    await play.advanceTo('2026-06-02 10:00');
    const setups = (await invoicesOf(play, customer)).map(({ lines }) =>
      lines.filter(({ priceCode }) => priceCode === 'setup').map(({ amount }) => amount.minor),
    );
    assert.deepEqual(setups, [[3_334n], [3_333n], [3_333n], []]);
    await play.end();
  });

  test('an upgrade counts at once, a downgrade when the period ends', async () => {
    const { play, customer } = await shop();
    const { subscription } = await start(play, customer, { items: [{ price: 'base' }] });
    await play.advanceTo('2026-03-11 10:00');
    const plans = async (plan: string, at: 'now' | 'period_end') =>
      granted(
        await changeSubscription(play.job(), {
          subscriptionId: subscription.id,
          read: ({ catalog, today }) => {
            const found = granted(findPlan(catalog, plan));
            const wanted = plan === 'team' ? [{ price: 'base' }] : undefined;
            const items = granted(resolveItems(catalog, wanted, { plan: found, day: today }));
            return ok({ type: 'plan', planId: found.id, items, when: { at } });
          },
        }),
      );
    await plans('pro', 'now');
    await play.advanceTo('2026-04-02 10:00');
    await plans('team', 'period_end');
    await play.advanceTo('2026-05-02 10:00');
    assert.deepEqual((await billsOf(play, customer)).slice(2), [
      '2026-04-01 – 2026-05-01 due 2026-04-01 open ¥266.75',
      '  pro-base 2026-04-01 – 2026-05-01 1 × 199 = ¥199.00',
      '  pro-base 2026-03-11 – 2026-04-01 1 × 199 × 21/31 = ¥134.81 change_charge',
      '  base 2026-03-11 – 2026-04-01 1 × 99 × 21/31 = -¥67.06 change_credit',
      '2026-05-01 – 2026-06-01 due 2026-05-01 open ¥99.00',
      '  base 2026-05-01 – 2026-06-01 1 × 99 = ¥99.00',
    ]);
    await play.end();
  });

  test('days of a pause are given back, and nothing is billed while it lasts', async () => {
    const { play, customer } = await shop();
    const { subscription } = await start(play, customer, { items: [{ price: 'base' }] });
    await play.advanceTo('2026-03-11 10:00');
    granted(await change(play, subscription.id, { type: 'pause', when: { at: 'now' } }));
    await play.advanceTo('2026-04-16 10:00');
    assert.equal((await invoicesOf(play, customer)).length, 1);
    granted(await change(play, subscription.id, { type: 'resume', when: { at: 'now' } }));
    await play.advanceTo('2026-05-02 10:00');
    assert.deepEqual((await billsOf(play, customer)).slice(2), [
      '2026-05-01 – 2026-06-01 due 2026-05-01 open ¥81.44',
      '  base 2026-05-01 – 2026-06-01 1 × 99 = ¥99.00',
      '  base 2026-04-16 – 2026-05-01 1 × 99 × 15/30 = ¥49.50 change_charge',
      '  base 2026-03-11 – 2026-04-01 1 × 99 × 21/31 = -¥67.06 change_credit',
    ]);
    await play.end();
  });

  test('who leaves before the contract ends pays what it says, once', async () => {
    const { play, customer } = await shop();
    const { subscription } = await start(play, customer, {
      items: [{ price: 'base' }],
      changes: {
        contract: {
          start: Temporal.PlainDate.from('2026-03-01'),
          end: Temporal.PlainDate.from('2027-03-01'),
          renewal: 'same_term',
          earlyTermination: { type: 'fixed', amount: money(30_000n, 'CNY') },
        },
      },
    });
    await play.advanceTo('2026-03-11 10:00');
    granted(await change(play, subscription.id, { type: 'end', when: { at: 'period_end' } }));
    await play.advanceTo('2026-05-01 10:00');
    const bills = await billsOf(play, customer);
    assert.match(bills.join('\n'), /base 2026-04-01 – 2027-03-01 1 × 300 = ¥300.00 termination/);
    assert.equal((await subscriptionOf(play, subscription.id)).state, 'ended');
    assert.equal((await invoicesOf(play, customer)).length, 2);
    await play.end();
  });

  test('a wallet pays what it can, the debit what the notice announced', async () => {
    const play = await newPlay('2026-03-01 09:00');
    await publish(play, TEAM);
    const customer = await newPayer(play, 'C-1');
    await signMandate(play, customer, 'wechat');
    granted(
      await grantCredit(play.job(), {
        customerId: customer.id,
        kind: 'prepaid',
        amount: money(4_000n, 'CNY'),
        reference: 'BANK-1',
      }),
    );
    const tomorrow = Temporal.PlainDate.from('2026-03-20');
    await start(play, customer, {
      items: [{ price: 'base' }],
      changes: { collection: 'auto_debit', startsOn: tomorrow },
    });
    await play.advanceTo('2026-03-21 12:00');
    const [invoice] = await invoicesOf(play, customer);
    assert.equal(invoice?.balanceApplied.minor, 4_000n);
    assert.equal(invoice?.state, 'paid');
    const story = await play.eventsOf('C-1');
    assert.ok(
      story.some((line) => line.includes('notice.sent') && line.includes('¥59.00')),
      story.join('\n'),
    );
    await play.end(5_900);
  });
});
