import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, findCheckup } from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { atDesk } from '../kit/desk.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

async function onlyInvoice(play: Play) {
  const [invoice] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listInvoices({ limit: 5 }),
  );
  assert.ok(invoice);
  return invoice;
}

/** The same over HTTP, each answer as it is documented. */
async function overHttp(
  play: Play,
  of: { readonly invoiceId: string; readonly customerId: string },
): Promise<void> {
  const key = `dk_test_checkups-of-${play.merchant.code}`;
  await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'test key');
  const call = async (path: string, body?: unknown) => {
    const response = await fetch(`${play.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const one = await call(`/v1/invoices/${of.invoiceId}/checkup`);
  assertDocumented({ method: 'GET', path: '/v1/invoices/{id}/checkup' }, one);
  const [finding] = one.body['findings'] as readonly { readonly id: string }[];
  const listed = await call('/v1/checkups?verdict=blocked&date=2026-12-01');
  assertDocumented({ method: 'GET', path: '/v1/checkups' }, listed);
  assert.deepEqual(listed.body['data'], [one.body]);
  assert.equal((await call('/v1/checkups?date=2026-13-01')).status, 400);
  const audit = await call(`/v1/customers/${of.customerId}/self-audit`);
  assertDocumented({ method: 'GET', path: '/v1/customers/{id}/self-audit' }, audit);
  const [mandate] = audit.body['mandates'] as readonly { readonly id: string }[];
  const noCard = await call(`/v1/mandates/${mandate?.id}/card-expiry`, {
    expires_on: '2027-08-31',
  });
  assert.deepEqual([noCard.status, noCard.body['code']], [422, 'mandate_has_no_card']);
  const accept = `/v1/checkup-findings/${finding?.id}/accept`;
  const accepted = await call(accept, { by: 'Anna', remark: 'agreed by phone' });
  assertDocumented({ method: 'POST', path: '/v1/checkup-findings/{id}/accept' }, accepted);
  assert.equal(accepted.body['state'], 'accepted');
  const other = await call(accept, { by: 'Bao' });
  assert.deepEqual([other.status, other.body['code']], [422, 'finding_not_open']);
}

onStage('what is found before a debit', (newPlay) => {
  test('a line beyond the agreed price holds the debit until finance accepts it', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-24 12:00');
    // Somebody wrote another price into the contract after the draft was made.
    await play.engine.store.transact(play.merchant.id, async (tx) => {
      const [subscription] = await tx.listSubscriptions({ limit: 1 });
      assert.ok(subscription);
      const items = subscription.items.map((item) => ({
        ...item,
        agreedModel: { type: 'flat' as const, amount: { numerator: 20n, denominator: 1n } },
      }));
      await tx.save({ subscriptions: [{ ...subscription, items }] });
    });
    await play.advanceTo('2026-12-01 08:00');
    const invoice = await onlyInvoice(play);
    const held = await findCheckup(play.job(), invoice.id);
    assert.equal(held?.checkup.verdict, 'blocked');
    const finding = held?.findings.find(({ code }) => code === 'amount_unlike_contract');
    assert.equal(finding?.owner, 'finance');
    assert.equal((await play.debit()).blockedBy, 'checkup_finding_open');
    const shown = await atDesk(play, ['checkup', invoice.id]);
    assert.match(shown.out, /is held\n.*is not at the agreed price/);
    const accept = ['checkup', 'accept', finding?.id ?? '', '--by', 'finance-1'];
    assert.equal((await atDesk(play, accept)).code, 0);
    await play.advanceTo('2026-12-01 12:00');
    assert.equal((await play.debit()).state, 'succeeded');
    const answer = await explain(play.job(), invoice.id, 'en');
    assert.ok(answer.kind === 'found');
    const line = answer.explanation.evidence.find((one) => one.startsWith('Checks before'));
    assert.match(line ?? '', /accepted by finance-1/);
    await play.end(2_985);
  });

  test('a cap below the amount: the payer is told at T−8, the day’s list says so', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'H-2', by: 'alipay', charge: '200.01' }]);
    await play.advanceTo('2026-11-23 12:00');
    const invoice = await onlyInvoice(play);
    const read = await findCheckup(play.job(), invoice.id);
    assert.deepEqual(
      read?.findings.map(({ code, severity, toldAt }) => [code, severity, toldAt !== undefined]),
      [['cap_below_amount', 'blocks', true]],
    );
    const listed = await atDesk(play, ['checkup', 'list', '--date', '2026-12-01']);
    assert.match(listed.out, /above the cap of ¥200.00/);
    const audit = await atDesk(play, ['self-audit', 'H-2']);
    assert.match(audit.out, /Subscriptions\n.*sub_.*2026-12-01/);
    assert.match(audit.out, /Findings\n.*raise_cap/);
    await overHttp(play, { invoiceId: invoice.id, customerId: invoice.customerId });
    await play.stop();
  });
});
