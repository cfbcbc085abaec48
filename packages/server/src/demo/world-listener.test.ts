import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../../../../test/kit/telco.ts';
import { openWorldListener } from './world-listener.ts';

describe('the address that the simulators call back', () => {
  test('stays the same from one process to the next', async (t) => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    const first = await openWorldListener(folder.path, (_request, response) => response.end('1'));
    assert.equal(await (await fetch(first.url)).text(), '1');
    await first.close();
    const second = await openWorldListener(folder.path, (_request, response) => response.end('2'));
    assert.equal(second.url, first.url);
    assert.equal(await (await fetch(second.url)).text(), '2');
    await second.close();
  });

  test('is another one when somebody else has taken it, and stays that', async (t) => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    const first = await openWorldListener(folder.path, (_request, response) => response.end());
    await first.close();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    const second = await openWorldListener(folder.path, (_request, response) => response.end());
    assert.notEqual(second.url, first.url);
    await second.close();
    squatter.close();
    const third = await openWorldListener(folder.path, (_request, response) => response.end());
    assert.equal(third.url, second.url);
    await third.close();
  });
});
