import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSandbox } from '../../kit/sandbox.ts';
import { testChannel } from '../suite/channel-suite.ts';
import { type ChannelFacts, makeNotice } from '../suite/facts.ts';
import { makeSmsChannel } from './channel.ts';
import type { SmsConfig } from './config.ts';

/** What the sandbox gives a customer of Aliyun. */
type Credentials = Pick<SmsConfig, 'accessKeyId' | 'accessKeySecret' | 'signName'> & {
  readonly templateCodes: readonly string[];
};

let count = 0;

const facts: ChannelFacts = {
  channelName: 'SMS',
  simulator: 'sms',
  canLose: true,
  open: (sandbox, change = {}) => {
    const sms = sandbox.credentials<Credentials>('sms');
    const code = (place: number): string => sms.templateCodes[place] ?? sms.templateCodes[0] ?? '';
    return makeSmsChannel({
      endpoint: change.origin ?? sandbox.endpoint<string>('sms'),
      accessKeyId: sms.accessKeyId,
      accessKeySecret: change.wrongSecret === true ? 'wrong-secret' : sms.accessKeySecret,
      signName: sms.signName,
      templateCodes: {
        'zh-CN': { renewal: code(0), retry: code(1) },
        en: { renewal: code(2), retry: code(3) },
      },
      now: () => Temporal.Now.instant(),
      timeoutMilliseconds: 1_000,
    });
  },
  // Numbers reserved for fiction: +1 <area> 555 0100 to 0199.
  address: () => {
    count += 1;
    return `+1212555${String(99 + count).padStart(4, '0')}`;
  },
  listedAs: (address) => address.slice(1),
  failing: (share) => ({ sms: { failBp: share } }),
};

testChannel(facts);

test('a spoilt answer of the provider says nothing', async (context) => {
  const sandbox = await startSandbox();
  context.after(() => sandbox.stop());
  const channel = facts.open(sandbox);
  for (const fault of ['http_500', 'html_error', 'garbage_body', 'truncated_body'] as const) {
    await sandbox.admin('POST', '/admin/faults', { rail: 'sms', fault, times: 1 });
    const outcome = await channel.send(makeNotice('+12125550199'));
    assert.equal(outcome.kind, 'unknown', fault);
  }
});

test('a message about midnight is found, whichever date it is filed under', async (context) => {
  const sandbox = await startSandbox();
  context.after(() => sandbox.stop());
  const channel = facts.open(sandbox);
  const address = '+12125550198';
  const message = makeNotice(address);
  const sent = await channel.send(message);
  assert.ok(sent.kind === 'sent');
  const { noticeId } = message;
  await sandbox.idle();
  const ask = async (days: number) => {
    const sentOn = Temporal.Now.plainDateISO('Asia/Shanghai').add({ days });
    const { providerReference } = sent;
    return await channel.queryDelivery?.({ noticeId, address, providerReference, sentOn });
  };
  assert.equal((await ask(0))?.kind, 'delivered');
  assert.equal((await ask(-1))?.kind, 'delivered', 'our clock was behind');
  assert.equal((await ask(1))?.kind, 'delivered', 'our clock was ahead');
  assert.equal((await ask(-2))?.kind, 'unknown');
});
