import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { ERROR_CODES, ERRORS, isErrorCode } from './errors.ts';
import { ProblemSchema, toProblem } from './problem.ts';

describe('the catalogue of errors', () => {
  for (const code of ERROR_CODES) {
    test(code, () => {
      const { status, title, next, retryable } = ERRORS[code];
      assert.match(code, /^[a-z]+(_[a-z]+)*$/);
      assert.ok(status >= 400 && status <= 599);
      for (const text of [title, next]) {
        assert.match(text.en, /^[A-Z].*\.$/);
        assert.match(text['zh-CN'], /[一-鿿].*。$/);
      }
      // A request that is wrong stays wrong; only load, our own faults and waiting pass.
      const passes = code === 'idempotency_in_flight' || status === 429 || status >= 500;
      assert.equal(retryable, passes);
    });
  }

  test('has each title once, so that no two codes mean the same', () => {
    const titles = ERROR_CODES.map((code) => ERRORS[code].title.en);
    assert.equal(new Set(titles).size, titles.length);
  });

  test('knows its codes and no others', () => {
    assert.ok(ERROR_CODES.every(isErrorCode));
    for (const text of ['', 'toString', '__proto__', 'NOT_FOUND']) {
      assert.equal(isErrorCode(text), false);
    }
  });
});

describe('an error answer', () => {
  for (const code of ERROR_CODES) {
    for (const locale of ['en', 'zh-CN'] as const) {
      test(`${code} in ${locale} has the form of a problem`, () => {
        const problem = toProblem(code, { requestId: 'req-7', locale });
        assert.deepEqual([...Value.Errors(ProblemSchema, problem)], []);
        assert.equal(problem.title, ERRORS[code].title[locale]);
        assert.equal(problem.next_action, ERRORS[code].next[locale]);
        assert.equal(problem.detail, problem.title);
      });
    }
  }

  test('says which parameter, and what happened this time', () => {
    assert.deepEqual(
      toProblem('parameter_not_valid', {
        requestId: 'req-7',
        detail: 'limit is 0; it is 1 to 100.',
        param: 'limit',
      }),
      {
        type: 'urn:daikou:problem:parameter_not_valid',
        title: 'A parameter has a value that it cannot have.',
        status: 400,
        detail: 'limit is 0; it is 1 to 100.',
        code: 'parameter_not_valid',
        param: 'limit',
        request_id: 'req-7',
        retryable: false,
        next_action: 'Correct the parameter that "param" names.',
      },
    );
  });
});
