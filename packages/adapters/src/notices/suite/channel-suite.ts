import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DeliveryOutcome, NoticeMessage, SendOutcome } from '@daikou/core';
import { listen } from '../../kit/listener.ts';
import { startSandbox } from '../../kit/sandbox.ts';
import { type Bench, type ChannelFacts, makeNotice, reportsIn } from './facts.ts';
import { testReports } from './report-suite.ts';

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
      const reports = facts.reports?.(bench.inbox.origin);
      if (reports !== undefined) await bench.sandbox.admin('PUT', '/admin/configure', reports);
      bench.channel = facts.open(bench.sandbox);
    });
    after(async () => {
      await bench.channel.close();
      await bench.sandbox.stop();
      await bench.inbox.close();
    });
    testSending(facts, bench);
    testRefusals(facts, bench);
    testSilence(facts, bench);
    if (facts.reports !== undefined) testReports(facts, bench);
  });
}

function testSending(facts: ChannelFacts, bench: Bench): void {
  test('a notice is sent, delivered, and the delivery is proved', async () => {
    const notice = makeNotice(facts.address(bench.sandbox));
    assert.deepEqual((await deliver(bench, notice)).kind, 'delivered');
    const [seen, ...others] = await messagesTo(bench, facts.listedAs(notice.address));
    assert.deepEqual(others, []);
    assert.equal(seen?.status, 'delivered');
    for (const words of ['¥29.85', '2026-12-06', '专业版', '微信支付', 'pay.example.test/stop']) {
      assert.ok(seen?.text.includes(words), `${words} in ${seen?.text}`);
    }
  });

  test('each language and purpose is sent', async () => {
    for (const locale of ['zh-CN', 'en'] as const) {
      for (const purpose of ['renewal', 'retry'] as const) {
        const notice = makeNotice(facts.address(bench.sandbox), { locale, purpose });
        const outcome = await bench.channel.send(notice);
        assert.equal(outcome.kind, 'sent', `${locale} ${purpose}: ${JSON.stringify(outcome)}`);
      }
    }
  });
}

function testRefusals(facts: ChannelFacts, bench: Bench): void {
  const { failing, refusal, tooFast } = facts;
  const answerOnce = (code: string) =>
    bench.sandbox.admin('POST', '/admin/faults', {
      rail: facts.simulator,
      fault: 'business_fail',
      code,
    });

  if (failing !== undefined) {
    test('a notice that cannot be delivered is reported as failed', async () => {
      await bench.sandbox.admin('PUT', '/admin/configure', failing(10_000));
      const outcome = await deliver(bench, makeNotice(facts.address(bench.sandbox)));
      await bench.sandbox.admin('PUT', '/admin/configure', failing(0));
      assert.equal(outcome.kind, 'failed');
      if (outcome.kind === 'failed') assert.notEqual(outcome.code, '');
    });
  }

  if (refusal !== undefined) {
    test('a notice that is not taken is refused, with the code', async () => {
      await answerOnce(refusal);
      const notice = makeNotice(facts.address(bench.sandbox));
      const outcome = await bench.channel.send(notice);
      assert.equal(outcome.kind, 'refused');
      if (outcome.kind === 'refused') assert.match(outcome.code, new RegExp(refusal));
      const seen = await messagesTo(bench, facts.listedAs(notice.address));
      assert.ok(seen.every((message) => message.status !== 'delivered'));
    });
  }

  if (tooFast !== undefined) {
    test('a provider that wants fewer messages', async () => {
      await answerOnce(tooFast.code);
      const outcome = await bench.channel.send(makeNotice(facts.address(bench.sandbox)));
      assert.equal(outcome.kind, tooFast.outcome);
    });
  }

  test('a wrong secret is refused, and no secret stands in the answer', async () => {
    const stranger = facts.open(bench.sandbox, { wrongSecret: true });
    const address = facts.address(bench.sandbox, { wrongSecret: true });
    const outcome = await stranger.send(makeNotice(address));
    await stranger.close();
    assert.equal(outcome.kind, 'refused');
    assert.ok(!JSON.stringify(outcome).includes('wrong-secret'));
    assert.ok(!JSON.stringify(outcome).includes(address.slice(-8)));
  });
}

function testSilence(facts: ChannelFacts, bench: Bench): void {
  const sendTo = async (origin: string): Promise<SendOutcome> => {
    const channel = facts.open(bench.sandbox, { origin });
    const outcome = await channel.send(makeNotice(facts.address(bench.sandbox, { origin })));
    await channel.close();
    return outcome;
  };

  test('nobody listens: unknown', async () => {
    const gone = await listen(() => ({ status: 200 }));
    await gone.close();
    const outcome = await sendTo(gone.origin);
    assert.equal(outcome.kind, 'unknown');
    assert.ok(!JSON.stringify(outcome).includes(new URL(gone.origin).port));
  });

  test('an answer that is not of this protocol: unknown', async () => {
    const page = await listen(() => ({ status: 502, body: '<html>Bad Gateway</html>' }));
    const outcome = await sendTo(page.origin);
    await page.close();
    assert.equal(outcome.kind, 'unknown');
  });

  if (facts.canLose) {
    test('a notice that was taken and never arrives has no proof but the reply', async () => {
      const { simulator: rail } = facts;
      await bench.sandbox.admin('POST', '/admin/faults', { rail, fault: 'never_delivered' });
      const notice = makeNotice(facts.address(bench.sandbox));
      const outcome = await deliver(bench, notice);
      const [seen] = await messagesTo(bench, facts.listedAs(notice.address));
      assert.equal(seen?.status, 'lost');
      // Of a group robot nothing more than its word can be had; all others leave the notice open.
      const word = { report: 'unknown', query: 'waiting', reply: 'delivered', read: 'waiting' };
      assert.equal(outcome.kind, word[bench.channel.proof]);
    });
  }
}

/** Sends and waits for the proof: the reply, a report, or what the provider answers when asked. */
async function deliver(bench: Bench, notice: NoticeMessage): Promise<DeliveryOutcome> {
  const sentOn = Temporal.Now.plainDateISO('Asia/Shanghai');
  const outcome = await bench.channel.send(notice);
  assert.equal(outcome.kind, 'sent', JSON.stringify(outcome));
  if (outcome.kind !== 'sent') throw new Error('not sent');
  const { providerReference } = outcome;
  await bench.sandbox.idle();
  if (bench.channel.proof === 'reply') return { kind: 'delivered', at: Temporal.Now.instant() };
  const { noticeId, address } = notice;
  const asked = { noticeId, address, providerReference, sentOn };
  if (bench.channel.queryDelivery !== undefined) return bench.channel.queryDelivery(asked);
  const report = reportsIn(bench).find((one) => one.noticeId === noticeId);
  if (report !== undefined) assert.equal(report.providerReference, providerReference);
  return report?.outcome ?? { kind: 'unknown', detail: 'no report came' };
}

type Listed = { readonly text: string; readonly status: string };

async function messagesTo(bench: Bench, to: string): Promise<readonly Listed[]> {
  const path = `/admin/messages?to=${encodeURIComponent(to)}`;
  const answer = (await bench.sandbox.admin('GET', path)) as { messages: Listed[] };
  return answer.messages;
}
