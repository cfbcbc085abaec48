import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertKept, ofSeed } from './keep.ts';
import { simulate } from './simulate.ts';

test('six weeks under seeded faults of every kind: every promise is kept', async () => {
  await assertKept({ ...ofSeed(1), days: 42 });
});

test('the same seed is the same run, hash and all; another seed is another', async () => {
  const short = (seed: number) => simulate({ seed, days: 20, customers: 4 });
  const first = await short(7);
  assert.equal((await short(7)).hash, first.hash);
  assert.notEqual((await short(8)).hash, first.hash);
});

test('of a merchant in quarantine nothing leaves, for whatever is due', async () => {
  const { broken } = await simulate({ seed: 3, days: 20, customers: 4, isHeld: true });
  assert.deepEqual(broken, []);
});
