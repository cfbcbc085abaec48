import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openWechatConfig } from './config.ts';
import { CONFIG } from './fixture.ts';
import {
  checkV3,
  decryptRefundInfo,
  decryptResource,
  refundNoticeKey,
  signV2,
  verifyV2,
} from './signature.ts';

/** Published vectors; sources and licences in rails.md appendix A. */
const vector = (name: string): string =>
  readFileSync(new URL(`./golden/${name}`, import.meta.url), 'utf8');

describe('A.1 the V2 signature of WeChat Pay’s own documentation', () => {
  const key = '192006250b4c09247ec02edce69f6a2d';
  const fields = {
    appid: 'wxd930ea5d5a258f4f',
    mch_id: '10000100',
    device_info: '1000',
    body: 'test',
    nonce_str: 'ibuaiVcKdpRxkhJA',
  };
  const MD5 = '9A0A8659F005D6984697E2CA0A9CF3B7';
  const HMAC = '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6';

  test('MD5 and HMAC-SHA256', () => {
    assert.equal(signV2(fields, key, 'MD5'), MD5);
    assert.equal(signV2(fields, key, 'HMAC-SHA256'), HMAC);
  });

  test('empty values and the signature itself take no part, unknown fields do', () => {
    assert.ok(verifyV2({ ...fields, attach: '', sign: MD5 }, key));
    assert.ok(verifyV2({ ...fields, sign: HMAC }, key));
    assert.ok(!verifyV2({ ...fields, new_field: '1', sign: MD5 }, key));
    assert.ok(!verifyV2({ ...fields, sign: MD5.toLowerCase() }, key));
    assert.ok(!verifyV2(fields, key));
  });

  test('sign_type names the algorithm and takes part', () => {
    const typed = { ...fields, sign_type: 'HMAC-SHA256' };
    assert.ok(verifyV2({ ...typed, sign: signV2(typed, key, 'HMAC-SHA256') }, key));
    assert.ok(!verifyV2({ ...typed, sign: signV2(typed, key, 'MD5') }, key));
    assert.ok(!verifyV2({ ...fields, sign_type: 'SHA1', sign: MD5 }, key));
  });

  test('any changed value breaks the signature', () => {
    const text = fc.stringMatching(/^[0-9A-Za-z _-]{1,20}$/);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'B'), text), text, (some, other) => {
        const sign = signV2(some, key, 'MD5');
        assert.ok(verifyV2({ ...some, sign }, key));
        const isSame = some['a'] === other;
        assert.equal(verifyV2({ ...some, a: other, sign }, key), isSame);
      }),
    );
  });
});

describe('A.2 AES-GCM of V3 resources', () => {
  test('AES-256, the key of the official Java tests', () => {
    const resource = {
      ciphertext: 'ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=',
      nonce: 'uluk4a9R25RW',
      associatedData: 'associatedData',
    };
    const key = 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb';
    assert.equal(decryptResource(resource, key), 'message');
    assert.equal(decryptResource({ ...resource, associatedData: 'other' }, key), undefined);
    assert.equal(decryptResource({ ...resource, ciphertext: 'AAAA' }, key), undefined);
  });

  test('AES-128, the key of the official Go tests', () => {
    const plaintext = decryptResource(
      {
        ciphertext: 'FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC',
        nonce: 'wCq51qZv4Yfg',
        associatedData: 'Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8',
      },
      'testAPIv3Key0000',
    );
    assert.equal(plaintext, 'Hello World');
  });
});

describe('A.3 AES-256-ECB of V2 refund notices', () => {
  test('the vector of the official PHP tests', () => {
    const key = '0123456789abcdef0123456789abcdef';
    assert.equal(decryptRefundInfo('pZwJZBLuy3mDACEQT4YTBw==', key), 'hello');
    assert.equal(decryptRefundInfo('pZwJZBLuy3mDACEQT4YTBg==', key), undefined);
  });

  test('the key of a real notice is the lower-case MD5 of the APIv2 key', () => {
    assert.equal(refundNoticeKey('abc'), '900150983cd24fb0d6963f7d28e17f72');
  });
});

describe('A.4 a whole V3 notification of the official Go tests', () => {
  const serial = 'D7CE59D1F522D701';
  const settings = openWechatConfig({
    ...CONFIG,
    platformKeys: { [serial]: vector('vector-a4-certificate.pem') },
  });
  const keys = settings.platformKeyObjects;
  const body = Buffer.from(vector('vector-a4-body.json'));
  const signed = {
    timestamp: '1624523846',
    nonce: 'EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz',
    serial,
    signature: vector('vector-a4-signature.txt').trim(),
  };
  const now = Temporal.Instant.fromEpochMilliseconds(1_624_523_846_000);

  test('verifies with the certificate and decrypts', () => {
    assert.equal(checkV3(signed, body, { keys, now }), 'ok');
    const { resource } = JSON.parse(body.toString('utf8')) as {
      resource: { ciphertext: string; nonce: string; associated_data: string };
    };
    const plaintext = decryptResource(
      {
        ciphertext: resource.ciphertext,
        nonce: resource.nonce,
        associatedData: resource.associated_data,
      },
      'testMchAPIv3Key0',
    );
    assert.equal(
      plaintext,
      '{"mchid":"1234567890","appid":"054aa7d7a2a54ab5898df65bd96f001c",' +
        '"create_time":"2020-06-30T12:12:00+08:00",' +
        '"out_contract_code":"21640bdbd08e473e828f3206a2741c6e"}',
    );
  });

  test('300 seconds are fresh, 301 are not, in either direction', () => {
    for (const [seconds, expected] of [
      [300, 'ok'],
      [-300, 'ok'],
      [301, 'stale'],
      [-301, 'stale'],
    ] as const) {
      assert.equal(checkV3(signed, body, { keys, now: now.add({ seconds }) }), expected);
    }
  });

  test('a changed byte, another serial, another nonce and probe traffic fail', () => {
    const changed = Buffer.from(body);
    changed[10] = (changed[10] ?? 0) ^ 1;
    const trust = { keys, now };
    assert.equal(checkV3(signed, changed, trust), 'bad_signature');
    assert.equal(checkV3({ ...signed, serial: 'X' }, body, trust), 'bad_signature');
    assert.equal(checkV3({ ...signed, nonce: 'X' }, body, trust), 'bad_signature');
    const probe = { ...signed, signature: `WECHATPAY/SIGNTEST/${signed.signature}` };
    assert.equal(checkV3(probe, body, trust), 'bad_signature');
  });

  test('the second vector of the same certificate', () => {
    const key = keys.get(serial);
    assert.ok(key !== undefined);
    const signature = Buffer.from(vector('vector-a4-second-signature.txt').trim(), 'base64');
    assert.ok(verify('sha256', Buffer.from('source'), key, signature));
  });
});
