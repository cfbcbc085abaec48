import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { certIdOf, isNamed, isValidAt, makeSignerJudge, readCertificate } from './certificates.ts';
import { openUnionpayConfig } from './config.ts';
import { type Fixture, openFixture, VECTOR, VECTOR_CERTIFICATE } from './fixture.ts';
import { digestOf, isSignedBy, signedText, withSignature } from './signature.ts';

const published = readCertificate(VECTOR_CERTIFICATE);
assert.ok(published !== undefined);

describe('A.5 a published notification of version 5.1.0', () => {
  test('the digest is the published one', () => {
    const digest = '39be34ceac545612fdca7c9bfc765aba9959ab14e840cc111d3ebdd507b0d371';
    assert.equal(digestOf(signedText(VECTOR)), digest);
  });

  test('the signature holds by the key of the certificate inside', () => {
    assert.ok(isSignedBy(VECTOR, published.publicKey));
  });

  test('every field is part of it: one more letter anywhere, and it fails', () => {
    for (const name of Object.keys(VECTOR)) {
      assert.ok(!isSignedBy({ ...VECTOR, [name]: `x${VECTOR[name]}` }, published.publicKey), name);
    }
    assert.ok(!isSignedBy({ ...VECTOR, signature: '' }, published.publicKey));
    // The line ends of the certificate belong to the signed text.
    const other = { ...VECTOR, signPubKeyCert: VECTOR_CERTIFICATE.replaceAll('\r\n', '\n') };
    assert.ok(!isSignedBy(other, published.publicKey));
  });

  test('the certificate: decimal serial, the name of the signer, expired in July 2025', () => {
    assert.equal(certIdOf(published), '69678957876');
    assert.ok(isNamed(published, '中国银联股份有限公司'));
    assert.ok(!isNamed(published, '中国银联'));
    assert.ok(isValidAt(published, Temporal.Instant.from('2022-09-08T00:00:00Z')));
    assert.ok(!isValidAt(published, Temporal.Instant.from('2025-08-01T00:00:00Z')));
  });
});

test('what we sign verifies, and an empty field is no part of it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = withSignature({ b: '2', a: '1', empty: '' }, privateKey);
  assert.equal(signedText(signed), 'a=1&b=2');
  assert.ok(isSignedBy(signed, publicKey));
  assert.ok(!isSignedBy({ ...signed, b: '3' }, publicKey));
});

describe('the certificate inside a message is believed', () => {
  let fixture: Fixture;
  let stranger: Fixture;
  before(async () => {
    [fixture, stranger] = await Promise.all([openFixture(), openFixture()]);
  });
  after(() => Promise.all([fixture.stop(), stranger.stop()]));

  const NOW = Temporal.Instant.from('2026-12-01T00:00:00Z');
  const judge = (pem: string, at = NOW) => {
    const { judgeSigner } = openUnionpayConfig(fixture.config);
    const verdict = judgeSigner(pem, at);
    return verdict.kind === 'trusted' ? verdict.kind : verdict.reason;
  };
  const platform = async (from: Fixture) => (await from.sign({}))['signPubKeyCert'] ?? '';

  test('when root, middle, name and dates are right', async () => {
    assert.equal(judge(await platform(fixture)), 'trusted');
  });

  test('not when it is of another chain, although its name is right', async () => {
    assert.equal(judge(await platform(stranger)), 'not_issued_by_them');
    assert.equal(judge(VECTOR_CERTIFICATE), 'not_issued_by_them');
  });

  test('not when the middle certificate is of another root', async () => {
    const { rootCertificate } = stranger.config;
    const { judgeSigner } = openUnionpayConfig({ ...fixture.config, rootCertificate });
    const verdict = judgeSigner(await platform(fixture), NOW);
    assert.equal(verdict.kind === 'refused' && verdict.reason, 'not_issued_by_them');
  });

  test('not when it is the certificate of a merchant or of an authority', () => {
    assert.equal(judge(fixture.config.signingCertificate), 'another_name');
    assert.equal(judge(fixture.config.middleCertificate), 'not_issued_by_them');
  });

  test('not before its first and after its last day, even if believed before', async () => {
    const pem = await platform(fixture);
    const { judgeSigner } = openUnionpayConfig(fixture.config);
    assert.equal(judgeSigner(pem, NOW).kind, 'trusted');
    for (const at of ['2019-12-31T23:59:59Z', '2050-01-01T00:00:00Z']) {
      const verdict = judgeSigner(pem, Temporal.Instant.from(at));
      assert.equal(verdict.kind === 'refused' && verdict.reason, 'not_valid_now');
    }
  });

  test('not when it is no certificate at all', () => {
    for (const pem of ['', 'PEM', '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----']) {
      assert.equal(judge(pem), 'not_a_certificate');
    }
  });

  test('the test environment signs under a name of its own', () => {
    const trust = { root: published, middle: published, signerName: '00040000:SIGN' };
    assert.ok(!isNamed(published, trust.signerName));
    assert.equal(makeSignerJudge(trust)(VECTOR_CERTIFICATE, NOW).kind, 'refused');
  });

  test('an unusable configuration stops the start with a sentence that shows no key', () => {
    const { config } = fixture;
    const CASES = [
      { ...config, merId: '777' },
      { ...config, signingKey: 'secret' },
      { ...config, signingCertificate: 'secret' },
      { ...config, signingKey: stranger.config.signingKey },
      { ...config, encryptionCertificate: 'secret' },
      { ...config, rootCertificate: 'secret' },
      { ...config, middleCertificate: 'secret' },
    ];
    for (const one of CASES) {
      assert.throws(
        () => openUnionpayConfig(one),
        (error: Error) => /^UnionPay: /.test(error.message) && !/secret|BEGIN/.test(error.message),
      );
    }
  });
});
