import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { MUTATIONS } from './mutations.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

describe('every planted bug can still be planted', () => {
  for (const { name, edits, caughtBy } of MUTATIONS) {
    test(name, () => {
      for (const { file, find, replace } of edits) {
        const places = readFileSync(join(ROOT, file), 'utf8').split(find).length - 1;
        assert.equal(places, 1, `${file} has the text to replace ${places} times`);
        assert.notEqual(find, replace);
      }
      if (caughtBy.kind === 'test') assert.ok(existsSync(join(ROOT, caughtBy.file)));
    });
  }

  test('at least twenty, each under its own name', () => {
    assert.ok(MUTATIONS.length >= 20);
    assert.equal(new Set(MUTATIONS.map(({ name }) => name)).size, MUTATIONS.length);
  });
});
