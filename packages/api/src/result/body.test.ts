import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { readBody } from './body.ts';

const SCHEMA = Type.Object(
  { plan: Type.String(), trial_days: Type.Optional(Type.Integer({ minimum: 1 })) },
  { additionalProperties: false },
);

/** What is said of a body that does not fit: the field, and the sentence. */
function refusalOf(json: unknown): readonly [string | undefined, string] {
  const read = readBody(SCHEMA, json);
  assert.ok(!read.ok);
  return [read.refusal.field, read.refusal.sentence];
}

describe('a body from a file or the command line', () => {
  test('is taken when it fits', () => {
    assert.ok(readBody(SCHEMA, { plan: 'team', trial_days: 14 }).ok);
  });

  test('is refused for a field that nobody knows, in words', () => {
    const told = refusalOf({ plan: 'team', trial: { days: 14 } });
    assert.deepEqual(told, ['trial', 'There is no such field here.']);
  });

  test('is refused for a value that does not fit, by its path', () => {
    const [field, sentence] = refusalOf({ plan: 'team', trial_days: 0 });
    assert.equal(field, 'trial_days');
    assert.match(sentence, /^The value does not fit: .*1\.$/);
  });
});
