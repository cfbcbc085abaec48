import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Customer } from '../../packages/core/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import { catalogueOf, invoicesOf, newPayer, priceOf } from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

type Json = Record<string, unknown>;
type Answer = { readonly status: number; readonly body: Json };

const KEY = 'dk_test_billing-over-http';

const TEAM = catalogueOf({
  team: [
    priceOf('base', 'flat', { model: { type: 'flat', amount: '99' } }),
    priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } }),
    priceOf('setup', 'one_off', { model: { type: 'flat', amount: '100' } }),
  ],
});

/** A client of one merchant, with the key that opens it. */
async function clientOf(play: Play, number: number) {
  const key = `${KEY}-${number}`;
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'test');
  return async (path: string, json?: unknown): Promise<Answer> => {
    const response = await fetch(`${play.url}${path}`, {
      method: json === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const answer = { status: response.status, body: (await response.json()) as Json };
    assertDocumented({ method: json === undefined ? 'GET' : 'POST', path }, answer);
    return answer;
  };
}

/** A value inside an answer, by its path. */
function at(answer: Answer, ...path: readonly (string | number)[]): unknown {
  let value: unknown = answer.body;
  for (const key of path) value = (value as Record<string | number, unknown> | null)?.[key];
  return value;
}

onStage('billing over HTTP', (newPlay) => {
  let clients = 0;
  async function shop(opensAt = '2026-03-01 09:00') {
    const play = await newPlay(opensAt);
    clients += 1;
    const call = await clientOf(play, clients);
    const published = await call('/v1/catalog', TEAM);
    assert.equal(published.status, 200, JSON.stringify(published.body));
    const customer = await newPayer(play, 'C-1');
    const plain = { customer_id: customer.id, plan: 'team', collection: 'by_hand' };
    return { play, call, customer, plain };
  }

  test('a catalogue is tried, published and read; the same again adds nothing', async () => {
    const play = await newPlay('2026-03-01 09:00');
    clients += 1;
    const call = await clientOf(play, clients);
    const tried = await call('/v1/catalog?dry_run=true', TEAM);
    assert.deepEqual([tried.status, at(tried, 'dry_run')], [200, true]);
    assert.deepEqual(at(await call('/v1/plans'), 'data'), []);
    assert.equal(at(await call('/v1/catalog', TEAM), 'added', 'versions', 0, 'version'), 1);
    const again = await call('/v1/catalog', TEAM);
    assert.deepEqual([at(again, 'added', 'prices'), at(again, 'unchanged')], [[], 8]);
    assert.equal(at(await call('/v1/plans'), 'data', 0, 'code'), 'team');
    const prices = at(await call('/v1/prices'), 'data') as readonly Json[];
    assert.deepEqual(prices.map(({ code }) => code).sort(), ['base', 'seat', 'setup']);
    await play.end();
  });

  test('a bank transfer that is sent again is the grant that is there', async () => {
    const { play, call, customer } = await shop();
    const path = `/v1/customers/${customer.id}/credit-grants`;
    const transfer = {
      kind: 'prepaid',
      amount: { amount: 5_000, currency: 'CNY' },
      reference: 'BANK-1',
    };
    const first = await call(path, transfer);
    assert.deepEqual([first.status, at(first, 'reference')], [200, 'BANK-1']);
    const again = await call(path, transfer);
    assert.deepEqual([again.status, again.body], [200, first.body]);
    const more = await call(path, { ...transfer, amount: { amount: 5_001, currency: 'CNY' } });
    assert.deepEqual(
      [more.status, at(more, 'code'), at(more, 'param')],
      [422, 'reference_used', 'reference'],
    );
    assert.deepEqual(at(await call(path), 'data'), [first.body]);
    await play.end();
  });

  test('from the start to the second bill, every amount is known beforehand', async () => {
    const { play, call, customer, plain } = await shop();
    const started = await call('/v1/subscriptions', {
      ...plain,
      items: [{ price: 'base' }, { price: 'seat', quantity: 2 }],
      trial_days: 5,
    });
    assert.equal(started.status, 200, JSON.stringify(started.body));
    assert.deepEqual(at(started, 'first_charge'), {
      charged_from: '2026-03-06',
      due_date: '2026-03-06',
      amount: { amount: 16_100, currency: 'CNY' },
    });
    const id = at(started, 'subscription', 'id');
    await play.advanceTo('2026-03-16 10:00');
    const [, seat] = at(started, 'subscription', 'items') as readonly Json[];
    const change = { type: 'quantity', item_id: seat?.['id'], quantity: 5 };
    const preview = await call('/v1/invoices/preview', { subscription_id: id, change });
    const dry = await call(`/v1/subscriptions/${id}/changes?dry_run=true`, change);
    const made = await call(`/v1/subscriptions/${id}/changes`, change);
    const total = at(made, 'next_invoice', 'total');
    assert.deepEqual(at(preview, 'invoice', 'total'), total);
    assert.deepEqual(at(dry, 'next_invoice', 'total'), total);
    assert.match(
      String(at(preview, 'sentences', 1)),
      /^seat 2026-04-06 – 2026-05-05: 5 × ¥31.00 = ¥155.00; .*version 1; at the list price$/,
    );
    await play.advanceTo('2026-04-07 10:00');
    const [, second] = await invoicesOf(play, customer);
    assert.ok(second);
    assert.deepEqual(total, { amount: Number(second.total.minor), currency: 'CNY' });
    const why = await call(`/v1/invoices/${second.id}/comparison`);
    const parts = at(why, 'parts') as readonly { readonly amount: { readonly amount: number } }[];
    const sum = parts.reduce((all, part) => all + part.amount.amount, 0);
    assert.equal(sum, at(why, 'difference', 'amount'));
    const changes = at(await call(`/v1/subscriptions/${id}/changes`), 'data') as readonly Json[];
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['quantity'],
    );
    await play.end();
  });

  test('credits and coupons over HTTP', async () => {
    const { play, call, customer, plain } = await shop();
    const half = {
      code: 'HALF',
      name_zh: '半价',
      name_en: 'Half',
      kind: { type: 'percentage', basis_points: 5_000 },
      duration: { type: 'once' },
    };
    assert.equal((await call('/v1/coupons', half)).status, 200);
    assert.equal(at(await call('/v1/coupons', half), 'code'), 'coupon_code_taken');
    const amount = { amount: 1_000, currency: 'CNY' };
    const credits = `/v1/customers/${customer.id}/credit-grants`;
    const gift = await call(credits, { kind: 'promotional', amount, expires_on: '2026-03-03' });
    assert.equal(gift.status, 200, JSON.stringify(gift.body));
    const own = await call(credits, { kind: 'prepaid', amount, reference: 'BANK-1' });
    assert.equal(own.status, 200);
    const base = { items: [{ price: 'base' }], starts_on: '2026-03-10', coupons: ['HALF'] };
    const started = await call('/v1/subscriptions', { ...plain, ...base });
    assert.equal(at(started, 'first_charge', 'amount', 'amount'), 4_950);
    await play.advanceTo('2026-03-06 10:00');
    const [invoice] = await invoicesOf(play, customer);
    // The gift had expired by then; the customer's own money had not.
    assert.equal(invoice?.balanceApplied.minor, 1_000n);
    assert.deepEqual(at(await call(credits), 'data'), []);
    const story = await play.eventsOf('C-1');
    assert.equal(story.filter((line) => line.includes('credit.expired')).length, 1);
    await play.end();
  });

  test('what cannot be is refused with its field, and nothing is changed', async () => {
    const { play, call, customer, plain } = await shop();
    const started = await call('/v1/subscriptions', {
      ...plain,
      items: [{ price: 'base' }, { price: 'seat', quantity: 2 }],
    });
    const id = String(at(started, 'subscription', 'id'));
    const items = at(started, 'subscription', 'items') as readonly Json[];
    await play.advanceTo('2026-04-15 10:00');
    const seat = items[1]?.['id'];
    const changes = `/v1/subscriptions/${id}/changes`;
    const table = [...wrongStarts(plain), ...wrongCommands(seat, { changes, customer })];
    for (const [name, path, json, answer] of table) {
      const { status, body } = await call(path, json);
      const told = [status, body['code'], body['param']].filter((word) => word !== undefined);
      assert.equal(told.join(' '), answer, name);
      assert.ok(String(body['next_action']).length > 0 && String(body['detail']).length > 0, name);
    }
    const listed = at(await call(changes), 'data') as readonly Json[];
    assert.equal(listed.length, 0);
    await play.end();
  });
});

/** What is asked for, where, with what, and the status, code and field of the answer. */
type Wrong = readonly [name: string, path: string, json: Json, answer: string];

function wrongStarts(plain: Json): readonly Wrong[] {
  const seats = (quantity: unknown): Json => ({ items: [{ price: 'seat', quantity }] });
  const agreed = { type: 'per_unit', unit_amount: '-1' };
  const table: readonly (readonly [string, Json, string])[] = [
    ['no such plan', { plan: 'gold' }, '422 plan_unknown plan'],
    ['no such price', { items: [{ price: 'x' }] }, '422 price_unknown items[0].price'],
    ['no seats', seats(0), '422 quantity_not_positive items[0].quantity'],
    ['fewer than none', seats(-3), '422 quantity_not_positive items[0].quantity'],
    ['half a seat', seats(0.5), '400 parameter_not_valid items/0/quantity'],
    ['a number that is none', seats('NaN'), '400 parameter_not_valid items/0/quantity'],
    [
      'an agreed price below zero',
      { items: [{ price: 'seat', agreed_model: agreed }] },
      '422 price_amount_negative items[0].agreed_model.unit_amount',
    ],
    ['a billing day of 32', { billing_day: 32 }, '422 billing_day_out_of_range boundaries.day'],
    [
      'two boundaries',
      { billing_day: 3, calendar_month: true },
      '422 boundaries_named_twice calendar_month',
    ],
    [
      'a start before the price',
      { starts_on: '2025-01-01', items: [{ price: 'base' }] },
      '422 price_not_effective items[0].price',
    ],
    ['30 February', { starts_on: '2026-02-30' }, '400 parameter_not_valid starts_on'],
    ['a misspelt field', { trial: 5 }, '400 parameter_not_known trial'],
    ['a coupon that nobody has', { coupons: ['X'] }, '422 coupon_unknown coupons[0]'],
  ];
  return table.map(([name, json, answer]) => [
    name,
    '/v1/subscriptions',
    { ...plain, ...json },
    answer,
  ]);
}

function wrongCommands(
  seat: unknown,
  { changes, customer }: { readonly changes: string; readonly customer: Customer },
): readonly Wrong[] {
  const seats = { type: 'quantity', item_id: seat };
  const early = { ...seats, quantity: 3, when: '2026-03-10' };
  const credits = `/v1/customers/${customer.id}/credit-grants`;
  const gift = { kind: 'promotional', amount: { amount: -1, currency: 'CNY' } };
  const own = { kind: 'prepaid', amount: { amount: 1, currency: 'CNY' } };
  const nobody = `/v1/subscriptions/sub_${'0'.repeat(32)}/changes`;
  return [
    ['no seats', changes, { ...seats, quantity: 0 }, '422 quantity_not_positive quantity'],
    ['before the last bill', changes, early, '422 change_before_last_invoice when'],
    ['no quantity', changes, seats, '422 field_missing quantity'],
    ['of another change', changes, { type: 'end', quantity: 3 }, '422 field_unknown quantity'],
    ['nothing to resume', changes, { type: 'resume' }, '422 not_paused when'],
    ['money back as a grant', credits, gift, '422 amount_not_positive amount.amount'],
    ['prepaid from nowhere', credits, own, '422 reference_missing reference'],
    ['nobody to unpark', '/v1/subscriptions/unpark', {}, '422 nothing_named reason'],
    ['no such subscription', nobody, { type: 'resume' }, '404 not_found'],
    ['no id', '/v1/subscriptions/x/changes', { type: 'resume' }, '400 id_not_valid id'],
  ];
}
