import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  isRsa2,
  isSignedNotification,
  isSignedRequest,
  joinSorted,
  type Params,
  signNotification,
  signRsa2,
} from './signature.ts';

/** The payment notification published with the official Node SDK (alipay-sdk-nodejs-all, MIT). */
const PUBLISHED: Params = {
  app_id: '2019073166072302',
  auth_app_id: '2019073166072302',
  buyer_id: '2088102534368455',
  buyer_logon_id: 'xud***@126.com',
  buyer_pay_amount: '0.10',
  charset: 'utf-8',
  fund_bill_list: '[{"amount":"0.10","fundChannel":"ALIPAYACCOUNT"}]',
  gmt_create: '2019-08-15 15:56:22',
  gmt_payment: '2019-08-15 15:56:24',
  invoice_amount: '0.10',
  notify_id: '2019081500222155624068450559358070',
  notify_time: '2019-08-15 15:56:25',
  notify_type: 'trade_status_sync',
  out_trade_no: '20190815155618536-564-57',
  point_amount: '0.00',
  receipt_amount: '0.10',
  seller_email: 'z97-yuquerevenue@service.aliyun.com',
  seller_id: '2088531891668739',
  subject: '语雀空间 500人规模',
  total_amount: '0.10',
  trade_no: '2019081522001468450512505578',
  trade_status: 'TRADE_SUCCESS',
  version: '1.0',
  sign_type: 'RSA2',
  sign:
    'QfTb8tqE1BMhS5qAnXtvsF3/jBkEvu9q9en0pdbBUDDjvKycZhQb7h8GDs4FKfi049PynaNuatxSgLb/nLWZpXyyh0LEWdK2' +
    'S6Ri7nPwrVgOs08zugLO20vOQz44y3ti2Ncm8/wZts1Fr2gZ7pShnVX3d1B50hbsXnObT1r/U8ONNQjWXd0HIul4TG+Q3fm3' +
    'svmSvFEy0WnzuhcyHPX5Gm4ELNctL6Qd5YniGJFNcc7kopHYtI/XD9YCKCH6Ct02rzUs9i11C9CsadtZn+WhxF26Dqt9sGEF' +
    'ajkJ8cxUTLi8+VCpLHsgPE8P0y095uQcDdK0YjCh4x7wVSov+lrmOQ==',
};
const PUBLISHED_KEY = createPublicKey({
  key: Buffer.from(
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqObrdC7hrgAVM98tK0nv3hSQRGGKT4lBsQjHiGjeYZjOPIPHR5kn' +
      'm2jnnz/YGIXIofVHkA/tAlBAd5DrY7YpvI4tP5EONLtZKC2ghBMx7McI2wRD0xiqzxOQr1FuhZGJ8/AUokBzJrzY+aGX2xcO' +
      'rxFYRlFilvVLTXg4LWjR1tdPkO6+i7wQZAIVMClPkwVRZEbaERRHlKqTzv2gGv5rDU8gRoe1LeaN+6BlbTqHWkQcNCUNrA8C' +
      '6l17XAXGKDsm/9TFWwO8EPHHHCaQdjtV5/FdcWIt+L8SR1ss7EXTjYDFtxcKVv9rEoY1lX8T4mX+GbXfZHraG5NCF1+XioL5' +
      'JwIDAQAB',
    'base64',
  ),
  format: 'der',
  type: 'spki',
});

describe('RSA2', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

  test('the published notification verifies, without sign_type in the text', () => {
    assert.ok(isSignedNotification(PUBLISHED, PUBLISHED_KEY));
    const withType = joinSorted(PUBLISHED, new Set(['sign']));
    assert.ok(!isRsa2(withType, PUBLISHED['sign'] ?? '', PUBLISHED_KEY));
  });

  test('our notifications are built the same way', () => {
    const { sign: _, sign_type: __, ...fields } = PUBLISHED;
    const ours = signNotification(fields, privateKey);
    assert.equal(ours['sign_type'], 'RSA2');
    assert.ok(isSignedNotification(ours, publicKey));
  });

  test('any changed field of a notification breaks it', () => {
    const name = fc.constantFrom(
      ...Object.keys(PUBLISHED).filter((key) => !key.startsWith('sign')),
    );
    fc.assert(
      fc.property(name, fc.string(), (field, value) => {
        fc.pre(PUBLISHED[field] !== value);
        assert.ok(!isSignedNotification({ ...PUBLISHED, [field]: value }, PUBLISHED_KEY));
      }),
    );
  });

  test('a request covers sign_type; empty values may be signed or left out', () => {
    const params: Params = { app_id: '1', sign_type: 'RSA2', return_url: '' };
    const whole = signRsa2('app_id=1&return_url=&sign_type=RSA2', privateKey);
    const filled = signRsa2('app_id=1&sign_type=RSA2', privateKey);
    const without = signRsa2('app_id=1', privateKey);
    assert.ok(isSignedRequest({ ...params, sign: whole }, publicKey));
    assert.ok(isSignedRequest({ ...params, sign: filled }, publicKey));
    assert.ok(!isSignedRequest({ ...params, sign: without }, publicKey));
    assert.ok(!isSignedRequest(params, publicKey));
  });
});
