import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeNotice } from '../suite/facts.ts';
import { makeInboxChannel } from './channel.ts';

test('a message for the inbox stays with us: sent at once, proved by being read', async () => {
  const channel = makeInboxChannel();
  const notice = makeNotice('inbox');
  assert.equal(channel.proof, 'read');
  assert.deepEqual(await channel.send(notice), {
    kind: 'sent',
    providerReference: notice.noticeId,
  });
  // Nobody outside can say that the customer read it.
  assert.equal(channel.readReport, undefined);
  assert.equal(channel.queryDelivery, undefined);
});
