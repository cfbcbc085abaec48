import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Invoice, present, ratio } from '../../packages/core/src/index.ts';
import { recordHandPayment } from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { at } from '../kit/builders.ts';
import { atDesk } from '../kit/desk.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const keyOf = ({ merchant }: Play) => `dk_test_causes-of-${merchant.code}`;

/** The body of an answer that the document describes. */
async function ask(play: Play, route: string, path: string) {
  const headers = { authorization: `Bearer ${keyOf(play)}` };
  const response = await fetch(`${play.url}${path}`, { headers });
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  if (response.ok) assertDocumented({ method: 'GET', path: route }, { status: 200, body });
  return { status: response.status, body };
}

const askCause = (play: Play, { id }: Invoice) =>
  ask(play, '/v1/invoices/{id}/cause', `/v1/invoices/${id}/cause`);

async function invoiceOf(play: Play, reference: string): Promise<Invoice> {
  const { id: customerId } = await play.customer(reference);
  const [invoice] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ customerId, limit: 1 }),
  );
  return present(invoice, `an invoice of ${reference}`);
}

const momentsOf = (play: Play, { id }: Invoice) =>
  play.engine.store.transact(play.merchant.id, async (tx) =>
    (await tx.loadFindings([id])).map(({ moment, finding }) => `${moment} ${finding.primary}`),
  );

onStage('why an invoice is overdue', (newPlay) => {
  test('short, forgotten, paid late: found once, told over HTTP and at the desk', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
    await play.subscribe([
      { reference: 'S-1', by: 'wechat', charge: '30.00' },
      { reference: 'F-1', by: 'transfer', charge: '10.00' },
    ]);
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH', times: 9 });
    await play.advanceTo('2026-12-01 23:00');
    const [short, forgotten] = [await invoiceOf(play, 'S-1'), await invoiceOf(play, 'F-1')];
    const early = await askCause(play, short);
    assert.deepEqual([early.status, early.body['code']], [422, 'not_overdue']);
    assert.deepEqual(await momentsOf(play, short), []);

    await play.advanceTo('2026-12-03 12:00');
    assert.deepEqual(await momentsOf(play, short), ['overdue insufficient_balance']);
    assert.deepEqual(await momentsOf(play, forgotten), ['overdue forgot']);
    const told = await askCause(play, short);
    assert.equal(told.body['sentence'], 'Overdue because: not enough money in the account 100%');
    assert.deepEqual(
      (told.body['fix'] as { readonly action: string }).action,
      'retry_after_payday',
    );

    const report = '/v1/insights/arrears-causes';
    const { body } = await ask(play, report, `${report}?month=2026-12&by=rail`);
    const rows = (body['data'] as readonly Readonly<Record<string, unknown>>[])
      .filter((row) => row['count_basis_points'] !== 0)
      .map((row) => [row['group'], row['cause'], row['amount']]);
    assert.deepEqual(rows, [
      ['', 'forgot', { amount: 1_000, currency: 'CNY' }],
      ['wechat', 'insufficient_balance', { amount: 3_000, currency: 'CNY' }],
    ]);
    const table = await fetch(`${play.url}${report}?month=2026-12&format=csv`, {
      headers: { authorization: `Bearer ${keyOf(play)}` },
    });
    assert.equal(table.headers.get('content-type'), 'text/csv; charset=utf-8');
    const desk = await atDesk(play, ['causes', '--month', '2026-12', '--csv']);
    assert.equal(desk.code, 0, desk.err);
    assert.match(desk.out, /2026-12,,forgot,1,5000,10.00,CNY,2500\r\n/);
    assert.match(desk.out, /2026-12,,insufficient_balance,1,5000,30.00,CNY,7500\r\n/);
    assert.equal(await table.text(), desk.out);
    const explained = await atDesk(play, ['explain', forgotten.id]);
    assert.match(explained.out, /Overdue because: forgotten 100%/);

    const request = {
      method: 'bank_transfer',
      amount: forgotten.total,
      reference: 'T-1',
      receivedAt: at('2026-12-03 11:00'),
      recordedBy: 'Chen',
      note: '',
    } as const;
    const paid = await recordHandPayment(play.job(), forgotten.customerId, { request });
    assert.equal(paid.ok, true);
    await play.advanceTo('2026-12-03 13:00');
    assert.deepEqual(await momentsOf(play, forgotten), ['overdue forgot', 'ended forgot']);
    assert.equal((await askCause(play, forgotten)).body['moment'], 'ended');
  });

  test('the plan that fits, after the first period', async () => {
    const play = await newPlay();
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'shop');
    await play.subscribe([{ reference: 'P-1', by: 'transfer', charge: '30.00' }]);
    const none = await atDesk(play, ['plan-fit', 'P-1']);
    assert.match(none.err, /No billing period of this subscription has ended yet/);
    await play.engine.store.transact(play.merchant.id, async (tx) => {
      const { plans, prices, versions } = await tx.loadCatalog();
      const [plan, price, version] = [plans[0], prices[0], versions[0]];
      assert.ok(plan !== undefined && price !== undefined && version !== undefined);
      const other = (digit: string | undefined) => (digit === '0' ? '1' : '0');
      const next = <T extends string>(id: T) =>
        `${id.slice(0, -4)}${other(id.at(-4))}${id.slice(-3)}` as T;
      const priceId = next(price.id);
      await tx.addToCatalog({
        plans: [{ ...plan, id: next(plan.id), code: 'smaller' }],
        prices: [{ ...price, id: priceId, planId: next(plan.id), code: 'smaller' }],
        versions: [
          {
            ...version,
            id: next(version.id),
            priceId,
            model: { type: 'flat', amount: ratio(25n) },
          },
        ],
      });
    });
    await play.sleepUntil('2027-01-02 12:00');
    const [subscription] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listSubscriptions({ limit: 1 }),
    );
    const { id } = present(subscription, 'a subscription');
    const path = `/v1/subscriptions/${id}/plan-fit`;
    const { body } = await ask(play, '/v1/subscriptions/{id}/plan-fit', path);
    assert.deepEqual((body['best'] as Readonly<Record<string, unknown>>)['saving_per_period'], {
      amount: 500,
      currency: 'CNY',
    });
    const desk = await atDesk(play, ['plan-fit', 'P-1']);
    assert.match(desk.out, /smaller saves ¥5.00 per period/);
  });
});
