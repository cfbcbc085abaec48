import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalQuery, signedHeaders } from './signature.ts';

describe('A.7 ACS3-HMAC-SHA256, the examples of help.aliyun.com 2593177', () => {
  const call = {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    action: 'RunInstances',
    version: '2014-05-26',
    query: {
      RegionId: 'cn-shanghai',
      ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
    },
    body: '',
  };
  const access = { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'YourAccessKeySecret' };
  const EXAMPLES = [
    [
      '2023-10-26T10:22:32Z',
      '3156853299f313e23d1673dc12e1703d',
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    ],
    [
      '2023-10-26T09:01:01Z',
      'd410180a5abf7fe235dd9b74aca91fc0',
      'e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804',
    ],
  ] as const;
  for (const [date, nonce, signature] of EXAMPLES) {
    test(date, () => {
      const { authorization } = signedHeaders({ ...call, date, nonce }, access);
      assert.equal(
        authorization,
        'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;' +
          'x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,' +
          `Signature=${signature}`,
      );
    });
  }
});

test('values are escaped by RFC 3986, in upper case, sorted by name', () => {
  assert.equal(
    canonicalQuery({ b: "a b*'()!~", A: '短信' }),
    'A=%E7%9F%AD%E4%BF%A1&b=a%20b%2A%27%28%29%21~',
  );
});
