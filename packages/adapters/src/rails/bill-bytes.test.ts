import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesAt, bytesInMemory, takeBill } from './bill-bytes.ts';

const KILOBYTE = 1024;

/** A download that counts what was taken of it and whether it was ended. */
function download(kilobytes: number) {
  const seen = { taken: 0, isEnded: false };
  const pieces = async function* () {
    try {
      for (let at = 0; at < kilobytes; at += 1) {
        seen.taken += 1;
        yield Buffer.alloc(KILOBYTE, at % 251);
      }
    } finally {
      seen.isEnded = true;
    }
  };
  return { seen, pieces: pieces() };
}

describe('a bill that is downloaded', () => {
  const limits = { limit: 100 * KILOBYTE, memoryLimit: 4 * KILOBYTE };

  test('is the same from memory and from the disk, whole or in part, again and again', async () => {
    for (const kilobytes of [0, 3, 4, 5, 100]) {
      const expected = Buffer.concat(await Array.fromAsync(download(kilobytes).pieces));
      const taken = await takeBill(download(kilobytes).pieces, limits);
      assert.ok(taken.kind === 'held', `${kilobytes} KB`);
      const inMemory = bytesInMemory(expected);
      for (const bytes of [taken.bytes, taken.bytes, inMemory]) {
        assert.equal(bytes.size, expected.length);
        assert.deepEqual(Buffer.concat(await Array.fromAsync(bytes.read())), expected);
        const part = await bytesAt(bytes, 1_000, 2_000);
        assert.deepEqual(part, expected.subarray(1_000, 3_000));
      }
      await taken.bytes.release();
      await taken.bytes.release();
    }
  });

  test('is cut at the limit, which the sentence names, and the rest is not read', async () => {
    const { seen, pieces } = download(2_000_000);
    const taken = await takeBill(pieces, limits);
    assert.ok(taken.kind === 'too_large');
    assert.equal(
      taken.detail,
      'the bill goes on after the 102400 bytes that one download may have',
    );
    assert.deepEqual(seen, { taken: 101, isEnded: true });
  });

  test('and says that it is longer than the limit ends with its first piece', async () => {
    const { seen, pieces } = download(2_000_000);
    const taken = await takeBill(pieces, { ...limits, toldSize: 2_147_483_648 });
    assert.ok(taken.kind === 'too_large');
    assert.match(taken.detail, /has 2147483648 bytes, more than the 102400/);
    assert.deepEqual(seen, { taken: 1, isEnded: true });
  });

  test('and breaks off is thrown on, with nothing kept', async () => {
    const broken = async function* () {
      yield* download(9).pieces;
      throw new Error('the connection was reset');
    };
    await assert.rejects(takeBill(broken(), limits), /reset/);
  });
});
