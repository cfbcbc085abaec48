import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import { publishCard, subscribeTo, versionOf } from '../kit/rate-card.ts';
import { newPayer } from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** Says one thing to the API of the merchant. */
async function callerOf(play: Play) {
  const key = `dk_test_${crypto.randomUUID()}`;
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'test');
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${play.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const json = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await call(method, path, body);
    const answer = { status: response.status, body: (await response.json()) as Answer['body'] };
    assertDocumented({ method, path }, answer);
    return answer;
  };
  const text = async (path: string) => (await call('GET', path)).text();
  return { json, text };
}

/** A letter reaches the customer, who calls and objects. */
async function tellAndAnswer(
  json: (method: string, path: string, body: unknown) => Promise<Answer>,
  id: string,
  customer: string,
): Promise<void> {
  const told = await json('POST', `/v1/price-changes/${id}/notices`, {
    customer_id: customer,
    channel: 'letter',
    reference: 'RR-1',
  });
  assert.equal(told.status, 200);
  const said = await json('POST', `/v1/price-changes/${id}/consents`, {
    customer_id: customer,
    answer: 'objected',
    channel: 'phone',
    evidence_hash: 'd'.repeat(64),
  });
  assert.equal(said.status, 200);
}

const CARD = { base: { '2026-01-01': '100', '2026-05-01': '120' } };

onStage('the API of organisations and price changes', (newPlay) => {
  test('an organisation is made, gets departments, and its invoice is allocated', async () => {
    const play = await newPlay('2026-03-25 09:00');
    await publishCard(play, CARD);
    const { json, text } = await callerOf(play);
    const organisation = {
      kind: 'organisation',
      external_reference: 'acme',
      name: '示例集团',
      consolidated_billing: true,
    };
    const made = await json('POST', '/v1/customers', organisation);
    const again = await json('POST', '/v1/customers', organisation);
    assert.deepEqual(
      [made.status, made.body['created'], again.body['created']],
      [200, true, false],
    );
    const payer = await play.customer('acme');
    const path = `/v1/customers/${payer.id}/children`;
    const children = await json('POST', path, {
      children: [{ kind: 'department', external_reference: 'lab', name: '=SUM(A1)' }],
    });
    assert.equal(children.status, 200);
    const listed = (await json('GET', path)).body['data'] as { id: `cus_${string}` }[];
    assert.equal(listed.length, 1);
    const [lab] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.loadCustomers(listed.map(({ id }) => id)),
    );
    assert.ok(lab);
    const wanted = { startsOn: '2026-04-01', items: { base: 1n } };
    await subscribeTo(play, payer, { ...wanted, beneficiary: lab });
    await play.settle();
    const [invoice] = await play.engine.store.transact(play.merchant.id, (tx) =>
      tx.listInvoices({ customerId: payer.id, limit: 1 }),
    );
    assert.ok(invoice);
    const table = await text(`/v1/invoices/${invoice.id}/allocation?format=csv`);
    assert.deepEqual(table.split('\r\n').slice(0, 2), [
      'beneficiary_id,external_reference,name,net,tax,amount,currency',
      `${lab.id},lab,'=SUM(A1),94.34,5.66,100.00,CNY`,
    ]);
    await play.end();
  });

  test('what is refused names its code and its field', async () => {
    const play = await newPlay('2026-03-25 09:00');
    const { json } = await callerOf(play);
    const person = await newPayer(play, 'wang');
    const department = { kind: 'department', external_reference: 'lab', name: 'lab' };
    const answers = [
      await json('POST', `/v1/customers/${person.id}/children`, { children: [department] }),
      await json('POST', `/v1/customers/${person.id}/children`, { children: [] }),
      await json('PATCH', `/v1/customers/${person.id}`, { consolidated_billing: true }),
      await json('POST', `/v1/customers/${person.id}/move`, {
        to: person.id,
        on_date: '2026-02-30',
      }),
      await json('POST', '/v1/customers', { ...department, kind: 'person', phone: '12' }),
      await json('GET', `/v1/price-changes/pch_${'0'.repeat(32)}`),
    ];
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${body['code']} ${body['param'] ?? ''}`.trim()),
      [
        '422 not_an_organisation id',
        '400 parameter_not_valid children',
        '422 not_an_organisation consolidated_billing',
        '400 parameter_not_valid on_date',
        '400 parameter_not_valid phone',
        '404 not_found',
      ],
    );
    await play.end();
  });

  test('a price change is tried, published and answered', async () => {
    const play = await newPlay('2026-03-10 09:00');
    await publishCard(play, CARD);
    const { json, text } = await callerOf(play);
    const customer = await newPayer(play, '=1+1');
    const { id: subscription } = await subscribeTo(play, customer, {
      startsOn: '2026-03-10',
      items: { base: 1n },
    });
    const [from, to] = [await versionOf(play, 'base'), await versionOf(play, 'base', 2)];
    const body = {
      steps: [{ from: from.id, to: to.id }],
      effective_on: '2026-05-01',
      audience: 'consumer',
      fallback: { type: 'leave_without_penalty' },
      reason: '上游成本上涨',
    };
    const tried = await json('POST', '/v1/price-changes?dry_run=true', body);
    assert.deepEqual(tried.body['totals'], {
      subscriptions: 1,
      customers: 1,
      rises: 1,
      decreases: 0,
      unchanged: 0,
      unreachable: 0,
      by_currency: [{ currency: 'CNY', before: 10_000, after: 12_000 }],
    });
    assert.deepEqual((await json('GET', '/v1/price-changes')).body['data'], []);
    const made = await json('POST', '/v1/price-changes', body);
    const { id } = made.body['price_change'] as { id: string };
    assert.deepEqual((await text(`/v1/price-changes/${id}/impact.csv`)).split('\r\n'), [
      'external_reference,customer_id,subscription_id,audience,direction,before,after,currency,' +
        'notice_channel',
      `'=1+1,${customer.id},${subscription},consumer,rise,100.00,120.00,CNY,mail`,
      '',
    ]);
    const early = await json('POST', `/v1/price-changes/${id}/consents`, {
      customer_id: customer.id,
      answer: 'acknowledged',
      channel: 'portal',
      evidence_hash: 'd'.repeat(64),
    });
    assert.equal(early.body['code'], 'not_touched');
    assert.equal(
      (await json('POST', `/v1/price-changes/${id}/publish`)).body['state'],
      'published',
    );
    await tellAndAnswer(json, id, customer.id);
    const listed = await json('GET', `/v1/price-changes/${id}/customers?state=objected`);
    const [row] = listed.body['data'] as Record<string, unknown>[];
    assert.deepEqual(
      [row?.['answer'], row?.['notice_channel'], row?.['outcome'], row?.['subscription_id']],
      ['objected', 'letter', 'waiting', subscription],
    );
    const silent = await json('GET', `/v1/price-changes/${id}/customers?state=silent`);
    assert.deepEqual(silent.body['data'], []);
    assert.equal(
      (await json('POST', `/v1/price-changes/${id}/withdraw`)).body['state'],
      'withdrawn',
    );
    await play.end();
  });

  test('a subscription gets a dearer version with its customer’s consent only', async () => {
    const play = await newPlay('2026-05-03 09:00');
    await publishCard(play, CARD);
    const { json } = await callerOf(play);
    const customer = await newPayer(play, 'wang');
    const { id } = await subscribeTo(play, customer, {
      startsOn: '2026-05-10',
      items: { base: 1n },
    });
    const [from, to] = [await versionOf(play, 'base'), await versionOf(play, 'base', 2)];
    const body = { type: 'prices', versions: [{ from: from.id, to: to.id }], when: '2026-05-10' };
    const path = `/v1/subscriptions/${id}/changes`;
    const consent = {
      at: '2026-05-02T01:00:00Z',
      channel: 'in_person',
      evidence_hash: 'e'.repeat(64),
    };
    const answers = [
      await json('POST', path, body),
      await json('POST', path, { ...body, consent: { ...consent, evidence_hash: 'yes' } }),
      await json('POST', path, { ...body, consent }),
    ];
    assert.deepEqual(
      answers.map(({ status, body: said }) => `${status} ${said['code'] ?? ''}`.trim()),
      ['422 rise_without_consent', '400 parameter_not_valid', '200'],
    );
    await play.end();
  });
});
