import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Invoice, present } from '../../packages/core/src/index.ts';
import {
  findArrears,
  grantOverride,
  publishPolicy,
  viewLateFee,
  withdrawOverride,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

async function invoicesOf(play: Play, reference: string): Promise<readonly Invoice[]> {
  const { id } = await play.customer(reference);
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId: id, limit: 10 }),
  );
}

async function dispute(play: Play, reference: string, invoice: Invoice, until: string) {
  const { id } = await play.customer(reference);
  const granted = await grantOverride(play.job(), id, {
    kind: 'disputed_invoice',
    invoiceId: invoice.id,
    until: Temporal.PlainDate.from(until),
    by: 'Anna',
    why: 'the line was down',
  });
  assert.ok(granted.ok, granted.ok ? '' : granted.refusal.sentence);
  return granted.value;
}

/** The customer's debits: state, amount and what holds them back. */
async function debitsOf(play: Play, reference: string): Promise<readonly string[]> {
  const { id } = await play.customer(reference);
  const debits = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listDebits({ customerId: id, limit: 10 }),
  );
  return debits.map(({ state, amount, blockedBy }) =>
    [state, amount.minor, blockedBy].filter((one) => one !== undefined).join(' '),
  );
}

const taken = (story: readonly string[]) => story.filter((line) => line.includes('invoice.paid'));

onStage('an invoice in dispute', (newPlay) => {
  test('its planned debit is held back, told once, and goes on with a new notice', async () => {
    const play = await newPlay();
    await play.subscribe([
      { reference: 'Q-1', by: 'wechat', charge: '29.85' },
      { reference: 'Q-2', by: 'wechat', charge: '29.85' },
    ]);
    await play.advanceTo('2026-11-29 12:00');
    const invoice = present((await invoicesOf(play, 'Q-1'))[0], 'the invoice');
    const override = await dispute(play, 'Q-1', invoice, '2026-12-20');
    assert.deepEqual(await debitsOf(play, 'Q-1'), ['scheduled 2985 invoice_disputed']);
    await play.advanceTo('2026-12-14 12:00');
    assert.equal(taken(await play.eventsOf('Q-2')).length, 1, 'nobody else waits');
    const held = await play.eventsOf('Q-1');
    assert.deepEqual(taken(held), []);
    const told = held.filter((line) => line.includes('debit.blocked'));
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(told[0] ?? '', /11-29 12:00 debit\.blocked .*invoice_disputed/);
    assert.equal(held.filter((line) => /overdue|service\./.test(line)).length, 0, held.join('\n'));
    const arrears = await findArrears(play.job(), (await play.customer('Q-1')).id);
    assert.ok(arrears.ok);
    assert.equal(arrears.value.arrears?.state ?? 'clear', 'clear');
    assert.ok((await withdrawOverride(play.job(), override.id, 'Anna')).ok);
    assert.deepEqual(await debitsOf(play, 'Q-1'), ['scheduled 2985']);
    await play.advanceTo('2026-12-21 12:00');
    const after = await play.eventsOf('Q-1');
    const goesOn = after.slice(held.length);
    const delivered = goesOn.findIndex((line) => line.includes('notice.delivered'));
    const paid = goesOn.findIndex((line) => line.includes('invoice.paid'));
    assert.ok(delivered >= 0 && delivered < paid, goesOn.join('\n'));
    await play.end(2_985, 2_985);
  });

  test('a debit of two invoices: the one that is not in dispute is collected alone', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'Q-3', by: 'wechat', charge: '29.85' }]);
    await play.subscribeAgain('Q-3', 1_000n);
    await play.advanceTo('2026-11-27 12:00');
    assert.deepEqual(await debitsOf(play, 'Q-3'), ['scheduled 3985']);
    const invoices = await invoicesOf(play, 'Q-3');
    const small = invoices.find(({ total }) => total.minor === 1_000n);
    await dispute(play, 'Q-3', present(small, 'the second invoice'), '2027-01-20');
    await play.advanceTo('2026-12-10 12:00');
    assert.deepEqual(
      (await invoicesOf(play, 'Q-3')).map(({ state, total }) => `${state} ${total.minor}`).sort(),
      ['open 1000', 'paid 2985'],
    );
    await play.end(2_985);
  });

  test('it grows no late fee while it lasts, and stops nobody’s service', async () => {
    const play = await newPlay();
    const body = {
      rate: { per: 'day', basis_points: '5' },
      grace_days: 3,
      cap: { basis_points: 3000 },
      customers: ['person'],
      from: '2026-11-20',
    };
    const policy = { kind: 'late_fee', code: 'default', body, by: 'Anna' } as const;
    assert.ok((await publishPolicy(play.job(), policy, { dryRun: false })).ok);
    await play.subscribe([{ reference: 'Q-4', by: 'transfer', charge: '1000.00' }]);
    await play.advanceTo('2026-12-07 12:00');
    const invoice = present((await invoicesOf(play, 'Q-4'))[0], 'the invoice');
    await dispute(play, 'Q-4', invoice, '2026-12-17');
    await play.advanceTo('2026-12-16 12:00');
    const feeOn = async () => {
      const view = await play.engine.store.transact(play.merchant.id, (tx) =>
        viewLateFee(tx, play.job(), { id: invoice.id }),
      );
      return [view?.figure?.days, view?.figure?.amount.minor, view?.charged.minor];
    };
    assert.deepEqual(await feeOn(), [2, 100n, 0n], 'the 5th and the 6th');
    const arrears = await findArrears(play.job(), (await play.customer('Q-4')).id);
    assert.ok(arrears.ok);
    assert.equal(arrears.value.arrears?.state ?? 'clear', 'clear');
    // It ends by its date: the days count again, and a new warning comes before any suspension.
    await play.advanceTo('2026-12-18 12:00');
    assert.deepEqual(await feeOn(), [4, 200n, 0n]);
    const story = await play.eventsOf('Q-4');
    const warned = story.filter((line) => /service\.(warned|suspended)/.test(line));
    assert.deepEqual(
      warned.map((line) => line.split(' ').slice(0, 3).join(' ')),
      ['12-04 10:00 service.warned', '12-17 10:00 service.warned'],
    );
    await play.end();
  });
});
