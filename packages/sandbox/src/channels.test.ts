import assert from 'node:assert/strict';
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { ChannelCredentials } from './channel-credentials.ts';
import { openStage, type Stage } from './testing/stage.ts';

type Json = Readonly<Record<string, unknown>>;

async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text || '{}') as Json };
}

describe('message channels', () => {
  let stage: Stage;
  let keys: ChannelCredentials;
  before(async () => {
    stage = await openStage();
    keys = stage.credentials as unknown as ChannelCredentials;
  });
  after(() => stage.close());

  const messages = async (to: string): Promise<readonly Json[]> =>
    (await stage.admin('GET', `/admin/messages?to=${to}`)).body['messages'] as readonly Json[];
  const fault = (body: unknown) => stage.admin('POST', '/admin/faults', body);

  describe('robots of DingTalk', () => {
    const urlOf = (robot: string, secret = keys.dingtalk.secret, at = Date.now()): string => {
      const mac = createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64');
      const query = { access_token: robot, timestamp: String(at), sign: mac };
      return `${stage.endpoints.dingtalk}/robot/send?${new URLSearchParams(query)}`;
    };
    const words = { msgtype: 'markdown', markdown: { title: '通知', text: '### 通知' } };
    const codeOf = async (url: string, body: unknown = words) =>
      (await post(url, body)).json['errcode'];

    test('a signed message stands in the group', async () => {
      const robot = `${keys.dingtalk.accessToken}1`;
      assert.equal(await codeOf(urlOf(robot)), 0);
      const [message] = await messages(robot);
      assert.deepEqual([message?.['text'], message?.['status']], ['### 通知', 'delivered']);
    });

    test('what is not taken has its code, under HTTP 200', async () => {
      const robot = `${keys.dingtalk.accessToken}2`;
      assert.equal(await codeOf(urlOf(robot, 'SEC-other')), 310000);
      assert.equal(await codeOf(urlOf(robot, undefined, Date.now() - 3_700_000)), 310000);
      assert.equal(await codeOf(urlOf('0123456789abcdef')), 300005);
      assert.equal(await codeOf(urlOf(robot), '{'), 40035);
      assert.equal(await codeOf(urlOf(robot), { msgtype: 'poem' }), 400105);
      assert.equal(await codeOf(urlOf(robot), { msgtype: 'markdown', markdown: {} }), 40035);
      assert.deepEqual(await messages(robot), []);
    });

    test('the twenty-first of a minute, and everything after it for ten minutes', async () => {
      const robot = `${keys.dingtalk.accessToken}3`;
      for (let count = 0; count < 20; count += 1) assert.equal(await codeOf(urlOf(robot)), 0);
      assert.equal(await codeOf(urlOf(robot)), 130101);
      await stage.admin('PUT', '/admin/configure', { dingtalk: { messagesPerMinute: 0 } });
      assert.equal(await codeOf(urlOf(robot)), 130101);
      assert.equal(await codeOf(urlOf(`${keys.dingtalk.accessToken}4`)), 0);
    });

    test('by fault: refused, lost, and no answer although it was taken', async () => {
      const robot = `${keys.dingtalk.accessToken}5`;
      const at = { rail: 'dingtalk', orderNumber: robot };
      await fault({ ...at, fault: 'business_fail', code: '430102' });
      assert.equal(await codeOf(urlOf(robot)), 430102);
      await fault({ ...at, fault: 'never_delivered' });
      assert.equal(await codeOf(urlOf(robot)), 0);
      await fault({ ...at, fault: 'connection_reset', processed: true });
      await assert.rejects(post(urlOf(robot), words));
      const statuses = (await messages(robot)).map((message) => message['status']);
      assert.deepEqual(statuses, ['lost', 'delivered']);
      assert.equal((await fault({ rail: 'dingtalk', fault: 'lost_callback' })).status, 400);
    });
  });

  describe('robots of WeCom', () => {
    const send = async (robot: string, content: string) => {
      const url = `${stage.endpoints.wecom}/cgi-bin/webhook/send?key=${robot}`;
      return (await post(url, { msgtype: 'markdown', markdown: { content } })).json['errcode'];
    };

    test('lengths are bytes of UTF-8', async () => {
      const robot = `${keys.wecom.key}-1`;
      assert.equal(await send(robot, '长'.repeat(1_365)), 0);
      assert.equal(await send(robot, '长'.repeat(1_366)), 45002);
      assert.equal(await send(robot, ''), 44004);
      assert.equal(await send('0000', 'x'), 93000);
      assert.equal((await messages(robot)).length, 1);
    });
  });

  describe('the official account', () => {
    const origin = () => stage.endpoints.officialAccount;
    const ask = async (change: Json = {}) => {
      const { appId, appSecret } = keys.officialAccount;
      const body = { grant_type: 'client_credential', appid: appId, secret: appSecret, ...change };
      return (await post(`${origin()}/cgi-bin/stable_token`, body)).json;
    };
    const send = async (token: unknown, change: Json = {}) => {
      const url = `${origin()}/cgi-bin/message/template/send?access_token=${token}`;
      return post(url, {
        touser: 'oUser01',
        template_id: keys.officialAccount.templateIds[0],
        data: { keyword1: { value: '专业版' } },
        ...change,
      });
    };

    test('one token until it ends, another when forced', async () => {
      const { access_token: first, expires_in: seconds } = await ask();
      assert.ok(Number(seconds) > 7_000 && Number(seconds) <= 7_200);
      assert.equal((await ask())['access_token'], first);
      assert.notEqual((await ask({ force_refresh: true }))['access_token'], first);
      assert.equal((await ask({ secret: 'x' }))['errcode'], 40125);
      assert.equal((await ask({ appid: 'x' }))['errcode'], 40013);
      assert.equal((await send(first)).json['errcode'], 40001);
    });

    test('codes of what is not taken', async () => {
      const { access_token: token } = await ask();
      const codeOf = async (change: Json) => (await send(token, change)).json['errcode'];
      assert.equal(await codeOf({ touser: 'nobody' }), 40003);
      assert.equal(await codeOf({ template_id: 'x' }), 40037);
      assert.equal(await codeOf({ data: { keyword1: { value: '' } } }), 47003);
      const follower = { openId: 'oGone01', follows: false };
      await stage.admin('PUT', '/admin/official-account/follower', follower);
      assert.equal(await codeOf({ touser: 'oGone01' }), 43004);
      await stage.admin('POST', '/admin/official-account/token', { expires: true });
      assert.equal(await codeOf({}), 42001);
    });

    test('an encrypted event tells of the delivery, by a number of 19 digits', async () => {
      const eventUrl = `${stage.merchantUrl}/alipay/events`;
      await stage.admin('PUT', '/admin/configure', { officialAccount: { eventUrl } });
      const { access_token: token } = await ask();
      const sent = await send(token, { touser: 'oUser02', client_msg_id: 'not_1' });
      const again = await send(token, { touser: 'oUser02', client_msg_id: 'not_1' });
      assert.equal(again.text, sent.text);
      const msgId = /"msgid":(\d{19})\}/.exec(sent.text)?.[1];
      assert.ok(msgId !== undefined, sent.text);
      const received = (await stage.settled()).filter(({ path }) => path.includes('oUser02'));
      assert.equal(received.length, 1);
      const query = new URL(received[0]?.path ?? '', 'http://x').searchParams;
      const encrypted = /<Encrypt><!\[CDATA\[(.+?)\]\]>/.exec(received[0]?.body ?? '')?.[1] ?? '';
      const parts = [keys.officialAccount.token, query.get('timestamp'), query.get('nonce')];
      const sorted = [...parts, encrypted].sort().join('');
      const signature = createHash('sha1').update(sorted).digest('hex');
      assert.equal(query.get('msg_signature'), signature);
      const text = decrypt(encrypted, keys.officialAccount.encodingAesKey);
      assert.match(text, new RegExp(`<MsgID>${msgId}</MsgID>`));
      assert.match(text, /<Status><!\[CDATA\[success\]\]><\/Status>/);
    });
  });

  describe('receivers of webhooks', () => {
    const body = '{"type":"invoice.issued"}';
    const headersOf = (secret: string, seconds = Math.floor(Date.now() / 1000)) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const mac = createHmac('sha256', key).update(`msg_1.${seconds}.${body}`).digest('base64');
      return {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,AAAA v1,${mac}`,
      };
    };
    const urlOf = (receiver: string) => `${stage.endpoints.webhookTarget}/hooks/${receiver}`;

    test('what is signed rightly is kept; what is not is answered 401', async () => {
      const { secret } = keys.webhookTarget;
      assert.equal((await post(urlOf('a'), body, headersOf(secret))).status, 204);
      assert.equal((await post(urlOf('a'), body)).status, 401);
      assert.equal((await post(urlOf('a'), '{}', headersOf(secret))).status, 401);
      const old = Math.floor(Date.now() / 1000) - 301;
      assert.equal((await post(urlOf('a'), body, headersOf(secret, old))).status, 401);
      const { deliveries } = (await stage.admin('GET', '/admin/webhook-target?receiver=a')).body;
      const verified = (deliveries as readonly Json[]).map((one) => one['verified']);
      assert.deepEqual(verified, [true, false, false, false]);
    });

    test('a receiver with secrets of its own, old and new', async () => {
      const [old, next] = [1, 2].map((n) => `whsec_${Buffer.alloc(32, n).toString('base64')}`);
      const secrets = { receiver: 'b', secrets: [next, old] };
      await stage.admin('PUT', '/admin/webhook-target/secrets', secrets);
      for (const secret of [old, next]) {
        assert.equal((await post(urlOf('b'), body, headersOf(secret ?? ''))).status, 204);
      }
      const foreign = headersOf(keys.webhookTarget.secret);
      assert.equal((await post(urlOf('b'), body, foreign)).status, 401);
      const wrong = { receiver: 'b', secrets: 'x' };
      assert.equal((await stage.admin('PUT', '/admin/webhook-target/secrets', wrong)).status, 400);
    });

    test('one that is gone, and one that is away', async () => {
      const headers = headersOf(keys.webhookTarget.secret);
      await fault({ rail: 'webhook_target', fault: 'business_fail', code: '410' });
      assert.equal((await post(urlOf('c'), body, headers)).status, 410);
      const outage = { from: '2026-12-01T00:00:00+08:00', until: '2026-12-02T00:00:00+08:00' };
      const outages = [{ rail: 'webhook_target', ...outage }];
      await stage.admin('PUT', '/admin/outages', { outages });
      await assert.rejects(post(urlOf('c'), body, headers));
      await stage.admin('PUT', '/admin/outages', { outages: [] });
      assert.equal((await post(urlOf('c'), body, headers)).status, 204);
    });
  });

  test('no key stands in the books that are shown', async () => {
    const shown = JSON.stringify((await stage.admin('GET', '/admin/books')).body);
    assert.ok(!shown.includes(keys.officialAccount.appSecret));
    assert.ok(!shown.includes(keys.dingtalk.secret));
  });
});

function decrypt(encrypted: string, encodingAesKey: string): string {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
  decipher.setAutoPadding(false);
  const bytes = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
  return bytes.toString('utf8', 20);
}
