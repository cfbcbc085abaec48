import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Fields, hashOf, isSigned, readBraces, writeReply } from './signature.ts';

/** The published notification of rails.md A.5, with its certificate (CRLF) and its signature. */
const file = new URL('./vector-a5.json', import.meta.url);
const VECTOR = JSON.parse(readFileSync(file, 'utf8')) as Fields;
const key = new X509Certificate(VECTOR['signPubKeyCert'] ?? '').publicKey;

describe('A.5 a published notification of version 5.1.0', () => {
  test('has the published digest and verifies', () => {
    const digest = '39be34ceac545612fdca7c9bfc765aba9959ab14e840cc111d3ebdd507b0d371';
    assert.equal(hashOf(VECTOR), digest);
    assert.ok(isSigned(VECTOR, key));
  });

  test('with another amount it does not', () => {
    assert.ok(!isSigned({ ...VECTOR, txnAmt: '2' }, key));
    assert.ok(!isSigned({ ...VECTOR, signature: '' }, key));
  });
});

test('braces and replies are written with raw values', () => {
  assert.deepEqual(readBraces('{token=1&info=ab==}'), { token: '1', info: 'ab==' });
  assert.deepEqual(readBraces('nothing'), {});
  assert.equal(writeReply({ b: '{x=1&y=2}', a: 'z' }), 'a=z&b={x=1&y=2}');
});
