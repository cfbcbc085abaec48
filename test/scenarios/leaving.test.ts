import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Customer } from '../../packages/core/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  billsOf,
  catalogueOf,
  change,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  signMandate,
  start,
  subscriptionOf,
} from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

const TEAM = catalogueOf({
  team: [
    priceOf('base', 'flat', { model: { type: 'flat', amount: '93' } }),
    priceOf('support', 'flat', { model: { type: 'flat', amount: '30' }, timing: 'arrears' }),
  ],
});

const BY_DEBIT = { collection: 'auto_debit', paymentMethodLabel: 'wechat' } as const;

onStage('what waits for somebody who leaves', (newPlay) => {
  async function shop(opensAt: string) {
    const play = await newPlay(opensAt);
    await publish(play, TEAM);
    const customer = await newPayer(play, 'L-1');
    await signMandate(play, customer, 'wechat');
    return { play, customer };
  }

  /** What is left of the customer's grants, in 分. */
  async function balanceOf(play: Play, customer: Customer): Promise<bigint> {
    const grants = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.lockCreditGrants([customer.id]),
    );
    return grants.reduce((total, { left }) => total + left.minor, 0n);
  }

  test('paid already: it becomes a balance, which pays another subscription', async () => {
    const { play, customer } = await shop('2026-02-20 09:00');
    const leaves = Temporal.PlainDate.from('2026-03-01');
    const stays = Temporal.PlainDate.from('2026-04-10');
    const { subscription } = await start(play, customer, {
      items: [{ price: 'base' }],
      changes: { ...BY_DEBIT, startsOn: leaves },
    });
    await play.advanceTo('2026-03-16 10:00');
    assert.equal((await invoicesOf(play, customer))[0]?.state, 'paid');
    granted(await change(play, subscription.id, { type: 'end', when: { at: 'now' } }));
    await play.advanceTo('2026-03-16 12:00');
    // 16 of the 31 days of ¥93.00 are not served.
    assert.equal((await subscriptionOf(play, subscription.id)).state, 'ended');
    assert.equal(await balanceOf(play, customer), 4_800n);

    await start(play, customer, {
      items: [{ price: 'base' }],
      changes: { ...BY_DEBIT, startsOn: stays },
    });
    await play.advanceTo('2026-04-11 12:00');
    const [, next] = await invoicesOf(play, customer);
    assert.equal(next?.balanceApplied.minor, 4_800n);
    assert.equal(next?.state, 'paid');
    assert.equal(await balanceOf(play, customer), 0n);
    await play.end(9_300, 4_500);
  });

  test('not paid yet: the open invoice asks for less, told anew and taken once', async () => {
    const { play, customer } = await shop('2026-02-20 09:00');
    const { subscription } = await start(play, customer, {
      changes: { ...BY_DEBIT, startsOn: Temporal.PlainDate.from('2026-03-01') },
    });
    // The second invoice has support in arrears, so it is debited on the 10th.
    await play.advanceTo('2026-04-07 10:00');
    const [, open] = await invoicesOf(play, customer);
    assert.equal(open?.state, 'open');
    const told = (await play.eventsOf('L-1')).length;
    granted(await change(play, subscription.id, { type: 'end', when: { at: 'now' } }));
    await play.advanceTo('2026-04-20 12:00');
    assert.deepEqual((await billsOf(play, customer)).slice(2), [
      '2026-04-01 – 2026-05-01 due 2026-04-10 paid ¥123.00',
      '  base 2026-04-01 – 2026-05-01 1 × 93 = ¥93.00',
      '  support 2026-03-01 – 2026-04-01 1 × 30 = ¥30.00',
      '2026-04-01 – 2026-04-07 due 2026-04-16 paid ¥0.00',
      '  support 2026-04-01 – 2026-04-07 1 × 30 × 6/30 = ¥6.00',
      '  base 2026-04-07 – 2026-05-01 1 × 93 × 0/30 = -¥6.00 change_credit',
    ]);
    // 24 of 30 days of ¥93.00 are ¥74.40; the last bill took ¥6.00 of them.
    const story = (await play.eventsOf('L-1')).slice(told);
    assert.deepEqual(
      story
        .filter((line) => line.includes(' debit.') || line.includes(' notice.sent'))
        .map((line) => line.replaceAll(/ [a-z]{3}_[0-9a-f]{32}/g, '')),
      [
        '04-08 08:00 debit.failed invoice_credited',
        '04-08 08:00 debit.scheduled wechat ¥54.60 on 04-13',
        '04-08 08:00 notice.sent mail renewal ¥54.60 on 04-13',
        '04-13 07:30 debit.succeeded #1 ¥54.60',
      ],
    );
    assert.equal(await balanceOf(play, customer), 0n);
    await play.end(9_300, 5_460);
  });
});
