import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { onStage } from '../../../../test/kit/on-stage.ts';
import { plain } from '../../../../test/kit/plain.ts';
import type { Heard, Play } from '../../../../test/kit/stage.ts';
import { CALLBACK_MAX_BYTES } from './callbacks.ts';

const TABLES_OF_SCHEMA = "select tablename from pg_tables where schemaname = 'public' order by 1";
const RAILS = ['wechat', 'alipay'] as const;
/** Of the changed bodies every so many is also sent: each of those costs a request. */
const SENT_EVERY = 25;

onStage('a callback over HTTP', (newPlay, stage) => {
  /** Every row of every table, as one text. */
  const dump = async (): Promise<string> => {
    const tables = (await stage().store.rawSql(TABLES_OF_SCHEMA)).rows.map(([name]) =>
      String(name),
    );
    const parts = tables.map(
      (name) =>
        `select '${name}' as of, coalesce(jsonb_agg(t order by t::text), '[]')::text as has
           from ${name} t`,
    );
    return JSON.stringify((await stage().store.rawSql(parts.join(' union all '))).rows);
  };

  let play: Play;
  let paths: Readonly<Record<(typeof RAILS)[number], string>>;
  /** A true callback of each rail about a debit that is still open for us. */
  const genuine = new Map<string, Heard>();

  before(async () => {
    play = await newPlay();
    await play.subscribe(RAILS.map((by) => ({ reference: `C-${by}`, by, charge: '29.85' })));
    paths = {
      wechat: `/callbacks/wechat/${play.merchant.code}`,
      alipay: `/callbacks/alipay/${play.merchant.code}`,
    };
    await play.advanceTo('2026-11-30 12:00');
    // The replies are lost and the callbacks fall on deaf ears: a test says them again.
    for (const rail of RAILS) await play.fault({ rail, fault: 'TIMEOUT_THEN_PAID' });
    stage().goDeaf();
    await play.sleepUntil('2026-12-01 07:30');
    await play.settle();
    for (const rail of RAILS) {
      const heard = stage().heard(paths[rail]).at(-1);
      assert.ok(heard, `${rail} has called back`);
      genuine.set(rail, heard);
    }
  });
  after(() => play.stop());

  const of = (rail: (typeof RAILS)[number]): Heard => {
    const heard = genuine.get(rail);
    assert.ok(heard);
    return heard;
  };

  /** Says it, and asserts that it was refused and that no row of the database has changed. */
  const refused = async (heard: Heard, what: string): Promise<number> => {
    const rows = await dump();
    const { status } = await stage().say(heard);
    assert.ok(status >= 400, `${what}: ${status}`);
    assert.equal(await dump(), rows, what);
    return status;
  };

  const text = (heard: Heard) => Buffer.from(heard.body).toString('utf8');
  const withBody = (heard: Heard, body: string | Uint8Array): Heard => ({
    ...heard,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  });

  for (const rail of RAILS) {
    describe(`of ${rail}`, () => {
      test('with another amount, the signature left as it was', async () => {
        const said = text(of(rail));
        const dearer = said.replaceAll('2985', '2986').replaceAll('29.85', '29.86');
        assert.notEqual(dearer, said);
        assert.equal(await refused(withBody(of(rail), dearer), 'amount'), 401);
      });

      test('with another order number', async () => {
        const other = text(of(rail)).replace(/N1\b/, 'N2');
        assert.notEqual(other, text(of(rail)));
        assert.equal(await refused(withBody(of(rail), other), 'order'), 401);
      });

      test('without its signature', async () => {
        const bare = text(of(rail))
          .replace(/<sign>.*?<\/sign>/s, '')
          .replace(/&?sign=[^&]*/, '');
        assert.equal(await refused(withBody(of(rail), bare), 'unsigned'), 401);
      });

      test('at the address of the other rail', async () => {
        const elsewhere = rail === 'wechat' ? paths.alipay : paths.wechat;
        await refused({ ...of(rail), path: elsewhere }, 'other rail');
      });

      test('at the address of a merchant that is not here, or of no rail', async () => {
        assert.equal(await refused({ ...of(rail), path: `/callbacks/${rail}/nobody` }, 'who'), 404);
        const path = `/callbacks/nothing/${play.merchant.code}`;
        assert.equal(await refused({ ...of(rail), path }, 'no rail'), 404);
      });

      test('at the address of a merchant that has no such order', async () => {
        const other = await newPlay();
        const rows = await dump();
        const path = `/callbacks/${rail}/${other.merchant.code}`;
        assert.equal((await stage().say({ ...of(rail), path })).status, 200);
        assert.equal(await dump(), rows);
        await other.stop();
      });

      test('empty', async () => {
        await refused(withBody(of(rail), ''), 'empty');
      });

      test('with bytes that are no text', async () => {
        await refused(withBody(of(rail), Uint8Array.from([0xff, 0xfe, 0x00, 0xd8])), 'bytes');
      });

      test('with the same field twice', async () => {
        const said = text(of(rail));
        const twice =
          rail === 'wechat'
            ? said.replace('<total_fee>', '<total_fee>1</total_fee><total_fee>')
            : `${said}&total_amount=0.01`;
        assert.notEqual(twice, said);
        await refused(withBody(of(rail), twice), 'twice');
      });

      test('any byte changed: refused, or read as the very news that the rail signed', async () => {
        const { body, headers } = of(rail);
        const adapter = play.engine.rails.get(rail);
        assert.ok(adapter);
        const read = (bytes: Uint8Array) =>
          adapter.readCallback({ headers, body: bytes, receivedAt: Temporal.Now.instant() });
        const truth = read(body);
        assert.equal(truth.kind, 'verified');
        const rows = await dump();
        for (let place = 0; place < body.length; place += 1) {
          for (const by of [0x01, 0x20, 0x80]) {
            const changed = flip(body, place, by);
            const reading = read(changed);
            // Blanks between elements and the spelling of an escape are not part of what is signed.
            if (reading.kind === 'verified') assert.deepEqual(plain(reading), plain(truth));
            else if ((place + by) % SENT_EVERY === 0) {
              const { status } = await stage().say(withBody(of(rail), changed));
              assert.ok(status >= 400, `byte ${place} changed by ${by}: ${status}`);
            }
          }
        }
        assert.equal(await dump(), rows);
      });
    });
  }

  describe('of nobody', () => {
    const post = (body: string | Uint8Array, type = 'text/xml'): Heard => ({
      path: paths.wechat,
      headers: { 'content-type': type },
      body: typeof body === 'string' ? Buffer.from(body) : body,
    });

    test('GET', async () => {
      const rows = await dump();
      assert.equal((await fetch(`${stage().url}${paths.wechat}`)).status, 404);
      assert.equal(await dump(), rows);
    });

    test('a body of one byte more than we read', async () => {
      const heard = post(Buffer.alloc(CALLBACK_MAX_BYTES + 1, 0x20));
      assert.equal(await refused(heard, 'large'), 413);
    });

    test('a body of exactly what we read is read, and refused for what it is', async () => {
      await refused(post(Buffer.alloc(CALLBACK_MAX_BYTES, 0x20)), 'blank');
    });

    test('50 MB in chunks: cut off at once, the memory stays', async () => {
      const rows = await dump();
      const before = process.memoryUsage().rss;
      const { status, sent } = await pour(`${stage().url}${paths.wechat}`, 50);
      assert.ok(status === 413 || status === undefined, String(status));
      assert.ok(sent < 50, `${sent} MB were taken`);
      assert.ok(process.memoryUsage().rss - before < 100 * 2 ** 20);
      assert.equal(await dump(), rows);
    });

    const XML: readonly (readonly [string, string])[] = [
      [
        'an external entity',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>',
      ],
      [
        'a billion laughs',
        `<!DOCTYPE x [<!ENTITY a "ha">${Array.from('bcdefghij')
          .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghij'[at]};`.repeat(10)}">`)
          .join('')}]><xml><sign>&j;</sign></xml>`,
      ],
      [
        'a name from a prototype',
        '<xml><__proto__>1</__proto__><constructor>1</constructor></xml>',
      ],
      ['a thousand elements deep', '<a>'.repeat(1000) + '</a>'.repeat(1000)],
      ['half an element', '<xml><a'],
      ['JSON', '{"resource":{"algorithm":"AEAD_AES_256_GCM"}}'],
    ];
    for (const [name, body] of XML) {
      test(name, async () => {
        const startedAt = performance.now();
        await refused(post(body), name);
        assert.ok(performance.now() - startedAt < 5_000);
      });
    }

    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'nonsense']) {
      test(`as ${type}`, async () => {
        await refused(post('<xml><a>1</a></xml>', type), type);
      });
    }

    test('WeChat Pay’s probe of our signature check', async () => {
      const probe = {
        ...post('{"id":"EV-1"}', 'application/json'),
        headers: {
          'content-type': 'application/json',
          'wechatpay-serial': 'PUB_KEY_ID_0',
          'wechatpay-timestamp': String(Math.trunc(Date.now() / 1000)),
          'wechatpay-nonce': 'probe',
          'wechatpay-signature': 'WECHATPAY/SIGNTEST/c2lnbnRlc3Q=',
        },
      };
      assert.equal(await refused(probe, 'SIGNTEST'), 401);
    });

    test('a delivery report without our token', async () => {
      const heard = {
        path: `/callbacks/notices/mail/${play.merchant.code}`,
        headers: { 'content-type': 'message/rfc822', authorization: 'Bearer wrong' },
        body: Buffer.from('Original-Envelope-Id: not_1\r\n\r\nAction: delivered\r\n'),
      };
      assert.equal(await refused(heard, 'report'), 401);
    });
  });

  // Last: from here on the debits are paid.
  describe('that is genuine', () => {
    for (const rail of RAILS) {
      test(`${rail}: five times, at once: one payment, every one acknowledged`, async () => {
        const before = await play.eventsOf(`C-${rail}`);
        assert.match(before.at(-1) ?? '', /attempt\.unknown/);
        const answers = await Promise.all(
          Array.from({ length: 5 }, async () => stage().say(of(rail))),
        );
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 200, 200, 200],
        );
        assert.deepEqual((await play.eventsOf(`C-${rail}`)).slice(before.length), [
          '12-01 07:30 payment.received #1 ¥29.85',
          '12-01 07:30 debit.succeeded #1 ¥29.85',
          '12-01 07:30 invoice.paid #1 ¥29.85',
        ]);
        const rows = await dump();
        assert.equal((await stage().say(of(rail))).status, 200);
        assert.equal(await dump(), rows);
      });
    }

    test('and the books are whole', () => play.end(2_985, 2_985));
  });
});

function flip(body: Uint8Array, place: number, by: number): Uint8Array {
  const changed = Buffer.from(body);
  changed[place] = (changed[place] ?? 0) ^ by;
  return changed;
}

/** Sends up to `megabytes` without saying how long it is; the status, and how much was taken. */
function pour(
  url: string,
  megabytes: number,
): Promise<{ readonly status: number | undefined; readonly sent: number }> {
  return new Promise((resolve) => {
    let sent = 0;
    let status: number | undefined;
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      resolve({ status, sent });
    };
    const out = request(url, { method: 'POST', headers: { 'content-type': 'text/xml' } });
    out.on('response', (response) => {
      status = response.statusCode;
      response.resume();
      out.destroy();
      end();
    });
    out.on('error', end).on('close', end);
    const block = Buffer.alloc(2 ** 20, 0x20);
    const next = () => {
      if (isOver) return;
      if (sent >= megabytes) return void out.end();
      sent += 1;
      out.write(block, () => setImmediate(next));
    };
    next();
  });
}
