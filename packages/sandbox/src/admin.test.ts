import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from './testing/stage.ts';
import { openWechatMerchant } from './testing/wechat-merchant.ts';

describe('the admin endpoints', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  test('the clock moves forward only, stands still, and can return to the wall clock', async () => {
    await openWechatMerchant(stage).signContract('CLOCK');
    const put = (now: unknown) => stage.admin('PUT', '/admin/clock', { now });
    const moved = await put('2026-12-01T07:30:00Z');
    assert.deepEqual(moved.body, { now: '2026-12-01T15:30:00+08:00', virtual: true });
    const back = await put('2026-12-01T15:29:59+08:00');
    assert.equal(back.status, 409);
    assert.match(String(back.body['error']), /cannot go back\.$/);
    for (const wrong of ['2026-12-02', 'tomorrow', 5, undefined]) {
      assert.equal((await put(wrong)).status, 400);
    }
    const wall = await put(null);
    assert.equal(wall.body['virtual'], false);
    assert.ok(Math.abs(Date.parse(String(wall.body['now'])) - Date.now()) < 2_000);
  });

  const wrong: readonly [body: unknown, sentence: RegExp][] = [
    [{ smtp: { failBp: 10_001 } }, /at most 10000/],
    [{ wechat: { terminationUrl: 'not a url' } }, /must be a URL/],
    [{ wechat: { colour: 'red' } }, /is not a setting/],
    [{ weather: {} }, /is not a section/],
    [{ callbacks: { delayMs: [5, 1] } }, /smaller number/],
    [{ alipay: { earlyWindowDays: '5' } }, /must be a number/],
    [{ wechat: { layout: 'new' } }, /current or classic/],
    ['x', /must be a JSON object/],
  ];
  for (const [body, sentence] of wrong) {
    test(`a configuration is refused with a sentence: ${JSON.stringify(body)}`, async () => {
      const reply = await stage.admin('PUT', '/admin/configure', body);
      assert.equal(reply.status, 400);
      assert.match(String(reply.body['error']), sentence);
    });
  }

  test('the books never tell the private keys of the other side', async () => {
    const books = JSON.stringify((await stage.admin('GET', '/admin/books')).body);
    assert.ok(!books.includes('PRIVATE KEY'));
    const credentials = JSON.stringify((await stage.admin('GET', '/admin/credentials')).body);
    // The merchant's own: one for WeChat Pay (also in its certificate), Alipay and UnionPay each.
    const keys = [...credentials.matchAll(/BEGIN PRIVATE KEY-----([^-]+)/g)].map(([, key]) => key);
    assert.equal(new Set(keys).size, 3);
  });

  test('an unknown path says what there is', async () => {
    const reply = await stage.admin('GET', '/admin/weather');
    assert.equal(reply.status, 404);
    assert.match(String(reply.body['error']), /GET \/admin\/clock/);
  });

  test('a web page that reaches the port under another name is not served', async () => {
    const status = await new Promise((resolve, reject) => {
      request(`${stage.endpoints.admin}/admin/credentials`, {
        headers: { host: 'evil.example.test' },
      })
        .once('response', (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
    assert.equal(status, 403);
  });
});
