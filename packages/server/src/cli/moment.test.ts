import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job } from '@daikou/engine';
import { at } from '../../../../test/kit/builders.ts';
import { newMerchant } from '../../../../test/kit/life.ts';
import { readMoment } from './moment.ts';

describe('a moment on the command line', () => {
  const merchant = newMerchant({ testClock: at('2026-12-01 12:00') });
  const job = { merchant, engine: {} } as Job;
  const table: readonly [string, string | undefined][] = [
    ['2026-12-01T02:00:00Z', '2026-12-01T02:00:00Z'],
    ['2026-12-01T10:00:00+08:00', '2026-12-01T02:00:00Z'],
    ['2026-12-01', '2026-11-30T16:00:00Z'],
    ['3d', '2026-11-28T04:00:00Z'],
    ['12h', '2026-11-30T16:00:00Z'],
    ['30m', '2026-12-01T03:30:00Z'],
    ['0d', undefined],
    ['-1d', undefined],
    ['2026-02-30', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of table) {
    test(`“${text}” is ${expected ?? 'refused'}`, () => {
      if (expected === undefined) assert.throws(() => readMoment(text, job), /is no moment/);
      else assert.equal(readMoment(text, job).toString(), expected);
    });
  }
});
