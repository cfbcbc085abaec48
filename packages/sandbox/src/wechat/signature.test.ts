import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  encryptEcb,
  isSignedV2,
  isSignedV3,
  type Params,
  parseAuthorization,
  refundNoticeKey,
  signV2,
  signV3Reply,
} from './signature.ts';
import { buildXml, parseXml } from './xml.ts';

/** The published example of the WeChat Pay signature documentation. */
const EXAMPLE: Params = {
  appid: 'wxd930ea5d5a258f4f',
  mch_id: '10000100',
  device_info: '1000',
  body: 'test',
  nonce_str: 'ibuaiVcKdpRxkhJA',
};
const KEY = '192006250b4c09247ec02edce69f6a2d';

describe('V2 signatures', () => {
  test('the published example, with both algorithms', () => {
    assert.equal(signV2(EXAMPLE, KEY), '9A0A8659F005D6984697E2CA0A9CF3B7');
    assert.equal(
      signV2(EXAMPLE, KEY, 'HMAC-SHA256'),
      '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6',
    );
  });

  test('empty values are left out and unknown fields take part', () => {
    assert.equal(signV2({ ...EXAMPLE, attach: '' }, KEY), signV2(EXAMPLE, KEY));
    assert.notEqual(signV2({ ...EXAMPLE, brand_new: '1' }, KEY), signV2(EXAMPLE, KEY));
  });

  test('any changed value breaks the signature', () => {
    const field = fc.constantFrom(...Object.keys(EXAMPLE));
    fc.assert(
      fc.property(field, fc.string({ minLength: 1 }), (name, value) => {
        fc.pre(EXAMPLE[name] !== value);
        const message = { ...EXAMPLE, sign: signV2(EXAMPLE, KEY) };
        assert.ok(isSignedV2(message, KEY));
        assert.ok(!isSignedV2({ ...message, [name]: value }, KEY));
      }),
    );
  });

  test('a message without a signature is not signed', () => {
    assert.ok(!isSignedV2(EXAMPLE, KEY));
    assert.ok(!isSignedV2({ ...EXAMPLE, sign: '' }, KEY));
  });
});

describe('the cipher of refund notices', () => {
  test('the published vector of AES-256-ECB', () => {
    const text = encryptEcb('hello', '0123456789abcdef0123456789abcdef');
    assert.equal(text, 'pZwJZBLuy3mDACEQT4YTBw==');
  });

  test('its key is the lower-case MD5 of the APIv2 key', () => {
    assert.equal(refundNoticeKey('hello'), '5d41402abc4b2a76b9719d911017c592');
  });
});

describe('V3 signatures', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const request = { method: 'POST', target: '/v3/x?y=1', body: '{"a":1}' };
  const authorize = (text: string) => ({
    mchid: '1',
    nonce_str: 'n',
    timestamp: '1700000000',
    serial_no: 'AB',
    signature: sign('sha256', Buffer.from(text), privateKey).toString('base64'),
  });
  const right = authorize('POST\n/v3/x?y=1\n1700000000\nn\n{"a":1}\n');

  test('method, target and body are covered', () => {
    assert.ok(isSignedV3(request, right, publicKey));
    const changes = [{ method: 'GET' }, { target: '/v3/x?y=2' }, { body: '{"a":2}' }];
    for (const change of changes) {
      assert.ok(!isSignedV3({ ...request, ...change }, right, publicKey));
    }
  });

  test('a reply with an empty body is signed as three lines', () => {
    const signature = signV3Reply({ timestamp: '1', nonce: 'n', body: '' }, privateKey);
    const bytes = Buffer.from(signature, 'base64');
    assert.ok(verify('sha256', Buffer.from('1\nn\n\n'), publicKey, bytes));
  });

  test('the header is read in any order, and refused when a part is missing', () => {
    const header =
      'WECHATPAY2-SHA256-RSA2048 ' +
      'serial_no="AB",mchid="1",timestamp="2",nonce_str="n",signature="s="';
    assert.equal(parseAuthorization(header)?.signature, 's=');
    assert.equal(parseAuthorization(header.replace('mchid="1",', '')), undefined);
    assert.equal(parseAuthorization('Basic abc'), undefined);
    assert.equal(parseAuthorization(undefined), undefined);
  });
});

describe('V2 XML', () => {
  test('every flat message is read back as it was written', () => {
    const value = fc.string({ unit: fc.constantFrom('a', '费', ' ', '<', '&', ']', '>', '\n') });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b_1', 'sign'), value), (params) => {
        fc.pre(Object.keys(params).length > 0);
        assert.deepEqual({ ...parseXml(buildXml(params)) }, { ...params });
      }),
    );
  });

  const refused: readonly [what: string, text: string][] = [
    ['a DOCTYPE', '<!DOCTYPE x [<!ENTITY e "boom">]><xml><a>&e;</a></xml>'],
    ['an external entity', '<!ENTITY x SYSTEM "file:///etc/passwd"><xml><a>&x;</a></xml>'],
    ['nested fields', '<xml><a><b>1</b></a></xml>'],
    ['a repeated field', '<xml><a>1</a><a>2</a></xml>'],
    ['another root', '<root><a>1</a></root>'],
    ['no XML', '{"a":1}'],
    ['nothing', ''],
  ];
  for (const [what, text] of refused) {
    test(`${what} is refused`, () => assert.equal(parseXml(text), undefined));
  }
});
