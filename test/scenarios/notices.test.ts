import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CustomerId, fromMoney, money } from '@daikou/core';
import {
  applyDeliveryReports,
  changeContact,
  changePreferences,
  listInbox,
  readMessage,
  reissueInvoice,
} from '@daikou/engine';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

const PHONE = '+12125550142';
const OTHER_PHONE = '+12125550143';

/** What a customer heard, without the rest of its story. */
async function heard(play: Play, reference: string): Promise<readonly string[]> {
  const lines = await play.eventsOf(reference);
  return lines.filter((line) => /(notice|task)\.|contact_changed/.test(line)).map(shortened);
}

function shortened(line: string): string {
  return line.replace(/ (dbt|cus)_[0-9a-f]{32}/, '').replace(/ ¥.*$/, '');
}

async function noticesOf(play: Play, reference: string) {
  const { id } = await play.customer(reference);
  return play.engine.store.transact(play.merchant.id, (tx) =>
    tx.listNotices({ customerId: id, limit: 50 }),
  );
}

onStage('notices by one channel after the other', (newPlay) => {
  test('mail that is taken and never arrives: the phone has its turn after a day', async () => {
    const play = await newPlay();
    const both = { by: 'alipay', charge: '29.85' } as const;
    const customers = await play.subscribe([
      { reference: 'N-1', ...both, mail: 'n-1@example.test', phone: PHONE },
      { reference: 'N-5', ...both, mail: 'n-5@example.test', phone: OTHER_PHONE },
    ]);
    for (const { id } of customers) {
      const wishes = await changePreferences(play.job(), id, { order: ['mail', 'sms'] });
      assert.ok(wishes.ok && wishes.value.order.join(' ') === 'mail sms');
    }
    await play.admin.configure({ smtp: { reportUrl: '' } });
    await play.advanceTo('2026-11-27 10:00');
    assert.deepEqual(await heard(play, 'N-1'), [
      '11-26 09:00 notice.sent mail renewal',
      '11-27 09:00 notice.sent sms renewal',
      '11-27 09:00 notice.delivered sms renewal',
    ]);
    const [mail, sms] = await noticesOf(play, 'N-1');
    assert.ok(mail !== undefined && sms !== undefined);
    assert.deepEqual([sms.followsId, sms.tried], [mail.id, ['mail']]);
    assert.deepEqual([mail.sentTo, sms.sentTo], ['n-1@example.test', PHONE]);

    // Of the mail a receipt comes late; one of another message, and one told twice, do nothing.
    const { providerReference = '' } = mail;
    const outcome = { kind: 'delivered', at: play.merchant.testClock ?? mail.dueAt } as const;
    const receipt = { noticeId: mail.id, providerReference, outcome };
    const counts = await applyDeliveryReports(play.job(), [
      { ...receipt, noticeId: sms.id },
      { ...receipt, noticeId: mail.id.replace('not_', 'not_0').slice(0, 36) },
    ]);
    assert.deepEqual(counts, { applied: 0, ignored: 2 });
    assert.deepEqual(await applyDeliveryReports(play.job(), [receipt]), { applied: 1, ignored: 0 });
    assert.deepEqual(await applyDeliveryReports(play.job(), [receipt]), { applied: 0, ignored: 1 });

    // Of the other's mail a bounce comes late: the phone had its turn, and has it once.
    const [silent] = await noticesOf(play, 'N-5');
    assert.ok(silent?.providerReference !== undefined);
    const bounce = { kind: 'failed', code: '5.1.1', at: silent.dueAt } as const;
    const bounced = {
      noticeId: silent.id,
      providerReference: silent.providerReference,
      outcome: bounce,
    };
    assert.equal((await applyDeliveryReports(play.job(), [bounced])).applied, 1);
    await play.advanceTo('2026-11-27 11:00');
    const states = (await noticesOf(play, 'N-5')).map(
      ({ channel, state }) => `${channel} ${state}`,
    );
    assert.deepEqual(states, ['mail failed', 'sms delivered']);
    await play.end();
  });

  test('a wrong address, a reader and a higher amount: each debit has its own notice', async () => {
    const play = await newPlay();
    const mail = 'bounce-7@example.test';
    await play.subscribe([
      { reference: 'N-2', by: 'alipay', charge: '29.85', mail },
      { reference: 'N-3', by: 'alipay', charge: '29.85' },
      { reference: 'N-4', by: 'alipay', charge: '29.85' },
    ]);
    const [wrong, reader, other] = await Promise.all(
      ['N-2', 'N-3', 'N-4'].map((reference) => play.customer(reference)),
    );
    assert.ok(wrong !== undefined && reader !== undefined && other !== undefined);
    const inbox = { channel: 'inbox', address: 'N-3' } as const;
    assert.ok((await changeContact(play.job(), reader.id, inbox)).ok);
    await changePreferences(play.job(), reader.id, { order: ['inbox'] });
    await play.advanceTo('2026-11-26 10:00');

    // A message in the inbox is delivered when the customer reads it.
    const [message] = await listInbox(play.job(), { customerId: reader.id, limit: 10 });
    assert.ok(message !== undefined && message.notice.state === 'sent');
    assert.match(message.words?.text ?? '', /¥29\.85/);
    const read = await readMessage(play.job(), message.notice.id);
    assert.ok(read.ok && read.value.notice.state === 'delivered');

    // Nobody was reached and a person was asked; correcting the address is all there is to do.
    const address = 'n-2@example.test';
    const corrected = await changeContact(play.job(), wrong.id, { channel: 'mail', address });
    assert.ok(corrected.ok && corrected.value.resent.length === 1);

    // The invoice was wrong: nothing leaves under its notice, and the new one has its days.
    await play.advanceTo('2026-11-27 10:00');
    await raise(play, other.id);
    await play.advanceTo('2026-12-02 09:00');
    assert.deepEqual((await heard(play, 'N-2')).slice(0, 8), [
      '11-26 09:00 notice.sent mail renewal',
      '11-26 09:00 notice.failed mail renewal',
      '11-26 09:00 notice.undelivered renewal 1',
      '11-26 09:00 task.opened notice_undelivered support open',
      '11-26 10:00 customer.contact_changed mail true false',
      '11-26 10:00 task.ended notice_undelivered support dropped',
      '11-26 10:00 notice.sent mail renewal',
      '11-26 10:00 notice.delivered mail renewal',
    ]);
    const taken = (await play.eventsOf('N-4')).filter((line) =>
      /notice.delivered|attempt.submitted|payment.received/.test(line),
    );
    assert.deepEqual(taken, [
      '11-26 09:00 notice.delivered mail renewal ¥29.85 on 12-01',
      '11-27 10:00 notice.delivered mail renewal ¥35.00 on 12-02',
      '12-02 07:30 attempt.submitted #1 ¥35.00',
      '12-02 07:30 payment.received #1 ¥35.00',
    ]);
    await play.end(2_985, 2_985, 3_500);
  });
});

/** The customer agrees to ¥35.00 after the invoice and its notice said ¥29.85. */
async function raise(play: Play, customerId: CustomerId): Promise<void> {
  const wrong = await play.engine.store.transact(play.merchant.id, async (tx) => {
    const [subscription] = await tx.listSubscriptions({ customerId, limit: 1 });
    assert.ok(subscription !== undefined);
    const agreedModel = { type: 'flat' as const, amount: fromMoney(money(3_500n, 'CNY')) };
    const items = subscription.items.map((item) => ({ ...item, agreedModel }));
    await tx.save({ subscriptions: [{ ...subscription, items }] });
    const [invoice] = await tx.listInvoices({ customerId, limit: 1 });
    return invoice;
  });
  assert.ok(wrong !== undefined && wrong.total.minor === 2_985n);
  assert.ok((await reissueInvoice(play.job(), wrong.id)).ok);
}

/** Calls the API as the merchant; what is answered as JSON is as the document says. */
async function callerOf(play: Play, url: string) {
  const key = 'test-only-notice-key';
  const hash = createHash('sha256').update(key).digest('hex');
  await play.engine.store.saveApiKey(play.merchant.id, hash, 'anna');
  return async (method: string, path: string, body?: object) => {
    const authorization = `Bearer ${key}`;
    const sent =
      body === undefined
        ? { headers: { authorization } }
        : {
            headers: { authorization, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          };
    const answer = await fetch(`${url}${path}`, { method, ...sent });
    const read = { status: answer.status, text: await answer.text() };
    if (answer.headers.get('content-type')?.includes('json') === true) {
      assertDocumented({ method, path }, { status: read.status, body: JSON.parse(read.text) });
    }
    return read;
  };
}

onStage('the proof of what a customer was told', (newPlay, stage) => {
  test('own words, published once, sent and proved line by line', async () => {
    const play = await newPlay();
    const call = await callerOf(play, stage().url);
    const wording = {
      key: 'renewal',
      locale: 'zh-CN',
      subject: '示例：{collectDate} 扣款 {amount}',
      paragraphs: ['{planName}：{collectDate} 扣款 {amount}。', '{howToCancel}'],
    };
    const without = { ...wording, paragraphs: ['{collectDate} {amount}'] };
    const refused = await call('POST', '/v1/notice-templates', without);
    assert.match(refused.text, /template_variable_missing/);
    const preview = await call('POST', '/v1/notice-templates/preview', wording);
    assert.match(preview.text, /示例：2026-12-06 扣款 ¥29\.85/);
    assert.match((await call('POST', '/v1/notice-templates', wording)).text, /"version":1/);

    await play.subscribe([{ reference: 'P-1', by: 'alipay', charge: '29.85' }]);
    await play.advanceTo('2026-11-26 12:00');
    const { id } = await play.customer('P-1');
    const proof = await call('GET', `/v1/customers/${id}/notice-proof?from=2026-11-01`);
    const { data } = JSON.parse(proof.text) as { data: { link: string; words_match: boolean }[] };
    assert.equal(data.length, 1);
    let link = '';
    for (const { link: told, ...line } of data) {
      link = createHash('sha256')
        .update(`${link}\n${JSON.stringify(line)}`)
        .digest('hex');
      assert.equal(told, link, 'each line carries the one before');
      assert.equal(line.words_match, true);
    }
    assert.match(proof.text, /own\/1/);
    assert.match(proof.text, /示例：2026-12-01 扣款 ¥29\.85/);
    assert.ok(!proof.text.includes('p-1@example.test'), 'addresses are masked');
    const table = await call('GET', `/v1/customers/${id}/notice-proof?format=csv`);
    assert.equal(table.text.trim().split('\r\n').length >= 2, true);
    assert.ok(table.text.includes(link));
    const contacts = await call('GET', `/v1/customers/${id}/contacts`);
    assert.match(contacts.text, /"p\*\*\*\*@example\.test"/);
    const wishes = await call('POST', `/v1/customers/${id}/notice-preferences`, {
      quiet_from: '22:00',
      quiet_until: '09:00',
      zone: 'Europe/Berlin',
      declined: ['balance'],
    });
    assert.match(wishes.text, /"quiet_from":"22:00"/);
    const lists = [`/v1/customers/${id}/inbox`, `/v1/customers/${id}/notices?limit=1`];
    for (const path of [...lists, '/v1/notice-templates']) {
      assert.equal((await call('GET', path)).status, 200, path);
    }
    const [{ notice }] = data as unknown as [{ notice: { id: string } }];
    assert.equal((await call('GET', `/v1/notices/${notice.id}`)).status, 200);
    const again = await call('POST', `/v1/notices/${notice.id}/resend`);
    assert.match(again.text, /notice_not_resendable/);
    const last = await call('POST', `/v1/customers/${id}/contacts`, {
      channel: 'mail',
      enabled: false,
    });
    assert.match(last.text, /last_channel/);
    await play.end();
  });
});
