import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../kit/sandbox.ts';
import { testChannel } from '../suite/channel-suite.ts';
import { type ChannelFacts, makeNotice } from '../suite/facts.ts';
import { makeMailChannel } from './channel.ts';

let count = 0;

const facts: ChannelFacts = {
  channelName: 'mail',
  simulator: 'smtp',
  canLose: true,
  open: (sandbox, change = {}) => {
    const account = sandbox.credentials<{ user: string; pass: string }>('smtp');
    const server = sandbox.endpoint<{ host: string; port: number }>('smtp');
    const url = change.origin === undefined ? undefined : new URL(change.origin);
    return makeMailChannel({
      host: url?.hostname ?? server.host,
      port: url === undefined ? server.port : Number(url.port),
      secure: false,
      user: account.user,
      pass: change.wrongSecret === true ? 'wrong-secret' : account.pass,
      from: '云笔记 <billing@notes.example.test>',
      reportToken: 'report-token-of-this-test',
      now: () => Temporal.Now.instant(),
      timeoutMilliseconds: 1_000,
    });
  },
  address: () => {
    count += 1;
    return `payer-${count}@customers.example.test`;
  },
  listedAs: (address) => address,
  failing: (share) => ({ smtp: { failBp: share } }),
  reportsAfter: (milliseconds) => ({ smtp: { reportDelayMs: milliseconds } }),
  reports: (url) => ({
    smtp: { reportUrl: `${url}/reports`, reportToken: 'report-token-of-this-test' },
  }),
};

testChannel(facts);

test('the same notice twice is one mail: the server knows its Message-ID', async (context) => {
  const sandbox = await startSandbox();
  context.after(() => sandbox.stop());
  const channel = facts.open(sandbox);
  context.after(() => channel.close());
  const notice = makeNotice('twice@customers.example.test');
  const first = await channel.send(notice);
  const second = await channel.send(notice);
  assert.deepEqual(first, second);
  await sandbox.idle();
  const answer = await sandbox.admin('GET', '/admin/messages?to=twice@customers.example.test');
  assert.equal((answer as { messages: unknown[] }).messages.length, 1);
});
