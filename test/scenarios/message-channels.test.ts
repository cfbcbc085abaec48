import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { maskAddress } from '@daikou/api';
import { changeContact, readContacts } from '@daikou/engine';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

/** Nobody's question: signed with a token that is not the account's. */
function questionOf(token: string): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHash('sha1').update([token, timestamp, '42'].sort().join(''));
  const query = { signature: signature.digest('hex'), timestamp, nonce: '42', echostr: '5276331' };
  return new URLSearchParams(query).toString();
}

onStage('notices by WeChat and by the robots of groups', (_, stage) => {
  let play: Play;
  let token = '';
  const LINES = ['C-follows', 'C-wrong', 'C-group'] as const;

  before(async () => {
    play = await stage().newPlay('2026-11-20 09:00', (connections) => {
      token = connections.officialAccount?.token ?? '';
      return connections;
    });
    await play.subscribe(LINES.map((reference) => ({ reference, by: 'alipay', charge: '29.85' })));
    const reach = async (reference: string, contact: Parameters<typeof changeContact>[2]) => {
      const customer = await play.customer(reference);
      const mail = { channel: 'mail', rank: 9 } as const;
      for (const change of [{ ...contact, rank: 0 }, mail]) {
        const changed = await changeContact(play.job(), customer.id, change);
        assert.ok(changed.ok, JSON.stringify(changed));
      }
    };
    await reach('C-follows', { channel: 'official_account', address: 'oFollows01' });
    await reach('C-wrong', { channel: 'official_account', address: 'nobody' });
    const robot = await play.admin.robotAddress('dingtalk', 7);
    await reach('C-group', { channel: 'dingtalk', address: robot });
    await play.advanceTo('2026-11-26 12:00');
  });
  after(() => play.stop());

  /** The customer's notices before the debit, in order. */
  const noticesOf = async (reference: string): Promise<readonly string[]> =>
    (await play.eventsOf(reference))
      .filter((line) => line.includes(' notice.') && line.includes('renewal'))
      .map((line) => line.replace(/ renewal.*$/, ''));

  const arrived = async (channel: string) =>
    (await play.admin.messages()).filter((message) => message.channel === channel);

  test('a template message of the account: WeChat’s event is the proof', async () => {
    assert.deepEqual(await noticesOf('C-follows'), [
      '11-26 09:00 notice.sent official_account',
      '11-26 09:00 notice.delivered official_account',
    ]);
    const [message] = await arrived('official_account');
    assert.equal(message?.to, 'oFollows01');
    assert.match(message?.text ?? '', /¥29\.85.*2026-12-01.*支付宝/);
  });

  test('an address that WeChat does not know: the next channel has it at once', async () => {
    assert.deepEqual(await noticesOf('C-wrong'), [
      '11-26 09:00 notice.failed official_account',
      '11-26 09:00 notice.sent mail',
      '11-26 09:00 notice.delivered mail',
    ]);
  });

  test('the address of a robot lies sealed in the books, and opens to send only', async () => {
    const robot = new URL(await play.admin.robotAddress('dingtalk', 7));
    const secrets = [robot.searchParams.get('access_token') ?? '', robot.hash.slice(1)];
    assert.ok(secrets.every((secret) => secret.length >= 5));
    const { id } = await play.customer('C-group');
    const { contacts, notices } = await play.engine.store.transact(
      play.merchant.id,
      async (tx) => ({
        contacts: await tx.loadContacts([id]),
        notices: await tx.listNotices({ customerId: id, channel: 'dingtalk', limit: 10 }),
      }),
    );
    const kept = [...contacts.map(({ address }) => address), ...notices.map((one) => one.sentTo)];
    assert.ok(kept.some((text) => text?.startsWith('sealed:')));
    for (const secret of secrets) assert.ok(!JSON.stringify(kept).includes(secret));
    // Correcting anything else of it needs no address, and what is shown stays what it was.
    const before = await readContacts(play.job(), id);
    const again = await changeContact(play.job(), id, { channel: 'dingtalk', rank: 1 });
    assert.ok(before.ok && again.ok);
    const shown = (reach: typeof before.value) =>
      reach.contacts.map(({ channel, address }) => maskAddress(channel, address)).sort();
    assert.deepEqual(shown(again.value), shown(before.value));
    assert.ok(shown(again.value).some((text) => text.endsWith(`****${secrets[1]?.slice(-4)}`)));
  });

  test('without a key to seal it with, no such address is kept', async () => {
    const { id } = await play.customer('C-group');
    const job = play.job();
    const { addresses: _none, ...engine } = job.engine;
    const robot = await play.admin.robotAddress('dingtalk', 8);
    const change = { channel: 'dingtalk', address: robot } as const;
    const refused = await changeContact({ ...job, engine }, id, change);
    assert.equal(refused.ok || refused.refusal.code, 'contact_not_sealable');
  });

  test('a robot’s word is no proof for a person: the mail goes as well', async () => {
    assert.deepEqual(await noticesOf('C-group'), [
      '11-26 09:00 notice.sent dingtalk',
      '11-26 09:00 notice.sent mail',
      '11-26 09:00 notice.delivered mail',
    ]);
    const [message] = await arrived('dingtalk');
    assert.equal(message?.status, 'delivered');
    // No address, number or identifier of the customer stands before the whole group.
    assert.doesNotMatch(message?.text ?? '', /@|example\.test|cus_|not_|\+1/);
  });

  test('the account’s address is ours to whoever has its token, and to nobody else', async () => {
    const path = `/callbacks/notices/official_account/${play.merchant.code}`;
    const ours = await fetch(`${stage().url}${path}?${questionOf(token)}`);
    assert.deepEqual([ours.status, await ours.text()], [200, '5276331']);
    assert.match(ours.headers.get('content-type') ?? '', /^text\/plain/);
    const theirs = await fetch(`${stage().url}${path}?${questionOf('guessed')}`);
    assert.equal(theirs.status, 401);
    for (const channel of ['mail', 'dingtalk', 'nothing', 'constructor']) {
      const other = path.replace('official_account', channel);
      assert.equal((await fetch(`${stage().url}${other}`)).status, 404, channel);
    }
    const forged = await fetch(`${stage().url}${path}?${questionOf('guessed')}&encrypt_type=aes`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: '<xml><Encrypt>AAAA</Encrypt></xml>',
    });
    assert.equal(forged.status, 401);
  });

  test('no secret of a robot stands in any event or in the log', async () => {
    const robot = new URL(await play.admin.robotAddress('dingtalk', 7));
    const events = JSON.stringify(await Promise.all(LINES.map((r) => play.rawEventsOf(r))));
    for (const text of [events, ...stage().warnings]) {
      assert.ok(!text.includes(robot.hash.slice(1)));
      assert.ok(!text.includes(robot.searchParams.get('access_token') ?? 'none'));
    }
  });

  test('all is in order, and nothing was taken yet', () => play.end());
});
