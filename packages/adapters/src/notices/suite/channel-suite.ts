import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { DeliveryOutcome, NoticeChannel, NoticeMessage } from '@daikou/core';
import { type Listener, listen } from '../../kit/listener.ts';
import { type Sandbox, startSandbox } from '../../kit/sandbox.ts';

/** What a channel's own test file tells the family suite. */
export type ChannelFacts = {
  readonly channelName: string;
  readonly open: (sandbox: Sandbox, change?: ChannelChange) => NoticeChannel;
  /** Addresses that nobody else in the tests uses. */
  readonly address: () => string;
  /** How the address stands in the sandbox's list of messages. */
  readonly listedAs: (address: string) => string;
  /** Makes the sandbox fail every delivery, or none. */
  readonly failing: (share: number) => unknown;
  /** Configures where reports go, for a channel that reads them. */
  readonly reports: (url: string) => unknown;
};

export type ChannelChange = { readonly origin?: string; readonly wrongSecret?: boolean };

type Bench = { sandbox: Sandbox; inbox: Listener; channel: NoticeChannel };

/** A notice of a renewal, with a number of its own. */
export function makeNotice(address: string, change: Partial<NoticeMessage> = {}): NoticeMessage {
  return {
    noticeId: `not_${randomBytes(16).toString('hex')}`,
    address,
    locale: 'zh-CN',
    purpose: 'renewal',
    variables: {
      merchantName: '云笔记',
      planName: '专业版',
      amount: '¥29.85',
      collectDate: '2026-12-06',
      railName: '微信支付',
      howToCancel: 'https://pay.example.test/stop',
    },
    ...change,
  };
}

/**
 * The adapter suite of the notice channels: sending, proof of delivery, and failures that say
 * nothing.
 */
export function testChannel(facts: ChannelFacts): void {
  describe(`the notice suite: ${facts.channelName}`, () => {
    const bench = {} as Bench;
    before(async () => {
      bench.sandbox = await startSandbox();
      bench.inbox = await listen(() => ({ status: 204 }));
      await bench.sandbox.admin('PUT', '/admin/configure', facts.reports(bench.inbox.origin));
      bench.channel = facts.open(bench.sandbox);
    });
    after(async () => {
      await bench.channel.close();
      await bench.sandbox.stop();
      await bench.inbox.close();
    });

    test('a notice is sent, delivered, and the delivery is proved', async () => {
      const notice = makeNotice(facts.address());
      assert.deepEqual((await deliver(bench, notice)).kind, 'delivered');
      const [seen, ...others] = await messagesTo(bench, facts.listedAs(notice.address));
      assert.deepEqual(others, []);
      for (const words of ['¥29.85', '2026-12-06', '专业版', '微信支付', 'pay.example.test/stop']) {
        assert.ok(seen?.text.includes(words), `${words} in ${seen?.text}`);
      }
    });

    test('a notice that cannot be delivered is reported as failed', async () => {
      await bench.sandbox.admin('PUT', '/admin/configure', facts.failing(10_000));
      const outcome = await deliver(bench, makeNotice(facts.address()));
      await bench.sandbox.admin('PUT', '/admin/configure', facts.failing(0));
      assert.equal(outcome.kind, 'failed');
      if (outcome.kind === 'failed') assert.notEqual(outcome.code, '');
    });

    test('each language and purpose is sent', async () => {
      for (const locale of ['zh-CN', 'en'] as const) {
        for (const purpose of ['renewal', 'retry'] as const) {
          const notice = makeNotice(facts.address(), { locale, purpose });
          const outcome = await bench.channel.send(notice);
          assert.equal(outcome.kind, 'sent', `${locale} ${purpose}: ${JSON.stringify(outcome)}`);
        }
      }
    });

    test('a wrong secret is refused, and no secret stands in the answer', async () => {
      const stranger = facts.open(bench.sandbox, { wrongSecret: true });
      const outcome = await stranger.send(makeNotice(facts.address()));
      await stranger.close();
      assert.equal(outcome.kind, 'refused');
      assert.ok(!JSON.stringify(outcome).includes('wrong-secret'));
    });

    test('nobody listens: unknown', async () => {
      const gone = await listen(() => ({ status: 200 }));
      await gone.close();
      const channel = facts.open(bench.sandbox, { origin: gone.origin });
      const outcome = await channel.send(makeNotice(facts.address()));
      await channel.close();
      assert.equal(outcome.kind, 'unknown');
    });

    test('an answer that is not of this protocol: unknown', async () => {
      const page = await listen(() => ({ status: 502, body: '<html>Bad Gateway</html>' }));
      const channel = facts.open(bench.sandbox, { origin: page.origin });
      const outcome = await channel.send(makeNotice(facts.address()));
      await channel.close();
      await page.close();
      assert.equal(outcome.kind, 'unknown');
    });
  });
}

/** Sends and waits for the proof, by report or by asking, as the channel offers. */
async function deliver(bench: Bench, notice: NoticeMessage): Promise<DeliveryOutcome> {
  const sentOn = Temporal.Now.plainDateISO('Asia/Shanghai');
  const outcome = await bench.channel.send(notice);
  assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  if (outcome.kind !== 'sent') throw new Error('not sent');
  const { providerReference } = outcome;
  await bench.sandbox.idle();
  const { noticeId, address } = notice;
  const asked = { noticeId, address, providerReference, sentOn };
  if (bench.channel.queryDelivery !== undefined) return bench.channel.queryDelivery(asked);
  const reports = bench.inbox.received.flatMap((raw) => bench.channel.readReport?.(raw) ?? []);
  const report = reports.find((one) => one.noticeId === noticeId);
  assert.equal(report?.providerReference, providerReference);
  return report?.outcome ?? { kind: 'unknown', detail: 'no report came' };
}

async function messagesTo(bench: Bench, to: string): Promise<readonly { text: string }[]> {
  const path = `/admin/messages?to=${encodeURIComponent(to)}`;
  const answer = (await bench.sandbox.admin('GET', path)) as { messages: { text: string }[] };
  return answer.messages;
}
