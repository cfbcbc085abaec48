import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerCheck, decryptEvent, readEvent, signEvent } from './event.ts';

/**
 * The sample of WeChat's own crypto kit (WXBizMsgCrypt): an encrypted message with its signature,
 * as its sample programs print them.
 */
const SAMPLE = {
  token: 'spamtest',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  appId: 'wx2c2769f8efd9abc2',
  timestamp: '1409735669',
  nonce: '1320562132',
  signature: '5d197aaffba7e9b25a30732f161a50dee96bd5fa',
  encrypted:
    'hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6' +
    'F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T33' +
    '2jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCg' +
    'avjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6Oewp' +
    'usjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=',
};

const TRUST = {
  token: SAMPLE.token,
  encodingAesKey: SAMPLE.encodingAesKey,
  appId: SAMPLE.appId,
  now: () => Temporal.Instant.fromEpochMilliseconds(1_409_735_700_000),
};

const targetOf = (change: Readonly<Record<string, string>> = {}): string => {
  const query = new URLSearchParams({
    timestamp: SAMPLE.timestamp,
    nonce: SAMPLE.nonce,
    encrypt_type: 'aes',
    msg_signature: SAMPLE.signature,
    ...change,
  });
  return `/callbacks/notices/official_account/notes?${query}`;
};

const bodyOf = (encrypted: string): Uint8Array =>
  Buffer.from(
    `<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  );

describe("WeChat's own sample", () => {
  test('its signature', () => {
    const { token, timestamp, nonce, encrypted } = SAMPLE;
    assert.equal(signEvent([token, timestamp, nonce, encrypted]), SAMPLE.signature);
  });

  test('its text', () => {
    const text = decryptEvent(SAMPLE.encrypted, TRUST) ?? '';
    assert.match(text, /<FromUserName><!\[CDATA\[oyORnuP8q7ou2gfYjqLzSIWZf0rs\]\]>/);
    assert.match(text, /<Content><!\[CDATA\[abcdteT\]\]><\/Content>/);
  });

  test('a message of a user is an event of another kind: taken, and no report', () => {
    const raw = { target: targetOf(), body: bodyOf(SAMPLE.encrypted) };
    assert.deepEqual(readEvent(raw, TRUST), []);
  });
});

describe('what is not from WeChat', () => {
  const good = bodyOf(SAMPLE.encrypted);
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    ['no signature', targetOf({ msg_signature: '' }), good],
    ['another signature', targetOf({ msg_signature: SAMPLE.signature.replace('5', '6') }), good],
    ['another nonce', targetOf({ nonce: '1' }), good],
    ['another time', targetOf({ timestamp: '1409735668' }), good],
    ['the plain mode', targetOf({ encrypt_type: 'raw' }), good],
    ['another text', targetOf(), bodyOf(SAMPLE.encrypted.replace('h', 'i'))],
    ['no XML', targetOf(), Buffer.from('{}')],
    ['a document type', targetOf(), Buffer.from(`<!DOCTYPE x [<!ENTITY a "b">]>${good}`)],
    ['no address', '/', good],
  ];
  for (const [name, target, body] of cases) {
    test(name, () => assert.equal(readEvent({ target, body }, TRUST), undefined));
  }

  test('an old signature: somebody keeps a copy', () => {
    const later = {
      ...TRUST,
      now: () => Temporal.Instant.fromEpochMilliseconds(1_409_735_970_000),
    };
    const raw = { target: targetOf(), body: good };
    assert.equal(readEvent(raw, later), undefined);
  });

  test('another account with the same key', () => {
    const other = { ...TRUST, appId: 'wx0000000000000000' };
    assert.equal(decryptEvent(SAMPLE.encrypted, other), undefined);
  });

  test('ciphers that are none', () => {
    for (const text of ['', 'AAAA', 'A'.repeat(64), SAMPLE.encrypted.slice(0, 64)]) {
      assert.equal(decryptEvent(text, TRUST), undefined, text);
    }
  });
});

describe('the question whether the address is ours', () => {
  const { token, timestamp, nonce } = SAMPLE;
  const signature = signEvent([token, timestamp, nonce]);
  const ask = (change: Readonly<Record<string, string>> = {}) =>
    answerCheck(targetOf({ signature, echostr: '5276331', ...change }), TRUST);

  test('is answered with its own text', () => assert.equal(ask(), '5276331'));
  test('is refused under another signature', () => {
    assert.equal(ask({ signature: SAMPLE.signature }), undefined);
    assert.equal(ask({ signature: '' }), undefined);
  });
  test('is refused when it wants a page of us', () => {
    assert.equal(ask({ echostr: '<script>alert(1)</script>' }), undefined);
    assert.equal(ask({ echostr: '' }), undefined);
  });
});
