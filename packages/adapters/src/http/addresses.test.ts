import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isLoopbackAddress, isPublicAddress } from './addresses.ts';
import { maskTarget, readTarget } from './target.ts';

describe('addresses that are never called', () => {
  const closed = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'example.com',
    '',
  ];
  for (const address of closed) {
    test(address === '' ? 'nothing' : address, () => assert.equal(isPublicAddress(address), false));
  }
});

describe('addresses of public servers', () => {
  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '223.5.5.5',
    '2400:3200::1',
    '2606:4700::1111',
  ]) {
    test(address, () => assert.equal(isPublicAddress(address), true));
  }
});

test('this machine', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1']) assert.ok(isLoopbackAddress(address));
  for (const address of ['::ffff:127.0.0.1', '128.0.0.1', '10.0.0.1', 'fe80::1', 'localhost']) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});

describe('addresses that a user gives', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['https://hooks.example.test/a?b=c', 'hooks.example.test:443'],
    ['https://hooks.example.test:8443/', 'hooks.example.test:8443'],
    ['https://hooks.example.test:1/', 'port_closed'],
    ['https://hooks.example.test:0/', 'port_closed'],
    ['https://hooks.example.test:22/', 'port_closed'],
    ['https://hooks.example.test:25/', 'port_closed'],
    ['https://hooks.example.test:5432/', 'port_closed'],
    ['https://hooks.example.test:65536/', 'not_a_url'],
    ['https://me:pass@hooks.example.test/', 'user_info'],
    ['https://me@hooks.example.test/', 'user_info'],
    ['ftp://hooks.example.test/', 'not_https'],
    ['file:///etc/passwd', 'not_https'],
    ['gopher://hooks.example.test:70/', 'not_https'],
    ['hooks.example.test', 'not_a_url'],
    ['https://[fe80::1%25eth0]/', 'not_a_url'],
    [`https://hooks.example.test/${'a'.repeat(2_048)}`, 'not_a_url'],
    ['', 'not_a_url'],
    // One number in other clothes: URLs are defined so that they become the dotted form.
    ['https://2130706433/', '127.0.0.1:443'],
    ['https://0177.0.0.1/', '127.0.0.1:443'],
    ['https://0x7f.1/', '127.0.0.1:443'],
    ['https://127.1/', '127.0.0.1:443'],
    ['https://①②⑦.0.0.1/', '127.0.0.1:443'],
    ['https://[::ffff:127.0.0.1]/', '::ffff:7f00:1:443'],
  ];
  for (const [text, expected] of cases) {
    test(text.slice(0, 60), () => {
      const target = readTarget(text);
      const found = target.kind === 'target' ? `${target.host}:${target.port}` : target.code;
      assert.equal(found, expected);
    });
  }
});

test('people see a host and four characters, never a token', () => {
  const robot = 'https://oapi.example.test/robot/send?access_token=0123456789abcdef1f9c';
  assert.equal(maskTarget(robot), 'oapi.example.test …1f9c');
  assert.equal(maskTarget('https://a.test/?k=secret'), 'a.test …');
  assert.equal(maskTarget('not an address with a secret'), '…');
});
