import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer, request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { makeCertificate } from './x509.ts';

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const FROM = Date.parse('2026-01-01T00:00:00Z');
const UNTIL = Date.parse('2056-01-01T00:00:00Z');

const rootKey = pair();
const rootName = { country: 'CN', organisation: '沙箱', commonName: '根证书' };
const root = makeCertificate({
  subject: rootName,
  key: rootKey,
  serial: 1n,
  from: FROM,
  until: UNTIL,
  isCa: true,
});
const leafKey = pair();
const leaf = makeCertificate({
  subject: { commonName: '00040000:SIGN' },
  issuer: { subject: rootName, privateKey: rootKey.privateKey },
  key: leafKey,
  serial: 69_678_957_876n,
  from: FROM,
  until: UNTIL,
  extendedUsage: ['serverAuth', 'clientAuth'],
  hosts: ['127.0.0.1', 'sandbox.example.test'],
});

describe('a certificate of the simulated authority', () => {
  test('reads back with its names, its numbers and its dates', () => {
    const read = new X509Certificate(leaf);
    assert.equal(read.subject, 'CN=00040000:SIGN');
    assert.equal(read.issuer, 'C=CN\nO=沙箱\nCN=根证书');
    assert.equal(BigInt(`0x${read.serialNumber}`), 69_678_957_876n);
    assert.equal(Date.parse(read.validFrom), FROM);
    assert.equal(Date.parse(read.validTo), UNTIL);
    assert.ok(!read.ca && new X509Certificate(root).ca);
    assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    assert.equal(read.subjectAltName, 'IP Address:127.0.0.1, DNS:sandbox.example.test');
    assert.ok(read.checkPrivateKey(leafKey.privateKey));
  });

  test('is issued and signed by its authority and by nobody else', () => {
    const [read, authority] = [new X509Certificate(leaf), new X509Certificate(root)];
    assert.ok(read.checkIssued(authority) && read.verify(rootKey.publicKey));
    assert.ok(authority.checkIssued(authority) && authority.verify(rootKey.publicKey));
    assert.ok(!authority.checkIssued(read) && !read.verify(leafKey.publicKey));
  });

  test('serials of every length keep their value', () => {
    for (const serial of [127n, 128n, 255n, 256n, (1n << 159n) - 1n]) {
      const made = makeCertificate({
        subject: { commonName: 'x' },
        key: leafKey,
        serial,
        from: FROM,
        until: UNTIL,
      });
      assert.equal(BigInt(`0x${new X509Certificate(made).serialNumber}`), serial);
    }
  });

  test('nobody signs without a private key, and no serial is zero', () => {
    const { publicKey } = leafKey;
    const base = { subject: { commonName: 'x' }, from: FROM, until: UNTIL };
    assert.throws(
      () => makeCertificate({ ...base, key: { publicKey }, serial: 1n }),
      /private key/,
    );
    assert.throws(() => makeCertificate({ ...base, key: leafKey, serial: 0n }), /above zero/);
  });

  test('serves TLS with client certificates', async () => {
    const key = leafKey.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const options = { key, cert: leaf, ca: root };
    const server = createServer(
      { ...options, requestCert: true, rejectUnauthorized: true },
      (_, response) => response.end('ok'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = secureRequest({ ...options, host: '127.0.0.1', port }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.once('error', reject).end();
    });
    server.close();
    server.closeAllConnections();
    assert.equal(status, 200);
  });
});
