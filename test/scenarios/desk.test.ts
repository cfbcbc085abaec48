import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isId, present } from '../../packages/core/src/index.ts';
import { applyItems } from '../../packages/server/src/http/inbox.ts';
import { atDesk } from '../kit/desk.ts';
import { onStage } from '../kit/on-stage.ts';
import { RefundBook } from '../kit/refund-book.ts';
import type { Play } from '../kit/stage.ts';

/** The text of a command that succeeded. */
async function says(play: Play, ...words: readonly string[]): Promise<string> {
  const { code, out, err } = await atDesk(play, words);
  assert.equal(code, 0, `${words.join(' ')}: ${err}`);
  return out;
}

/** The exit code and the message of a command that did not. */
async function fails(play: Play, ...words: readonly string[]): Promise<string> {
  const { code, out, err } = await atDesk(play, words);
  assert.equal(out, '');
  return `${code} ${err.trim()}`;
}

/** The first id of this kind in a text. */
function idIn(text: string, prefix: 'hpy' | 'plk' | 'exc' | 'rfd'): string {
  const found = new RegExp(`${prefix}_[0-9a-f-]+`).exec(text)?.[0];
  assert.ok(found !== undefined && isId(prefix, found), text);
  return found;
}

const BY = ['--by', 'Anna'] as const;

onStage('the finance desk at the command line', (newPlay) => {
  test('payments by hand: tried, booked once, listed, reversed, explained', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'C-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-28 09:00');
    const transfer = ['--method', 'bank_transfer', '--reference', 'B-1', ...BY] as const;
    const record = ['payment', 'record', 'C-1', '--amount', '40.00', ...transfer] as const;
    assert.match(await says(play, ...record, '--dry-run'), /is paid\nDry run: nothing was changed/);
    assert.equal(await says(play, 'payment', 'list'), '');
    const booked = await says(play, ...record);
    assert.match(
      booked,
      /bank_transfer {2}B-1 {2}¥40\.00 {2}booked {2}\(balance ¥10\.15\)\n.*is paid/,
    );
    assert.match(await says(play, ...record), /Booked before: nothing was changed/);
    const id = idIn(booked, 'hpy');
    assert.equal(idIn(await says(play, 'payment', 'list', '--customer', 'C-1'), 'hpy'), id);
    const told = await says(play, 'explain', id);
    assert.match(told, /No money will move.*¥29\.85 was paid by bank transfer on 2026-11-28\./);
    assert.match(told, /¥10\.15 of it is the customer’s balance\./);
    assert.match(told, /Invoice \S+: ¥29\.85 = ¥29\.85 by hand\n/);
    assert.match(told, /· Payment of ¥40\.00 by bank transfer, number B-1\n/);
    const reverse = ['payment', 'reverse', id, '--reason', 'another customer’s', ...BY] as const;
    assert.match(await says(play, ...reverse), /reversed/);
    assert.match(await fails(play, ...reverse), /^1 /);
    const none = ['--amount', 'ten', ...transfer] as const;
    assert.match(
      await fails(play, 'payment', 'record', 'C-1', ...none),
      /^2 “ten CNY” is no amount/,
    );
    const some = ['--amount', '1.00', ...transfer] as const;
    assert.match(
      await fails(play, 'payment', 'record', 'C-9', ...some),
      /^2 Nobody here is called C-9/,
    );
    assert.match(
      await fails(play, 'payment', 'reverse', 'C-1', '--reason', 'x', ...BY),
      /^2 “C-1”/,
    );
    assert.deepEqual(JSON.parse(await says(play, 'payment', 'lines', '--json')), { data: [] });
    await play.stop();
  });

  test('pay links: tried, made, shown, one at a time, closed once', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'C-2', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-28 09:00');
    const create = ['pay-link', 'create', 'C-2', '--rail', 'alipay', ...BY] as const;
    assert.match(await says(play, ...create, '--hours', '3', '--dry-run'), /¥29\.85 {2}open\n$/);
    const made = await says(play, ...create, '--hours', '3');
    assert.match(made, /¥29\.85 {2}open\nhttp/);
    const id = idIn(made, 'plk');
    assert.match(await fails(play, ...create), new RegExp(`^1 .*${id}`));
    assert.match(await fails(play, ...create, '--hours', 'x'), /^2 “x” is no number of hours/);
    assert.match(await fails(play, ...create, '--invoice', 'INV'), /^2 An invoice is not named/);
    assert.equal(await says(play, 'pay-link', 'show', id), made);
    assert.match(await says(play, 'explain', id), /the debit of ¥29\.85 .* was cancelled/);
    // Alipay learns of an order when its page is opened, so an unopened one cannot be closed there.
    const close = ['pay-link', 'close', id] as const;
    assert.match(await says(play, ...close), /open\nhttp.*\nThe rail has not confirmed it yet/);
    await fetch(present(/http\S+/.exec(made)?.[0], 'an address'));
    assert.match(await says(play, ...close), /¥29\.85 {2}closed\n/);
    assert.match(await fails(play, ...close), /^1 /);
    assert.match(await fails(play, 'pay-link', 'show', 'C-2'), /^2 “C-2” is not the id of a link/);
    const wire = JSON.parse(await says(play, 'pay-link', 'show', id, '--json')) as object;
    assert.equal('state' in wire && wire.state, 'closed');
    await play.stop();
  });

  test('a refund that its bank sent back: given away, paid another way, explained', async () => {
    const play = await newPlay();
    new RefundBook().attach(play.engine, 'alipay');
    await play.subscribe([{ reference: 'C-3', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-12-02 10:00');
    const debit = await play.debit();
    await says(play, 'refund', debit.id, '--amount', '9.85', ...BY);
    await play.settle();
    const { refundNumber } = present(
      (await play.engine.store.transact(play.merchant.id, (tx) => tx.listRefunds({ limit: 1 })))[0],
      'a refund',
    );
    const outcome = { kind: 'failed', code: 'AC04', message: '账户已注销' } as const;
    const event = { kind: 'refund', refundNumber, outcome } as const;
    await applyItems(play.job(), [
      { kind: 'rail', event },
      { kind: 'rail', event },
    ]);
    await play.sleepUntil('2026-12-05 12:00');
    const listed = await says(play, 'exceptions', '--state', 'open');
    assert.match(
      listed,
      /^exc_\S+ {2}refund_sent_back {2}¥9\.85 {2}open {2}D\S+ {2}finance {2}3d {2}→ transfer\n$/,
    );
    const id = idIn(listed, 'exc');
    assert.match(await says(play, 'exceptions', 'assign', id, 'Chen'), / {2}Chen {2}3d/);
    const resolve = ['exceptions', 'resolve', id] as const;
    assert.match(await fails(play, ...resolve, 'book', ...BY), /^1 .*is the customer’s/);
    const original = ['refund', '--route', 'original', ...BY] as const;
    assert.match(await fails(play, ...resolve, ...original), /^1 .*takes no second one/);
    assert.match(await says(play, ...resolve, 'refund', ...BY), /refunding/);
    const waiting = await says(play, 'refund', 'list', '--state', 'manual_review');
    assert.match(waiting, /¥9\.85 {2}waits for a person \(by_transfer\)/);
    const transfer = ['--reference', 'BANK-9', ...BY] as const;
    await says(play, 'refund', 'resolve', idIn(waiting, 'rfd'), ...transfer);
    assert.match(await says(play, 'exceptions'), /refunded .* Chen/);
    const told = await says(play, 'explain', refundNumber);
    assert.match(
      told,
      /¥9\.85 was returned on .* ¥9\.85 was returned on .* ¥9\.85 of it did not arrive/,
    );
    assert.match(told, /its number there BANK-9/);
    const books = await play.books();
    assert.deepEqual([books['2241'], books['1002']], [0n, -985n]);
    assert.deepEqual(await play.engine.store.findViolations(10), []);
    assert.match(
      await fails(play, 'mandate', 'drift', '--confirm', 'alipay'),
      /^1 .*nobody is named/,
    );
    await play.stop();
  });
});
