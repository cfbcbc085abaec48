import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Io } from './io.ts';
import { makeProgress } from './progress.ts';

/** Milliseconds until a change is on the terminal: the bar is drawn eight times a second. */
const DRAWN_AFTER = 150;

/** A terminal that keeps what is drawn on it, and a clock in seconds that the test moves. */
function aTerminal(language: Io['language'] = 'en', isTty = true) {
  let drawn = '';
  let seconds = 0;
  const io: Io = {
    out: () => undefined,
    err: (text) => {
      drawn += text;
    },
    isTty,
    columns: 120,
    language,
    cwd: '',
    signal: new AbortController().signal,
    beginService: () => undefined,
  };
  return {
    progress: makeProgress(io, () => seconds * 1000),
    wait: (more: number) => {
      seconds += more;
    },
    /** The last line as it stands on the terminal. */
    last: async () => {
      await sleep(DRAWN_AFTER);
      return (
        stripVTControlCharacters(drawn)
          .trimEnd()
          .split(/[\r\n]/)
          .at(-1) ?? ''
      );
    },
  };
}

describe('the bar of a long job', () => {
  test('tells the time left by the rate of the whole job, not of its last burst', async () => {
    // A bar that is not finished goes on drawing: every test ends its own.
    const { progress, wait, last } = aTerminal();
    progress.start('drafts', 3_000);
    wait(5);
    // A batch is told in one breath: the last few items came within a millisecond.
    for (let item = 0; item < 250; item += 1) progress.advance(1);
    wait(5);
    for (let item = 0; item < 250; item += 1) progress.advance(1);
    assert.match(await last(), /500\/3000 .*50\/s .*50s left/);
    progress.finish();
  });

  test('says what it took in the end', async () => {
    const { progress, wait, last } = aTerminal();
    progress.start('debits', 100);
    wait(75);
    progress.advance(100, 12_300n);
    progress.finish();
    assert.match(await last(), /100% 100\/100 ¥123\.00 1\/s .*1m 15s$/);
    assert.doesNotMatch(await last(), /left/);
  });

  test('says nothing of the time left before it knows', async () => {
    const { progress, last } = aTerminal();
    progress.start('drafts', 10);
    assert.doesNotMatch(await last(), /left|NaN|Infinity/);
    progress.finish();
  });

  test('in Chinese', async () => {
    const { progress, wait, last } = aTerminal('zh');
    progress.start('drafts', 200);
    wait(100);
    progress.advance(100);
    assert.match(await last(), /剩 1 分 40 秒/);
    progress.finish();
  });

  test('without a terminal: a line now and then, and one at the end', async () => {
    const { progress, wait, last } = aTerminal('en', false);
    progress.start('drafts', 200);
    progress.advance(10);
    assert.equal(await last(), '');
    wait(10);
    progress.advance(90);
    assert.match(await last(), /100\/200 10\/s 10s left$/);
    wait(10);
    progress.advance(100);
    progress.finish();
    assert.match(await last(), /200\/200 10\/s 20s$/);
  });
});
