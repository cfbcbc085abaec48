import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NoticeChannel, SendOutcome } from '@daikou/core';
import { type Listener, listen } from '../../kit/listener.ts';
import { type Sandbox, startSandbox } from '../../kit/sandbox.ts';
import { testChannel } from '../suite/channel-suite.ts';
import { type ChannelFacts, makeNotice } from '../suite/facts.ts';
import { makeOfficialAccountChannel } from './channel.ts';
import type { OfficialAccountConfig } from './config.ts';

/** What the sandbox gives an official account. */
type Credentials = Pick<
  OfficialAccountConfig,
  'appId' | 'appSecret' | 'token' | 'encodingAesKey'
> & { readonly templateIds: readonly string[] };

let count = 0;

const FIELDS = {
  planName: 'keyword1',
  amount: 'amount2',
  collectDate: 'time3',
  railName: 'keyword4',
  howToCancel: 'remark',
};

const facts: ChannelFacts = {
  channelName: 'official account',
  simulator: 'official_account',
  canLose: true,
  refusal: '43101',
  // The quota is a day's: tomorrow is too late for a notice, another channel is not.
  tooFast: { code: '45009', outcome: 'refused' },
  open: (sandbox, change = {}) => {
    const account = sandbox.credentials<Credentials>('officialAccount');
    const template = (place: number) => ({
      templateId: account.templateIds[place] ?? '',
      fields: FIELDS,
      linkFrom: 'howToCancel',
    });
    return makeOfficialAccountChannel({
      endpoint: change.origin ?? sandbox.endpoint<string>('officialAccount'),
      appId: account.appId,
      appSecret: change.wrongSecret === true ? 'wrong-secret' : account.appSecret,
      token: account.token,
      encodingAesKey: account.encodingAesKey,
      templates: {
        'zh-CN': { renewal: template(0), retry: template(1) },
        en: { renewal: template(2), retry: template(3) },
      },
      now: () => Temporal.Now.instant(),
      http: { allowLoopback: true, timeoutMilliseconds: 1_000 },
    });
  },
  address: () => {
    count += 1;
    return `oSandboxUser_${String(count).padStart(8, '0')}`;
  },
  listedAs: (address) => address,
  failing: (share) => ({ officialAccount: { failBp: share } }),
  reportsAfter: (milliseconds) => ({ officialAccount: { reportDelayMs: milliseconds } }),
  reports: (url) => ({ officialAccount: { eventUrl: `${url}/events` } }),
};

testChannel(facts);

function referenceOf(outcome: SendOutcome): string {
  assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  return outcome.kind === 'sent' ? outcome.providerReference : '';
}

describe('the protocol of an official account', () => {
  let sandbox: Sandbox;
  let events: Listener;
  let channel: NoticeChannel;
  before(async () => {
    sandbox = await startSandbox();
    events = await listen(() => ({ status: 200, body: 'success' }));
    await sandbox.admin('PUT', '/admin/configure', facts.reports?.(events.origin));
    channel = facts.open(sandbox);
  });
  after(async () => {
    await sandbox.stop();
    await events.close();
  });

  type Listed = { readonly msgId: string; readonly text: string; readonly link: string };
  const messagesTo = async (openId: string): Promise<readonly Listed[]> => {
    const answer = await sandbox.admin('GET', `/admin/messages?to=${openId}`);
    return (answer as { readonly messages: readonly Listed[] }).messages;
  };
  const eventsOf = (openId: string) =>
    events.received.filter(({ target }) => target.includes(openId));

  test('a token that ended, or that somebody else renewed, is replaced once', async () => {
    referenceOf(await channel.send(makeNotice(facts.address(sandbox))));
    await sandbox.admin('POST', '/admin/official-account/token', { expires: true });
    referenceOf(await channel.send(makeNotice(facts.address(sandbox))));
    await sandbox.admin('POST', '/admin/official-account/token', {});
    referenceOf(await channel.send(makeNotice(facts.address(sandbox))));
    // A provider that takes no token at all is not asked for ever.
    await sandbox.admin('POST', '/admin/faults', {
      rail: 'official_account',
      operation: 'message/template/send',
      fault: 'business_fail',
      code: '40001',
      times: 2,
    });
    const outcome = await channel.send(makeNotice(facts.address(sandbox)));
    assert.equal(outcome.kind === 'refused' && outcome.code, '40001');
    referenceOf(await channel.send(makeNotice(facts.address(sandbox))));
  });

  test('one notice twice is one message, its number exact', async () => {
    const notice = makeNotice(facts.address(sandbox));
    await sandbox.admin('POST', '/admin/faults', {
      rail: 'official_account',
      operation: 'message/template/send',
      fault: 'connection_reset',
      processed: true,
    });
    assert.equal((await channel.send(notice)).kind, 'unknown');
    const reference = referenceOf(await channel.send(notice));
    const all = await messagesTo(notice.address);
    assert.deepEqual(
      all.map(({ msgId }) => msgId),
      [reference],
    );
    assert.ok(BigInt(reference) > BigInt(Number.MAX_SAFE_INTEGER));
  });

  test('empty fields show a dash, long ones are cut, a link is https', async () => {
    const account = sandbox.credentials<Credentials>('officialAccount');
    const fields = { planName: 'thing1', lateFeeRule: 'thing2', amount: 'amount3' };
    const narrow = makeOfficialAccountChannel({
      ...account,
      endpoint: sandbox.endpoint<string>('officialAccount'),
      templates: {
        en: { renewal: { templateId: account.templateIds[0] ?? '', fields, linkFrom: 'howTo' } },
      },
      now: () => Temporal.Now.instant(),
      http: { allowLoopback: true },
    });
    const variables = {
      planName: '很长的套餐名称'.repeat(5),
      lateFeeRule: '',
      amount: '¥29.85',
      howTo: 'javascript:alert(1)',
    };
    const notice = { ...makeNotice('oFields01', { locale: 'en' }), variables };
    referenceOf(await narrow.send(notice));
    const [message] = await messagesTo('oFields01');
    assert.equal(message?.text, '很长的套餐名称很长的套餐名称很长的套餐…，-，¥29.85');
    assert.equal(message?.link, '');
    const unknown = await narrow.send({ ...notice, locale: 'zh-CN' });
    assert.equal(unknown.kind === 'refused' && unknown.code, 'no_template');
    await sandbox.idle();
    assert.equal(eventsOf('oFields01').length, 1);
  });

  test('users who do not follow, or refuse, and openids that are none', async () => {
    const [gone, blocking] = [facts.address(sandbox), facts.address(sandbox)];
    const follower = (body: unknown) =>
      sandbox.admin('PUT', '/admin/official-account/follower', body);
    await follower({ openId: gone, follows: false });
    await follower({ openId: blocking, blocks: true });
    const refused = await channel.send(makeNotice(gone));
    assert.equal(refused.kind === 'refused' && refused.code, '43004');
    const none = await channel.send(makeNotice('nobody'));
    assert.equal(none.kind === 'refused' && none.code, '40003');
    const notice = makeNotice(blocking);
    const reference = referenceOf(await channel.send(notice));
    await sandbox.idle();
    const [report, ...others] = eventsOf(blocking).flatMap(
      (raw) => channel.readReport?.(raw) ?? [],
    );
    assert.deepEqual(others, []);
    assert.equal(report?.noticeId, notice.noticeId);
    assert.equal(report?.providerReference, reference);
    assert.equal(report?.outcome.kind === 'failed' && report.outcome.code, 'user_block');
  });

  test('events of another message, forged ones and old ones', async () => {
    const push = async (body: unknown) => {
      await sandbox.admin('POST', '/admin/official-account/event', body);
      await sandbox.idle();
      const raw = events.received.at(-1);
      assert.ok(raw !== undefined);
      return channel.readReport?.(raw);
    };
    // After a restart the number of an older message is all that is known.
    const [other] = (await push({ msgId: '3000000000000000001', status: 'success' })) ?? [];
    assert.equal(other?.noticeId, undefined);
    assert.equal(other?.providerReference, '3000000000000000001');
    assert.equal(other?.outcome.kind, 'delivered');
    const [strange] = (await push({ msgId: '3000000000000000001', status: 'perhaps' })) ?? [];
    assert.equal(strange?.outcome.kind, 'unknown');
    const forged = { msgId: '3000000000000000001', status: 'success', forged: true };
    assert.equal(await push(forged), undefined);
    const old = { msgId: '3000000000000000001', status: 'success', ageSeconds: 301 };
    assert.equal(await push(old), undefined);
  });
});
