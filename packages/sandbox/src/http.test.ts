import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BODY_LIMIT_BYTES, DROPPED, type Listener, listen, type Reply, textReply } from './http.ts';

describe('a listener', () => {
  const story: string[] = [];
  let listener: Listener;
  let next: Reply = textReply(200, 'hello');
  before(async () => {
    listener = await listen({
      port: 0,
      handle: ({ target, body }) => {
        story.push(`handle ${target} ${body.length}`);
        return next;
      },
      beforeReply: () => story.push('write the books'),
    });
  });
  after(() => listener.close());
  const call = (body = 'x') =>
    fetch(`http://127.0.0.1:${listener.port}/a?b=%20c`, { method: 'POST', body });

  test('writes the books after the work and before the reply', async () => {
    next = textReply(200, 'hello');
    story.length = 0;
    assert.equal(await (await call()).text(), 'hello');
    assert.deepEqual(story, ['handle /a?b=%20c 1', 'write the books']);
  });

  test('writes them before silence too: what was dropped may have happened', async () => {
    next = DROPPED;
    story.length = 0;
    await assert.rejects(call());
    assert.deepEqual(story, ['handle /a?b=%20c 1', 'write the books']);
  });

  test('refuses a body above the limit without handling it', async () => {
    next = textReply(200, 'hello');
    story.length = 0;
    assert.equal((await call('x'.repeat(BODY_LIMIT_BYTES))).status, 200);
    assert.equal((await call('x'.repeat(BODY_LIMIT_BYTES + 1))).status, 413);
    assert.equal(story.length, 2);
  });

  test('cuts a reply in the middle when it is told to', async () => {
    next = { ...textReply(200, 'x'.repeat(1000)), end: 'cut' };
    const response = await call();
    assert.equal(response.headers.get('content-length'), '1000');
    await assert.rejects(response.text());
  });
});
