import { describe, test } from 'node:test';
import { assertKept, ofSeed } from './keep.ts';

describe('sixty days under seeded faults (even seeds)', () => {
  for (const seed of [2]) {
    test(`seed ${seed}: every promise is kept`, () => assertKept(ofSeed(seed)));
  }
});
