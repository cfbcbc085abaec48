import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInside } from './client.ts';
import { openControl, readControl } from './endpoint.ts';

const COMMAND = { argv: [], cwd: '', language: 'en', isTty: false, columns: 80 } as const;

describe('commands inside the live process', () => {
  const home = mkdtempSync(join(tmpdir(), 'daikou-control-'));
  after(() => rmSync(home, { recursive: true, force: true }));

  test('a terminal that goes away in the middle leaves the process alone', async () => {
    const gone: boolean[] = [];
    const control = await openControl(
      home,
      () => 'http://127.0.0.1',
      async (_request, reply, signal) => {
        for (let line = 0; line < 50; line += 1) reply({ kind: 'out', text: 'x'.repeat(10_000) });
        await sleep(50);
        gone.push(signal.aborted);
        return 0;
      },
    );
    const file = readControl(home);
    assert.ok(file);
    // What `daikou … | head` does: it hangs up with output that it has not read.
    const client = connect(file.socket);
    client.pause();
    client.write(`${JSON.stringify({ ...COMMAND, token: file.token })}\n`);
    await sleep(20);
    client.destroy();
    await sleep(100);
    assert.deepEqual(gone, [true]);

    const said: string[] = [];
    const out = (text: string) => {
      said.push(text);
    };
    assert.equal(await runInside(home, COMMAND, { out, err: () => undefined }), 0);
    assert.equal(said.join('').length, 500_000);
    await control.close();
  });
});
